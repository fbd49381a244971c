// Which engine is used, how it is changed while AutoGit runs, and what becomes of the former one.
import { afterEach, describe, expect, it } from 'vitest';
import type { Snapshot } from '../../../main/contract/snapshot.ts';
import { settingsSchema } from '../../../main/model/settings.ts';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World, WorldOptions } from '../../fakes/fake-lab.ts';
import type { FakeEngine } from '../../fakes/fake-engine.ts';

const second = 1_000;
const minute = 60 * second;
const open: [World, OpenLab][] = [];
afterEach(async () => {
  for (const [world, lab] of open.splice(0)) {
    await closeLab(world, lab);
    world.store.close();
  }
});

async function start(world: World): Promise<OpenLab> {
  const lab = await openLab(world);
  open.push([world, lab]);
  return lab;
}
async function restart(world: World): Promise<OpenLab> {
  const [last] = open.splice(0);
  if (last !== undefined) await closeLab(...last);
  return start(world);
}

interface TwoEngines {
  readonly world: World;
  readonly other: FakeEngine;
}

/** The engine that a world has, and another one that ranks below it. */
function twoEngines(options: WorldOptions = {}): TwoEngines {
  const world = createWorld(options);
  const other = world.makeEngine({ host: 'fake://other' });
  world.engines.add(other, 'podman');
  return { world, other };
}

/** The answer of a command, for which time goes on. */
async function timed<T>(world: World, work: Promise<T>): Promise<T> {
  let done = false;
  const watched = work.finally(() => (done = true));
  watched.catch(() => undefined);
  await world.clock.until(() => done, 5 * minute);
  return watched;
}
const use = (world: World, lab: OpenLab, address: string) =>
  timed(world, lab.call('engine.use', { address, dryRun: false }));

const hostOf = ({ nodes }: Snapshot): string | null => nodes[0]?.engine.host ?? null;
const keys = ({ issues }: Snapshot): readonly string[] => issues.map(({ key }) => key);
const changes = ({ calls }: FakeEngine): readonly string[] =>
  calls.map(({ method }) => method).filter((method) => !/^(info|list|has|inspect|watch)/.test(method));
const sandbox = settingsSchema.shape.gitlab.parse({ kind: 'sandbox' });
const isReady = ({ gitlab }: Snapshot): boolean => gitlab.state === 'ready';
const isBusy = ({ runners }: Snapshot): boolean => runners[0]?.state === 'busy';

describe('the engine in use', () => {
  it('is the first that answers, and stays when a better one comes up', async () => {
    const { world } = twoEngines();
    world.engine.setAway(true);
    const lab = await start(world);
    expect(hostOf(lab.snapshot())).toBe('fake://other');
    world.engine.setAway(false);
    await world.clock.advance(5 * minute);
    expect(hostOf(lab.snapshot())).toBe('fake://other');
  });

  it('is looked for until one answers', async () => {
    const { world, other } = twoEngines();
    world.engine.setAway(true);
    other.setAway(true);
    const lab = await start(world);
    expect(lab.snapshot().nodes).toMatchObject([{ engine: { state: 'failed' } }]);
    expect(keys(lab.snapshot())).toContain('engine.unreachable');
    await world.clock.advance(5 * minute);
    other.setAway(false);
    await lab.until('it is taken', (snapshot) => hostOf(snapshot) === 'fake://other', 10 * second);
    await lab.until('nothing is wrong', ({ issues }) => issues.length === 0);
  });

  it('is the one that was named, also while it does not answer', async () => {
    const { world } = twoEngines();
    world.engine.setAway(true);
    world.engines.findAt([
      { host: world.engine.host, kind: 'DOCKER_HOST' },
      { host: 'fake://other', kind: 'docker' },
    ]);
    const lab = await start(world);
    await world.clock.advance(5 * minute);
    expect(lab.snapshot().nodes).toMatchObject([{ engine: { state: 'failed' } }]);
    world.engine.setAway(false);
    await lab.until('it is back', (snapshot) => hostOf(snapshot) === world.engine.host);
  });

  it('is never one of those that are only listed', async () => {
    const world = createWorld();
    world.engines.findAt([{ host: world.engine.host, kind: 'other-context' }]);
    const lab = await start(world);
    await world.clock.advance(minute);
    expect(lab.snapshot().nodes).toEqual([]);
    expect(changes(world.engine)).toEqual([]);
    const shown = lab.call('engine.show', {});
    await expect(shown).rejects.toMatchObject({ key: 'engine.not-found' });
  });

  it('is the same node when it has been away, with all its runners', async () => {
    const { world } = twoEngines({ jobMs: 10 * minute });
    const lab = await start(world);
    world.gitlab.addJob();
    await lab.until('the runner is busy', isBusy);
    const before = lab.snapshot();
    world.engine.setAway(true);
    await lab.until('it is seen', ({ nodes }) => nodes[0]?.engine.state === 'stale');
    await world.clock.advance(5 * minute);
    world.engine.setAway(false);
    await lab.until('it is back', ({ nodes }) => nodes[0]?.engine.state === 'fresh');
    expect(lab.snapshot().nodes[0]?.id).toBe(before.nodes[0]?.id);
    expect(lab.snapshot()).toMatchObject({ runners: before.runners, totals: before.totals });
  });

  it('that is too old is stated, and gets nothing to do', async () => {
    const world = createWorld();
    const old = world.makeEngine({ host: 'fake://old', info: { version: '19.03.9', apiVersion: '1.40' } });
    world.engines.add(old, 'podman');
    world.engines.findAt([{ host: old.host, kind: 'DOCKER_HOST' }]);
    const lab = await start(world);
    world.gitlab.addJob();
    await world.clock.advance(minute);
    expect(changes(old)).toEqual([]);
    expect(keys(lab.snapshot())).toContain('engine.too-old');
    const used = lab.call('engine.use', { address: old.host, dryRun: false });
    await expect(used).rejects.toMatchObject({ key: 'engine.too-old' });
  });

  it('states what it cannot do, without trouble in the sentence', async () => {
    const world = createWorld();
    const rootless = world.makeEngine({
      host: 'fake://rootless',
      info: { rootless: true, pause: false, lowestPort: 1024 },
    });
    world.engines.add(rootless, 'rootless-docker');
    world.engines.findAt([{ host: rootless.host, kind: 'rootless-docker' }]);
    const lab = await start(world);
    await lab.until('GitLab answers', isReady);
    expect(keys(lab.snapshot())).toEqual(['engine.low-ports', 'engine.no-pause']);
    expect(lab.snapshot().sentence).toBe('0 jobs running, 0 waiting, no runners.');
  });
});

