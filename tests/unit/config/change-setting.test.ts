// Single settings: all of them are told, and one is changed by its path.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fallbackOf, findSetting, withSetting } from '../../../main/config/change-setting.ts';
import { describeSettings } from '../../../main/config/describe-settings.ts';
import { defaultSettingsText } from '../../../main/config/default-text.ts';
import { parseSettings } from '../../../main/config/parse-settings.ts';
import { settingGroups, settingPlaces } from '../../../main/config/setting-places.ts';
import { defaultSettings, settingsSchema } from '../../../main/model/settings.ts';

type Schema = z.core.JSONSchema.BaseSchema;

/** Every leaf of the schema by its path, found without the code under test; lists end a path, but for pools. */
function leaves(schema: Schema, path = ''): readonly string[] {
  const kinds = [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((kind) =>
    typeof kind === 'object' ? [kind, ...(kind.anyOf ?? []), ...(kind.oneOf ?? [])] : [],
  );
  const fields = kinds.flatMap((kind) =>
    typeof kind === 'object' ? Object.entries(kind.properties ?? {}) : [],
  );
  const items = path === 'pools' && typeof schema.items === 'object' ? schema.items : null;
  if (items !== null && !Array.isArray(items)) return ['pools', ...leaves(items, 'pools.NAME')];
  if (fields.length === 0) return [path];
  return [
    ...new Set(
      fields.flatMap(([name, field]) =>
        typeof field === 'object' ? leaves(field, path === '' ? name : `${path}.${name}`) : [],
      ),
    ),
  ];
}

describe('the places of settings', () => {
  const paths = settingPlaces.map(({ path }) => path);

  it('are all that the schema has, but for the version of the file', () => {
    const all = leaves(z.toJSONSchema(settingsSchema, { io: 'input' })).filter((path) => path !== 'version');
    expect(all.length).toBeGreaterThan(50);
    expect(all.filter((path) => !paths.includes(path))).toEqual([]);
    expect(paths).toHaveLength(new Set(paths).size);
  });

  it.each(settingPlaces.map((place) => [place.path, place] as const))(
    '%s says what it does',
    (_path, place) => {
      expect(place.description).toMatch(/^[A-Z].*\.$/s);
    },
  );

  it('say of each group what it is about', () => {
    for (const { path, description } of settingGroups.filter((group) => group.path !== 'proofs'))
      expect([path, description]).toEqual([path, expect.stringMatching(/\.$/)]);
  });

  it('never mean by the word none something else than the default, as command lines write nothing', () => {
    for (const place of settingPlaces.filter(({ choices }) => choices.includes('none')))
      expect([place.path, fallbackOf(place)]).toEqual([place.path, 'none']);
  });
});

describe('every setting described', () => {
  const told = describeSettings(defaultSettings, defaultSettingsText);
  const of = (path: string) => told.find((one) => one.path === path);

  it('has what it takes, and what a change of it leads to', () => {
    for (const one of told) {
      expect([one.path, one.allowed]).toEqual([one.path, expect.stringMatching(/\w/)]);
      expect([one.path, one.effect]).toEqual([one.path, expect.stringMatching(/\.$/)]);
    }
  });

  it('has value, default and its line in the file', () => {
    const text = 'version: 1\nlog:\n  # loud\n  level: debug\n';
    const here = describeSettings(parseSettings(text).settings, text);
    expect(here.find(({ path }) => path === 'log.level')).toMatchObject({
      ...{ value: 'debug', default: 'info', isDefault: false, line: 4, applies: true, kind: 'choice' },
      choices: ['debug', 'info', 'warn', 'error'],
    });
    expect(here.find(({ path }) => path === 'proofs')).toMatchObject({
      ...{ value: 'auto', isDefault: true, line: null },
    });
  });

  it('says when it would be one', () => {
    expect(of('gitlab.url')).toMatchObject({ applies: false, when: 'gitlab.kind is server' });
    expect(of('gitlab.kind')).toMatchObject({ choices: ['none', 'sandbox', 'server'], impact: 'data-loss' });
  });

  it('is told once for all pools, with unit and range', () => {
    expect(of('pools.NAME.idleTime')).toMatchObject({
      ...{ unit: 's', minimum: 1, maximum: 86_400, default: 300, impact: 'restart' },
    });
    expect(of('pools.NAME.idleTime')).not.toHaveProperty('value');
  });

  it('tells nothing wrong of a file that cannot be read', () => {
    expect(describeSettings(defaultSettings, '\t{[').every(({ line }) => line === null)).toBe(true);
  });
});

describe('one setting changed', () => {
  it.each<[string, unknown, unknown]>([
    ['log.level', 'debug', 'debug'],
    ['pools.default.max', 9, 9],
    ['pools.default.max', '9', 9],
    ['pools.default.cpus', '0.5', 0.5],
    ['pools.default.tags', 'a, b', ['a', 'b']],
    ['pools.default.tags', '[a, b]', ['a', 'b']],
    ['pools.default.env', '{A: b}', { A: 'b' }],
    ['engine.host', 'unix:///x', 'unix:///x'],
    ['pools.default.runUntagged', 'false', false],
  ])('%s takes %j', (path, value, expected) => {
    const after = withSetting(defaultSettings, path, value);
    const read = findSetting(path, after).at.reduce<unknown>(
      (at, step) => z.looseObject({}).or(z.array(z.unknown())).parse(at)[step as never],
      after,
    );
    expect(read).toEqual(expected);
  });

  it('takes its default again', () => {
    const changed = withSetting(withSetting(defaultSettings, 'log.level', 'error'), 'pools.default.max', 77);
    expect(withSetting(withSetting(changed, 'log.level', null), 'pools.default.max', null)).toEqual(
      defaultSettings,
    );
  });

  it('changes a whole group, as another GitLab', () => {
    const gitlab = { kind: 'server', url: 'https://gitlab.test' };
    const served = parseSettings(`gitlab: ${JSON.stringify(gitlab)}`).settings;
    expect(withSetting(served, 'gitlab.ca', '/srv/root.pem').gitlab).toMatchObject({ ca: '/srv/root.pem' });
    expect(() => withSetting(served, 'gitlab.url', null)).toThrow('no default');
  });

  it.each<[string, unknown, string]>([
    ['log.levle', 'debug', 'settings.unknown'],
    ['version', 2, 'settings.unknown'],
    ['pools', [], 'settings.unknown'],
    ['pools.default', null, 'settings.unknown'],
    ['pools.defualt.max', 3, 'pool.unknown'],
    ['pools.default.max', 1001, 'settings.invalid'],
    ['pools.default.max', 'many', 'settings.invalid'],
    ['gitlab.url', 'https://gitlab.test', 'settings.invalid'],
    ['__proto__.polluted', 'x', 'settings.unknown'],
    ['pools.default.constructor', 'x', 'settings.unknown'],
  ])('%s refuses %j', (path, value, key) => {
    expect(() => withSetting(defaultSettings, path, value)).toThrow(expect.objectContaining({ key }));
  });

  it('names place and range of what it refuses, and what was meant', () => {
    expect(() => withSetting(defaultSettings, 'pools.default.max', 1001)).toThrow(
      'pools[0].max is 1001; allowed is a whole number from 0 to 1000',
    );
    expect(() => withSetting(defaultSettings, 'log.levle', 'x')).toThrow(
      expect.objectContaining({ next: 'Did you mean log.level?' }),
    );
  });
});
