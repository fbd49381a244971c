// The whole core on a machine with graphics cards: jobs get them one by one, and people see who has them.
import { afterEach, describe, expect, it } from 'vitest';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World, WorldOptions } from '../../fakes/fake-lab.ts';
import { gpuNeedSchema } from '../../../main/model/gpu.ts';
import { amdMachine, ended } from '../../fakes/hardware.ts';
import type { FakeMachine } from '../../fakes/hardware.ts';

const opened: [World, OpenLab][] = [];
const card = '0000:03:00.0';

afterEach(async () => {
  for (const [world, lab] of opened.splice(0)) await closeLab(world, lab);
});

const gpu = gpuNeedSchema.parse({});
const pools: NonNullable<WorldOptions['pools']> = [{ name: 'gpu', tags: ['gpu'], idleTime: 5, gpu }];

async function start(
  machine: FakeMachine = amdMachine(1),
  options: WorldOptions = {},
): Promise<{ world: World; lab: OpenLab }> {
  const world = createWorld({ jobMs: 60_000, pools, ...options });
  const lab = await openLab(world, { machine });
  opened.push([world, lab]);
  return { world, lab };
}

describe('a lab with one graphics card', () => {
  it('runs jobs that need it one after the other, in containers that have it', async () => {
    const { world, lab } = await start();
    const jobs = [1, 2].map(() => world.gitlab.addJob({ tags: ['gpu'] }));
    await lab.until('a job runs', () => world.taken.length === 1);
    const [row] = await lab.call('gpu.list', {});
    expect(row).toMatchObject({ id: card, state: 'in-use', memoryMiB: 24_560 });
    await lab.until('its holder is known', ({ gpus }) => gpus[0]?.holders[0]?.by.startsWith('job ') === true);
    const waiting = jobs.find((id) => !world.taken.includes(id)) ?? 0;
    await lab.until(
      'both are done',
      () => jobs.every((id) => world.gitlab.statusOf(id) === 'success'),
      300_000,
    );
    expect(world.taken).toContain(waiting);
    await lab.until(
      'the card is free',
      ({ gpus, runners }) => runners.length === 0 && gpus[0]?.state === 'free',
    );
    const made = world.store.recentRunners(10);
    expect(made.every(({ grant }) => grant?.ids.join() === card)).toBe(true);
    expect(lab.snapshot().issues).toEqual([]);
  });

  it('never runs two such runners at a time, whatever their pool', async () => {
    const other = { name: 'other', tags: ['other'], idleTime: 5, gpu };
    const { world, lab } = await start(amdMachine(1), { pools: [...pools, other] });
    const jobs = ['gpu', 'other', 'gpu', 'other'].map((tag) => world.gitlab.addJob({ tags: [tag] }));
    let most = 0;
    await lab.until(
      'all are done',
      ({ runners }) => {
        most = Math.max(most, runners.filter(({ state }) => state !== 'finished').length);
        return jobs.every((id) => world.gitlab.statusOf(id) === 'success');
      },
      600_000,
    );
    expect(most).toBe(1);
  });

  it('says why a job waits for it', async () => {
    const { world, lab } = await start();
    const [first = 0, second = 0] = [1, 2].map(() => world.gitlab.addJob({ tags: ['gpu'] }));
    await lab.until('one runs', ({ gpus }) => gpus[0]?.holders[0]?.by.startsWith('job ') === true);
    const waiting = world.taken.includes(first) ? second : first;
    const { sentence, reason } = await lab.call('job.explain', { id: waiting });
    expect(reason).toBe('gpu-held');
    expect(sentence).toMatch(/^The GPU is held by job \d+ of .* since /);
  });

  it('is adopted with its holder by the next core, which gives it to nobody else', async () => {
    const { world, lab } = await start();
    const [first = 0, second = 0] = [1, 2].map(() => world.gitlab.addJob({ tags: ['gpu'] }));
    await lab.until('one runs', () => world.taken.length === 1);
    await lab.lab.stop();
    const next = await openLab(world, { machine: amdMachine(1) });
    opened.splice(0, 1, [world, next]);
    expect(next.snapshot().gpus).toMatchObject([{ state: 'in-use' }]);
    expect(next.snapshot().runners).toHaveLength(1);
    const done = (): boolean => [first, second].every((id) => world.gitlab.statusOf(id) === 'success');
    await next.until('both are done', done, 300_000);
  });
});

