import { afterEach, describe, expect, it } from 'vitest';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World, WorldOptions } from '../../fakes/fake-lab.ts';

const opened: [World, OpenLab][] = [];

async function start(options: WorldOptions = {}): Promise<{ world: World; lab: OpenLab }> {
  const world = createWorld(options);
  const lab = await openLab(world);
  opened.push([world, lab]);
  return { world, lab };
}

afterEach(async () => {
  for (const [world, lab] of opened.splice(0)) await closeLab(world, lab);
});

const seen =
  (id: number, status: string) =>
  ({ jobs }: { readonly jobs: readonly { readonly id: number; readonly status: string }[] }): boolean =>
    jobs.some((job) => job.id === id && job.status === status);

const never = 1_000_000_000;

describe('job explain', () => {
  it('says in one sentence what a job waits for, as job show and the issue do', async () => {
    const { world, lab } = await start();
    const id = world.gitlab.addJob({ tags: ['dcker'] });
    await lab.until('the job is seen', seen(id, 'pending'));
    const explained = await lab.call('job.explain', { id });
    expect(explained).toMatchObject({
      job: id,
      reason: 'no-tag',
      sentence: 'No pool has tag "dcker" (closest: "docker").',
      data: { pool: 'default', missing: ['dcker'], closest: 'docker' },
    });
    expect((await lab.call('job.show', { id })).explanation.sentence).toBe(explained.sentence);
    const issue = lab.snapshot().issues.find(({ key }) => key === 'job.no-pool');
    expect(issue?.message).toContain(explained.sentence);
  });

  it('names the job that holds the only place, with the time of day', async () => {
    const pools = [{ name: 'default', tags: ['docker'], max: 1 }];
    const { world, lab } = await start({ pools, jobMs: never });
    const first = world.gitlab.addJob();
    await lab.until('it runs', seen(first, 'running'));
    const second = world.gitlab.addJob();
    await lab.until('the other waits', seen(second, 'pending'));
    const { sentence } = await lab.call('job.explain', { id: second });
    expect(sentence).toMatch(
      new RegExp(
        `^Pool "default" is at its max of 1 \\(held by job ${first} of group/project since \\d\\d:\\d\\d\\)\\.$`,
      ),
    );
  });

  it('also explains jobs that only the store knows', async () => {
    const { world, lab } = await start({ jobMs: 1_000 });
    const id = world.gitlab.addJob();
    await lab.until('it has ended', seen(id, 'success'));
    expect(await lab.call('job.explain', { id })).toMatchObject({ reason: 'ended' });
  });

  it('of an unknown job is refused', async () => {
    const { lab } = await start();
    await expect(lab.call('job.explain', { id: 99 })).rejects.toMatchObject({ key: 'job.unknown' });
  });
});

describe('job cancel', () => {
  it('cancels a waiting job at GitLab', async () => {
    const { world, lab } = await start();
    const id = world.gitlab.addJob({ tags: ['nowhere'] });
    await lab.until('the job is seen', seen(id, 'pending'));
    const planned = await lab.call('job.cancel', { id, dryRun: true });
    expect(planned).toMatchObject({ dryRun: true, actions: [{ kind: 'cancel-job', target: `job ${id}` }] });
    expect(world.gitlab.statusOf(id)).toBe('pending');
    expect((await lab.call('job.cancel', { id })).message).toBe(`Job ${id} is cancelled.`);
    expect(world.gitlab.statusOf(id)).toBe('canceled');
  });

  it('says of a running one that its runner ends it', async () => {
    const { world, lab } = await start({ jobMs: never });
    const id = world.gitlab.addJob();
    await lab.until('it runs', seen(id, 'running'));
    expect((await lab.call('job.cancel', { id })).message).toContain('is being cancelled');
  });

  it('of one that has ended is refused, also when AutoGit has not seen its end yet', async () => {
    const { world, lab } = await start({ jobMs: never });
    const id = world.gitlab.addJob();
    await lab.until('it runs', seen(id, 'running'));
    world.gitlab.finish(id);
    await expect(lab.call('job.cancel', { id })).rejects.toMatchObject({ key: 'job.ended' });
    await lab.until('its end is seen', seen(id, 'success'));
    await expect(lab.call('job.cancel', { id })).rejects.toMatchObject({ key: 'job.ended' });
  });
});

describe('job retry', () => {
  it('makes a new job of one that has ended', async () => {
    const { world, lab } = await start({ jobMs: 1_000 });
    const id = world.gitlab.addJob();
    await lab.until('it has ended', seen(id, 'success'));
    expect((await lab.call('job.retry', { id, dryRun: true })).job).toBeNull();
    const { job, message } = await lab.call('job.retry', { id });
    expect(message).toBe(`Job ${id} runs again as job ${job}.`);
    await lab.until('the new one is seen', ({ jobs }) => jobs.some((one) => one.id === job));
  });

  it('of one that waits is refused', async () => {
    const { world, lab } = await start();
    const id = world.gitlab.addJob({ tags: ['nowhere'] });
    await lab.until('the job is seen', seen(id, 'pending'));
    await expect(lab.call('job.retry', { id })).rejects.toMatchObject({ key: 'job.not-ended' });
  });

  it('that GitLab refuses says so', async () => {
    const { world, lab } = await start({ jobMs: 1_000 });
    const id = world.gitlab.addJob();
    await lab.until('it has ended', seen(id, 'success'));
    world.gitlab.change(id, { status: 'skipped' });
    await expect(lab.call('job.retry', { id })).rejects.toMatchObject({ key: 'gitlab.job-refused' });
  });
});