describe('another engine', () => {
  it('is used from the command on; runners of the former are reported, counted, and served again on return', async () => {
    const pools = [{ name: 'default', tags: ['docker'], max: 1 }];
    const { world, other } = twoEngines({ pools, jobMs: 10 * minute });
    const lab = await start(world);
    world.gitlab.addJob();
    await lab.until('the runner is busy', isBusy);
    const [runner] = lab.snapshot().runners;
    const used = await use(world, lab, other.host);
    expect(used.message).toBe('AutoGit uses Docker 28.2.2 at fake://other.');
    expect(used.next).toContain('1 runner is on another container engine, fake://engine');
    await lab.until('it is asked whether it answers', ({ issues }) =>
      issues.some(({ message }) => message.includes('which answers')),
    );
    expect(hostOf(lab.snapshot())).toBe(other.host);
    expect(lab.snapshot().runners).toMatchObject([{ id: runner?.id, state: 'lost', node: runner?.node }]);
    world.gitlab.addJob();
    await world.clock.advance(2 * minute);
    // The pool may have one runner, and has it on the other engine.
    expect(changes(other).filter((method) => method === 'createContainer')).toEqual([]);
    world.engine.setAway(true);
    await lab.until('it is told that it is away', ({ issues }) =>
      issues.some(({ message }) => message.includes('which does not answer')),
    );
    world.engine.setAway(false);
    await use(world, lab, 'fake://engine');
    await lab.until('the runner is back', isBusy);
    expect(lab.snapshot()).toMatchObject({ runners: [{ id: runner?.id, node: runner?.node }], issues: [] });
    expect(lab.snapshot().totals).toEqual({ runnersCreated: 1, runnersRemoved: 0 });
  });

  it('is taken up from the settings file, and a broken file changes nothing', async () => {
    const { world, other } = twoEngines();
    const lab = await start(world);
    await world.settings.write(JSON.stringify({ version: 1, engine: { host: other.host } }));
    await lab.until('it is used', (snapshot) => hostOf(snapshot) === other.host, 10 * second);
    await world.settings.write('pools: [ {{{');
    await lab.until('it is told', (snapshot) => keys(snapshot).includes('settings.broken'), 10 * second);
    await world.clock.advance(5 * minute);
    expect(hostOf(lab.snapshot())).toBe(other.host);
  });

  it('is chosen anew with auto', async () => {
    const { world, other } = twoEngines();
    const lab = await start(world);
    await use(world, lab, other.host);
    expect(await world.settings.read()).toContain('fake://other');
    const back = await use(world, lab, 'auto');
    expect(back.message).toContain('fake://engine');
    expect(await world.settings.read()).not.toContain('fake://other');
  });

  it('is only spoken of in a dry run, and refused when it does not answer', async () => {
    const { world, other } = twoEngines();
    const lab = await start(world);
    const before = await world.settings.read();
    const dry = await lab.call('engine.use', { address: other.host, dryRun: true });
    expect([dry.dryRun, dry.message]).toEqual([true, expect.stringContaining('would use Docker 28.2.2')]);
    other.setAway(true);
    for (const address of [other.host, 'fake://nowhere']) {
      const refused = lab.call('engine.use', { address, dryRun: false });
      await expect(refused).rejects.toMatchObject({ key: 'engine.unreachable' });
    }
    await world.clock.advance(minute);
    expect([await world.settings.read(), hostOf(lab.snapshot())]).toEqual([before, 'fake://engine']);
  });
});

