// A lab that is backed up: its places, backups, runs, sheet and a plan of a restore, as pages are shown them.
import type { Output } from '../../main/contract/contract.ts';
import { placeOf } from '../../main/model/backup/target.ts';
import type { BackupTarget } from '../../main/model/backup/target.ts';
import { qrRows } from './fake-user-calls.ts';

export type Shown = Output<'backup.show'>;
export type Target = Shown['targets'][number];
export type Record = Output<'backup.list'>['backups'][number];
export type Progress = Output<'backup.watch'>;
export type Plan = Output<'backup.plan-restore'>;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const digits = '0123456789abcdef';

/** 64 hex digits that differ by number. */
function hex(number: number): string {
  return Array.from({ length: 64 }, (_, at) => digits[(number * 7 + at * 5) % 16]).join('');
}

/** Of a number: a UUID that is the same each time. */
export function idOf(number: number): string {
  return `${number.toString(16).padStart(8, '0')}-7c1d-4e2a-9b3f-${hex(number).slice(0, 12)}`;
}

export const nas: BackupTarget = {
  ...{ name: 'nas', kind: 'sftp', host: 'nas.home.arpa', port: 22, user: 'backup', path: '/lab' },
  hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtoZXJlIGlzIG5vIGtleQ==',
};
const usb: BackupTarget = {
  ...{ name: 'usb', kind: 'usb', label: 'BACKUP', path: 'autogit-backup', onPlugIn: true },
};
const cloud: BackupTarget = {
  ...{ name: 'cloud', kind: 's3', endpoint: 'https://s3.example.net', bucket: 'lab-backups', path: '' },
  region: 'eu-central-1',
};

/** A place that is ready, but for what is said. */
export function someTarget(target: BackupTarget, change: Partial<Target> = {}, now = Date.now()): Target {
  return {
    ...{ name: target.name, target, place: placeOf(target), state: 'ready', at: now, failure: null },
    ...{ freeBytes: 1.9e12, totalBytes: 4e12, usedBytes: 61e9, nextPart: 4 },
    ...{ lastBackupAt: now - 6 * hourMs, lastVerifiedAt: now - 4 * dayMs, lastPrunedAt: now - 3 * dayMs },
    ...change,
  };
}

export function someTargets(now = Date.now()): Target[] {
  return [
    someTarget(nas, {}, now),
    someTarget(
      usb,
      {
        ...{ state: 'absent', freeBytes: null, totalBytes: null, usedBytes: 58e9 },
        lastBackupAt: now - 9 * dayMs,
        failure: {
          key: 'backup.target-absent',
          message: 'The disk BACKUP was last plugged in on 13 Nov.',
          next: 'Plug it in; a backup begins by itself.',
        },
      },
      now,
    ),
    someTarget(cloud, { freeBytes: null, totalBytes: null, usedBytes: 61.4e9 }, now),
  ];
}

/** A backup at a place. The first is the newest. */
export function someRecord(number: number, target: string, now = Date.now()): Record {
  const isProven = number % 7 === 3;
  return {
    ...{ id: idOf(number), target, snapshot: hex(number), at: now - 6 * hourMs - number * dayMs },
    ...{ machine: 'lab-server', instance: '8c1f', manifestSha256: hex(number + 1), autogit: '0.9.0' },
    ...{ gitlab: 'stack', gitlabVersion: '19.3.0', parts: ['home', 'gitlab', 'services'] },
    ...{ bytes: 42_000_000_000 - number * 310_000_000, files: 61_204 - number * 37 },
    ...{ addedBytes: number % 7 === 6 ? 3_900_000_000 : 210_000_000 + ((number * 37) % 9) * 45_000_000 },
    counts: { projects: 50, users: 12 },
    ...{ provenAt: isProven ? now - 3 * dayMs : null, provenMs: isProven ? 100_000 : null },
    damage: number === 12 ? 'Pack 5f2c9a is not what it was written as: 2 files cannot be read.' : null,
  };
}

/** So many, one a day: at the NAS and in the cloud, and each ninth on the disk. */
export function someRecords(count: number, now = Date.now()): Record[] {
  return Array.from({ length: count }, (_, number) =>
    ['nas', 'cloud', ...(number % 9 === 0 ? ['usb'] : [])].map((target) => someRecord(number, target, now)),
  ).flat();
}

export const someOrder: Shown['order'] = [
  {
    part: 'home',
    how: 'AutoGit’s database is copied while it is in use, then settings and secrets.',
    awaySeconds: 0,
  },
  {
    part: 'gitlab',
    how: 'GitLab dumps its database, then its repositories, while it serves.',
    awaySeconds: 0,
  },
  { part: 'services', how: 'The data of Authelia, Traefik and CoreDNS is copied.', awaySeconds: 0 },
];

export function someRuns(now = Date.now()): Shown['runs'] {
  const run = { schedule: null, targets: ['nas', 'cloud'], failures: [], outcome: 'done' as const };
  return [
    {
      ...{ ...run, id: 41, verb: 'create', cause: 'schedule', schedule: 'nightly', backup: idOf(0) },
      ...{ startedAt: now - 6 * hourMs, endedAt: now - 6 * hourMs + 212_000 },
    },
    {
      ...{ ...run, id: 40, verb: 'drill', cause: 'schedule', backup: idOf(3), targets: ['nas'] },
      ...{ startedAt: now - 3 * dayMs, endedAt: now - 3 * dayMs + 100_000 },
    },
    {
      ...{ ...run, id: 39, verb: 'create', cause: 'plugged-in', backup: idOf(9), targets: ['usb'] },
      ...{ startedAt: now - 9 * dayMs, endedAt: now - 9 * dayMs + 431_000, outcome: 'failed' },
      failures: [
        {
          ...{ target: 'usb', key: 'backup.target-full', message: 'The disk BACKUP is full.' },
          next: 'Make room on it, or keep fewer backups.',
        },
      ],
    },
  ];
}

