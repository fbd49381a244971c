import { afterEach, describe, expect, it } from 'vitest';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import { gitlabFailure } from '../../fakes/fake-gitlab.ts';
import type { OpenLab, World } from '../../fakes/fake-lab.ts';

const opened: [World, OpenLab][] = [];
const jobMs = 60_000;

async function open(world: World): Promise<OpenLab> {
  const lab = await openLab(world);
  opened.push([world, lab]);
  return lab;
}

/** A lab with one runner, which is busy. */
async function busyLab(): Promise<{ world: World; lab: OpenLab; id: string; job: number }> {
  const world = createWorld({ jobMs });
  const lab = await open(world);
  const job = world.gitlab.addJob();
  await lab.until('a runner is busy', ({ runners }) => runners.some(({ state }) => state === 'busy'));
  return { world, lab, id: lab.snapshot().runners[0]?.id ?? '', job };
}

/** A lab with one runner, which is idle. */
async function idleLab(): Promise<{ world: World; lab: OpenLab; id: string }> {
  const { world, lab, id } = await busyLab();
  await lab.until('it is idle', ({ runners }) => runners.some(({ state }) => state === 'idle'), 2 * jobMs);
  return { world, lab, id };
}

/** An answer that needs time to pass. */
async function meanwhile<T>(world: World, answer: Promise<T>): Promise<T> {
  let ended = false;
  const end = answer.finally(() => (ended = true));
  end.catch(() => undefined);
  await world.clock.until(() => ended, 200_000);
  return end;
}

afterEach(async () => {
  for (const [world, lab] of opened.splice(0)) await closeLab(world, lab);
});

describe('runner drain', () => {
  it('lets a busy runner finish its job, take no other, and leave', async () => {
    const { world, lab, id, job } = await busyLab();
    const { message } = await lab.call('runner.drain', { id });
    expect(message).toBe(`Runner ${id} finishes job ${job} and leaves then.`);
    await lab.until('it has left', ({ runners }) => runners.every((runner) => runner.id !== id), 2 * jobMs);
    expect(world.gitlab.statusOf(job)).toBe('success');
    expect((await lab.call('runner.show', { id })).runner.state).toBe('gone');
  });

  it('holds over a restart of the core', async () => {
    const { world, lab, id } = await busyLab();
    const asked = lab.call('runner.drain', { id });
    opened.splice(0);
    await asked;
    await closeLab(world, lab);
    const again = await open(world);
    await again.until('it has left', ({ runners }) => runners.every((runner) => runner.id !== id), 2 * jobMs);
    expect(world.taken).toHaveLength(1);
  });

  it('of an idle runner waits until it is gone', async () => {
    const { world, lab, id } = await idleLab();
    const outcome = await meanwhile(world, lab.call('runner.drain', { id }));
    expect(outcome.message).toBe(`Runner ${id} has left.`);
  });

  it('goes on while GitLab does not answer', async () => {
    const { world, lab, id } = await idleLab();
    world.gitlab.fail(gitlabFailure('gitlab.unreachable'));
    await lab.until('GitLab is away', ({ gitlab }) => gitlab.state !== 'ready');
    expect((await meanwhile(world, lab.call('runner.drain', { id }))).message).toContain('has left');
  });

  it('as a dry run changes nothing', async () => {
    const { world, lab, id } = await idleLab();
    const { actions } = await lab.call('runner.drain', { id, dryRun: true });
    expect(actions).toMatchObject([{ kind: 'stop-runner', target: `runner ${id}` }]);
    expect(world.store.liveRunners()).toMatchObject([{ id, phase: 'started' }]);
  });
});

describe('runner remove', () => {
  it('removes a runner without a job', async () => {
    const { world, lab, id } = await idleLab();
    const name = lab.snapshot().runners[0]?.name ?? '';
    expect((await meanwhile(world, lab.call('runner.remove', { id: name }))).message).toBe(
      `Runner ${id} has left.`,
    );
  });

  it('of one with a job is refused, and the job goes on', async () => {
    const { world, lab, id, job } = await busyLab();
    await expect(lab.call('runner.remove', { id })).rejects.toMatchObject({ key: 'runner.busy' });
    await lab.until('the job has ended', () => world.gitlab.statusOf(job) === 'success', 2 * jobMs);
  });

  it('is refused where nobody knows whether it has a job', async () => {
    const { world, lab, id } = await idleLab();
    world.gitlab.fail(gitlabFailure('gitlab.unreachable'));
    await lab.until('GitLab is away', ({ gitlab }) => gitlab.state !== 'ready');
    await expect(lab.call('runner.remove', { id })).rejects.toMatchObject({ key: 'runner.busy' });
  });

  it.each(['runner.show', 'runner.drain', 'runner.remove'] as const)(
    'and the others know no stranger: %s',
    async (name) => {
      const { lab } = await idleLab();
      for (const id of ['00000000', '$(reboot)', '\u202e', 'x'.repeat(255)])
        await expect(lab.call(name, { id })).rejects.toMatchObject({ key: 'runner.unknown' });
    },
  );
});
