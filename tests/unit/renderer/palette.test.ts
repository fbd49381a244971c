// The palette finds what is meant by few letters, and deeds as well as places.
import { describe, expect, it } from 'vitest';
import {
  mostFound,
  noExtras,
  paletteItems,
  scoreOf,
  searchPalette,
} from '../../../renderer/state/palette.ts';
import { createPageWorld } from '../../e2e/page-world.ts';

const pages = [
  { page: 'overview', word: 'Overview' },
  { page: 'jobs', word: 'Jobs' },
  { page: 'settings', word: 'Settings' },
] as const;
const snapshot = createPageWorld(1_000, () => 1_700_000_000_000).core.world.snapshot();
const extras = {
  services: ['gitlab', 'traefik'],
  people: [{ name: 'ana', displayName: 'Ana Núñez' }],
  settings: [{ path: 'log.level', description: 'The least grave that is written.' }],
};
const items = paletteItems(pages, snapshot, extras);
const find = (query: string): readonly string[] =>
  searchPalette(items, query, snapshot).map(({ label }) => label);

describe('the palette', () => {
  it('has an id of its own for each of everything', () => {
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
  });

  it.each([
    ['jobs', 'Jobs'],
    ['sett', 'Settings'],
    ['pause demo', 'Pause pool demo'],
    ['dem pau', 'Pause pool demo'],
    ['restart gitlab', 'Restart service gitlab'],
    ['núñ', 'Ana Núñez'],
    ['log.lev', 'log.level'],
    ['keyboard', 'Show the keys'],
    ['demo jobs', 'Push demo jobs to the sandbox'],
    ['build 400', 'build 400 (400)'],
  ])('finds by %j first %j', (query, first) => {
    expect(find(query)[0]).toBe(first);
  });

  it('has deeds on one job and one runner for whoever gives their number', () => {
    const open = snapshot.jobs.find(({ status }) => status === 'pending')?.id ?? 0;
    expect(find(`cancel ${String(open)}`)[0]).toBe(`Cancel job ${String(open)}`);
    expect(find('00000003')).toContain('Let runner 00000003 leave');
    expect(find('cancel')).not.toContain(`Cancel job ${String(open)}`);
  });

  it('begins with pages and deeds, and never shows more than anybody reads', () => {
    expect(find('').slice(0, 3)).toEqual(['Overview', 'Jobs', 'Settings']);
    expect(find('e').length).toBe(mostFound);
    expect(find('xyzzy')).toEqual([]);
  });

  it('works before anything is known', () => {
    expect(paletteItems(pages, null, noExtras).map(({ label }) => label)).toContain('Overview');
  });

  it('leads to the first run again, whether it was skipped or done', () => {
    expect(find('set up')[0]).toBe('Set up AutoGit');
    expect(items.find(({ label }) => label === 'Set up AutoGit')?.does).toEqual({ go: { page: 'setup' } });
    expect(paletteItems(pages, null, noExtras).map(({ label }) => label)).toContain('Set up AutoGit');
  });
});

describe('how well letters fit', () => {
  it('is best where they stand together at the start of a word', () => {
    const of = (text: string): number => scoreOf(text, 'set') ?? -1;
    expect(of('settings')).toBeGreaterThan(of('reset'));
    expect(of('reset')).toBeGreaterThan(of('some exact time'));
    expect(scoreOf('settings', 'tes')).toBeNull();
  });
});
