// Pools with graphics cards through the real planner: who gets one, who waits, and who has to leave one.
import { describe, expect, it } from 'vitest';
import { renderGpuLabel } from '../../../main/model/gpu.ts';
import type { Job } from '../../../main/model/job.ts';
import type { Pool } from '../../../main/model/pool.ts';
import type { Action, Desired, Plan } from '../../../main/model/world.ts';
import { gpuPace } from '../../../main/plan/gpu-ground.ts';
import { gpuRows } from '../../../main/plan/gpu-rows.ts';
import { runnerSpecHash } from '../../../main/plan/plan-runners.ts';
import { explain } from '../../fakes/explained.ts';
import { gpuPool, gpuView, gpuWorld, grantOf, someCard, wellCard } from '../../fakes/gpu-world.ts';
import {
  address,
  failed,
  fresh,
  never,
  now,
  only,
  planFor,
  runnerImage,
  someContainer,
  someDesired,
  someJob,
  someObserved,
  somePool,
  someRecord,
} from '../../fakes/world.ts';
import type { WorldChange } from '../../fakes/world.ts';

const one = [someCard(1)];
const two = [someCard(1), someCard(2)];
const job = (id: number, tag: string, change: Partial<Job> = {}): Job =>
  someJob({ id, tags: [tag], firstSeenAt: now - 1_000 + id, ...change });

function planned(pools: readonly Pool[], world: WorldChange, wishes: Partial<Desired> = {}): Plan {
  return planFor({ pools, ...wishes }, world);
}

function cardsOf(plan: Plan): readonly (readonly string[])[] {
  return only(plan, 'start-runner').map(({ gpu }) => gpu?.grant.ids ?? []);
}

/** A runner of the pool that has card-1, with its container. */
function holder(pool: Pool, change: Parameters<typeof someRecord>[0] = {}): WorldChange {
  const hash = runnerSpecHash(pool, runnerImage, address);
  const record = someRecord({ pool: pool.name, specHash: hash, grant: grantOf('card-1'), ...change });
  const label = renderGpuLabel(grantOf('card-1'));
  const container = someContainer({ pool: pool.name, specHash: hash, gpu: label });
  const bearer = { id: container.id, holder: container.name, state: container.state, label };
  return { records: [record], view: { containers: [container], gpuBearers: [bearer] } };
}

describe('a pool that needs a graphics card', () => {
  const gpu = gpuPool('gpu');

  it('starts no more runners than there are cards, and gives each its own', () => {
    const jobs = [job(1, 'gpu'), job(2, 'gpu'), job(3, 'gpu')];
    const plan = planned([gpu], gpuWorld([gpu], fresh(gpuView(two)), { jobs }));
    expect(cardsOf(plan).flat().toSorted()).toEqual(['card-1', 'card-2']);
    expect(only(plan, 'start-runner')[0]?.gpu?.request).toEqual({
      ...{ gpus: null, groups: ['109'] },
      devices: ['/dev/kfd', '/dev/dri/renderD128'],
    });
  });

  it('shares none with another pool in one plan', () => {
    const other = gpuPool('other');
    const jobs = [job(1, 'gpu'), job(2, 'other')];
    expect(cardsOf(planned([gpu, other], gpuWorld([gpu, other], fresh(gpuView(one)), { jobs })))).toEqual([
      ['card-1'],
    ]);
  });

  it('waits while a record, a container or a start under way holds the only card', () => {
    const jobs = [job(1, 'gpu')];
    const world = (change: WorldChange): WorldChange =>
      gpuWorld([gpu], fresh(gpuView(one)), { jobs, ...change });
    const busy = { ...job(41, 'gpu', { status: 'running' }), systemId: someRecord().systemId };
    const { records = [], view = {} } = holder(gpu);
    const inFlight: Action = {
      ...{ kind: 'start-runner', key: 'start-runner:old:0', target: 'slot old/0', reason: 'r' },
      ...{ node: 'node-1', pool: gpuPool('old'), slot: 0, image: '', network: '', specHash: '', address },
      gpu: { grant: grantOf('card-1'), request: { gpus: null, devices: [], groups: [] } },
    };
    expect(cardsOf(planned([gpu], world({})))).toEqual([['card-1']]);
    expect(cardsOf(planned([gpu], world({ records, view, jobs: [...jobs, busy] })))).toEqual([]);
    expect(cardsOf(planned([gpu], world({ view: { gpuBearers: view.gpuBearers ?? [] } })))).toEqual([]);
    expect(cardsOf(planned([gpu], world({ records: records.map((r) => ({ ...r, pool: 'gone' })) })))).toEqual(
      [],
    );
    expect(cardsOf(planned([gpu], world({ inFlight: [inFlight] })))).toEqual([]);
  });

  it('gets no card that nobody has looked at, that is in trouble, kept, or used by another program', () => {
    const jobs = [job(1, 'gpu')];
    const [card] = one;
    if (card === undefined) throw new Error('no card');
    const looks: readonly Parameters<typeof gpuView>[1][] = [
      [],
      [wellCard(card, { seenAt: now - 91_000 })],
      [wellCard(card, { trouble: { kind: 'hot', message: '99 °C' } })],
      [wellCard(card, { foreign: [{ pid: 7, name: 'game', memoryMiB: 9_000 }] })],
    ];
    for (const health of looks)
      expect(cardsOf(planned([gpu], gpuWorld([gpu], fresh(gpuView(one, health)), { jobs })))).toEqual([]);
    for (const gpus of [never, failed])
      expect(cardsOf(planned([gpu], gpuWorld([gpu], gpus, { jobs })))).toEqual([]);
    const reservedGpus = [{ id: 'card-1', by: 'the model server' }];
    const world = gpuWorld([gpu], fresh(gpuView(one)), { jobs });
    expect(cardsOf(planned([gpu], world, { reservedGpus }))).toEqual([]);
    expect(cardsOf(planned([gpu], world))).toEqual([['card-1']]);
  });

  it('takes none from others while it can start nothing', () => {
    const other = gpuPool('other');
    const jobs = [job(1, 'gpu'), job(2, 'other')];
    const failures = [{ pool: 'gpu', count: 3, lastAt: now, lastReason: 'broken' }];
    const plan = planned([gpu, other], gpuWorld([gpu, other], fresh(gpuView(one)), { jobs, failures }));
    expect(only(plan, 'start-runner').map(({ pool }) => pool.name)).toEqual(['other']);
  });

  it('keeps no more runners warm than there are cards', () => {
    const warm = gpuPool('gpu', {}, { min: 3 });
    expect(
      cardsOf(planned([warm], gpuWorld([warm], fresh(gpuView(two)))))
        .flat()
        .toSorted(),
    ).toEqual(['card-1', 'card-2']);
  });
});

