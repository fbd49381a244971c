// A sandbox that is killed, whose data is lost or damaged, or whose token is gone: stated at once, with the way out.
import { afterEach, describe, expect, it } from 'vitest';
import { secretName } from '../../../main/apply/context.ts';
import { settingsSchema } from '../../../main/model/settings.ts';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World } from '../../fakes/fake-lab.ts';

const minute = 60_000;
const open: [World, OpenLab][] = [];
afterEach(async () => {
  for (const [world, lab] of open.splice(0)) {
    await closeLab(world, lab);
    world.store.close();
  }
});

async function begin(gitlab: object = { kind: 'sandbox' }): Promise<World> {
  return createWorld({ gitlab: settingsSchema.shape.gitlab.parse(gitlab) });
}

async function start(world: World): Promise<OpenLab> {
  const lab = await openLab(world);
  open.push([world, lab]);
  return lab;
}

/** A sandbox that has served and of which the core has let go. */
async function served(): Promise<World> {
  const world = await begin();
  const lab = await openLab(world);
  await lab.until('it serves', ({ gitlab }) => gitlab.state === 'ready');
  await closeLab(world, lab);
  return world;
}

async function container(world: World): Promise<string> {
  const [found] = await world.engine.listContainers({});
  if (found === undefined) throw new Error('no sandbox');
  return found.name;
}

/** The answer of a command, for which time goes on, and how long that took by the clock. */
async function timed<T>(world: World, work: Promise<T>): Promise<{ value: T; ms: number }> {
  let done = false;
  const begun = world.clock.now();
  const watched = work.finally(() => (done = true));
  watched.catch(() => undefined);
  await world.clock.until(() => done, 5 * minute);
  return { value: await watched, ms: world.clock.now() - begun };
}

describe('a sandbox that is killed', () => {
  it('is started again by itself', async () => {
    const world = await begin();
    const lab = await start(world);
    await lab.until('it serves', ({ gitlab }) => gitlab.state === 'ready');
    const name = await container(world);
    const [before] = await world.engine.listContainers({});
    world.engine.exit(name, 137);
    await lab.until('another container serves', () => lab.snapshot().tasks.length > 0, minute);
    await world.clock.advance(minute);
    const [after] = await world.engine.listContainers({});
    expect(after?.state).toBe('running');
    expect(after?.id).not.toBe(before?.id);
    expect(lab.snapshot().issues).toEqual([]);
  });
});

describe('a sandbox whose data is lost', () => {
  it.each([
    [10, 'sandbox.state-damaged', 'autogit sandbox reset'],
    [11, 'sandbox.state-from-future', 'autogit sandbox reset'],
    [12, 'sandbox.state-unwritable', 'autogit sandbox start'],
    [13, 'sandbox.no-space', 'autogit sandbox start'],
  ])('and ends with %i is %s, and is not started over and over', async (code, key, way) => {
    const world = await served();
    world.engine.exit(await container(world), code);
    const lab = await start(world);
    await lab.until('it is stated', ({ issues }) => issues.some((issue) => issue.key === key));
    const { gitlab, issues, sentence } = lab.snapshot();
    expect(gitlab).toMatchObject({ state: 'failed', problem: { key } });
    expect(issues.find((issue) => issue.key === key)?.next).toContain(way);
    expect(sentence).toContain('The sandbox does not start');
    const [before] = await world.engine.listContainers({});
    await world.clock.advance(5 * minute);
    expect(await world.engine.listContainers({})).toEqual([before]);
    await expect(lab.call('sandbox.start', { dryRun: false, runner: 'sandbox' })).rejects.toMatchObject({
      key,
    });
  });

  it('is begun anew by a reset', async () => {
    const world = await served();
    world.engine.exit(await container(world), 10);
    const lab = await start(world);
    await lab.until('it is stated', ({ issues }) => issues[0]?.key === 'sandbox.state-damaged');
    await timed(world, lab.call('sandbox.reset', { dryRun: false }));
    expect(await world.engine.listVolumes({})).toEqual([]);
    const again = await timed(world, lab.call('sandbox.start', { dryRun: false, runner: 'sandbox' }));
    expect(again.value.url).toContain('http://127.0.0.1:');
    expect(lab.snapshot().issues).toEqual([]);
  });

  it('whatever else it ends with is tried again', async () => {
    const world = await served();
    world.engine.exit(await container(world), 1);
    const lab = await start(world);
    await lab.until('it serves again', ({ gitlab }) => gitlab.state === 'ready');
  });
});

describe('a lost token', () => {
  it('of the sandbox is stated at once, and a reset is the way out', async () => {
    const world = await served();
    await world.secrets.remove(secretName.sandboxRootToken);
    const lab = await start(world);
    const { gitlab, issues } = lab.snapshot();
    expect(issues.map(({ key }) => key)).toEqual(['sandbox.token-lost']);
    expect(gitlab).toMatchObject({ state: 'failed', problem: { key: 'sandbox.token-lost' } });
    const starting = timed(world, lab.call('sandbox.start', { dryRun: false, runner: 'sandbox' }));
    await expect(starting).rejects.toMatchObject({ key: 'sandbox.token-lost' });
    await timed(world, lab.call('sandbox.reset', { dryRun: false }));
    await timed(world, lab.call('sandbox.start', { dryRun: false, runner: 'sandbox' }));
    expect(lab.snapshot().issues).toEqual([]);
    expect(lab.snapshot().gitlab.state).toBe('ready');
  });

  it('of a real GitLab says how to give it', async () => {
    const world = await begin({ kind: 'server', url: 'https://gitlab.home.arpa' });
    await world.secrets.remove(secretName.gitlabToken);
    const lab = await start(world);
    expect(lab.snapshot().gitlab).toMatchObject({
      state: 'failed',
      problem: { key: 'gitlab.token-missing' },
    });
    expect(lab.snapshot().issues[0]?.next).toContain('AUTOGIT_GITLAB_TOKEN');
  });
});
