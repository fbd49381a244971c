// What may go wrong while one engine takes the place of another: questions without an answer, other addresses, old failures.
import { afterEach, describe, expect, it } from 'vitest';
import { AutoGitError } from '../../../main/errors.ts';
import { settingsSchema } from '../../../main/model/settings.ts';
import type { Snapshot } from '../../../main/contract/snapshot.ts';
import type { FakeEngine } from '../../fakes/fake-engine.ts';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World, WorldOptions } from '../../fakes/fake-lab.ts';
import { someRecord } from '../../fakes/world.ts';

const second = 1_000;
const minute = 60 * second;
const sandbox = settingsSchema.shape.gitlab.parse({ kind: 'sandbox' });
let open: [World, OpenLab] | null = null;
afterEach(async () => {
  if (open === null) return;
  await closeLab(...open);
  open[0].store.close();
  open = null;
});

async function start(world: World): Promise<OpenLab> {
  const lab = await openLab(world);
  open = [world, lab];
  return lab;
}

interface Engines {
  readonly world: World;
  readonly other: FakeEngine;
}

/** The engine that a world has, and another one that ranks below it. */
function twoEngines(options: WorldOptions = {}): Engines {
  const world = createWorld(options);
  const other = world.makeEngine({ host: 'fake://other' });
  world.engines.add(other, 'podman');
  return { world, other };
}

const server = settingsSchema.shape.gitlab.parse({ kind: 'server', url: 'http://gitlab.test' });
const name = (world: World, host: string, gitlab: WorldOptions['gitlab'] = sandbox): Promise<void> =>
  world.settings.write(JSON.stringify({ version: 1, engine: { host }, gitlab }));
const hostOf = ({ nodes }: Snapshot): string | null => nodes[0]?.engine.host ?? null;
const made = ({ calls }: FakeEngine): readonly string[] =>
  calls.map(({ method }) => method).filter((method) => method === 'createContainer');
const issueKeys = ({ issues }: Snapshot): readonly string[] => issues.map(({ key }) => key);

describe('a choice that takes long', () => {
  it('is dropped when a person names another engine meanwhile: nothing is begun on the one it finds', async () => {
    const { world, other } = twoEngines({ gitlab: sandbox });
    const third = world.makeEngine({ host: 'fake://third' });
    world.engines.add(third, 'other-context');
    const release = world.engine.hang('info');
    const lab = await start(world);
    await name(world, third.host);
    await lab.until('the named one is used', (snapshot) => hostOf(snapshot) === third.host, 10 * second);
    release();
    await lab.until('it serves', ({ gitlab }) => gitlab.state === 'ready');
    await world.clock.advance(minute);
    expect([made(world.engine), made(other), made(third)]).toEqual([[], [], ['createContainer']]);
    expect(issueKeys(lab.snapshot())).toEqual([]);
  });

  it('is begun anew when other settings change meanwhile, and takes nobody that ranks below', async () => {
    const { world, other } = twoEngines({ gitlab: sandbox });
    const release = world.engine.hang('info');
    const lab = await start(world);
    await world.configure({ gitlab: sandbox, pools: [] });
    await world.clock.advance(10 * second);
    expect(lab.snapshot().nodes).toEqual([]);
    release();
    await lab.until('it serves', ({ gitlab }) => gitlab.state === 'ready');
    expect([hostOf(lab.snapshot()), made(other)]).toEqual([world.engine.host, []]);
  });

  it('does not leave an engine that has come up meanwhile', async () => {
    const { world, other } = twoEngines({ gitlab: sandbox });
    world.engine.setAway(true);
    other.setAway(true);
    const lab = await start(world);
    expect(issueKeys(lab.snapshot())).toContain('engine.unreachable');
    const release = other.hang('info');
    await world.clock.advance(3 * second);
    world.engine.setAway(false);
    other.setAway(false);
    await lab.until('it serves', ({ gitlab }) => gitlab.state === 'ready');
    release();
    await world.clock.advance(minute);
    expect(hostOf(lab.snapshot())).toBe(world.engine.host);
    expect(issueKeys(lab.snapshot())).toEqual([]);
    expect(made(other)).toEqual([]);
  });

  it('is not held up by a former engine that is silent', async () => {
    const { world, other } = twoEngines({ gitlab: sandbox });
    const lab = await start(world);
    await lab.until('it serves', ({ gitlab }) => gitlab.state === 'ready');
    world.engine.hang('info');
    await name(world, other.host);
    await lab.until('the other is used', (snapshot) => hostOf(snapshot) === other.host, 10 * second);
    const third = world.makeEngine({ host: 'fake://third' });
    world.engines.add(third, 'other-context');
    await name(world, third.host);
    await lab.until('the third is used', (snapshot) => hostOf(snapshot) === third.host, 10 * second);
  });
});