describe('a card that its owner keeps', () => {
  it('is left by its idle runner, and given to no job until it is released', async () => {
    const warm = [{ name: 'gpu', tags: ['gpu'], min: 1, gpu }];
    const { world, lab } = await start(amdMachine(1), { pools: warm });
    await lab.until('a runner is kept ready', ({ gpus }) => gpus[0]?.state === 'in-use');
    const outcome = await lab.call('gpu.reserve', { id: card, for: 'a game' });
    expect(outcome.changes).toMatchObject([{ path: 'gpus.reserved' }]);
    await lab.until('it has left', ({ runners }) => runners.length === 0, 300_000);
    const [row] = lab.snapshot().gpus;
    expect(row?.state).toBe('reserved');
    expect(row?.why).toContain('reserved by its owner for a game');
    expect(lab.snapshot().issues.map(({ key }) => key)).toContain('pool.no-gpu');
    await lab.call('gpu.release', { id: card });
    await lab.until('a runner is there again', ({ runners }) => runners.length === 1);
    expect(world.store.liveRunners()[0]?.grant?.ids).toEqual([card]);
  });

  it('is used as its owner says, in one setting at a time', async () => {
    const { lab } = await start(amdMachine(1));
    await lab.until('it is seen', ({ gpus }) => gpus[0]?.use === 'shared');
    const first = await lab.call('gpu.use', { id: card, use: 'exclusive', dryRun: true });
    expect(first.changes).toMatchObject([{ path: 'gpus.exclusive' }]);
    await lab.call('gpu.use', { id: card, use: 'exclusive' });
    await lab.until('one job has it at a time', ({ gpus }) => gpus[0]?.use === 'exclusive');
    const off = await lab.call('gpu.use', { id: card, use: 'off', for: 'a game' });
    expect(off.changes.map(({ path }) => path)).toEqual(['gpus.reserved', 'gpus.exclusive']);
    await lab.until('it is kept', ({ gpus }) => gpus[0]?.use === 'off');
    await lab.call('gpu.use', { id: card, use: 'shared' });
    await lab.until('jobs may have it', ({ gpus }) => gpus[0]?.use === 'shared');
    await expect(lab.call('gpu.use', { id: '0000:99:00.0', use: 'off' })).rejects.toMatchObject({
      key: 'gpu.unknown',
    });
  });

  it('has to be there', async () => {
    const { lab } = await start();
    await expect(lab.call('gpu.reserve', { id: '0000:99:00.0' })).rejects.toMatchObject({
      key: 'gpu.unknown',
    });
  });
});

describe('a machine without graphics cards', () => {
  it('says that a pool which needs one will never get it, and starts nothing', async () => {
    const { world, lab } = await start({});
    world.gitlab.addJob({ tags: ['gpu'] });
    await lab.until('it is told', ({ issues }) => issues.some(({ key }) => key === 'pool.no-gpu'));
    expect(lab.snapshot().runners).toEqual([]);
    expect(await lab.call('gpu.list', {})).toEqual([]);
  });

  it('runs no tool to look for them again and again', async () => {
    const asked: string[] = [];
    const run: FakeMachine['run'] = (program) => {
      asked.push(program);
      return { outcome: 'missing' };
    };
    const { world } = await start({ run }, { pools: [{ name: 'plain', tags: ['plain'] }] });
    await world.clock.advance(3_600_000);
    expect(asked.length).toBeLessThanOrEqual(1);
  });
});

describe('a machine whose cards no pool asks for', () => {
  const plain: WorldOptions = { pools: [{ name: 'plain', tags: ['plain'] }] };

  it('knows how they are between two looks', async () => {
    const { world, lab } = await start(amdMachine(1), plain);
    await world.clock.advance(280_000);
    expect(lab.snapshot().gpus).toMatchObject([{ id: card, state: 'free', why: null }]);
  });

  /** A machine without a bus, on which nvidia-smi alone tells of a card, as soon as there is one. */
  function lateMachine(): { readonly machine: FakeMachine; has: boolean } {
    const head = 'count, uuid, name, pci.bus_id, driver_version, memory.total [MiB]';
    const row = '1, GPU-00000000-0000-0000-0000-000000000001, RTX 4090, 00000000:01:00.0, 595.80, 24564';
    const late = {
      has: false,
      machine: {
        run: (): ReturnType<NonNullable<FakeMachine['run']>> =>
          late.has ? ended(`${head}\n${row}\n`) : { outcome: 'missing' },
      },
    };
    return late;
  }

  it('finds one that comes late when somebody asks', async () => {
    const late = lateMachine();
    const { world, lab } = await start(late.machine, plain);
    await world.clock.advance(70_000);
    late.has = true;
    expect(await lab.call('gpu.list', {})).toMatchObject([{ model: 'RTX 4090' }]);
  });

  it('finds one that comes late while somebody watches, and for who has the machine looked at again', async () => {
    const late = lateMachine();
    const { world, lab } = await start(late.machine, plain);
    await world.clock.advance(30_000);
    late.has = true;
    const leaving = new AbortController();
    const samples: unknown[] = [];
    const reading = (async (): Promise<void> => {
      for await (const sample of lab.stream('machine.watch', {}, leaving.signal)) samples.push(sample);
    })();
    await lab.until('it is found', ({ gpus }) => gpus.length === 1, 40_000);
    leaving.abort();
    await reading;
    late.has = false;
    await lab.call('machine.detect', {});
    await lab.until('it is gone', ({ gpus }) => gpus.length === 0, 1_000);
  });
});