describe('an idle runner with a card that a job of another pool waits for', () => {
  const gpu = gpuPool('gpu');
  const other = gpuPool('other');
  const pools = [gpu, other];
  const stopped = (pool: Pool, world: WorldChange): readonly string[] =>
    only(planned([pool, other], gpuWorld([pool, other], fresh(gpuView(one)), world)), 'stop-runner').map(
      ({ container }) => container.name,
    );
  const [name = ''] = holder(gpu).records?.map((record) => record.name) ?? [];

  it('is let go', () => {
    expect(stopped(gpu, { ...holder(gpu), jobs: [job(1, 'other')] })).toEqual([name]);
  });

  it('stays when nobody waits, when it has a job to come, when it is kept ready, or when it would not help', () => {
    expect(stopped(gpu, holder(gpu))).toEqual([]);
    expect(stopped(gpu, { ...holder(gpu), jobs: [job(1, 'other'), job(2, 'gpu')] })).toEqual([]);
    const warm = { ...gpu, min: 1 };
    expect(stopped(warm, { ...holder(warm), jobs: [job(1, 'other')] })).toEqual([]);
    const pair = gpuPool('other', { count: 2 });
    const world = gpuWorld(pools, fresh(gpuView(one)), { ...holder(gpu), jobs: [job(1, 'other')] });
    expect(only(planned([gpu, pair], world), 'stop-runner')).toEqual([]);
  });

  it('is let go alone where one is enough, and none while another one leaves already', () => {
    const second = holder(gpu, { id: 'bbbbbbbb', slot: 1, grant: grantOf('card-2') });
    const { records = [], view = {} } = holder(gpu);
    const label = renderGpuLabel(grantOf('card-2'));
    const container = someContainer({
      ...{ runner: 'bbbbbbbb', pool: 'gpu', gpu: label },
      specHash: runnerSpecHash(gpu, runnerImage, address),
    });
    const bearer = { id: container.id, holder: container.name, state: container.state, label };
    const world = (phase: 'started' | 'leaving'): WorldChange => ({
      records: [...records, ...(second.records ?? []).map((record) => ({ ...record, phase }))],
      view: {
        containers: [...(view.containers ?? []), container],
        gpuBearers: [...(view.gpuBearers ?? []), bearer],
      },
      jobs: [job(1, 'other')],
    });
    const stops = (phase: 'started' | 'leaving'): readonly string[] =>
      only(planned(pools, gpuWorld(pools, fresh(gpuView(two)), world(phase))), 'stop-runner')
        .filter(({ reason }) => reason.includes('needs the room'))
        .map(({ container: { name: stoppedName } }) => stoppedName);
    expect(stops('started')).toHaveLength(1);
    expect(stops('leaving')).toEqual([]);
  });
});

