// A core over a pretended lab: what the doors are tested against.
import type { z } from 'zod';
import { contract } from '../../main/contract/contract.ts';
import type {
  CallName,
  CoreDoor,
  CoreEvent,
  Outcome,
  Output,
  ParsedInput,
  RequestName,
  StopSignal,
  StreamName,
} from '../../main/contract/contract.ts';
import { newsBetween } from '../../main/contract/news.ts';
import type { Snapshot } from '../../main/contract/snapshot.ts';
import { AutoGitError } from '../../main/errors.ts';
import { poolSchema } from '../../main/model/pool.ts';
import type { Door } from '../../main/model/request.ts';
import { createFakeWorld, someEngine, someEngineInDetail } from './fake-world.ts';
import type { FakeWorld } from './fake-world.ts';
import { adviceOf, readyPools, replayed } from './fake-pools.ts';

export interface FakeCore extends CoreDoor {
  readonly world: FakeWorld;
  /** Doors through which it was called, in order. */
  readonly doors: readonly Door[];
  through(door: Door): CoreDoor;
  /** Every call, in order. */
  readonly calls: readonly { readonly name: CallName; readonly input: unknown }[];
  /** The next call of this name rejects with this. */
  failNext(name: RequestName, error: unknown): void;
  /** As `kill -9` looks from outside: everything open breaks, everything new is refused. */
  crash(): void;
}

const inputs: { readonly [N in RequestName]: { readonly input: z.ZodType<ParsedInput<N>> } } = contract;

const unreachable = (): AutoGitError =>
  new AutoGitError({
    key: 'core.unreachable',
    message: 'The core does not answer.',
    next: 'Start it: autogit serve',
  });

type Calls = { readonly [N in CallName]: (input: ParsedInput<N>) => Output<N> };
type Streams = {
  readonly [N in StreamName]: (input: ParsedInput<N>, stop: StopSignal) => AsyncIterable<Output<N>>;
};

function outcome(dryRun: boolean, message: string): Outcome {
  const actions = dryRun ? [{ kind: 'pretend', target: 'lab', reason: message }] : [];
  return { dryRun, actions, message, next: null };
}

function sandboxContainers(world: FakeWorld): string[] {
  return world.state().sandboxContainer ? ['autogit-sandbox'] : [];
}

function startSandbox(world: FakeWorld): void {
  world.change((state) => ({
    sandboxContainer: true,
    networks: ['autogit-abc123'],
    snapshot: {
      ...state.snapshot,
      mode: 'serve',
      gitlab: { kind: 'sandbox', url: 'http://127.0.0.1:4100', state: 'ready', readAt: 1, problem: null },
    },
  }));
}

function resetSandbox(world: FakeWorld): void {
  world.change((state) => ({
    sandboxContainer: false,
    networks: [],
    volumes: [],
    snapshot: {
      ...state.snapshot,
      jobs: [],
      gitlab: { ...state.snapshot.gitlab, state: 'stopped', url: null },
    },
  }));
}

function setMode(world: FakeWorld, mode: 'serve' | 'drain' | 'teardown'): void {
  world.change((state) => ({ snapshot: { ...state.snapshot, mode } }));
}

function found<T>(rows: readonly T[], fits: (row: T) => boolean): T {
  const row = rows.find(fits);
  if (row !== undefined) return row;
  throw new AutoGitError({ key: 'pool.unknown', message: 'There is none.', next: 'Choose another.' });
}

type PoolCalls = Pick<
  Calls,
  | 'pool.show'
  | 'pool.add'
  | 'pool.set'
  | 'pool.pause'
  | 'pool.resume'
  | 'pool.remove'
  | 'pool.ready'
  | 'pool.prove'
>;