describe('a former engine', () => {
  it('that answers and cannot be used now is not called silent', async () => {
    const { world, other } = twoEngines({ gitlab: sandbox });
    const lab = await start(world);
    await lab.until('it serves', ({ gitlab }) => gitlab.state === 'ready');
    await name(world, other.host);
    await lab.until('it is away', (snapshot) => issueKeys(snapshot).includes('sandbox.elsewhere'), minute);
    const denied = new AutoGitError({ key: 'engine.permission', message: 'You may not.', next: 'Ask.' });
    for (let count = 0; count < 50; count += 1) world.engine.failNext('info', denied);
    await world.clock.advance(2 * minute);
    const [issue] = lab.snapshot().issues;
    expect(issue?.key).toBe('sandbox.elsewhere');
    expect(issue?.message).not.toContain('does not answer');
  });
});

describe('the same engine at another address', () => {
  it('is spoken to there: the former address may go', async () => {
    const world = createWorld();
    world.engines.alias('fake://link', world.engine);
    await name(world, 'fake://link', server);
    const lab = await start(world);
    const [before] = lab.snapshot().nodes;
    const connected: string[] = [];
    const connect = world.engines.connect.bind(world.engines);
    Object.assign(world.engines, {
      connect: (host: string) => {
        connected.push(host);
        return connect(host);
      },
    });
    await name(world, world.engine.host, server);
    await world.clock.advance(minute);
    expect(connected).toEqual([world.engine.host]);
    expect(lab.snapshot().nodes).toMatchObject([{ id: before?.id, engine: { state: 'fresh' } }]);
  });

  it('has the runners that this home had there under the first address, also those that have gone', async () => {
    const world = createWorld();
    world.engines.alias('fake://link', world.engine);
    const node = world.store.nodeId('fake://link');
    const gone = someRecord({ id: 'gone', name: 'autogit-runner-default-gone', node, phase: 'started' });
    world.store.insertRunner(gone);
    world.store.setSandboxNode(node);
    const lab = await start(world);
    await lab.until('it is forgotten', ({ runners }) => runners.length === 0);
    expect(issueKeys(lab.snapshot())).toEqual([]);
    expect(world.store.sandboxNode()).toBe(lab.snapshot().nodes[0]?.id);
  });
});

describe('what failed on the former engine', () => {
  it('holds nothing up on the next, and is not said of it', async () => {
    const { world, other } = twoEngines({ gitlab: sandbox });
    const full = new AutoGitError({ key: 'engine.no-space', message: 'The disk is full.', next: 'Free it.' });
    for (let count = 0; count < 50; count += 1) world.engine.failNext('importImage', full);
    const lab = await start(world);
    await lab.until('it has failed', (snapshot) => issueKeys(snapshot).includes('engine.no-space'));
    await world.clock.advance(3 * minute);
    await name(world, other.host);
    await lab.until('the other is used', (snapshot) => hostOf(snapshot) === other.host, 10 * second);
    expect(issueKeys(lab.snapshot())).toEqual([]);
    await lab.until('it serves', ({ gitlab }) => gitlab.state === 'ready', 5 * second);
  });

  it('does not count as failures of the pool on the next', async () => {
    const { world, other } = twoEngines();
    const broken = new AutoGitError({ key: 'engine.refused', message: 'No.', next: 'Look.' });
    for (let count = 0; count < 50; count += 1) world.engine.failNext('createContainer', broken);
    const lab = await start(world);
    const job = world.gitlab.addJob();
    await lab.until('it fails', (snapshot) => issueKeys(snapshot).includes('pool.runners-fail'), 5 * minute);
    await world.clock.advance(3 * minute);
    await name(world, other.host, server);
    await lab.until('the other is used', (snapshot) => hostOf(snapshot) === other.host, 10 * second);
    await lab.until('the job has run', () => world.gitlab.statusOf(job) === 'success', 30 * second);
    expect(issueKeys(lab.snapshot())).toEqual([]);
  });
});

describe('the end of AutoGit', () => {
  it.each(['info', 'listContainers'] as const)(
    'waits for no answer of a silent engine: %s',
    async (method) => {
      const { world } = twoEngines();
      const lab = await start(world);
      const release = world.engine.hang(method);
      await world.clock.advance(20 * second);
      await closeLab(world, lab);
      const before = lab.snapshot();
      const said = lab.logged.length;
      release();
      await world.clock.advance(minute);
      expect([lab.snapshot(), lab.logged.length]).toEqual([before, said]);
    },
  );
});
