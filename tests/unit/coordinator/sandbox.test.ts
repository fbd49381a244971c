// The sandbox's life, as a person commands it, on fakes.
import { afterEach, describe, expect, it } from 'vitest';
import { settingsSchema } from '../../../main/model/settings.ts';
import { closeLab, createWorld, openLab, sandboxImage } from '../../fakes/fake-lab.ts';
import type { OpenLab, World } from '../../fakes/fake-lab.ts';

const minute = 60_000;
const open: [World, OpenLab][] = [];
afterEach(async () => {
  for (const [world, lab] of open.splice(0)) {
    await closeLab(world, lab);
    world.store.close();
  }
});

async function begin(kind: 'none' | 'sandbox' | 'server' = 'none'): Promise<{ world: World; lab: OpenLab }> {
  const url = 'http://gitlab.test';
  const gitlab = settingsSchema.shape.gitlab.parse(kind === 'server' ? { kind, url } : { kind });
  const world = createWorld({ gitlab, pools: [{ name: 'default', tags: ['docker'], idleTime: 5 }] });
  const lab = await openLab(world);
  open.push([world, lab]);
  return { world, lab };
}

/** The answer of a command, for which time goes on. */
async function timed<T>(world: World, work: Promise<T>): Promise<T> {
  let done = false;
  const watched = work.finally(() => (done = true));
  watched.catch(() => undefined);
  await world.clock.until(() => done, 5 * minute);
  return watched;
}

async function objects(world: World): Promise<readonly number[]> {
  const { engine } = world;
  const all = await Promise.all([engine.listContainers({}), engine.listNetworks({}), engine.listVolumes({})]);
  return all.map(({ length }) => length);
}

describe('the sandbox', () => {
  it('is started with all that it needs, and serves', async () => {
    const { world, lab } = await begin();
    const started = await timed(world, lab.call('sandbox.start', { dryRun: false, runner: 'sandbox' }));
    expect(started.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await objects(world)).toEqual([1, 1, 1]);
    expect(await world.engine.hasImage(sandboxImage)).toBe(true);
    expect(await lab.call('sandbox.status', {})).toMatchObject({ state: 'running', url: started.url });
    expect(await lab.call('sandbox.access', {})).toMatchObject({ username: 'root', url: started.url });
    const job = world.gitlab.addJob();
    await lab.until('the job runs', () => world.gitlab.statusOf(job) === 'running');
  });

  it('gets demo projects by a push', async () => {
    const { world, lab } = await begin('sandbox');
    await lab.until('it serves', ({ gitlab }) => gitlab.state === 'ready');
    const seeded = await lab.call('sandbox.seed', { dryRun: false, jobs: 6 });
    expect(world.pushed).toEqual([expect.stringContaining(`${seeded.project?.path ?? '?'}.git`)]);
    await lab.call('sandbox.seed', { dryRun: true, jobs: 6 });
    expect(world.pushed).toHaveLength(1);
  });

  it('is stopped with its data kept, and started again', async () => {
    const { world, lab } = await begin('sandbox');
    await lab.until('it serves', ({ gitlab }) => gitlab.state === 'ready');
    await timed(world, lab.call('sandbox.stop', { dryRun: false }));
    await world.clock.advance(minute);
    expect(await objects(world)).toEqual([0, 0, 1]);
    expect(await lab.call('sandbox.status', {})).toMatchObject({ state: 'stopped', url: null });
    await timed(world, lab.call('sandbox.start', { dryRun: false, runner: 'sandbox' }));
    expect(await objects(world)).toEqual([1, 1, 1]);
  });

  it('is reset once its runners have left, and leaves nothing, now or after a restart', async () => {
    const { world, lab } = await begin('sandbox');
    await lab.until('it serves', ({ pools }) => pools[0]?.ready === true);
    const job = world.gitlab.addJob();
    await lab.until('the job runs', () => world.gitlab.statusOf(job) === 'running');
    const reset = await timed(world, lab.call('sandbox.reset', { dryRun: false }));
    expect(reset.message).toBe('The sandbox and its data are gone.');
    expect(world.gitlab.statusOf(job)).toBe('success');
    expect(await objects(world)).toEqual([0, 0, 0]);
    await world.clock.advance(10 * minute);
    expect(await objects(world)).toEqual([0, 0, 0]);
    expect([world.store.openRequests(), world.store.entries(), world.store.jobs(9)]).toEqual([[], [], []]);
    await closeLab(world, lab);
    const next = await openLab(world);
    open.splice(0, 1, [world, next]);
    await world.clock.advance(minute);
    expect(await objects(world)).toEqual([0, 0, 0]);
    expect(next.snapshot()).toMatchObject({ mode: 'serve', gitlab: { kind: 'none' } });
  });

  it.each(['sandbox.start', 'sandbox.stop', 'sandbox.reset'] as const)(
    '%s as a dry run does nothing',
    async (name) => {
      const { world, lab } = await begin(name === 'sandbox.start' ? 'none' : 'sandbox');
      await world.clock.advance(10_000);
      const before = [await objects(world), await world.settings.read(), lab.snapshot().gitlab.state];
      const input =
        name === 'sandbox.start' ? { dryRun: true, runner: 'sandbox' as const } : { dryRun: true };
      const outcome = await lab.call(name, input);
      expect(outcome.dryRun).toBe(true);
      expect(outcome.actions).not.toEqual([]);
      await world.clock.advance(minute);
      expect([await objects(world), await world.settings.read(), lab.snapshot().gitlab.state]).toEqual(
        before,
      );
      expect(world.store.openRequests()).toEqual([]);
    },
  );

  it('never stands in for a real GitLab', async () => {
    const { lab } = await begin('server');
    const refused = lab.call('sandbox.start', { dryRun: false, runner: 'sandbox' });
    await expect(refused).rejects.toMatchObject({ key: 'sandbox.home-in-use' });
    await expect(lab.call('sandbox.seed', { dryRun: false, jobs: 1 })).rejects.toMatchObject({
      key: 'sandbox.not-running',
    });
  });

  it('that ends by itself is started again, with its data', async () => {
    const { world, lab } = await begin('sandbox');
    await lab.until('it serves', ({ gitlab }) => gitlab.state === 'ready');
    const [sandbox] = await world.engine.listContainers({});
    world.engine.exit(sandbox?.name ?? '', 1);
    await lab.until('it is seen', ({ gitlab }) => gitlab.url === null);
    await lab.until('it serves again', ({ gitlab }) => gitlab.state === 'ready');
    expect(await objects(world)).toEqual([1, 1, 1]);
  });
});

describe('commands', () => {
  it('are audited with what became of them', async () => {
    const { world, lab } = await begin('server');
    await lab.call('queue.refresh', { dryRun: true });
    await lab.call('sandbox.start', { dryRun: false, runner: 'sandbox' }).catch(() => undefined);
    await lab.call('status.show', {});
    const audited = world.store.auditLog(9).map(({ door, request, outcome }) => [door, request, outcome]);
    expect(audited.sort()).toEqual([
      ['cli', 'queue.refresh', 'done'],
      ['cli', 'sandbox.start', 'sandbox.home-in-use'],
    ]);
  });

  it('with wrong input are refused by name', async () => {
    const { lab } = await begin('server');
    const refused = lab.call('job.list', { limit: -1 });
    await expect(refused).rejects.toMatchObject({ key: 'request.invalid' });
    await expect(refused).rejects.toThrow('limit');
  });
});
