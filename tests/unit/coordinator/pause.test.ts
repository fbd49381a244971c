// Drains that end by themselves: at an hour, or with the next start.
import { afterEach, describe, expect, it } from 'vitest';
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

async function start(world: World): Promise<OpenLab> {
  const lab = await openLab(world);
  open.push([world, lab]);
  await lab.until('the pools are ready', ({ pools }) => pools.every(({ ready }) => ready));
  return lab;
}
/** Ends the core, lets time pass and starts the next one. */
async function restart(world: World, afterMs = 0): Promise<OpenLab> {
  const [last] = open.splice(0);
  if (last !== undefined) await closeLab(...last);
  await world.clock.advance(afterMs);
  return start(world);
}
const drain = async (world: World, lab: OpenLab, input: { for?: number; untilRestart?: true }) => {
  await Promise.all([lab.call('lab.drain', input), world.clock.advance(1000)]);
};

describe('a pause', () => {
  it('of an hour says when it ends, and ends then', async () => {
    const world = createWorld();
    const lab = await start(world);
    const until = world.clock.now() + 60 * minute;
    await drain(world, lab, { for: 3600 });
    expect(lab.snapshot()).toMatchObject({ mode: 'drain', pausedUntil: until });
    const job = world.gitlab.addJob();
    await world.clock.advance(58 * minute);
    expect(lab.snapshot()).toMatchObject({ mode: 'drain', runners: [] });
    await lab.until('the queue is served', ({ mode }) => mode === 'serve', 3 * minute);
    expect(world.clock.now() - until).toBeLessThan(1000);
    expect(lab.snapshot().pausedUntil).toBeUndefined();
    await lab.until('the job has ended', () => world.gitlab.statusOf(job) === 'success', minute);
  });

  it('goes on after a restart, and does not outlive its hour while no core runs', async () => {
    const world = createWorld();
    await drain(world, await start(world), { for: 3600 });
    const again = await restart(world, 10 * minute);
    expect(again.snapshot().mode).toBe('drain');
    expect(again.snapshot().pausedUntil).toBeGreaterThan(world.clock.now());
    const last = await restart(world, 60 * minute);
    await last.until('the queue is served', ({ mode }) => mode === 'serve', minute);
  });

  it('that lasts until the next start has no hour, and ends with that start', async () => {
    const world = createWorld();
    const lab = await start(world);
    await drain(world, lab, { untilRestart: true });
    await world.clock.advance(65 * minute);
    expect(lab.snapshot().mode).toBe('drain');
    expect(lab.snapshot().pausedUntil).toBeUndefined();
    expect((await restart(world)).snapshot().mode).toBe('serve');
  });

  it('never shortens what a person wished without an end', async () => {
    const world = createWorld();
    const lab = await start(world);
    await drain(world, lab, {});
    await drain(world, lab, { untilRestart: true });
    expect((await restart(world)).snapshot().mode).toBe('drain');
  });

  it('of an hour becomes one without an end when somebody drains', async () => {
    const world = createWorld();
    const lab = await start(world);
    await drain(world, lab, { for: 3600 });
    await drain(world, lab, {});
    expect(lab.snapshot().pausedUntil).toBeUndefined();
    await world.clock.advance(65 * minute);
    expect(lab.snapshot().mode).toBe('drain');
  });

  it('leaves nothing behind for the next drain when it is taken back', async () => {
    const world = createWorld();
    const lab = await start(world);
    await drain(world, lab, { for: 60 });
    await lab.call('lab.resume', {});
    await Promise.all([lab.call('lab.drain', {}), world.clock.advance(1000)]);
    await world.clock.advance(5 * minute);
    expect(lab.snapshot().mode).toBe('drain');
  });
});