describe('cards that were not looked at', () => {
  it('are not known while the engine does not answer, which is not to have none', async () => {
    const world = createWorld({ pools });
    world.engine.setAway(true);
    const lab = await openLab(world, { machine: amdMachine(1) });
    opened.push([world, lab]);
    expect(lab.snapshot()).toMatchObject({ gpus: [], gpusUnseen: { key: 'gpu.not-looked-at' } });
    for (const asked of [lab.call('gpu.list', {}), lab.call('gpu.reserve', { id: card })])
      await expect(asked).rejects.toMatchObject({ key: 'gpu.not-looked-at' });
    world.engine.setAway(false);
    await lab.until('they are seen', ({ gpus }) => gpus.length === 1);
    expect(lab.snapshot().gpusUnseen).toBeUndefined();
  });
});

describe('a slice of a card', () => {
  const slice = '0000:03:00.0/0';
  const kfd = '/sys/class/kfd/kfd/topology/nodes';
  /** A card in two parts. */
  const divided = (): FakeMachine => {
    const { files, devices } = amdMachine(1);
    const part = (minor: number, place: number): string =>
      `simd_count 192\ndrm_render_minor ${minor}\ndomain 0\nlocation_id ${768 + place}\n`;
    return {
      files: { ...files, [`${kfd}/1/properties`]: part(128, 0), [`${kfd}/2/properties`]: part(129, 1) },
      devices: { ...devices, '/dev/dri/renderD129': { group: 109, mode: 0o660 } },
    };
  };

  it('is not said to be free while its card is kept', async () => {
    const { lab } = await start(divided());
    await lab.until('it is seen', ({ gpus }) =>
      gpus.some(({ id, parent }) => id === slice && parent === card),
    );
    await lab.call('gpu.use', { id: card, use: 'off', for: 'a game' });
    const refused = {
      key: 'gpu.kept-with-card',
      next: `Let jobs have the card again with: autogit gpu release ${card}`,
    };
    for (const use of ['shared', 'exclusive'] as const)
      await expect(lab.call('gpu.use', { id: slice, use })).rejects.toMatchObject(refused);
    await expect(lab.call('gpu.release', { id: slice })).rejects.toMatchObject(refused);
    await lab.call('gpu.release', { id: card });
    await lab.call('gpu.use', { id: card, use: 'exclusive' });
    await expect(lab.call('gpu.use', { id: slice, use: 'shared' })).rejects.toMatchObject({
      key: 'gpu.kept-with-card',
      next: `Let jobs share the card with: autogit gpu use ${card} shared`,
    });
    await lab.call('gpu.use', { id: slice, use: 'off' });
    await lab.until('it is kept', ({ gpus }) => gpus.find(({ id }) => id === slice)?.use === 'off');
  });
});

describe('pool set --gpu', () => {
  it.each([
    ['2', { count: 2, vendor: null }],
    ['count=1,vendor=amd,memoryMiB=20000', { count: 1, vendor: 'amd', memoryMiB: 20_000 }],
    ['mode=fraction,fractionMiB=4096', { mode: 'fraction', fractionMiB: 4096 }],
  ])('%s', async (text, expected) => {
    const { lab } = await start();
    await lab.call('pool.set', { name: 'gpu', gpu: text });
    expect((await lab.call('pool.show', { name: 'gpu' })).settings.gpu).toMatchObject(expected);
  });

  it('takes the need away, and refuses what is none', async () => {
    const { lab } = await start();
    await lab.call('pool.set', { name: 'gpu', gpu: null });
    expect((await lab.call('pool.show', { name: 'gpu' })).settings.gpu).toBeNull();
    for (const text of ['', 'many', 'count=', 'cards=1', 'count=1;vendor=amd'])
      await expect(lab.call('pool.set', { name: 'gpu', gpu: text })).rejects.toMatchObject({
        key: 'request.invalid',
      });
    for (const text of ['0', '99', 'vendor=matrox', 'mode=fraction'])
      await expect(lab.call('pool.set', { name: 'gpu', gpu: text })).rejects.toMatchObject({
        key: 'settings.invalid',
      });
  });
});