describe('a card that a runner has which is kept ready', () => {
  const kept = gpuPool('gpu', {}, { min: 1 });
  const other = gpuPool('other');
  const waiting = (age: number): Job => job(1, 'other', { firstSeenAt: now - age });
  const world = (age: number, more: readonly Job[] = []): WorldChange =>
    gpuWorld([kept, other], fresh(gpuView(one)), {
      ...holder(kept, { phase: 'warm' }),
      jobs: [waiting(age), ...more],
    });
  const stops = (change: WorldChange): number => only(planned([kept, other], change), 'stop-runner').length;

  it('goes after a while to a job of another pool, unless one waits for its own', () => {
    expect(stops(world(599_000))).toBe(0);
    expect(stops(world(600_000))).toBe(1);
    expect(stops(world(600_000, [job(2, 'gpu')]))).toBe(0);
    const { reason, next } = explain(waiting(600_000), { pools: [kept, other] }, world(600_000));
    expect(reason).toBe('gpu-held');
    expect(next).toContain('Runners that are kept ready leave for it now');
  });

  it('is not taken for jobs to come while a job waits that could use it, and is where none can', () => {
    const starts = (asking: Pool, cards = one): readonly string[] =>
      only(
        planned([kept, asking], gpuWorld([kept, asking], fresh(gpuView(cards)), { jobs: [waiting(1_000)] })),
        'start-runner',
      ).map(({ pool }) => pool.name);
    const held = holder(gpuPool('old'));
    const pair = gpuPool('other', { count: 2 });
    const oneTaken = gpuWorld([kept, pair], fresh(gpuView(two)), { ...held, jobs: [waiting(1_000)] });
    expect(only(planned([kept, pair], oneTaken), 'start-runner')).toEqual([]);
    expect(starts(pair)).toEqual(['gpu']);
    expect(starts(other)).toEqual(['other']);
  });
});

describe('a job that fits pools with and without a card', () => {
  it('goes to the one without, however large that is', () => {
    const gpu = gpuPool('gpu', {}, { tags: ['docker'], memoryMiB: 512 });
    const plain = somePool({ name: 'plain', memoryMiB: 64_000 });
    const world = gpuWorld([gpu, plain], fresh(gpuView(one)), { jobs: [job(1, 'docker')] });
    expect(only(planned([gpu, plain], world), 'start-runner').map(({ pool }) => pool.name)).toEqual([
      'plain',
    ]);
  });
});

describe('a card in trouble', () => {
  const gpu = gpuPool('gpu');
  const [card] = one;
  const hot = fresh(gpuView(one, card && [wellCard(card, { trouble: { kind: 'hot', message: '99 °C' } })]));

  it('is left by an idle runner, and by a busy one only after its job', () => {
    const stops = (world: WorldChange): number =>
      only(planned([gpu], gpuWorld([gpu], hot, world)), 'stop-runner').length;
    const busy = job(41, 'gpu', { status: 'running', systemId: someRecord().systemId });
    expect(stops(holder(gpu))).toBe(1);
    expect(stops({ ...holder(gpu), jobs: [busy] })).toBe(0);
  });

  it('is told, but only where a pool asks for cards', () => {
    const keys = (pools: readonly Pool[]): readonly string[] =>
      planned(pools, gpuWorld(pools, hot)).issues.map(({ key }) => key);
    expect(keys([gpu])).toEqual(['gpu.drained']);
    expect(keys([somePool()])).toEqual([]);
  });

  it('stays with an idle runner while nothing is known of it', () => {
    for (const gpus of [never, failed, fresh(gpuView(one, []))])
      expect(only(planned([gpu], gpuWorld([gpu], gpus, holder(gpu))), 'stop-runner')).toEqual([]);
  });
});

describe('a card that its owner keeps', () => {
  it('is left by an idle runner', () => {
    const gpu = gpuPool('gpu');
    const reservedGpus = [{ id: 'card-1', by: 'a game' }];
    const world = gpuWorld([gpu], fresh(gpuView(one)), holder(gpu));
    const [stop] = only(planned([gpu], world, { reservedGpus }), 'stop-runner');
    expect(stop?.reason).toBe('its GPU Card 1 is kept for a game');
  });

  it('is left by an idle runner that shares it when one job is to have it at a time', () => {
    const exclusiveGpus = ['card-1'];
    const reasons = (kind: 'shared' | 'exclusive'): readonly string[] => {
      const gpu = gpuPool('gpu', { mode: kind });
      const mode = kind === 'shared' ? { kind, jobs: 4 } : { kind };
      const held = holder(gpu, { grant: { ...grantOf('card-1'), mode } });
      const world = gpuWorld([gpu], fresh(gpuView(one)), held);
      return only(planned([gpu], world, { exclusiveGpus }), 'stop-runner').map(({ reason }) => reason);
    };
    expect(reasons('exclusive')).toEqual([]);
    expect(reasons('shared')).toEqual(['its GPU Card 1 is given to one job at a time']);
  });
});

