// Advice from measured use, applied as a change of settings; and what other settings would have done.
import { afterEach, describe, expect, it } from 'vitest';
import { pruneMs } from '../../../main/coordinator/housekeeping.ts';
import type { UsedByJob } from '../../../main/model/usage.ts';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World, WorldOptions } from '../../fakes/fake-lab.ts';
import { someJob } from '../../fakes/world.ts';

const opened: [World, OpenLab][] = [];
const mebibyte = 1024 ** 2;
const pools = [{ name: 'default', tags: ['docker'], memoryMiB: 8_192, max: 2 }];

async function start(options: WorldOptions = { pools }, prepare?: (world: World) => void) {
  const world = createWorld(options);
  prepare?.(world);
  const lab = await openLab(world);
  opened.push([world, lab]);
  return { world, lab };
}

afterEach(async () => {
  for (const [world, lab] of opened.splice(0)) await closeLab(world, lab);
});

const used = (world: World, change: Partial<UsedByJob> = {}): UsedByJob => ({
  ...{ projectId: 7, project: 'group/project', job: 'build', pool: 'default', endedAt: world.clock.now() },
  ...{ lastedMs: 60_000, memoryBytes: 1_434 * mebibyte, cpus: 0.5, outOfMemory: false },
  limits: { cpus: null, memoryMiB: 8_192 },
  ...change,
});
const measured = (world: World): void => {
  for (let job = 0; job < 12; job += 1) world.store.addUsage(used(world));
};

describe('pool advice', () => {
  it('tells what was measured and what follows from it, also in the snapshot, and changes nothing', async () => {
    const { lab } = await start({ pools }, measured);
    const [advice] = await lab.call('pool.advice', {});
    expect(advice).toMatchObject({
      pool: 'default',
      state: 'change',
      sentence:
        '"build" of group/project never used more than 1.4 GiB of its 8 GiB: 3 more could run at once.',
      usage: [{ job: 'build', jobs: 12, memoryMiB: { most: 1_434 }, seconds: { most: 60 }, outOfMemory: 0 }],
    });
    expect(lab.snapshot().pools[0]?.advice).toMatchObject([{ setting: 'memoryMiB', to: 1_920 }]);
    expect((await lab.call('pool.show', { name: 'default' })).settings.memoryMiB).toBe(8_192);
  });

  it('of a pool without measured jobs says that it is too early, and the snapshot says nothing', async () => {
    const { lab } = await start();
    expect(await lab.call('pool.advice', { name: 'default' })).toMatchObject([
      { state: 'too-few', usage: [] },
    ]);
    expect(lab.snapshot().pools[0]).not.toHaveProperty('advice');
  });

  it('of no such pool is refused', async () => {
    const { lab } = await start();
    await expect(lab.call('pool.advice', { name: 'defualt' })).rejects.toMatchObject({ key: 'pool.unknown' });
  });

  it('comes from the jobs that run', async () => {
    const { world, lab } = await start({ pools, jobMs: 45_000 });
    for (let job = 0; job < 12; job += 1) world.gitlab.addJob({ name: 'build' });
    await lab.until(
      'all have run',
      ({ jobs }) => jobs.filter(({ status }) => status === 'success').length === 12,
      600_000,
    );
    await world.clock.advance(60_000);
    const [advice] = await lab.call('pool.advice', {});
    expect(advice).toMatchObject({ jobs: 12, state: 'change', usage: [{ job: 'build', jobs: 12 }] });
    // The fake's containers use 1 MiB.
    expect(advice?.items).toMatchObject([{ setting: 'memoryMiB', from: 8_192, to: 128 }]);
  });
});

describe('pool apply-advice', () => {
  it('changes the setting as pool set does, and only says so as a dry run', async () => {
    const { lab } = await start({ pools }, measured);
    const planned = await lab.call('pool.apply-advice', { name: 'default', dryRun: true });
    expect(planned).toMatchObject({ dryRun: true, changes: [{ path: 'pools.default.memoryMiB' }] });
    expect((await lab.call('pool.show', { name: 'default' })).settings.memoryMiB).toBe(8_192);
    const done = await lab.call('pool.apply-advice', { name: 'default' });
    expect(done.message).toContain('Pool "default" has changed.');
    expect((await lab.call('pool.show', { name: 'default' })).settings.memoryMiB).toBe(1_920);
    await lab.until('the advice is gone', (snapshot) => snapshot.pools[0]?.advice === undefined);
    const again = lab.call('pool.apply-advice', { name: 'default' });
    await expect(again).rejects.toMatchObject({ key: 'pool.no-advice' });
  });
});

