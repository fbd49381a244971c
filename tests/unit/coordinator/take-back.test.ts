// What was planned and has not begun is not done when the wish for it has gone.
import { expect, it } from 'vitest';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';

it('a drain takes back the starts that still wait for their turn', async () => {
  const world = createWorld({ pools: [{ name: 'default', tags: ['docker'], max: 50 }] });
  const lab = await openLab(world);
  await lab.until('the pool is ready', ({ pools }) => pools.every(({ ready }) => ready));
  const begun = (): number => world.engine.calls.filter(({ method }) => method === 'createContainer').length;
  const release = world.engine.hang('createContainer');
  for (let index = 0; index < 30; index += 1) world.gitlab.addJob();
  await lab.until('the first are being started', () => begun() === 8);
  expect(lab.snapshot().runners).toHaveLength(8);
  const draining = lab.call('lab.drain', { dryRun: false });
  await lab.until('it drains', ({ mode }) => mode === 'drain');
  release();
  await lab.until('every runner has left', ({ runners }) => runners.length === 0, 120_000);
  await draining;
  expect(begun()).toBe(8);
  // Those that were made already and not started are not started any more.
  expect(world.store.runnerTotals().created).toBe(0);
  expect(world.engine.calls.filter(({ method }) => method === 'startContainer')).toEqual([]);
  await closeLab(world, lab);
  world.store.close();
});

it('and all of them are started, no more than there are jobs, when nobody takes them back', async () => {
  const world = createWorld({ pools: [{ name: 'default', tags: ['docker'], max: 50, idleTime: 300 }] });
  const lab = await openLab(world);
  await lab.until('the pool is ready', ({ pools }) => pools.every(({ ready }) => ready));
  for (let index = 0; index < 30; index += 1) world.gitlab.addJob();
  await lab.until('every job has run', () => world.taken.length === 30, 120_000);
  await world.clock.advance(20_000);
  expect(world.store.runnerTotals().created).toBeLessThanOrEqual(30);
  await closeLab(world, lab);
  world.store.close();
});
