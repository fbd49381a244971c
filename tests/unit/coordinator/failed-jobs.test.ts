// Why a job failed, from what GitLab says and what was seen of its runner, as every door tells it.
import { afterEach, describe, expect, it } from 'vitest';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World, WorldOptions } from '../../fakes/fake-lab.ts';

const opened: [World, OpenLab][] = [];
const never = 1_000_000_000;
const pools = [{ name: 'default', tags: ['docker'], memoryMiB: 512 }];

async function running(options: WorldOptions = { pools, jobMs: never }) {
  const world = createWorld(options);
  const lab = await openLab(world);
  opened.push([world, lab]);
  const id = world.gitlab.addJob();
  const found = (status: string) => lab.snapshot().jobs.find((job) => job.id === id && job.status === status);
  await lab.until('it runs', () => found('running')?.runner != null);
  return { world, lab, id, found, runner: found('running')?.runner ?? '' };
}

afterEach(async () => {
  for (const [world, lab] of opened.splice(0)) await closeLab(world, lab);
});

describe('a failed job', () => {
  it('of an ordinary script is the fault of the script', async () => {
    const { world, lab, id, found } = await running();
    world.gitlab.finish(id, 'failed');
    await lab.until('its end is seen', () => found('failed') !== undefined);
    expect(found('failed')?.failure).toMatchObject({ class: 'script' });
    const [listed] = await lab.call('job.list', { status: 'failed' });
    expect(listed?.failure?.class).toBe('script');
    expect(
      lab.lab.live.events(100).some(({ message }) => message.includes('Its script ended with an error.')),
    ).toBe(true);
  });

  it('whose runner ran out of memory names the limit of its pool', async () => {
    const { world, lab, id, found, runner } = await running();
    world.engine.outOfMemory(runner);
    world.gitlab.finish(id, 'failed');
    await lab.until('its end is seen', () => found('failed') !== undefined);
    const { job } = await lab.call('job.show', { id });
    expect(job.failure).toMatchObject({
      class: 'host',
      sentence: 'It ran out of memory: pool "default" gives 512 MiB to each of its containers.',
    });
  });

  it('is told to have run out of memory also where the engine says so only when it is asked', async () => {
    const { world, lab, id, found, runner } = await running();
    world.engine.outOfMemory(runner, true);
    world.gitlab.finish(id, 'failed');
    world.kill(runner);
    await lab.until(
      'its runner is cleared away',
      ({ runners }) => runners.length === 0 && found('failed') !== undefined,
    );
    expect((await lab.call('job.show', { id })).job.failure?.class).toBe('host');
  });

  it('keeps what was seen over a restart', async () => {
    const { world, lab, id, found, runner } = await running();
    world.engine.outOfMemory(runner);
    world.gitlab.finish(id, 'failed');
    await lab.until('its end is seen', () => found('failed') !== undefined);
    await closeLab(world, lab);
    opened.splice(0);
    const again = await openLab(world);
    opened.push([world, again]);
    expect((await again.call('job.show', { id })).job.failure?.class).toBe('host');
  });

  it('whose container somebody removed is the fault of the host', async () => {
    const { world, lab, id, found, runner } = await running();
    await world.engine.removeContainer(runner, { force: true });
    await lab.until('it is forgotten', ({ runners }) => runners.every(({ name }) => name !== runner));
    world.gitlab.change(id, {
      status: 'failed',
      finishedAt: world.clock.now(),
      failureReason: 'no_updates_running',
    });
    await lab.until('its end is seen', () => found('failed') !== undefined);
    expect(found('failed')?.failure).toMatchObject({ class: 'host' });
    expect(found('failed')?.failure?.sentence).toContain('was removed while it ran');
  });

  it('that was cancelled is nobody’s fault', async () => {
    const { world, lab, id, found } = await running();
    world.gitlab.change(id, { status: 'canceled', finishedAt: world.clock.now() });
    await lab.until('its end is seen', () => found('canceled') !== undefined);
    expect(found('canceled')?.failure?.class).toBe('cancelled');
  });
});
