// The whole core on fakes and a clock that the test moves: what a person sees happen.
import { afterEach, describe, expect, it } from 'vitest';
import type { Snapshot } from '../../../main/contract/snapshot.ts';
import { label } from '../../../main/model/labels.ts';
import { entryTerms } from '../../../main/model/pool.ts';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World, WorldOptions } from '../../fakes/fake-lab.ts';
import { gitlabFailure } from '../../fakes/fake-gitlab.ts';
import { somePool } from '../../fakes/world.ts';

const second = 1_000;
const minute = 60 * second;
const open: [World, OpenLab][] = [];
afterEach(async () => {
  for (const [world, lab] of open.splice(0)) {
    await closeLab(world, lab);
    world.store.close();
  }
});

async function start(world: World, options: Parameters<typeof openLab>[1] = {}): Promise<OpenLab> {
  const lab = await openLab(world, options);
  open.push([world, lab]);
  return lab;
}
async function begin(options: WorldOptions = {}): Promise<{ readonly world: World; readonly lab: OpenLab }> {
  const world = createWorld(options);
  const lab = await start(world);
  await lab.until('the pools are ready', ({ pools }) => pools.every(({ ready }) => ready));
  return { world, lab };
}
/** Ends one core and starts the next on the same world. */
async function restart(world: World): Promise<OpenLab> {
  const [last] = open.splice(0);
  if (last !== undefined) await closeLab(...last);
  return start(world);
}

const states = ({ runners }: Snapshot): readonly string[] => runners.map(({ state }) => state);
const isIn =
  (...wanted: readonly string[]) =>
  (snapshot: Snapshot): boolean =>
    states(snapshot).join() === wanted.join();
const noRunners = ({ runners }: Snapshot): boolean => runners.length === 0;
const containers = async (world: World): Promise<readonly string[]> =>
  (await world.engine.listContainers({ [label.managed]: 'true' })).map(({ name }) => name);
const changes = (world: World): number =>
  world.engine.calls.filter(({ method }) => !/^(info|list|has|inspect|watch)/.test(method)).length;

