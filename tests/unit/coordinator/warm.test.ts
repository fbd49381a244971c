// The whole core on fakes: runners kept ready take jobs at once, and nothing of it is lost when AutoGit ends.
import { expect, it } from 'vitest';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World } from '../../fakes/fake-lab.ts';
import type { RunnerView } from '../../../main/contract/snapshot.ts';

const pools = [{ name: 'default', tags: ['docker'], min: 1, idleTime: 10 }];
const statesOf = ({ lab }: { readonly lab: OpenLab }): readonly RunnerView['state'][] =>
  lab.snapshot().runners.map(({ state }) => state);

async function openWarm(): Promise<{ readonly world: World; readonly lab: OpenLab }> {
  const world = createWorld({ pools, jobMs: 2_000 });
  const lab = await openLab(world);
  await lab.until('one is ready', ({ runners }) => runners.some(({ state }) => state === 'warm'));
  return { world, lab };
}

it('a warm runner asks nobody for anything, stays, and takes the next job as soon as it is known', async () => {
  const { world, lab } = await openWarm();
  await world.clock.advance(3_600_000);
  expect(statesOf({ lab })).toEqual(['warm']);
  world.gitlab.addJob();
  lab.lab.requests('cli').coordinator.refresh();
  await world.clock.advance(200);
  expect(world.taken).toHaveLength(1);
  await lab.until('the stock is full again', ({ runners }) => runners.some(({ state }) => state === 'warm'));
  await lab.until('the other has left after its idle time', ({ runners }) => runners.length === 1, 30_000);
  expect(statesOf({ lab })).toEqual(['warm']);
  await closeLab(world, lab);
  world.store.close();
});

it('a drain lets warm runners go without a go, and a resume makes others', async () => {
  const { world, lab } = await openWarm();
  const draining = lab.call('lab.drain', { dryRun: false });
  world.gitlab.addJob();
  await lab.until('all have left', ({ runners }) => runners.length === 0, 30_000);
  await draining;
  expect(world.taken).toEqual([]);
  expect(world.store.recentRunners(1)).toMatchObject([{ phase: 'gone', failure: null }]);
  await lab.call('lab.resume', { dryRun: false });
  await lab.until('the job has run', () => world.taken.length === 1, 30_000);
  await closeLab(world, lab);
  world.store.close();
});

it.each(['warm', 'released'] as const)(
  'a core that ended while a runner was %s goes on with it, and its job runs once',
  async (phase) => {
    const { world, lab } = await openWarm();
    const go = world.engine.hang('signalContainer');
    if (phase === 'released') {
      world.gitlab.addJob();
      await lab.until('the go is on its way', () => world.store.liveRunners()[0]?.phase === 'released');
    }
    const closing = closeLab(world, lab);
    go();
    await closing;
    if (phase === 'released') {
      const [{ id } = { id: '' }] = world.store.liveRunners();
      // As if the core had been killed before it knew that the go was given.
      world.store.updateRunner(id, { phase: 'released' });
    } else world.gitlab.addJob();
    const again = await openLab(world);
    await again.until('the job has run', () => world.taken.length === 1, 30_000);
    await again.until('one is ready', ({ runners }) => runners.some(({ state }) => state === 'warm'), 30_000);
    await world.clock.advance(60_000);
    expect(world.taken).toHaveLength(1);
    expect(statesOf({ lab: again })).toEqual(['warm']);
    await closeLab(world, again);
    world.store.close();
  },
);

it('with a lost database, a runner at its gate is taken over and begins', async () => {
  const { world, lab } = await openWarm();
  await closeLab(world, lab);
  for (const { id } of world.store.liveRunners())
    world.store.updateRunner(id, { phase: 'gone', goneAt: world.clock.now() });
  const again = await openLab(world);
  world.gitlab.addJob();
  await again.until('the job has run', () => world.taken.length === 1, 30_000);
  await again.until(
    'no runner waits for a go that never comes',
    ({ runners }) => runners.length === 1,
    60_000,
  );
  await closeLab(world, again);
  world.store.close();
});
