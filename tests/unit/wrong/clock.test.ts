// The machine's clock is set forward or back by a day while AutoGit works.
import { afterEach, describe, expect, it } from 'vitest';
import { steadyClock } from '../../../main/adapters/host/clock.ts';
import { AutoGitError } from '../../../main/errors.ts';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World } from '../../fakes/fake-lab.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const open: [World, OpenLab][] = [];
afterEach(async () => {
  for (const [world, lab] of open.splice(0)) {
    await closeLab(world, lab);
    world.store.close();
  }
});

interface Machine {
  readonly world: World;
  readonly lab: OpenLab;
  /** Sets the machine's clock forward, or back where `ms` is less than zero. */
  set(ms: number): void;
}

/** A lab whose pool lets runners idle for so many seconds. */
async function begin(idleTime = 5): Promise<Machine> {
  const world = createWorld({ pools: [{ name: 'default', tags: ['docker'], idleTime }] });
  let wrong = 0;
  const clock = steadyClock({
    now: () => world.clock.now() + wrong,
    monotonic: () => world.clock.monotonic(),
    sleep: (ms, signal) => world.clock.sleep(ms, signal),
  });
  const lab = await openLab(world, { clock });
  open.push([world, lab]);
  await lab.until('the pool is ready', ({ pools }) => pools.every(({ ready }) => ready));
  return { world, lab, set: (ms) => void (wrong += ms) };
}

/** Lets every start of a container fail until it is told to stop. */
function failStarts(world: World): () => void {
  const start = world.engine.startContainer.bind(world.engine);
  Object.assign(world.engine, {
    startContainer: () =>
      Promise.reject(new AutoGitError({ key: 'engine.refused', message: 'No.', next: 'Wait.' })),
  });
  return () => void Object.assign(world.engine, { startContainer: start });
}

describe.each([
  ['forward', day],
  ['back', -day],
])('a clock that is set %s by a day', (_way, ms) => {
  it('does not keep a job from its runner, nor a runner from leaving', async () => {
    const { world, lab, set } = await begin();
    const first = world.gitlab.addJob();
    await lab.until('the first job runs', () => world.gitlab.statusOf(first) === 'running');
    set(ms);
    const second = world.gitlab.addJob();
    await lab.until('both have run', () => world.gitlab.statusOf(second) === 'success', 3 * minute);
    await lab.until('the runners have left', ({ runners }) => runners.length === 0, 3 * minute);
    expect(await world.engine.listContainers({})).toEqual([]);
  });

  it('does not stretch the pause after failures', async () => {
    const { world, lab, set } = await begin();
    const mend = failStarts(world);
    const job = world.gitlab.addJob();
    await lab.until('it is backed off', ({ issues }) =>
      issues.some(({ key }) => key === 'engine.refused' || key === 'pool.runners-fail'),
    );
    set(ms);
    mend();
    await lab.until('the job has run', () => world.gitlab.statusOf(job) === 'success', 5 * minute);
  });

  it('does not spoil how long jobs have waited', async () => {
    const { world, lab, set } = await begin();
    const job = world.gitlab.addJob();
    await lab.until('it is seen', ({ jobs }) => jobs.some(({ id }) => id === job));
    set(ms);
    await lab.until('it has run', () => world.gitlab.statusOf(job) === 'success', 3 * minute);
    await lab.until('that is seen', ({ jobs }) => jobs.some(({ status }) => status === 'success'));
    for (const { createdAt, startedAt } of lab.snapshot().runners)
      expect(startedAt ?? createdAt).toBeGreaterThanOrEqual(createdAt);
    for (const seen of lab.snapshot().jobs) expect(seen.firstSeenAt).toBeLessThanOrEqual(lab.snapshot().at);
  });
});

describe('a clock that is set back', () => {
  it('is an issue, since the times that are shown are ahead', async () => {
    const { lab, set, world } = await begin();
    set(-day);
    world.gitlab.addJob();
    await lab.until(
      'it is stated',
      ({ issues }) => issues.some(({ key }) => key === 'host.clock-set-back'),
      2 * minute,
    );
    set(day);
    await lab.until('it is over', ({ issues }) => issues.length === 0, 3 * minute);
  });
});