describe('the main job', () => {
  it('a job waits, a runner appears, the job runs, the runner idles and goes', async () => {
    const { world, lab } = await begin();
    const job = world.gitlab.addJob();
    await lab.until('the runner is busy', isIn('busy'), 10 * second);
    expect(lab.snapshot().runners[0]?.jobId).toBe(job);
    expect(lab.snapshot().jobs[0]).toMatchObject({ id: job, runner: lab.snapshot().runners[0]?.name });
    await lab.until('the job has ended', ({ jobs }) => jobs[0]?.status === 'success', minute);
    await lab.until('the runner idles', isIn('idle'), 10 * second);
    await lab.until('the runner has gone', noRunners, 6 * minute);
    expect(await containers(world)).toEqual([]);
    expect(lab.snapshot()).toMatchObject({ totals: { runnersCreated: 1, runnersRemoved: 1 }, issues: [] });
    expect(world.gitlab.forgotten).toHaveLength(1);
  });

  it('keeps its promise: five idle minutes, then gone', async () => {
    const { world, lab } = await begin();
    const job = world.gitlab.addJob();
    await lab.until('the job has ended', () => world.gitlab.statusOf(job) === 'success', minute);
    const idleSince = world.clock.now();
    await lab.until('the runner has gone', noRunners, 10 * minute);
    const idled = world.clock.now() - idleSince;
    expect(idled).toBeGreaterThanOrEqual(300 * second);
    expect(idled).toBeLessThan(310 * second);
  });

  it('every job once, however many, with no more runners than the pool may have', async () => {
    const { world, lab } = await begin({
      pools: [{ name: 'default', tags: ['docker'], max: 3, idleTime: 5 }],
    });
    const jobs = Array.from({ length: 20 }, () => world.gitlab.addJob());
    let most = 0;
    await lab.until(
      'all have ended and all runners have gone',
      (snapshot) => {
        most = Math.max(most, snapshot.runners.length);
        return noRunners(snapshot) && jobs.every((id) => world.gitlab.statusOf(id) === 'success');
      },
      10 * minute,
    );
    expect([...world.taken].sort((a, b) => a - b)).toEqual(jobs);
    expect(most).toBe(3);
  });

  it('tells it as events', async () => {
    const { world, lab } = await begin({ pools: [{ name: 'default', tags: ['docker'], idleTime: 5 }] });
    const job = world.gitlab.addJob();
    await lab.until(
      'it is over',
      ({ jobs, runners }) => jobs[0]?.status === 'success' && runners.length === 0,
    );
    const kinds = lab.lab.live.events(100).map(({ kind }) => kind);
    const story = [
      'job.waiting',
      'runner.starting',
      'runner.idle',
      'job.running',
      'runner.busy',
      'job.success',
    ];
    for (const kind of [...story, 'runner.gone']) expect(kinds).toContain(kind);
    expect(kinds.indexOf('job.waiting')).toBeLessThan(kinds.indexOf('runner.starting'));
    expect(lab.lab.live.events(100).find(({ kind }) => kind === 'job.success')?.subject).toBe(`job ${job}`);
  });

  it('versions grow by one with every change, and only then', async () => {
    const { world, lab } = await begin({ pools: [{ name: 'default', tags: ['docker'], idleTime: 5 }] });
    const stop = new AbortController();
    const versions: number[] = [];
    const following = (async () => {
      for await (const { version } of lab.lab.live.follow(stop.signal)) versions.push(version);
    })();
    world.gitlab.addJob();
    await lab.until(
      'it is over',
      ({ jobs, runners }) => jobs[0]?.status === 'success' && runners.length === 0,
    );
    const last = lab.snapshot().version;
    await world.clock.advance(minute);
    expect(lab.snapshot().jobs).toHaveLength(1);
    stop.abort();
    await following;
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    expect(new Set(versions).size).toBe(versions.length);
    expect(versions.at(-1)).toBeGreaterThanOrEqual(last);
    expect(lab.snapshot().version - last).toBeLessThan(30);
  });

  it('a runner that dies is cleared away, and the next job gets another', async () => {
    const { world, lab } = await begin();
    world.gitlab.addJob();
    await lab.until('the runner is busy', isIn('busy'));
    world.kill(lab.snapshot().runners[0]?.name ?? '');
    await lab.until('it is cleared away', noRunners);
    expect(world.store.goneRunners('default', 1)[0]?.failure).toBe(
      'it ended with code 137: Runtime platform',
    );
    const next = world.gitlab.addJob();
    await lab.until('the next job runs', () => world.gitlab.statusOf(next) === 'running');
  });
});

