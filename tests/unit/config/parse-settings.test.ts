// Reading settings: all problems at once, each with its line, its field and what is allowed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Document, parseDocument } from 'yaml';
import { defaultSettingsText } from '../../../main/config/default-text.ts';
import { parseSettings } from '../../../main/config/parse-settings.ts';
import { upgradeSettings } from '../../../main/config/upgrade.ts';
import { defaultSettings } from '../../../main/model/settings.ts';

const messages = (text: string): readonly string[] =>
  parseSettings(text).problems.map(({ message }) => message);

describe('parseSettings', () => {
  it.each([
    ['an empty file', ''],
    ['a file of comments', '# nothing\n'],
    ['the version alone', 'version: 1\n'],
    ['the explained defaults', defaultSettingsText],
  ])('takes %s as the defaults', (_name, text) => {
    expect(parseSettings(text)).toEqual({ settings: defaultSettings, problems: [] });
  });

  it('fills in what a pool does not say', () => {
    const { settings, problems } = parseSettings('pools:\n  - name: gpu\n    max: 1\n');
    expect(problems).toEqual([]);
    expect(settings.pools).toEqual([{ ...defaultSettings.pools[0], name: 'gpu', tags: [], max: 1 }]);
  });

  it('tells every problem at once, in the order of the lines, with field and range', () => {
    const text = `version: 1
gitlab:
  kind: sandbox
  state: paused
engine:
  hosts: unix:///x
pools:
  - name: Big Pool
    max: 5000
    runUntagged: yes
    cpus: 0.001
    tags: [ok, "a,b"]
  - max: two
    image: 5
log: 3
`;
    expect(messages(text)).toEqual([
      'line 4: gitlab.state is "paused"; allowed is running or stopped',
      'line 6: engine.hosts is not a setting; known here: host',
      'line 8: pools[0].name is "Big Pool"; allowed is a text, lower-case letters, digits and dashes, at most 32',
      'line 9: pools[0].max is 5000; allowed is a whole number from 0 to 1000',
      'line 10: pools[0].runUntagged is "yes"; allowed is true or false',
      'line 11: pools[0].cpus is 0.001; allowed is a number from 0.05 to 1024 or null',
      'line 12: pools[0].tags[1] is "a,b"; allowed is a text of 1 to 255 characters, no commas and no control characters',
      'line 13: pools[1].name is missing; allowed is a text',
      'line 13: pools[1].max is "two"; allowed is a whole number from 0 to 1000',
      'line 14: pools[1].image is 5; allowed is a text of 1 to 512 characters or null',
      'line 15: log is 3; allowed is a group of fields (level)',
    ]);
  });

  it('knows the fields of each kind of GitLab', () => {
    expect(messages('gitlab:\n  kind: gitea\n')).toEqual([
      'line 2: gitlab.kind is "gitea"; allowed is none or sandbox or server',
    ]);
    expect(messages('gitlab:\n  kind: sandbox\n  url: http://x\n')).toEqual([
      'line 3: gitlab.url is not a setting; known here: kind, state, runner',
    ]);
    expect(messages('gitlab:\n  kind: server\n  url: ftp://x\n')).toEqual([
      'line 3: gitlab.url is "ftp://x"; allowed is an address that begins with http:// or https://',
    ]);
    expect(messages('gitlab:\n  kind: server\n')).toEqual([
      'line 2: gitlab.url is missing; allowed is an address that begins with http:// or https://',
    ]);
  });

  it('refuses two pools of one name', () => {
    expect(messages('pools: [{name: a}, {name: a}]')).toEqual([
      'line 1: pools is a list; allowed is a list of at most 1000, two pools have the same name',
    ]);
  });

  it.each([
    ['a tab', 'pools:\n\t- name: a\n', /^line 2: a tab is used for indentation/],
    [
      'a field that is there twice',
      'log:\n  level: info\n  level: warn\n',
      /^line 3: this field is there twice/,
    ],
    ['a quote without an end', 'log:\n  level: "info\n', /^line \d: .*quote/],
    ['a list instead of fields', '- a\n', /^line 1: the file must consist of fields/],
    ['two documents', 'version: 1\n---\nversion: 1\n', /document/],
    ['a tag of another program', 'log: !!python/object:os.system x\n', /^line 1: .*tag/],
    ['an alias of nothing', 'log: *nothing\n', /alias.*nothing/],
    ['an alias of itself', 'pools: &a [*a]\n', /./],
    ['a huge file', '#'.repeat(1_000_001), /larger than 1 MB/],
    ['a deeply nested file', '['.repeat(100_000), /./],
  ])('tells of %s', (_name, text, message) => {
    const { settings, problems } = parseSettings(text);
    expect(settings).toEqual(defaultSettings);
    expect(problems[0]?.message).toMatch(message);
  });

  it('does not unfold an alias bomb', () => {
    const levels = Array.from({ length: 30 }, (_, level) => {
      const item = level === 0 ? '"x"' : `*l${String(level - 1)}`;
      return `l${String(level)}: &l${String(level)} [${Array.from({ length: 10 }, () => item).join(', ')}]`;
    });
    expect(messages(levels.join('\n'))[0]).toMatch(/aliases cannot be resolved/);
  });

  it('accepts an honest alias', () => {
    const text = 'pools:\n  - {name: a, tags: &tags [x, y]}\n  - {name: b, tags: *tags}\n';
    expect(parseSettings(text).settings.pools.map(({ tags }) => tags)).toEqual([
      ['x', 'y'],
      ['x', 'y'],
    ]);
  });

  it('refuses settings from the future, whatever else is in them', () => {
    expect(() => parseSettings('version: 2\nbetter: true\n')).toThrow(
      expect.objectContaining({ key: 'settings.from-future' }),
    );
    expect(messages('version: zero\n')).toEqual(['line 1: version is "zero"; allowed is 1']);
    expect(messages('version: 0\n')).toEqual(['line 1: version is 0; allowed is 1']);
  });

  it('never throws anything else and never gives settings with problems', () => {
    const yaml = fc.json().map((json) => new Document(JSON.parse(json)).toString());
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), yaml), (text) => {
        fc.pre(!text.includes('version'));
        const { settings, problems } = parseSettings(text);
        if (problems.length > 0) expect(settings).toEqual(defaultSettings);
        for (const { message } of problems) expect(message).not.toBe('');
      }),
    );
  });
});

describe('upgradeSettings', () => {
  const steps = [
    {
      from: 0,
      apply: (settings: Document) => {
        settings.set('a', 1);
      },
    },
    {
      from: 1,
      apply: (settings: Document) => {
        settings.set('b', settings.get('a'));
      },
    },
  ];

  it('takes every step from the version of the file on, and keeps comments', () => {
    const document: Document = parseDocument('# mine\nversion: 0\n');
    upgradeSettings(document, steps, 2);
    expect(document.toString()).toBe('# mine\nversion: 2\na: 1\nb: 1\n');
    const newer: Document = parseDocument('version: 1\na: 7\n');
    upgradeSettings(newer, steps, 2);
    expect(newer.toJS()).toEqual({ version: 2, a: 7, b: 7 });
  });

  it('changes nothing when no step leads on', () => {
    const document: Document = parseDocument('version: -4\n');
    upgradeSettings(document, steps, 2);
    expect(document.toJS()).toEqual({ version: -4 });
  });
});
