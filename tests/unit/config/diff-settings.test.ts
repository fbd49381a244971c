// What each change costs.
import { describe, expect, it } from 'vitest';
import { diffSettings } from '../../../main/config/diff-settings.ts';
import { poolSchema } from '../../../main/model/pool.ts';
import { defaultSettings, settingsSchema, type Settings } from '../../../main/model/settings.ts';

const server = settingsSchema.parse({
  gitlab: { kind: 'server', url: 'https://a' },
  pools: [{ name: 'a' }, { name: 'b' }],
});

const gitlab = {
  ...({ kind: 'server', url: 'https://a', runnerUrl: null } as const),
  ...{ ca: null, trustInJobs: true, stack: null },
};

function impacts(before: Settings, after: Settings): readonly string[] {
  return diffSettings(before, after).map(({ path, impact }) => `${path}: ${impact}`);
}

describe('diffSettings', () => {
  it('finds nothing in equal settings', () => {
    expect(impacts(server, structuredClone(server))).toEqual([]);
  });

  it.each<[string, Partial<Settings>, readonly string[]]>([
    ['log level', { log: { level: 'debug' } }, ['log.level: none']],
    ['engine', { engine: { host: 'unix:///x' } }, ['engine.host: none']],
    ['another GitLab', { gitlab: { ...gitlab, url: 'https://b' } }, ['gitlab.url: data-loss']],
    ['address for runners', { gitlab: { ...gitlab, runnerUrl: 'http://c' } }, ['gitlab.runnerUrl: restart']],
    ['a root to trust', { gitlab: { ...gitlab, ca: '/srv/root.pem' } }, ['gitlab.ca: restart']],
    [
      'a root that jobs are not to trust',
      { gitlab: { ...gitlab, trustInJobs: false } },
      ['gitlab.trustInJobs: restart'],
    ],
    [
      'a stack',
      { gitlab: { ...gitlab, stack: { network: 'autogit-lab_inner', connect: null } } },
      ['gitlab.stack: restart'],
    ],
    ['a pool gone', { pools: server.pools.slice(1) }, ['pools.a: none']],
    ['pools in another order', { pools: server.pools.toReversed() }, []],
  ])('tells the impact of: %s', (_name, change, expected) => {
    expect(impacts(server, { ...server, ...change })).toEqual(expected);
  });

  it('tells of fields of one pool by its name', () => {
    const pools = server.pools.map((pool) => (pool.name === 'b' ? { ...pool, max: 9, cpus: 1 } : pool));
    expect(impacts(server, { ...server, pools })).toEqual(['pools.b.max: none', 'pools.b.cpus: restart']);
  });

  it('knows an impact and an effect for every setting there is', () => {
    const other = settingsSchema.parse({
      gitlab: { kind: 'sandbox', state: 'stopped', runner: 'official' },
      engine: { host: 'x' },
      pools: [
        {
          name: 'default',
          tags: ['x'],
          runUntagged: false,
          image: 'i',
          max: 1,
          idleTime: 1,
          cpus: 1,
          memoryMiB: 64,
        },
        poolSchema.parse({ name: 'more' }),
      ],
      log: { level: 'warn' },
    });
    const changes = diffSettings(defaultSettings, other);
    expect(changes).toHaveLength(13);
    expect(changes.every(({ effect }) => effect.endsWith('.'))).toBe(true);
  });
});