describe('a pool that no card can serve', () => {
  const huge = gpuPool('huge', { memoryMiB: 80_000 });

  it('is an issue once every node was looked at, and not before', () => {
    const issues = (gpus: Parameters<typeof gpuWorld>[1]): readonly string[] =>
      planned([huge], gpuWorld([huge], gpus)).issues.map(({ key, subject }) => `${key} ${subject}`);
    expect(issues(fresh(gpuView(two)))).toEqual(['pool.no-gpu pool huge']);
    expect(issues(fresh(gpuView([])))).toEqual(['pool.no-gpu pool huge']);
    expect(issues(never)).toEqual([]);
    expect(issues(failed)).toEqual(['test.broken GPUs of node-1']);
  });
});

describe('why a job waits for a card', () => {
  const gpu = gpuPool('gpu');
  const waiting = job(2, 'gpu');
  const why = (gpus: Parameters<typeof gpuWorld>[1], change: WorldChange = {}, pool = gpu) =>
    explain(waiting, { pools: [pool] }, gpuWorld([pool], gpus, { jobs: [waiting], ...change }));

  it('names the job that has it, and since when', () => {
    const busy = {
      ...job(41, 'gpu', { status: 'running', project: 'lab/x', startedAt: now - 240_000 }),
      systemId: someRecord().systemId,
    };
    expect(why(fresh(gpuView(one)), { ...holder(gpu), jobs: [waiting, busy] })).toMatchObject({
      reason: 'gpu-held',
      sentence: 'The GPU is held by job 41 of lab/x since T-4min.',
      data: { gpu: 'card-1', holder: 'job 41 of lab/x', since: now - 240_000 },
    });
  });

  it.each<[string, Parameters<typeof gpuWorld>[1], string, string]>([
    ['not looked at yet', never, 'gpu-unready', 'The GPUs of this machine have not been looked at yet.'],
    ['not to be seen', failed, 'gpu-unready', 'It is broken.'],
    ['none there', fresh(gpuView([])), 'gpu-impossible', 'No GPU can serve pool "gpu". No node has a GPU.'],
    [
      'too hot',
      fresh(gpuView(one, [wellCard(someCard(1), { trouble: { kind: 'hot', message: '99 °C' } })])),
      'gpu-unready',
      'Card 1 is drained: it is too hot (99 °C).',
    ],
  ])('%s', (_, gpus, reason, sentence) => {
    expect(why(gpus)).toMatchObject({ reason, sentence });
  });

  it('is short however long names are', () => {
    const huge = gpuPool('a'.repeat(32), { memoryMiB: 80_000 }, { tags: ['gpu'] });
    const long = [someCard(1, { model: 'x'.repeat(120) })];
    expect(why(fresh(gpuView(long)), {}, huge).sentence.length).toBeLessThanOrEqual(160);
  });
});

describe('the list of cards', () => {
  it('says who has each, or why nobody gets it', () => {
    const gpu = gpuPool('gpu');
    const cards = [someCard(1), someCard(2), someCard(3)];
    const observed = someObserved(gpuWorld([gpu], fresh(gpuView(cards)), holder(gpu)));
    const reservedGpus = [{ id: 'card-2', by: 'a game' }];
    const rows = gpuRows(someDesired({ pools: [gpu], reservedGpus }), observed, now);
    expect(rows.map(({ id, state, why }) => [id, state, why])).toEqual([
      ['card-1', 'in-use', expect.stringContaining('is held by runner aaaaaaaa of pool gpu since')],
      ['card-2', 'reserved', 'Card 2 is reserved by its owner for a game.'],
      ['card-3', 'free', null],
    ]);
    expect(rows[0]?.holders).toEqual([{ by: 'runner aaaaaaaa of pool gpu', since: now - 60_000 }]);
  });
});

describe('how often cards are looked at', () => {
  it('follows what depends on them', () => {
    const gpu = gpuPool('gpu');
    const pace = (pools: readonly Pool[], change: WorldChange = {}): string =>
      gpuPace(someDesired({ pools }), someObserved(change));
    expect(pace([somePool()])).toBe('idle');
    expect(pace([gpu])).toBe('rest');
    expect(pace([gpu], { jobs: [job(1, 'gpu')] })).toBe('busy');
    expect(pace([gpu, somePool()], { jobs: [job(1, 'linux')] })).toBe('rest');
    expect(pace([somePool()], holder(gpu))).toBe('rest');
  });
});
