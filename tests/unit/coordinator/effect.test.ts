// What a command answers when its effect does not come.
import { afterEach, describe, expect, it } from 'vitest';
import { settingsSchema } from '../../../main/model/settings.ts';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World } from '../../fakes/fake-lab.ts';
import { gitlabFailure } from '../../fakes/fake-gitlab.ts';

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

/** A lab that serves, with one job on a runner when asked for. */
async function begin(kind: 'server' | 'sandbox'): Promise<{ world: World; lab: OpenLab }> {
  const gitlab = kind === 'server' ? { kind, url: 'http://gitlab.test' } : { kind };
  const world = createWorld({ gitlab: settingsSchema.shape.gitlab.parse(gitlab) });
  const lab = await start(world);
  await lab.until('the pools are ready', ({ pools }) => pools.every(({ ready }) => ready));
  return { world, lab };
}

/** The answer of a command, for which time goes on. */
async function timed<T>(world: World, work: Promise<T>): Promise<T> {
  let done = false;
  const watched = work.finally(() => (done = true));
  watched.catch(() => undefined);
  await world.clock.until(() => done, 300_000);
  return watched;
}

describe('what does not come about', () => {
  it('a teardown without GitLab names the entries that are left, and why', async () => {
    const { world, lab } = await begin('server');
    world.gitlab.fail(gitlabFailure('gitlab.unreachable'));
    const tearing = timed(world, lab.call('lab.teardown', { dryRun: false }));
    await expect(tearing).rejects.toMatchObject({ key: 'lab.not-yet', retry: true });
    await expect(tearing).rejects.toThrow('the runner entry of pool default at GitLab');
    await expect(tearing).rejects.toThrow('gitlab.unreachable');
  });

  it('a sandbox that cannot be stopped is not said to be', async () => {
    const { world, lab } = await begin('sandbox');
    const broken = gitlabFailure('engine.refused');
    for (let index = 0; index < 200; index += 1) {
      world.engine.failNext('stopContainer', broken);
      world.engine.failNext('removeContainer', broken);
    }
    const stopping = timed(world, lab.call('sandbox.stop', { dryRun: false }));
    await expect(stopping).rejects.toMatchObject({ key: 'lab.not-yet' });
    await expect(stopping).rejects.toThrow('not stopped');
  });

  it.each(['lab.drain', 'lab.teardown', 'sandbox.reset', 'sandbox.stop'] as const)(
    '%s under settings that cannot be used says so at once, and asks for nothing',
    async (name) => {
      const { world, lab } = await begin('sandbox');
      await world.settings.write('pools: [ {{{');
      await lab.until('it is told', ({ issues }) => issues.some(({ key }) => key === 'settings.broken'));
      await expect(lab.call(name, { dryRun: false })).rejects.toMatchObject({ key: 'settings.broken' });
      expect(world.store.openRequests()).toEqual([]);
    },
  );
});

describe('an engine that did not answer', () => {
  it('before the command is not held against it when it answers now', async () => {
    const world = createWorld({ gitlab: { kind: 'none' } });
    const down = gitlabFailure('engine.unreachable');
    let isDown = true;
    const { engine } = world;
    const { info } = engine;
    engine.info = () => (isDown ? Promise.reject(down) : info.call(engine));
    const lab = await start(world);
    expect(lab.snapshot().nodes[0]?.engine.state).toBe('failed');
    isDown = false;
    const started = timed(world, lab.call('sandbox.start', { dryRun: false, runner: 'sandbox' }));
    expect((await started).url).toMatch(/^http/);
  });

  it('and does not now ends the wait', async () => {
    const world = createWorld({ gitlab: { kind: 'none' } });
    world.engine.info = () => Promise.reject(gitlabFailure('engine.unreachable'));
    const lab = await start(world);
    const before = world.clock.now();
    const started = timed(world, lab.call('sandbox.start', { dryRun: false, runner: 'sandbox' }));
    await expect(started).rejects.toMatchObject({ key: 'engine.unreachable', retry: true });
    expect(world.clock.now() - before).toBeLessThan(10_000);
  });
});