describe('a sandbox on another engine', () => {
  async function moved(): Promise<TwoEngines & { readonly lab: OpenLab }> {
    const { world, other } = twoEngines({ gitlab: sandbox });
    const lab = await start(world);
    await lab.until('it serves', isReady);
    const used = await use(world, lab, other.host);
    expect(used.next).toContain('The sandbox of this home');
    return { world, other, lab };
  }

  it('gets no second one beside it, and says where it is', async () => {
    const { world, other, lab } = await moved();
    await world.clock.advance(10 * minute);
    expect(changes(other)).toEqual([]);
    expect(lab.snapshot()).toMatchObject({
      gitlab: { state: 'failed', url: null, problem: { key: 'sandbox.elsewhere' } },
      issues: [{ key: 'sandbox.elsewhere' }],
    });
    expect(lab.snapshot().issues[0]?.message).toContain('fake://engine');
    for (const name of ['sandbox.start', 'sandbox.stop', 'sandbox.reset'] as const) {
      const input =
        name === 'sandbox.start' ? { runner: 'sandbox' as const, dryRun: false } : { dryRun: false };
      await expect(lab.call(name, input)).rejects.toMatchObject({ key: 'sandbox.elsewhere' });
    }
    expect(world.store.openRequests()).toEqual([]);
    await use(world, lab, world.engine.host);
    await lab.until('it serves again', isReady);
    expect(keys(lab.snapshot())).toEqual([]);
  });

  it('is remembered at the next start, also when the other engine is the only one', async () => {
    const { world, other } = await moved();
    world.engines.findAt([{ host: other.host, kind: 'DOCKER_HOST' }]);
    await world.configure({ gitlab: sandbox });
    const next = await restart(world);
    await world.clock.advance(minute);
    expect(changes(other)).toEqual([]);
    expect(keys(next.snapshot())).toEqual(['sandbox.elsewhere']);
  });

  it('is forgotten once it was reset where it is', async () => {
    const { world, other, lab } = await moved();
    await use(world, lab, world.engine.host);
    await lab.until('it serves again', isReady);
    await timed(world, lab.call('sandbox.reset', { dryRun: false }));
    await use(world, lab, other.host);
    await timed(world, lab.call('sandbox.start', { runner: 'sandbox', dryRun: false }));
    expect(lab.snapshot().gitlab.state).toBe('ready');
    expect(changes(other)).toContain('createContainer');
  });
});

describe('engine list and show', () => {
  it('have all that was found, and none of the places where nothing is', async () => {
    const { world, other } = twoEngines();
    world.engines.findAt([
      { host: world.engine.host, kind: 'context' },
      { host: 'fake://none', kind: 'rootless-docker' },
      { host: other.host, kind: 'podman' },
      { host: world.engine.host, kind: 'docker' },
      { host: 'fake://gone', kind: 'other-context' },
    ]);
    const lab = await start(world);
    const rows = await lab.call('engine.list', {});
    expect(rows.map(({ address, inUse, state }) => [address, inUse, state])).toEqual([
      ['fake://engine', true, 'ready'],
      ['fake://other', false, 'ready'],
      ['fake://gone', false, 'unreachable'],
    ]);
    expect(rows[0]?.sources.map(({ kind }) => kind)).toEqual(['context', 'docker']);
    expect([rows[0]?.node, rows[1]?.node]).toEqual([lab.snapshot().nodes[0]?.id, null]);
    expect(rows[2]?.problem).toMatchObject({ key: 'engine.unreachable' });
  });

  it('show the one in use by default, and any other with what is wrong with it', async () => {
    const { world } = twoEngines();
    const slow = world.makeEngine({ host: 'fake://slow', info: { storageDriver: 'vfs' } });
    world.engines.add(slow, 'podman');
    const lab = await start(world);
    expect(await lab.call('engine.show', {})).toMatchObject({ address: 'fake://engine', issues: [] });
    expect(await lab.call('engine.show', { address: slow.host })).toMatchObject({
      inUse: false,
      lacks: ['fast-storage'],
      issues: [{ key: 'engine.slow-storage' }],
    });
    const unknown = lab.call('engine.show', { address: 'fake://unknown' });
    await expect(unknown).rejects.toMatchObject({ key: 'engine.not-found' });
  });
});