/** Pools of the pretended lab: what is set is seen at once. */
function poolCalls(world: FakeWorld): PoolCalls {
  const change = (
    { name, dryRun }: { readonly name: string; readonly dryRun: boolean },
    message: string,
    deed: (pools: Snapshot['pools']) => Snapshot['pools'],
  ): Output<'pool.set'> => {
    if (!dryRun) world.change(({ snapshot }) => ({ snapshot: { ...snapshot, pools: deed(snapshot.pools) } }));
    const changes = [{ path: `pools.${name}`, impact: 'none' as const, effect: 'Taken up at once.' }];
    return { ...outcome(dryRun, message), changes };
  };
  const set =
    (name: string, fields: object) =>
    (pools: Snapshot['pools']): Snapshot['pools'] =>
      pools.map((pool) => (pool.name === name ? { ...pool, ...fields } : pool));
  return {
    'pool.show': ({ name }) => {
      const { runners, pools } = world.snapshot();
      const status = found(pools, (pool) => pool.name === name);
      const { tags, runUntagged, max, idleTime, cpus, memoryMiB, protectedOnly, paused } = status;
      const settings = { name, tags, runUntagged, max, idleTime, cpus, memoryMiB, protectedOnly, paused };
      return { status, settings: poolSchema.parse(settings), runners, jobs: [] };
    },
    'pool.add': (input) =>
      change(input, `Pool "${input.name}" is there.`, (pools) => {
        const [first] = pools;
        return first === undefined ? pools : [...pools, { ...first, name: input.name }];
      }),
    'pool.set': ({ name, dryRun, ...fields }) =>
      change({ name, dryRun }, `Pool "${name}" has changed.`, set(name, definedOf(fields))),
    'pool.pause': (input) =>
      change(input, `Pool "${input.name}" is paused.`, set(input.name, { paused: true })),
    'pool.resume': (input) =>
      change(input, `Pool "${input.name}" goes on.`, set(input.name, { paused: false })),
    'pool.prove': ({ name, dryRun }) => outcome(dryRun, `Pool "${name}" will be proven.`),
    'pool.ready': ({ apply, dryRun }) => ({
      ...outcome(dryRun, apply ? 'Pool "large" is there.' : '1 pool fits and is missing.'),
      ...{ changes: [], pools: readyPools(world, apply && !dryRun) },
    }),
    'pool.remove': (input) =>
      change(input, `Pool "${input.name}" is gone.`, (pools) =>
        pools.filter((pool) => pool.name !== input.name),
      ),
  };
}