describe('drain, resume and teardown', () => {
  it('a drain lets jobs finish and idle runners go, and starts nothing until it is taken back', async () => {
    const pools = ['docker', 'other'].map((name) => ({ name, tags: [name], runUntagged: false }));
    const { world, lab } = await begin({ pools, jobMs: 30 * second });
    const first = world.gitlab.addJob();
    await lab.until('the runner is busy', isIn('busy'));
    const draining = lab.call('lab.drain', { dryRun: false });
    const waiting = world.gitlab.addJob({ tags: ['other'] });
    await lab.until('every runner has left', noRunners, 2 * minute);
    expect(await draining).toMatchObject({ dryRun: false, message: 'Every runner has left.' });
    expect(world.gitlab.statusOf(first)).toBe('success');
    await world.clock.advance(10 * minute);
    expect(world.gitlab.statusOf(waiting)).toBe('pending');
    expect(lab.snapshot()).toMatchObject({ mode: 'drain', runners: [] });
    await lab.call('lab.resume', { dryRun: false });
    await lab.until('the waiting job runs', () => world.gitlab.statusOf(waiting) === 'running');
  });

  it('a drain that takes longer than a person waits says what is left', async () => {
    const { world, lab } = await begin({ jobMs: 10 * minute });
    world.gitlab.addJob();
    await lab.until('the runner is busy', isIn('busy'));
    const draining = lab.call('lab.drain', { dryRun: false });
    await world.clock.advance(121 * second);
    expect((await draining).message).toBe('1 runners still finish their jobs; no new ones start.');
  });

  it('a teardown removes all that is ours, and leaves what is not', async () => {
    const { world, lab } = await begin();
    await world.engine.createNetwork('mine', {});
    await world.gitlab.createEntry({ ...entryTerms(somePool()), description: 'a runner of somebody else' });
    world.gitlab.addJob();
    await lab.until('the runner is busy', isIn('busy'));
    const tearing = lab.call('lab.teardown', { dryRun: false });
    await lab.until(
      'nothing is left',
      ({ pools, runners }) => !runners.length && pools.every(({ ready }) => !ready),
    );
    await tearing;
    await world.clock.advance(minute);
    expect(await lab.call('lab.objects', {})).toEqual({ containers: [], networks: [], volumes: [] });
    expect((await world.engine.listNetworks({})).map(({ name }) => name)).toEqual(['mine']);
    expect(world.gitlab.entries().map(({ description }) => description)).toEqual([
      'a runner of somebody else',
    ]);
  });

  it('requests hold over a restart', async () => {
    const { world, lab } = await begin();
    await Promise.all([lab.call('lab.drain', { dryRun: false }), world.clock.advance(second)]);
    const job = world.gitlab.addJob();
    const next = await restart(world);
    await world.clock.advance(5 * minute);
    expect(next.snapshot().mode).toBe('drain');
    expect(world.gitlab.statusOf(job)).toBe('pending');
    await next.call('lab.resume', { dryRun: false });
    await next.until('the job runs', () => world.gitlab.statusOf(job) === 'running');
  });

  it('a dry run tells what would be done, and does nothing', async () => {
    const { world, lab } = await begin();
    const job = world.gitlab.addJob();
    await lab.until('the runner idles', () => world.gitlab.statusOf(job) === 'success');
    await lab.until('the runner idles', isIn('idle'));
    const before = [changes(world), JSON.stringify(world.store.openRequests()), await world.settings.read()];
    const drain = await lab.call('lab.drain', { dryRun: true });
    expect(drain).toMatchObject({ dryRun: true, actions: [{ kind: 'stop-runner' }] });
    const teardown = await lab.call('lab.teardown', { dryRun: true });
    expect(teardown.actions.map(({ kind }) => kind)).toContain('stop-runner');
    await lab.call('lab.resume', { dryRun: true });
    await lab.call('queue.refresh', { dryRun: true });
    await world.clock.advance(minute);
    expect([changes(world), JSON.stringify(world.store.openRequests()), await world.settings.read()]).toEqual(
      before,
    );
    expect(lab.snapshot()).toMatchObject({ mode: 'serve', runners: [{ state: 'idle' }] });
  });
});

