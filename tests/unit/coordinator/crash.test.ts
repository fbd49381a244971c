// Killed at any instant, the next start on the same home leaves nothing behind and does nothing twice.
import { describe, expect, it } from 'vitest';
import { label } from '../../../main/model/labels.ts';
import type { Clock, Engine } from '../../../main/ports.ts';
import { memoryStore } from '../../fakes/fake-context.ts';
import type { FakeEngine } from '../../fakes/fake-engine.ts';
import { createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World } from '../../fakes/fake-lab.ts';

const minute = 60_000;

/** A process that can be killed: from then on its engine calls and its sleeps never come back. */
interface Mortal {
  readonly engine: Engine;
  readonly clock: Clock;
  /** Calls that change something on the engine, so far. */
  readonly changes: () => number;
  readonly isDead: () => boolean;
  kill(): void;
}

const changing = /^(create|put|start|signal|stop|remove|import|pull)/;

/**
 * `dies`: before or after the engine has done the change with this number, counted from 1; its answer is lost in
 * both cases.
 */
function mortal(
  world: World,
  dies: { readonly at: number; readonly when: 'before' | 'after' } | null,
): Mortal {
  let dead = false;
  let count = 0;
  const forEver = new Promise<never>(() => undefined);
  const engine = new Proxy<FakeEngine>(world.engine, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return async (...input: readonly unknown[]): Promise<unknown> => {
        if (dead) return forEver;
        if (!changing.test(String(name))) return (await Reflect.apply(value, target, input)) as unknown;
        count += 1;
        const last = dies !== null && count === dies.at;
        if (last) dead = true;
        if (last && dies.when === 'before') return forEver;
        const answer: unknown = await Reflect.apply(value, target, input);
        return last ? forEver : answer;
      };
    },
  });
  const clock: Clock = {
    now: () => world.clock.now(),
    monotonic: () => world.clock.monotonic(),
    sleep: (ms, signal) =>
      dead ? forEver : world.clock.sleep(ms, signal).then(() => (dead ? forEver : undefined)),
  };
  return { engine, clock, changes: () => count, isDead: () => dead, kill: () => (dead = true) };
}

const pools = [{ name: 'default', tags: ['docker'], max: 2, idleTime: 10 }];

/** One job from its coming to nothing being left, in a process that may be killed on the way. */
async function liveThrough(
  dies: Parameters<typeof mortal>[1],
): Promise<{ readonly changes: number; readonly died: boolean }> {
  const world = createWorld({ pools, jobMs: 5_000 });
  const jobs = [world.gitlab.addJob(), world.gitlab.addJob()];
  const process = mortal(world, dies);
  await openLab(world, process);
  await world.clock.until(() => process.isDead(), 2 * minute);
  process.kill();
  const next = await openLab(world);
  await settle(world, next);
  expect(jobs.map((id) => world.gitlab.statusOf(id))).toEqual(['success', 'success']);
  expect([...world.taken].sort((a, b) => a - b)).toEqual(jobs);
  expect(world.gitlab.entries()).toHaveLength(1);
  expect(world.store.recentRunners(99).filter(({ phase }) => phase !== 'gone')).toEqual([]);
  await end(world, next);
  return { changes: process.changes(), died: process.isDead() };
}

/** The same where a runner is kept ready: it gets the go for the first job, and then nobody keeps one any more. */
async function liveThroughGo(
  dies: Parameters<typeof mortal>[1],
): Promise<{ readonly changes: number; readonly died: boolean }> {
  const world = createWorld({ pools: pools.map((pool) => ({ ...pool, min: 1 })), jobMs: 5_000 });
  const process = mortal(world, dies);
  await openLab(world, process);
  await world.clock.until(() => process.isDead(), 10_000);
  const jobs = [world.gitlab.addJob(), world.gitlab.addJob()];
  await world.clock.until(() => process.isDead(), minute);
  process.kill();
  await world.configure({ pools });
  const next = await openLab(world);
  await settle(world, next);
  expect([...world.taken].sort((a, b) => a - b)).toEqual(jobs);
  await end(world, next);
  return { changes: process.changes(), died: process.isDead() };
}