function definedOf(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

const explanation: Output<'job.show'>['explanation'] = {
  reason: 'pool-full',
  sentence: 'Pool "demo" is at its max of 4 (longest held by job 41 of demo/x since 12:03).',
  data: { pool: 'demo', max: 4, job: 41 },
  next: 'Wait, or allow it more: autogit pool set demo --max 5',
};

function jobCalls(world: FakeWorld): Pick<Calls, 'job.show' | 'job.explain' | 'job.cancel' | 'job.retry'> {
  const jobOf = (id: number): Snapshot['jobs'][number] =>
    found(world.snapshot().jobs, (job) => job.id === id);
  return {
    'job.show': ({ id }) => ({ job: jobOf(id), explanation }),
    'job.explain': ({ id }) => ({ job: jobOf(id).id, ...explanation }),
    'job.cancel': ({ id, dryRun }) => {
      if (!dryRun)
        world.change(({ snapshot }) => ({
          snapshot: {
            ...snapshot,
            jobs: snapshot.jobs.map((job) => (job.id === id ? { ...job, status: 'canceled' } : job)),
          },
        }));
      return outcome(dryRun, `Job ${id} is cancelled.`);
    },
    'job.retry': ({ id, dryRun }) => ({
      ...outcome(dryRun, `Job ${id} runs again.`),
      job: dryRun ? null : world.seed(1).id + 1,
    }),
  };
}

function callsOf(world: FakeWorld): Calls {
  const done = (dryRun: boolean, message: string, deed: () => void): Outcome => {
    if (!dryRun) deed();
    return outcome(dryRun, message);
  };
  return {
    'status.show': () => world.snapshot(),
    'snapshot.show': () => world.snapshot(),
    'gpu.list': () => world.snapshot().gpus,
    'gpu.reserve': ({ dryRun }) => ({ ...done(dryRun, 'The GPU is kept.', () => undefined), changes: [] }),
    'gpu.release': ({ dryRun }) => ({
      ...done(dryRun, 'Jobs can have the GPU.', () => undefined),
      changes: [],
    }),
    'engine.list': () => [someEngine],
    'engine.show': () => someEngineInDetail,
    'engine.use': ({ address, dryRun }) => done(dryRun, `AutoGit uses ${address}.`, () => undefined),
    'pool.list': () => world.snapshot().pools,
    ...poolCalls(world),
    'pool.advice': ({ name }) => adviceOf(world, name),
    'pool.apply-advice': ({ name, dryRun }) => ({
      ...outcome(dryRun, `Pool "${name}" has changed.`),
      changes: [{ path: `pools.${name}.memoryMiB`, impact: 'none', effect: 'Idle runners are replaced.' }],
    }),
    'pool.simulate': ({ days, max }) => replayed(days, max),
    ...jobCalls(world),
    'runner.show': ({ id }) => ({
      runner: found(world.snapshot().runners, (runner) => runner.id === id),
      job: null,
      goneAt: null,
      failure: null,
    }),
    'runner.drain': ({ id, dryRun }) => done(dryRun, `Runner ${id} has left.`, () => undefined),
    'runner.remove': ({ id, dryRun }) => done(dryRun, `Runner ${id} has left.`, () => undefined),
    'runner.list': ({ pool }) =>
      world.snapshot().runners.filter((runner) => runner.pool === (pool ?? runner.pool)),
    'job.list': ({ limit, status }) =>
      world
        .snapshot()
        .jobs.filter((job) => job.status === (status ?? job.status))
        .slice(0, limit),
    'issue.list': () => world.snapshot().issues,
    'audit.list': () => [{ at: world.snapshot().at, door: 'cli', request: 'lab.drain', outcome: 'done' }],
    'queue.refresh': ({ dryRun }) => done(dryRun, 'The queue was read.', () => undefined),
    'lab.drain': ({ dryRun }) => done(dryRun, 'Draining.', () => setMode(world, 'drain')),
    'lab.recover': ({ dryRun }) => done(dryRun, 'Everything that failed is tried anew.', () => undefined),
    'pool.recover': ({ dryRun }) => done(dryRun, 'It tries anew.', () => undefined),
    'lab.resume': ({ dryRun }) => done(dryRun, 'Serving.', () => setMode(world, 'serve')),
    'lab.teardown': ({ dryRun }) => done(dryRun, 'Tearing down.', () => setMode(world, 'teardown')),
    'lab.objects': () => ({
      containers: [...sandboxContainers(world), ...world.snapshot().runners.map((runner) => runner.name)],
      networks: world.state().networks,
      volumes: world.state().volumes,
    }),
    'sandbox.start': ({ dryRun }) => ({
      ...done(dryRun, 'The sandbox runs.', () => startSandbox(world)),
      url: 'http://127.0.0.1:4100',
    }),
    'sandbox.stop': ({ dryRun }) => done(dryRun, 'The sandbox stands still.', () => undefined),
    'sandbox.status': () => ({
      state: world.state().sandboxContainer ? 'running' : 'absent',
      url: world.snapshot().gitlab.url,
      gitlab: world.snapshot().gitlab,
    }),
    'sandbox.access': () => ({
      url: world.snapshot().gitlab.url,
      username: 'root',
      token: 'glpat-pretended',
    }),
    'sandbox.reset': ({ dryRun }) => done(dryRun, 'The sandbox is gone.', () => resetSandbox(world)),
    'sandbox.seed': ({ jobs, dryRun }) => ({
      ...outcome(dryRun, `A project with ${jobs} jobs.`),
      project: dryRun ? null : world.seed(jobs),
      jobs,
    }),
    'settings.show': () => ({
      file: '/home/somebody/autogit/settings.yaml',
      settings: { version: 1, gitlab: { kind: world.snapshot().gitlab.kind }, pools: [{ name: 'demo' }] },
      problems: [],
    }),
    'settings.validate': ({ text }) => {
      const valid = !(text ?? '').includes('broken');
      return {
        valid,
        problems: valid ? [] : [{ path: 'pools.0', line: 3, message: 'line 3: pools.0 is broken' }],
      };
    },
  };
}

/** Waits for the next change of the lab or for `stop`. */
function changed(world: FakeWorld, stop: StopSignal): Promise<void> {
  return new Promise((resolve) => {
    const leave = world.subscribe(finish);
    function finish(): void {
      leave();
      stop.removeEventListener('abort', finish);
      resolve();
    }
    stop.addEventListener('abort', finish);
    if (stop.aborted) finish();
  });
}

const event: CoreEvent = {
  at: 1_700_000_000_000,
  kind: 'job.waiting',
  subject: 'job 2',
  message: 'build 2 waits',
};

function streamsOf(world: FakeWorld): Streams {
  const streams: Streams = {
    'snapshot.follow': async function* (_input, stop) {
      while (!stop.aborted) {
        const change = changed(world, stop);
        yield world.snapshot();
        await change;
      }
    },
    'snapshot.changes': async function* (_input, stop) {
      let before: Snapshot | null = null;
      for await (const snapshot of streams['snapshot.follow']({}, stop)) {
        yield newsBetween(before, snapshot);
        before = snapshot;
      }
    },
    'job.log': async function* ({ id, follow }, stop) {
      const find = (): string | undefined => world.snapshot().jobs.find((job) => job.id === id)?.status;
      if (find() === undefined) {
        const message = `There is no job ${id}.`;
        throw new AutoGitError({ key: 'job.unknown', message, next: 'See autogit job list' });
      }
      yield { offset: 0, text: `$ echo job ${id}\n` };
      while (follow && !stop.aborted && (find() === 'pending' || find() === 'running'))
        await changed(world, stop);
      yield { offset: 20, text: '\u001b[32mdone\u001b[0m\n' };
    },
    'events.follow': async function* ({ follow, limit }, stop) {
      for (let index = 0; index < Math.min(limit, 2); index += 1) yield { ...event, at: event.at + index };
      while (follow && !stop.aborted) {
        await changed(world, stop);
        yield { ...event, message: world.snapshot().sentence };
      }
    },
  };
  return streams;
}

/** A stop signal that fires with either of two. */
function eitherStop(stop: StopSignal, crash: AbortSignal): AbortSignal {
  const both = new AbortController();
  const fire = (): void => both.abort();
  stop.addEventListener('abort', fire);
  crash.addEventListener('abort', fire);
  if (stop.aborted || crash.aborted) fire();
  return both.signal;
}

/** A core over `world`. */
export function createFakeCore(world: FakeWorld = createFakeWorld()): FakeCore {
  const calls: { name: CallName; input: unknown }[] = [];
  const failures = new Map<RequestName, unknown>();
  const doors: Door[] = [];
  const crashed = new AbortController();
  const callHandlers = callsOf(world);
  const streamHandlers = streamsOf(world);
  const takeFailure = (name: RequestName): void => {
    if (crashed.signal.aborted) throw unreachable();
    if (!failures.has(name)) return;
    const failure = failures.get(name);
    failures.delete(name);
    throw failure;
  };
  const core: FakeCore = {
    world,
    calls,
    doors,
    through: (door) => ({
      call: (name, input) => {
        doors.push(door);
        return core.call(name, input);
      },
      stream: (name, input, signal) => core.stream(name, input, signal),
    }),
    failNext: (name, error) => failures.set(name, error),
    crash: () => crashed.abort(),
    async call(name, input) {
      await Promise.resolve();
      takeFailure(name);
      calls.push({ name, input });
      return callHandlers[name](inputs[name].input.parse(input));
    },
    async *stream(name, input, signal) {
      takeFailure(name);
      const stop = eitherStop(signal, crashed.signal);
      for await (const item of streamHandlers[name](inputs[name].input.parse(input), stop)) {
        if (crashed.signal.aborted) break;
        yield item;
      }
      if (crashed.signal.aborted) throw unreachable();
    },
  };
  return core;
}
