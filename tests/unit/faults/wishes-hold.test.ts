// `drain`, `resume` and `recover` hold at every door, for whatever would start a runner, and over restarts; and none of
// them cancels a job that waits.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDispatch } from '../../../main/coordinator/dispatch.ts';
import type { Door } from '../../../main/model/request.ts';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World } from '../../fakes/fake-lab.ts';

const minute = 60_000;
const doors: readonly Door[] = ['cli', 'http', 'desktop'];

let world: World;
let lab: OpenLab;

beforeEach(async () => {
  world = createWorld({ pools: [{ name: 'default', tags: ['docker'], max: 2 }] });
  lab = await openLab(world);
});
afterEach(async () => {
  await closeLab(world, lab);
});

async function restart(): Promise<void> {
  await closeLab(world, lab);
  lab = await openLab(world);
}

const starts = (): number => world.engine.calls.filter(({ method }) => method === 'startContainer').length;
const through = (door: Door) => createDispatch(lab.lab.requests(door)).call;

/** Whatever could make a runner start; each leaves at least one job waiting. */
const temptations: Readonly<Record<string, () => Promise<unknown>>> = {
  'the queue': async () => world.gitlab.addJob(),
  'a webhook, which is a look at the queue': async () => {
    world.gitlab.addJob();
    await through('http')('queue.refresh', {});
  },
  'the warm pool': async () => {
    world.gitlab.addJob();
    await through('cli')('pool.set', { name: 'default', min: 2 });
  },
  'a new pool over the API': async () => {
    world.gitlab.addJob();
    await through('http')('pool.add', { name: 'other', tags: ['docker'], min: 1 });
  },
  'a pool that is resumed': async () => {
    world.gitlab.addJob();
    await through('desktop')('pool.resume', { name: 'default' });
  },
  'a recovery': async () => {
    world.gitlab.addJob();
    await through('cli')('lab.recover', {});
    await through('cli')('pool.recover', { name: 'default' });
  },
  'a restart': async () => {
    world.gitlab.addJob();
    await restart();
  },
};

describe.each(doors)('a drain that was asked for through %s', (door) => {
  it.each(Object.keys(temptations))(
    'holds against %s, and again after a restart, until it is taken back',
    async (what) => {
      const drained = through(door)('lab.drain', {});
      await world.clock.advance(2_000);
      await drained;
      const before = starts();
      await temptations[what]?.();
      await world.clock.advance(3 * minute);
      expect(lab.snapshot().mode).toBe('drain');
      await restart();
      await world.clock.advance(3 * minute);
      expect([starts(), lab.snapshot().mode]).toEqual([before, 'drain']);
      const waiting = lab.snapshot().jobs.filter(({ status }) => status === 'pending');
      expect(waiting.length).toBeGreaterThan(0);
      expect(world.gitlab.calls).not.toContain('cancelJob');
      await through(door)('lab.resume', {});
      await restart();
      await lab.until(
        'every job has run',
        ({ jobs }) => jobs.every(({ status }) => status === 'success'),
        5 * minute,
      );
    },
  );
});

describe.each(doors)('a pause of a pool through %s', (door) => {
  it('holds against recoveries and restarts, until it is resumed through any door', async () => {
    await through(door)('pool.pause', { name: 'default' });
    const job = world.gitlab.addJob();
    const before = starts();
    await through('http')('lab.recover', {});
    const { next } = await through('cli')('pool.recover', { name: 'default' });
    expect(next).toContain('autogit pool resume default');
    await restart();
    await world.clock.advance(3 * minute);
    expect([starts(), world.gitlab.statusOf(job)]).toEqual([before, 'pending']);
    for (const other of doors) await through(other)('pool.resume', { name: 'default' });
    await restart();
    await lab.until('it runs', () => world.gitlab.statusOf(job) === 'success', minute);
  });
});

describe('a recovery', () => {
  it('as a dry run changes nothing, and of a pool that is not there is refused', async () => {
    for (const door of doors) {
      expect(await through(door)('lab.recover', { dryRun: true })).toMatchObject({ dryRun: true });
      expect(await through(door)('pool.recover', { name: 'default', dryRun: true })).toMatchObject({
        dryRun: true,
      });
      await expect(through(door)('pool.recover', { name: 'nowhere' })).rejects.toMatchObject({
        key: 'pool.unknown',
      });
    }
    expect(world.store.noteOf('recovered.default')).toBeNull();
  });

  it('lets everything go on that waits for its next try, and no job is touched', async () => {
    const job = world.gitlab.addJob();
    for (let turn = 0; turn < 4; turn += 1)
      world.engine.failNext('createContainer', new Error('the engine has a bad day'));
    await lab.until(
      'it waits',
      ({ issues }) => issues.some(({ severity }) => severity === 'error'),
      5 * minute,
    );
    await through('cli')('lab.recover', {});
    await lab.until('it runs', () => world.gitlab.statusOf(job) === 'success', 2 * minute);
    expect(world.gitlab.calls).not.toContain('cancelJob');
  });
});
