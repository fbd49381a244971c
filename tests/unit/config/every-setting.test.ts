// Every setting changes something that can be seen from outside: what is planned, what containers are made from, the
// terms at GitLab, the wishes of a pool's neighbours. The list of settings is the schema's own.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { noticeKinds } from '../../../main/model/notice.ts';
import { settingsSchema } from '../../../main/model/settings.ts';
import { effectsOf, neighbour } from './effects-of.ts';

interface Case {
  /** What has to be set besides, before and after. */
  readonly beside?: object;
  readonly to: object;
}

const image = { executor: 'image' } as const;

/** Of each setting of a pool, another value than its default. */
const poolCases: Readonly<Record<string, Case>> = {
  name: { to: { name: 'renamed' } },
  tags: { to: { tags: ['else'] } },
  runUntagged: { to: { runUntagged: false } },
  protectedOnly: { to: { protectedOnly: true } },
  scope: { to: { scope: { kind: 'project', path: 'lab/web' } } },
  paused: { to: { paused: true } },
  priority: { to: { priority: 7 } },
  executor: { to: { executor: 'image' } },
  image: { to: { image: 'debian:13' } },
  max: { to: { max: 0 } },
  idleTime: { to: { idleTime: 12 } },
  cpus: { to: { cpus: 0.5 } },
  memoryMiB: { to: { memoryMiB: 96 } },
  gpu: { to: { gpu: {} } },
  min: { to: { min: 2 } },
  warm: {
    to: {
      warm: [
        {
          days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
          ...{ from: '00:00', to: '00:00', timeZone: 'UTC', count: 2 },
        },
      ],
    },
  },
  jobsPerRunner: { to: { jobsPerRunner: 1 } },
  maxLifetime: { to: { maxLifetime: 60 } },
  diskMiB: { to: { diskMiB: 2048 } },
  pids: { to: { pids: 99 } },
  shmMiB: { to: { shmMiB: 128 } },
  arch: { to: { arch: 'arm64' } },
  env: { to: { env: { PROXY: 'proxy:3128' } } },
  cache: { beside: image, to: { cache: 'project' } },
  pullPolicy: { beside: image, to: { pullPolicy: 'never' } },
  prePull: { to: { prePull: ['postgres:17'] } },
  runnerImage: { beside: image, to: { runnerImage: 'runner:2' } },
  mounts: { to: { mounts: ['/srv/models:/models'] } },
  devices: { to: { devices: ['/dev/kvm'] } },
  capabilities: { beside: image, to: { capabilities: ['SYS_PTRACE'] } },
};
/** Those that jobs' own containers have as well as a runner's, which are made in another place. */
const alsoForImages = ['cpus', 'memoryMiB', 'diskMiB', 'pids', 'shmMiB', 'arch', 'env', 'mounts', 'devices'];

const server = { gitlab: { kind: 'server', url: 'https://gitlab.test' } } as const;
const stack = (network: string, connect: string | null = null): object => ({
  gitlab: { ...server.gitlab, stack: { network, connect } },
});
const sandbox = { gitlab: { kind: 'sandbox' } } as const;
const updates = (more: object = {}): object => ({
  updates: { address: 'https://updates.test/autogit', ...more },
});
const quiet = (hours: object): object => ({ notices: { quietHours: { on: true, ...hours } } });

const nas = { name: 'nas', kind: 'folder', path: '/mnt/nas' } as const;
const backups = (more: object = {}): object => ({ backups: { targets: [nas], ...more } });

