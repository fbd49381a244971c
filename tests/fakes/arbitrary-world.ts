// Generated worlds, also ones that cannot be: a plan must have an answer to each of them.
import fc from 'fast-check';
import type { Job } from '../../main/model/job.ts';
import { entryDescription } from '../../main/model/pool.ts';
import type { Pool, RunnerEntry } from '../../main/model/pool.ts';
import { systemIdOf } from '../../main/model/runner.ts';
import type { Container, RunnerRecord } from '../../main/model/runner.ts';
import type { Desired, EngineView, EntryAtGitlab, HostNode, Observed, Seen } from '../../main/model/world.ts';
import {
  address,
  instance,
  network,
  now,
  problem,
  runnerImage,
  sandboxWish,
  someContainer,
  someDesired,
  someEntry,
  someJob,
  somePool,
  someRecord,
  someView,
  specOf,
} from './world.ts';

/** How many examples a property is tried on; more with AUTOGIT_PROPERTY_RUNS. */
export const runs = Number(process.env['AUTOGIT_PROPERTY_RUNS'] ?? 200);

/** Fewer, for a property whose examples take long. A whole number: fast-check runs a broken one for ever. */
export function runsBy(divisor: number): number {
  return Math.ceil(runs / divisor);
}

const ids = ['00000001', '00000002', '00000003', '00000004', '00000005', '00000006'];
const poolNames = ['a', 'b', 'a-b'];
const tags = fc.subarray(['docker', 'gpu', 'arm64']);
const poolName = fc.constantFrom(...poolNames);
const hash = fc.constantFrom(specOf(), 'old');
const recently = fc.integer({ min: 0, max: 400_000 }).map((age) => now - age);

const pool: fc.Arbitrary<Pool> = fc
  .record({
    name: poolName,
    tags,
    runUntagged: fc.boolean(),
    max: fc.integer({ min: 0, max: 4 }),
    image: fc.constantFrom(null, 'mine:1'),
  })
  .map(somePool);

function seen<T>(value: fc.Arbitrary<T>): fc.Arbitrary<Seen<T>> {
  return fc.oneof(
    fc.constant({ state: 'never' as const }),
    fc.constant({ state: 'failed' as const, since: now - 5_000, error: problem }),
    fc.record({ state: fc.constant('fresh' as const), at: recently, value }),
    fc.record({
      state: fc.constant('stale' as const),
      at: recently,
      value,
      since: recently,
      error: fc.constant(problem),
    }),
  );
}

/** At most one live runner stands in one slot: the store sees to that. */
const records: fc.Arbitrary<readonly RunnerRecord[]> = fc
  .uniqueArray(
    fc.record({
      id: fc.constantFrom(...ids),
      node: fc.constantFrom('node-1', 'node-2', 'node-9'),
      pool: poolName,
      slot: fc.integer({ min: 0, max: 5 }),
      specHash: hash,
      phase: fc.constantFrom('intended', 'prepared', 'warm', 'released', 'started', 'draining', 'leaving'),
      createdAt: recently,
      startedAt: fc.option(recently),
    }),
    { selector: ({ id }) => id },
  )
  .map((list) =>
    list
      .filter(
        (record, index) =>
          list.findIndex(({ slot, pool: name }) => slot === record.slot && name === record.pool) === index,
      )
      .map(someRecord),
  );

function container(node: string): fc.Arbitrary<Container> {
  const state = fc.constantFrom('created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead');
  const runner = fc
    .record({ id: fc.constantFrom(...ids), pool: poolName, state, specHash: hash })
    .map(({ id, ...rest }) => someContainer({ ...rest, runner: id, node }));
  const odd = fc.record({ state }).map((rest) => someContainer({ ...rest, name: 'odd', pool: null, node }));
  const sandbox = fc
    .record({ state, specHash: hash, image: fc.constantFrom(sandboxWish.image, 'autogit-sandbox:old') })
    .map((rest) => someContainer({ ...rest, name: 'sandbox', role: 'sandbox', pool: null, node }));
  return fc.oneof({ weight: 8, arbitrary: runner }, odd, sandbox);
}

function view(node: string): fc.Arbitrary<EngineView> {
  return fc
    .record({
      containers: fc.uniqueArray(container(node), { maxLength: 8, selector: ({ name }) => name }),
      networks: fc.subarray([network, 'other']),
      volumes: fc.subarray([sandboxWish.volume, 'other']),
      images: fc.subarray([runnerImage, 'mine:1', sandboxWish.image, 'autogit-sandbox:old']),
    })
    .map(someView);
}

