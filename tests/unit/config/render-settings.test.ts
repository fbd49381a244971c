// Writing settings: the meaning is exact, and what a person wrote around it stays.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultSettingsText } from '../../../main/config/default-text.ts';
import { parseSettings } from '../../../main/config/parse-settings.ts';
import { renderSettings } from '../../../main/config/render-settings.ts';
import { poolSchema } from '../../../main/model/pool.ts';
import { defaultSettings, settingsSchema, type Settings } from '../../../main/model/settings.ts';

const mine = `# my lab
gitlab:
  kind: server # the big one
  url: https://git.home.arpa
pools:
  # for everything
  - name: small
    max: 2 # two cores
    tags: [a, b] # short
  # with the card
  - name: gpu
    idleTime: 60
`;

function changed(change: (settings: Settings) => Settings): string {
  return renderSettings(mine, change(parseSettings(mine).settings));
}

const pool = fc
  .record({
    name: fc.stringMatching(/^[a-z0-9]{1,8}$/),
    tags: fc.array(fc.stringMatching(/^[^,\s\p{C}]{1,5}$/u), { maxLength: 3 }),
    runUntagged: fc.boolean(),
    image: fc.option(fc.stringMatching(/^[^\s\p{C}]{1,20}$/u)),
    max: fc.integer({ min: 0, max: 1000 }),
    cpus: fc.option(fc.double({ min: 0.05, max: 8, noNaN: true })),
  })
  .map((fields) => poolSchema.parse(fields));

const settings: fc.Arbitrary<Settings> = fc
  .record({
    gitlab: fc.oneof(
      fc.constant({ kind: 'none' as const }),
      fc.record({ kind: fc.constant('sandbox' as const), state: fc.constantFrom('running', 'stopped') }),
      fc.record({ kind: fc.constant('server' as const), url: fc.constantFrom('http://a', 'https://b:1/c') }),
    ),
    engine: fc.record({ host: fc.option(fc.string({ maxLength: 30, unit: 'binary' })) }),
    pools: fc.uniqueArray(pool, { selector: ({ name }) => name, maxLength: 4 }),
    log: fc.record({ level: fc.constantFrom('debug', 'info') }),
  })
  .map((fields) => settingsSchema.parse(fields));

describe('renderSettings', () => {
  it('writes text that means exactly the settings, from any file to any settings', () => {
    const files = fc.constantFrom(null, '', mine, defaultSettingsText, 'broken: [', '# only a comment\n');
    fc.assert(
      fc.property(files, settings, settings, (file, first, second) => {
        const text = renderSettings(file, first);
        expect(parseSettings(text)).toEqual({ settings: first, problems: [] });
        expect(parseSettings(renderSettings(text, second))).toEqual({ settings: second, problems: [] });
      }),
    );
  });

  it('leaves the text alone when nothing changed', () => {
    expect(changed((same) => same)).toBe(mine);
    expect(renderSettings(null, defaultSettings)).toBe(defaultSettingsText);
  });

  it('changes one value and keeps everything around it', () => {
    const text = changed((now) => ({
      ...now,
      pools: now.pools.map((item) => (item.name === 'small' ? { ...item, max: 3 } : item)),
    }));
    expect(text).toBe(mine.replace('max: 2 # two cores', 'max: 3 # two cores'));
  });

  it('adds what was left to its default, and only that', () => {
    expect(changed((now) => ({ ...now, log: { level: 'debug' } }))).toBe(`${mine}log:\n  level: debug\n`);
  });

  it('lets pools come and go with their comments', () => {
    const added = poolSchema.parse({ name: 'new', tags: ['x'] });
    const text = changed((now) => ({
      ...now,
      pools: [...now.pools.filter(({ name }) => name === 'gpu'), added],
    }));
    expect(text).not.toContain('small');
    expect(text).toContain('  # with the card\n  - name: gpu\n    idleTime: 60\n');
    expect(text).toContain('  - name: new\n    tags: [x]\n');
  });

  it('removes the fields of a GitLab that is left', () => {
    const text = changed((now) => ({ ...now, gitlab: { kind: 'none' } }));
    expect(text).toContain('kind: none # the big one');
    expect(text).not.toContain('url');
  });

  it('does not change one pool with another that refers to it', () => {
    const shared = 'pools:\n  - {name: a, tags: &t [x]}\n  - {name: b, tags: *t}\n';
    const before = parseSettings(shared).settings;
    const after = {
      ...before,
      pools: before.pools.map((item) => (item.name === 'a' ? { ...item, tags: ['y'] } : item)),
    };
    expect(parseSettings(renderSettings(shared, after)).settings).toEqual(after);
  });
});

describe('the explained defaults', () => {
  it('mention every setting', () => {
    const names = JSON.stringify(parseSettings(defaultSettingsText).settings).match(/"(\w+)":/g) ?? [];
    for (const name of [...names, '"state":', '"runner":', '"url":', '"runnerUrl":']) {
      expect(defaultSettingsText).toContain(name.replaceAll('"', ''));
    }
  });
});
