// Ready-made pools: given to a new home once, shown and added on request.
import { afterEach, describe, expect, it } from 'vitest';
import { defaultSettingsText } from '../../../main/config/default-text.ts';
import { parseSettings } from '../../../main/config/parse-settings.ts';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World } from '../../fakes/fake-lab.ts';

const opened: (readonly [World, OpenLab])[] = [];
afterEach(async () => {
  for (const [world, lab] of opened.splice(0)) await closeLab(world, lab);
});

/** A home with such a settings file; `null`: that of a new one. */
async function start(text: string | null, { act = true } = {}) {
  const world = createWorld();
  await world.settings.write(text ?? defaultSettingsText);
  const lab = await openLab(world, { act });
  opened.push([world, lab]);
  return {
    world,
    lab,
    poolsInFile: async () => parseSettings((await world.settings.read()) ?? '').settings.pools,
  };
}

describe('a new home', () => {
  it('gets the pools that fit its machine, once it is known', async () => {
    const { lab, poolsInFile } = await start(null);
    await lab.until('they are there', ({ pools }) => pools.length > 1);
    expect((await poolsInFile()).map(({ name }) => name)).toEqual(['default', 'micro', 'small']);
    expect((await poolsInFile())[0]).toMatchObject({ cpus: 4, memoryMiB: 6_144, max: 1 });
  });

  it('keeps the explanations in its file', async () => {
    const { world, lab } = await start(null);
    await lab.until('they are there', ({ pools }) => pools.length > 1);
    expect(await world.settings.read()).toContain('# Most runners at a time');
  });

  it('never gets them again after somebody has changed them', async () => {
    const { world, lab, poolsInFile } = await start(null);
    await lab.until('they are there', ({ pools }) => pools.length > 1);
    await world.settings.write(defaultSettingsText);
    await world.clock.advance(60_000);
    expect((await poolsInFile()).map(({ name }) => name)).toEqual(['default']);
  });

  it('is left alone when it was written by a person, for ever', async () => {
    const { world, poolsInFile } = await start('pools: [{name: mine}]');
    await world.clock.advance(10_000);
    await world.settings.write(defaultSettingsText);
    await world.clock.advance(60_000);
    expect((await poolsInFile()).map(({ name }) => name)).toEqual(['default']);
  });

  it('gets none from a core that may not act', async () => {
    const { world } = await start(null, { act: false });
    await world.clock.advance(10_000);
    expect(await world.settings.read()).toBe(defaultSettingsText);
  });
});

describe('pool ready', () => {
  it('shows them, and what is there of them', async () => {
    const { lab } = await start('pools: [{name: small, tags: [mine]}]');
    const { pools, message, next } = await lab.call('pool.ready', {});
    expect(pools.map(({ name, state }) => [name, state])).toEqual([
      ['default', 'missing'],
      ['micro', 'missing'],
      ['small', 'changed'],
    ]);
    expect(message).toBe('2 of the 3 ready-made pools of this machine are not there.');
    expect(next).toContain('--apply');
  });

  it('adds those that are missing and changes none, and tells it beforehand', async () => {
    const { lab, poolsInFile } = await start('pools: [{name: small, tags: [mine]}]');
    const told = await lab.call('pool.ready', { apply: true, dryRun: true });
    expect(told.changes.map(({ path }) => path)).toEqual(['pools.default', 'pools.micro']);
    expect(await poolsInFile()).toHaveLength(1);
    await lab.call('pool.ready', { apply: true });
    const pools = await poolsInFile();
    expect(pools.map(({ name }) => name)).toEqual(['small', 'default', 'micro']);
    expect(pools[0]?.tags).toEqual(['mine']);
    expect((await lab.call('pool.ready', { apply: true })).message).toContain('Every ready-made pool');
  });
});