describe('settings', () => {
  it('a changed pool replaces idle runners and leaves busy ones to their job', async () => {
    const pool = { name: 'default', tags: ['docker'] };
    const { world, lab } = await begin({ pools: [pool], jobMs: minute });
    const [short, long] = [world.gitlab.addJob(), world.gitlab.addJob()];
    await lab.until('both run', isIn('busy', 'busy'));
    await lab.until(
      'both have ended',
      () => [short, long].every((id) => world.gitlab.statusOf(id) === 'success'),
      2 * minute,
    );
    const again = world.gitlab.addJob();
    await lab.until('one runs again', (snapshot) => [...states(snapshot)].sort().join() === 'busy,idle');
    await world.configure({ pools: [{ ...pool, memoryMiB: 512 }] });
    await lab.until('the idle one has left', isIn('busy'), 30 * second);
    expect(world.gitlab.statusOf(again)).toBe('running');
    await lab.until('the busy one has left after its job', noRunners, 2 * minute);
    expect(world.gitlab.statusOf(again)).toBe('success');
  });

  it('a broken file changes nothing and is told; a good one is taken up again', async () => {
    const { world, lab } = await begin();
    const job = world.gitlab.addJob();
    await lab.until('the job has ended', () => world.gitlab.statusOf(job) === 'success');
    await lab.until('the runner idles', isIn('idle'));
    await world.settings.write('pools: [ {{{');
    await lab.until(
      'it is told',
      ({ issues }) => issues.some(({ key }) => key === 'settings.broken'),
      10 * second,
    );
    const before = changes(world);
    world.gitlab.addJob();
    await world.clock.advance(minute);
    expect(changes(world)).toBe(before);
    await world.configure({});
    await lab.until('all is well', ({ issues }) => issues.length === 0, 10 * second);
    const next = world.gitlab.addJob();
    await lab.until('it serves again', () => world.gitlab.statusOf(next) === 'success', minute);
  });

  it('a pool that is taken out loses its runners and its entry, once they are idle', async () => {
    const { world, lab } = await begin({
      pools: [
        { name: 'a', tags: ['docker'] },
        { name: 'b', tags: ['x'] },
      ],
    });
    const job = world.gitlab.addJob();
    await lab.until('the runner is busy', isIn('busy'));
    await world.configure({ pools: [{ name: 'b', tags: ['x'] }] });
    await world.clock.advance(6 * second);
    expect(states(lab.snapshot())).toEqual(['busy']);
    await lab.until('it has left', noRunners, minute);
    expect(world.gitlab.statusOf(job)).toBe('success');
    await lab.until('its entry too', () => world.gitlab.entries().length === 1, 6 * minute);
  });

  it('changed tags go to GitLab', async () => {
    const { world, lab } = await begin();
    await world.configure({ pools: [{ name: 'default', tags: ['docker', 'new'] }] });
    await lab.until(
      'GitLab knows',
      () => world.gitlab.entries()[0]?.tags.join() === 'docker,new',
      10 * second,
    );
    expect(world.gitlab.entries()).toHaveLength(1);
  });
});

describe('when something is gone for a while', () => {
  it('GitLab: nothing is removed, and jobs are served when it is back', async () => {
    const { world, lab } = await begin({ jobMs: 20 * minute });
    const job = world.gitlab.addJob();
    await lab.until('the runner is busy', isIn('busy'));
    world.gitlab.fail(gitlabFailure('gitlab.unreachable'));
    await world.clock.advance(15 * minute);
    expect(lab.snapshot()).toMatchObject({
      runners: [{ state: 'busy', jobId: job }],
      gitlab: { state: 'stale', problem: { key: 'gitlab.unreachable' } },
      pools: [{ ready: true }],
    });
    expect(lab.snapshot().issues.map(({ key }) => key)).toEqual(['gitlab.unreachable']);
    expect(world.engine.calls.some(({ method }) => /^(remove|stop|signal)/.test(method))).toBe(false);
    world.gitlab.fail(null);
    await lab.until('the job has ended', () => world.gitlab.statusOf(job) === 'success', 10 * minute);
    await lab.until('all is well', ({ issues }) => issues.length === 0);
    expect(world.gitlab.entries()).toHaveLength(1);
  });

  it('the engine: runners are not forgotten, and nothing is started', async () => {
    const { world, lab } = await begin({ jobMs: 10 * minute });
    world.gitlab.addJob();
    await lab.until('the runner is busy', isIn('busy'));
    const gone = gitlabFailure('engine.unreachable');
    for (let index = 0; index < 200; index += 1) world.engine.failNext('listContainers', gone);
    await lab.until('it is seen', ({ nodes }) => nodes[0]?.engine.state === 'stale');
    world.gitlab.addJob();
    await world.clock.advance(5 * minute);
    expect(lab.snapshot()).toMatchObject({
      nodes: [{ engine: { state: 'stale' } }],
      runners: [{ state: 'busy' }],
    });
    await lab.until('both run', isIn('busy', 'busy'), 10 * minute);
  });
});

describe('observing only', () => {
  it('a core that may not act sees everything and changes nothing', async () => {
    const world = createWorld();
    const job = world.gitlab.addJob();
    const lab = await start(world, { act: false });
    await world.clock.advance(10 * minute);
    expect(changes(world)).toBe(0);
    expect(world.gitlab.entries()).toEqual([]);
    expect(lab.snapshot().jobs).toMatchObject([{ id: job, status: 'pending' }]);
  });
});
