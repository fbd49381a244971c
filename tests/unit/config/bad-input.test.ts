// What a settings file may hold by mistake or by malice: told with field and range, and nothing of it is taken.
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseSettings } from '../../../main/config/parse-settings.ts';
import { defaultSettings } from '../../../main/model/settings.ts';

function messagesOf(pool: object): readonly string[] {
  const { settings, problems } = parseSettings(
    stringify({ pools: [{ name: 'good' }, { name: 'a', ...pool }] }),
  );
  if (problems.length > 0) expect(settings).toEqual(defaultSettings);
  return problems.map(({ message }) => message.replace(/^line \d+: /, ''));
}
const name = 'allowed is a text, lower-case letters, digits and dashes, at most 32';
const tag = 'allowed is a text of 1 to 255 characters';
const long = 'x'.repeat(65_536);

describe('names and tags', () => {
  it.each([
    ['it"s', `pools[1].name is "it\\"s"; ${name}`],
    ['Upper', `pools[1].name is "Upper"; ${name}`],
    ['$(id)', `pools[1].name is "$(id)"; ${name}`],
    ['a\nb', `pools[1].name is "a\\nb"; ${name}`],
    ['a\u0000b', `pools[1].name is "a\\u0000b"; ${name}`],
    ['a\u202eb', `pools[1].name is "a\\u{202e}b"; ${name}`],
    ['🦊', `pools[1].name is "🦊"; ${name}`],
    ['-a', `pools[1].name is "-a"; ${name}`],
    ['', `pools[1].name is ""; ${name}`],
    [long, `pools[1].name is "${'x'.repeat(59)}…; ${name}`],
  ])('the name %j', (bad, message) => {
    expect(messagesOf({ name: bad })).toEqual([message]);
  });

  it.each([
    ['a\nb', '"a\\nb"'],
    ['a\u0000b', '"a\\u0000b"'],
    ['a\u202eb', '"a\\u{202e}b"'],
    ['a\u2028b', '"a\\u{2028}b"'],
    ['a,b', '"a,b"'],
    [long, `"${'x'.repeat(59)}…`],
    ['  ', '"  "'],
  ])('the tag %j', (bad, shown) => {
    const [message = ''] = messagesOf({ tags: ['ok', bad] });
    expect(message.startsWith(`pools[1].tags[1] is ${shown}; ${tag}`)).toBe(true);
    expect(message.length).toBeLessThan(250);
  });

  it('tags that are odd and honest are taken as they are', () => {
    const tags = ['it"s', "'", '$(id)', '🦊', 'é', 'gpu:rtx 4090', 'Docker', 'docker', 'עברית'];
    const { settings, problems } = parseSettings(stringify({ pools: [{ name: 'a', tags }] }));
    expect(problems).toEqual([]);
    expect(settings.pools[0]?.tags).toEqual(tags);
  });

  it('ten thousand tags', () => {
    const tags = Array.from({ length: 10_000 }, (_, index) => `t${index}`);
    expect(messagesOf({ tags })).toEqual(['pools[1].tags is a list; allowed is a list of at most 100']);
  });

  it('two names that are the same, and two that differ by case', () => {
    expect(messagesOf({ name: 'good' })).toEqual([
      'pools is a list; allowed is a list of at most 1000, two pools have the same name',
    ]);
    expect(messagesOf({ name: 'Good' })).toEqual([`pools[1].name is "Good"; ${name}`]);
  });

  it('a field whose name hides or turns round the message', () => {
    const [message = ''] = messagesOf({ ['\u202e\u0007'.repeat(40_000)]: 1 });
    expect(message).toMatch(/^pools\[1\]\.\\u\{202e\}\\u\{7\}/);
    expect(message.length).toBeLessThan(10_000);
    expect(messagesOf(Object.fromEntries([['__proto__', { max: 1 }]]))[0]).toMatch(
      /__proto__ is not a setting/,
    );
  });
});

const count = 'allowed is a whole number from 0 to 1000';

describe('numbers', () => {
  it.each([
    ['max', -1, `is -1; ${count}`],
    ['max', 1.5, `is 1.5; ${count}`],
    ['max', 1e308, `is 1e+308; ${count}`],
    ['max', Number.NaN, `is null; ${count}`],
    ['max', Number.POSITIVE_INFINITY, `is null; ${count}`],
    ['max', '4', `is "4"; ${count}`],
    ['max', true, `is true; ${count}`],
    ['min', 5, `is 5; ${count}, not above max`],
    ['priority', 101, 'is 101; allowed is a whole number from -100 to 100'],
    ['idleTime', 0, 'is 0; allowed is a whole number from 1 to 86400'],
    ['cpus', 0, 'is 0; allowed is a number from 0.05 to 1024 or null'],
    ['cpus', Number.NEGATIVE_INFINITY, 'is null; allowed is a number from 0.05 to 1024 or null'],
    ['memoryMiB', 63, 'is 63; allowed is a whole number from 64 to 4194304 or null'],
    ['jobsPerRunner', 0, 'is 0; allowed is a whole number from 1 to 1000000 or null'],
    ['maxLifetime', 59, 'is 59; allowed is a whole number from 60 to 31536000 or null'],
  ])('%s: %d', (field, value, message) => {
    expect(messagesOf({ [field]: value })).toEqual([`pools[1].${field} ${message}`]);
  });
});

describe('scopes, images and windows', () => {
  it.each([
    [
      { scope: { kind: 'group' } },
      /^pools\[1\]\.scope\.path is missing; allowed is a text of 1 to 1024 characters/,
    ],
    [{ scope: { kind: 'instance', path: 'x' } }, /^pools\[1\]\.scope\.path is not a setting/],
    [
      { scope: { kind: 'world' } },
      /^pools\[1\]\.scope\.kind is "world"; allowed is instance or group or project/,
    ],
    [{ scope: { kind: 'group', path: '/lab/' } }, /a path like group\/project/],
    [{ scope: { kind: 'project', path: '../etc' } }, /^$/],
    [{ scope: { kind: 'project', path: 'a b' } }, /a path like group\/project/],
    [
      { image: 'debian 13' },
      /^pools\[1\]\.image is "debian 13"; allowed is .*no spaces and no control characters/,
    ],
    [{ image: 'a\u0000' }, /no control characters/],
    [
      { warm: [{ days: ['mon'], from: '7', to: '12:00', timeZone: 'UTC', count: 1 }] },
      /warm\[0\]\.from is "7".*like 07:30/,
    ],
    [
      { warm: [{ days: ['mon'], from: '07:00', to: '12:00', timeZone: 'Mars', count: 1 }] },
      /timeZone is "Mars".*Europe\/Berlin/,
    ],
    [
      { warm: [{ days: ['mon'], from: '07:00', to: '12:00', timeZone: 'UTC', count: 9 }] },
      /warm is a list.*no count above max/,
    ],
  ])('%j', (pool, message) => {
    expect(messagesOf(pool)[0] ?? '').toMatch(message);
  });
});