const nodes: fc.Arbitrary<readonly HostNode[]> = fc
  .tuple(seen(view('node-1')), seen(view('node-2')), fc.integer({ min: 0, max: 2 }))
  .map(([one, two, count]) =>
    [one, two].slice(0, count).map((engine, index) => ({
      id: `node-${index + 1}`,
      name: 'n',
      engine,
      gpus: { state: 'never' as const },
    })),
  );

const systemId = fc.option(fc.constantFrom(...ids.map(systemIdOf)));

const jobs: fc.Arbitrary<readonly Job[]> = fc.uniqueArray(
  fc
    .record({
      id: fc.integer({ min: 1, max: 30 }),
      tags,
      status: fc.constantFrom('created', 'pending', 'pending', 'running', 'canceling', 'success'),
      firstSeenAt: recently,
      systemId,
    })
    .map(someJob),
  { maxLength: 15, selector: ({ id }) => id },
);

const queue = fc.record({
  jobs,
  lastBusy: fc.dictionary(fc.constantFrom(...ids.map(systemIdOf)), recently),
});

const entries: fc.Arbitrary<readonly RunnerEntry[]> = fc.uniqueArray(
  fc
    .record({
      pool: poolName,
      entryId: fc.integer({ min: 1, max: 9 }),
      gitlabUrl: fc.constantFrom(address.runnerUrl, 'http://old.test'),
      tags,
      runUntagged: fc.boolean(),
    })
    .map(someEntry),
  { selector: ({ pool: name }) => name },
);

const listed: fc.Arbitrary<readonly EntryAtGitlab[]> = fc.uniqueArray(
  fc
    .record({ id: fc.integer({ min: 1, max: 9 }), pool: poolName })
    .map((entry) => ({ id: entry.id, description: entryDescription(instance, entry.pool) })),
  { selector: ({ id }) => id },
);

const keyAndTarget = fc.oneof(
  fc.tuple(poolName, fc.integer({ min: 0, max: 4 })).map(([name, slot]) => ({
    key: `start-runner:${name}:${slot}`,
    target: `slot ${name}/${slot}`,
  })),
  fc
    .tuple(
      fc.constantFrom('remove-runner', 'stop-runner', 'adopt-runner', 'release-runner'),
      fc.constantFrom(...ids),
    )
    .map(([kind, id]) => ({ key: `${kind}:${id}`, target: `runner ${id}` })),
  fc.constant({ key: 'start-sandbox', target: 'sandbox' }),
);

const later = fc.integer({ min: -10_000, max: 60_000 }).map((ms) => now + ms);

export const observedArbitrary: fc.Arbitrary<Observed> = fc.record({
  nodes,
  formerNodes: fc.subarray([
    { id: 'node-8', host: 'unix:///run/eight.sock', answers: null },
    { id: 'node-9', host: 'unix:///run/nine.sock', answers: true },
  ]),
  sandboxNode: fc.constantFrom(null, 'node-1', 'node-2', 'node-9'),
  gitlab: seen(queue),
  address: fc.constantFrom(null, address, address),
  entries,
  entriesAtGitlab: seen(listed),
  records,
  failures: fc.uniqueArray(
    fc.record({
      pool: poolName,
      count: fc.integer({ min: 1, max: 10 }),
      lastAt: recently,
      lastReason: fc.constant('it broke'),
    }),
    { selector: ({ pool: name }) => name },
  ),
  inFlight: fc.uniqueArray(keyAndTarget, { maxLength: 5, selector: ({ target }) => target }),
  backoff: fc.uniqueArray(
    fc.tuple(keyAndTarget, later).map(([{ key }, retryAt]) => ({ key, retryAt, problem })),
    { maxLength: 5, selector: ({ key }) => key },
  ),
});

export const desiredArbitrary: fc.Arbitrary<Desired> = fc
  .record({
    mode: fc.constantFrom('serve', 'serve', 'drain', 'teardown'),
    pools: fc.uniqueArray(pool, { selector: ({ name }) => name }),
    sandbox: fc.option(
      fc.constantFrom('running', 'stopped', 'absent').map((state) => ({ ...sandboxWish, state })),
    ),
    runnerImage: fc.constantFrom(runnerImage, sandboxWish.image),
  })
  .map(someDesired);