describe('pool simulate', () => {
  /** Six jobs at a time, every ten minutes, a minute each; two places. */
  const recorded = (world: World): void => {
    const jobs = Array.from({ length: 120 }, (_, index) => {
      const arrivedAt = world.clock.now() - 86_400_000 + Math.floor(index / 6) * 600_000;
      const waitedMs = 2_000 + Math.floor((index % 6) / 2) * 60_000;
      return someJob({
        ...{
          id: index + 1,
          status: 'success',
          waitedMs,
          systemId: `r_auto${String(index % 2).padStart(8, '0')}`,
        },
        ...{ firstSeenAt: arrivedAt + 1_000, startedAt: arrivedAt + waitedMs },
        finishedAt: arrivedAt + waitedMs + 60_000,
      });
    });
    world.store.saveJobs(jobs);
  };

  it('says how long jobs would have waited with other settings, and at what cost, and writes nothing', async () => {
    const { world, lab } = await start(
      { pools: [{ ...pools[0], name: 'default', memoryMiB: 512 }] },
      recorded,
    );
    const before = await world.settings.read();
    const result = await lab.call('pool.simulate', { pool: 'default', max: 6 });
    expect(result).toMatchObject({ days: 7, jobs: 120, enough: true, changes: ['pools.default.max'] });
    expect(result.recorded).toEqual({ waitP50: 62_000, waitP95: 122_000 });
    expect(Math.abs(result.now.waitP95 - result.recorded.waitP95)).toBeLessThan(5_000);
    expect(result.changed?.waitP95).toBeLessThan(6_000);
    expect(result.changed).toMatchObject({ peakRunners: 6, peakMemoryMiB: 6 * 512 });
    expect(result.sentence).toMatch(
      /^95 % of 120 jobs would have begun within [\d.]+ s instead of 2\.\d min, for [\d.]+ instead of [\d.]+ runner hours\./,
    );
    expect(await world.settings.read()).toBe(before);
  });

  it('needs no pool to be named where there is one, and says so where there are more', async () => {
    const { lab } = await start({ pools: [...pools, { name: 'other', tags: ['x'] }] }, recorded);
    await expect(lab.call('pool.simulate', { max: 6 })).rejects.toMatchObject({ key: 'pool.not-named' });
    expect((await lab.call('pool.simulate', {})).changed).toBeNull();
    await expect(lab.call('pool.simulate', { pool: 'defualt', max: 2 })).rejects.toMatchObject({
      key: 'pool.unknown',
    });
    await expect(lab.call('pool.simulate', { pool: 'default', min: 9 })).rejects.toMatchObject({
      key: 'settings.invalid',
    });
    const only = await start({ pools }, recorded);
    expect((await only.lab.call('pool.simulate', { max: 6 })).changed).not.toBeNull();
  });

  it('says plainly when too few jobs were recorded, or none', async () => {
    const { lab } = await start({ pools }, ({ store, clock }) => {
      const ended = { startedAt: clock.now() - 2_000, finishedAt: clock.now() - 1_000 };
      store.saveJobs([someJob({ id: 1, status: 'success', systemId: 'r_auto00000001', ...ended })]);
      store.saveJobs([someJob({ id: 2, status: 'success', systemId: 'r_of_somebody', ...ended })]);
    });
    const few = await lab.call('pool.simulate', { max: 4, days: 1 });
    expect(few).toMatchObject({ jobs: 1, enough: false });
    expect(few.sentence).toContain('Only 1 job ran in the last day: too few to rely on.');
    const none = await start();
    expect((await none.lab.call('pool.simulate', {})).sentence).toContain('nothing to replay');
  });
});

describe('a core that runs for months', () => {
  it('forgets what is old without being started anew', async () => {
    const { world, lab } = await start();
    world.store.audit({
      at: world.clock.now() - 400 * 86_400_000,
      door: 'cli',
      request: 'pool.set',
      outcome: 'done',
    });
    expect(world.store.auditLog(9)).toHaveLength(1);
    await world.clock.advance(pruneMs + 1_000);
    expect(world.store.auditLog(9)).toHaveLength(0);
    expect(lab.snapshot().issues).toEqual([]);
  });
});