async function settle(world: World, lab: OpenLab): Promise<void> {
  await lab.until(
    'all jobs have ended and nothing is left',
    ({ jobs, runners, pools: [pool] }) =>
      jobs.length === 2 &&
      jobs.every(({ status }) => status === 'success') &&
      !runners.length &&
      pool?.ready === true,
    10 * minute,
  );
  expect((await world.engine.listContainers({ [label.managed]: 'true' })).map(({ name }) => name)).toEqual(
    [],
  );
  expect(lab.snapshot().runners).toEqual([]);
}

async function end(world: World, { lab }: OpenLab): Promise<void> {
  const stopping = lab.stop();
  await world.clock.advance(1_000);
  await stopping;
  world.store.close();
}

describe('a core that is killed', () => {
  it('at any change of the engine, before or after it was made', async () => {
    const { changes } = await liveThrough(null);
    // The network, and for each of two runners: create, put, start, remove.
    expect(changes).toBe(9);
    for (let at = 1; at <= changes; at += 1) {
      for (const when of ['before', 'after'] as const)
        expect({ at, when, ...(await liveThrough({ at, when })) }).toMatchObject({ at, when, died: true });
    }
  });

  it('at any change of the engine, also around the go of a runner that is kept ready', async () => {
    const { changes } = await liveThroughGo(null);
    // The network; create, put and start of at least three runners; one go; removes.
    expect(changes).toBeGreaterThanOrEqual(12);
    for (let at = 1; at <= changes; at += 1) {
      for (const when of ['before', 'after'] as const)
        expect({ at, when, ...(await liveThroughGo({ at, when })) }).toMatchObject({ at, when, died: true });
    }
  });

  it('at any time, again and again', async () => {
    const world = createWorld({ pools, jobMs: 4_000 });
    const jobs = [world.gitlab.addJob(), world.gitlab.addJob()];
    let process = mortal(world, null);
    for (let life = 0; life < 40; life += 1) {
      process = mortal(world, null);
      await openLab(world, process);
      await world.clock.advance((life * 37) % 900);
      process.kill();
    }
    const last = await openLab(world);
    await settle(world, last);
    expect([...world.taken].sort((a, b) => a - b)).toEqual(jobs);
    await end(world, last);
  });

  it('with a job running leaves the job alone, and the next one adopts its runner', async () => {
    const world = createWorld({ pools, jobMs: minute });
    const job = world.gitlab.addJob();
    const process = mortal(world, null);
    const first = await openLab(world, process);
    await first.until('the job runs', () => world.gitlab.statusOf(job) === 'running');
    const [runner] = first.snapshot().runners;
    process.kill();
    await world.clock.advance(10_000);
    const next = await openLab(world);
    expect(next.snapshot().runners).toMatchObject([{ name: runner?.name, state: 'busy', jobId: job }]);
    await next.until('the job has ended', () => world.gitlab.statusOf(job) === 'success', 2 * minute);
    await next.until('its runner has gone', ({ runners }) => runners.length === 0, minute);
    expect(world.taken).toEqual([job]);
    await end(world, next);
  });

  it('whose records are lost adopts its runners by their labels', async () => {
    const world = createWorld({ pools, jobMs: minute });
    const job = world.gitlab.addJob();
    const process = mortal(world, null);
    const first = await openLab(world, process);
    await first.until('the job runs', () => world.gitlab.statusOf(job) === 'running');
    process.kill();
    const { instance, nodeId } = world.store;
    const lost: World = { ...world, store: { ...memoryStore(world.clock), instance, nodeId } };
    const next = await openLab(lost);
    expect(lost.store.liveRunners()).toMatchObject([{ phase: 'started', pool: 'default', slot: 0 }]);
    expect(next.snapshot().runners).toMatchObject([{ state: 'busy', jobId: job }]);
    await next.until('its runner has gone', ({ runners }) => runners.length === 0, 5 * minute);
    expect(world.gitlab.statusOf(job)).toBe('success');
    expect(world.taken).toEqual([job]);
    expect(world.gitlab.entries()).toHaveLength(1);
    await end(lost, next);
    world.store.close();
  });
});