export function someShown(now = Date.now()): Shown {
  return {
    sentence: 'Last backup 6 hours ago to nas and cloud. Last proven restore: 3 days ago, in 1 min 40 s.',
    engine: { version: '0.18.1', runs: 'program', words: 'restic 0.18.1, installed' },
    targets: someTargets(now),
    next: [
      { verb: 'create', schedule: 'nightly', words: 'daily at 02:00', at: now + 18 * hourMs },
      { verb: 'drill', schedule: null, words: 'weekly on Wednesday at 04:00', at: now + 3 * dayMs },
      { verb: 'verify', schedule: null, words: 'weekly on Saturday at 04:00', at: now + 5 * dayMs },
      { verb: 'prune', schedule: null, words: 'weekly on Sunday at 05:00', at: now + 6 * dayMs },
    ],
    runs: someRuns(now),
    ...{
      progress: null,
      lastBackupAt: now - 6 * hourMs,
      lastProvenAt: now - 3 * dayMs,
      lastProvenMs: 100_000,
    },
    ...{ sheetKeptAt: now - 20 * dayMs, order: someOrder, issues: [] },
  };
}

/** A home that keeps no backups yet. */
export const noBackups: Partial<Shown> = {
  sentence: 'Nothing is backed up: there is no place for backups yet.',
  ...{ targets: [], next: [], runs: [], lastBackupAt: null, lastProvenAt: null, lastProvenMs: null },
  ...{ sheetKeptAt: null, issues: [] },
};

export const someProgress: Progress = {
  ...{ run: 42, verb: 'create', step: 'send', message: 'Sending to nas', target: 'nas' },
  ...{ bytes: { done: 1.3e9, total: 4.2e9 }, files: { done: 20_412, total: 61_204 }, secondsLeft: 95 },
  ...{ outcome: null, failure: null },
};

/** Words of BIP 39 that anybody may know. */
export const someWords = [
  ...['orbit', 'velvet', 'canyon', 'puzzle', 'ribbon', 'lantern', 'cactus', 'mimic', 'harbor', 'seven'],
  ...['tobacco', 'walnut'],
];

export function someSheet(targets: readonly Target[], keptAt: number | null): Output<'backup.sheet'> {
  const words = targets.length === 0 ? null : someWords;
  return {
    ...{ words, qr: words === null ? [] : qrRows(words.join(' ')), keptAt },
    ...{ home: '/home/ana/.local/share/autogit', machine: 'lab-server' },
    targets: targets.map(({ name, target, place }) => ({ name, kind: target.kind, place })),
    withoutAutogit: [
      'Install restic: https://restic.net',
      'export RESTIC_PASSWORD="the twelve words, with one blank between"',
      'restic -r sftp:backup@nas.home.arpa:/lab snapshots --tag autogit',
      'restic -r sftp:backup@nas.home.arpa:/lab restore latest --tag autogit --target /tmp/lab',
    ],
  };
}

/** A plan against which nothing stands. */
export function somePlan(backup: Record, change: Partial<Plan> = {}): Plan {
  return {
    ...{
      backup,
      hash: 'c0ffee',
      parts: [...backup.parts],
      to: null,
      safety: true,
      withoutSafety: false,
      awaySeconds: 480,
      issues: [],
    },
    versions: {
      ...{ backup: '19.3.0', now: '19.3.0', installs: '19.3.0', stops: [] },
      words: 'GitLab comes up as 19.3.0, the version that the backup was made of.',
    },
    changes: [
      {
        part: 'home',
        what: 'settings.yaml',
        now: '4 pools, 2 schedules',
        then: '3 pools, 1 schedule',
        change: 'replace',
      },
      { part: 'home', what: 'secrets', now: '14', then: '14', change: 'same' },
      { part: 'gitlab', what: 'GitLab', now: '19.3.0', then: '19.3.0', change: 'same' },
      { part: 'gitlab', what: 'projects', now: '52', then: '50', change: 'replace' },
      { part: 'gitlab', what: 'users', now: '12', then: '12', change: 'same' },
      { part: 'services', what: 'Authelia', now: '', then: '12 people', change: 'create' },
      { part: 'services', what: 'logs', now: '2.1 GB', then: '2.1 GB', change: 'keep' },
    ],
    steps: [
      { step: 'check', words: 'Look at versions, room and the place' },
      { step: 'safety', words: 'Back up what is there now' },
      { step: 'fetch', words: 'Fetch 42 GB from nas' },
      { step: 'judge', words: 'Compare every file with the manifest' },
      { step: 'home', words: 'Put AutoGit’s own files in place' },
      { step: 'gitlab', words: 'Restore GitLab' },
      { step: 'services', words: 'Restore the services' },
      { step: 'tidy', words: 'Remove what is not needed any more' },
    ],
    ...change,
  };
}