/** Of every other setting; what is between the dots are its groups. */
const otherCases: Readonly<Record<string, Case>> = {
  'gitlab.kind': { to: sandbox },
  'gitlab.state': { beside: sandbox, to: { gitlab: { kind: 'sandbox', state: 'stopped' } } },
  'gitlab.runner': { beside: sandbox, to: { gitlab: { kind: 'sandbox', runner: 'official' } } },
  'gitlab.url': { beside: server, to: { gitlab: { ...server.gitlab, url: 'https://other.test' } } },
  'gitlab.runnerUrl': {
    beside: server,
    to: { gitlab: { ...server.gitlab, runnerUrl: 'http://inside.test' } },
  },
  'gitlab.ca': { beside: server, to: { gitlab: { ...server.gitlab, ca: '/srv/root.pem' } } },
  'gitlab.trustInJobs': {
    beside: { gitlab: { ...server.gitlab, ca: '/srv/root.pem' } },
    to: { gitlab: { ...server.gitlab, ca: '/srv/root.pem', trustInJobs: false } },
  },
  'gitlab.stack.network': {
    beside: stack('autogit-lab_inner'),
    to: stack('autogit-other_inner'),
  },
  'gitlab.stack.connect': {
    beside: stack('autogit-lab_inner'),
    to: stack('autogit-lab_inner', '127.0.0.1:8443'),
  },
  'engine.host': { to: { engine: { host: 'unix:///elsewhere.sock' } } },
  'gpus.reserved': { to: { gpus: { reserved: [{ id: 'GPU-1', for: 'games' }] } } },
  'gpus.exclusive': { to: { gpus: { exclusive: ['GPU-1'] } } },
  'emulation.architectures': { to: { emulation: { architectures: ['arm64'] } } },
  'emulation.image': {
    beside: { emulation: { architectures: ['arm64'] } },
    to: { emulation: { architectures: ['arm64'], image: 'emulators:2' } },
  },
  proofs: { beside: server, to: { proofs: 'off' } },
  ...Object.fromEntries(
    noticeKinds.map((kind) => [`notices.kinds.${kind}`, { to: { notices: { kinds: { [kind]: false } } } }]),
  ),
  'notices.quietHours.on': { to: quiet({}) },
  'notices.quietHours.from': { beside: quiet({}), to: quiet({ from: '23:30' }) },
  'notices.quietHours.to': { beside: quiet({}), to: quiet({ to: '13:00' }) },
  'notices.jobs': { to: { notices: { jobs: 'mine' } } },
  'notices.person': {
    beside: { notices: { jobs: 'mine' } },
    to: { notices: { jobs: 'mine', person: 'ana' } },
  },
  'notices.spike': { to: { notices: { spike: 'keen' } } },
  'updates.address': { to: { updates: { address: 'https://updates.test/autogit' } } },
  'updates.check': { beside: updates(), to: updates({ check: 'never' }) },
  'updates.channel': { beside: updates(), to: updates({ channel: 'beta' }) },
  'backups.targets': { to: backups() },
  'backups.schedules': { beside: backups(), to: backups({ schedules: [] }) },
  'backups.timezone': { beside: backups(), to: backups({ timezone: 'Pacific/Kiritimati' }) },
  'backups.jitterMinutes': { beside: backups(), to: backups({ jitterMinutes: 0 }) },
  'backups.waitForJobs': { beside: backups(), to: backups({ waitForJobs: true }) },
  'backups.beforeUpgrades': { beside: backups(), to: backups({ beforeUpgrades: false }) },
  ...Object.fromEntries(
    ['last', 'days', 'daily', 'weekly', 'monthly', 'yearly'].map((name) => [
      `backups.keep.${name}`,
      { beside: backups(), to: backups({ keep: { [name]: 50 } }) },
    ]),
  ),
  'backups.prune': { beside: backups(), to: backups({ prune: 'daily at 12:00' }) },
  'backups.verify': { beside: backups(), to: backups({ verify: 'daily at 12:00' }) },
  'backups.verifyPercent': { beside: backups(), to: backups({ verifyPercent: 50 }) },
  'backups.drill': { beside: backups(), to: backups({ drill: 'daily at 12:00' }) },
  'backups.image': { beside: backups(), to: backups({ image: 'restic:2' }) },
  ...Object.fromEntries(
    ['uploadKiB', 'downloadKiB', 'nice'].map((name) => [
      `backups.limits.${name}`,
      { beside: backups(), to: backups({ limits: { [name]: 5 } }) },
    ]),
  ),
  'log.level': { to: { log: { level: 'debug' } } },
};
/** It has one value only: others are stepped up or refused. */
const fixed = ['version'];

type Schema = z.core.JSONSchema.BaseSchema;

/** Names of all settings but those of pools, read off the schema. */
function settingsIn(schema: Schema, prefix = ''): readonly string[] {
  const kinds = [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  const fields = kinds.flatMap((kind) =>
    typeof kind === 'object' ? Object.entries(kind.properties ?? {}) : [],
  );
  if (fields.length === 0) return [prefix];
  return [
    ...new Set(
      fields.flatMap(([name, field]) => {
        const path = prefix === '' ? name : `${prefix}.${name}`;
        return typeof field === 'object' ? settingsIn(field, path) : [path];
      }),
    ),
  ];
}

function poolSettings(): readonly string[] {
  const { pools } = z.toJSONSchema(settingsSchema, { io: 'input' }).properties ?? {};
  const items = typeof pools === 'object' ? pools.items : undefined;
  return typeof items === 'object' && !Array.isArray(items) ? Object.keys(items.properties ?? {}) : [];
}

/** Beside a pool that takes some of the jobs. */
const withPool = (pool: object): object => ({
  ...server,
  pools: [
    { name: 'default', tags: ['docker'], ...pool },
    { name: neighbour, tags: ['docker'], runUntagged: false },
  ],
});

describe('the list of settings', () => {
  it('has a case here for each, and no other', () => {
    const all = settingsIn(z.toJSONSchema(settingsSchema, { io: 'input' })).filter(
      (path) => path !== 'pools',
    );
    expect([...Object.keys(otherCases), ...fixed].sort()).toEqual([...all].sort());
    expect(Object.keys(poolCases).sort()).toEqual([...poolSettings()].sort());
  });

  it('is the same twice where nothing has changed', async () => {
    expect(await effectsOf(withPool({}))).toEqual(await effectsOf(withPool({})));
  });
});

describe('a setting of a pool', () => {
  it.each(Object.entries(poolCases))('%s has an effect', async (_, { beside = {}, to }) => {
    expect(await effectsOf(withPool({ ...beside, ...to }))).not.toEqual(await effectsOf(withPool(beside)));
  });

  it.each(alsoForImages)('%s has one with executor image, too', async (name) => {
    const { to = {} } = poolCases[name] ?? {};
    expect(await effectsOf(withPool({ ...image, ...to }))).not.toEqual(await effectsOf(withPool(image)));
  });
});

describe('a setting of the home', () => {
  it.each(Object.entries(otherCases))('%s has an effect', async (_, { beside = {}, to }) => {
    expect(await effectsOf({ ...beside, ...to })).not.toEqual(await effectsOf(beside));
  });
});
