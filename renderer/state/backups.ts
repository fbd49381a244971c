// Backups as a page shows them: one row for each, wherever it is kept, with what is known of it.
import type { Output } from '../../main/contract/contract.ts';
import type { BackupPart } from '../../main/model/backup/manifest.ts';
import type { TargetKind } from '../../main/model/backup/target.ts';
import type { StateLook } from './tones.ts';
import { numeral } from '../language/locale.ts';
import { duration, listed } from './words.ts';
import { count, t } from '../language/strings.ts';

export type BackupsShown = Output<'backup.show'>;
export type BackupTargetView = BackupsShown['targets'][number];
export type BackupRecord = Output<'backup.list'>['backups'][number];
export type BackupContents = Output<'backup.inspect'>;

export type Proof = 'proven' | 'unproven' | 'damaged' | 'foreign';

/** One backup, the same at every place that has it. */
export interface Backup {
  readonly id: string;
  readonly at: number;
  readonly machine: string;
  /** By place, in the order in which they were listed. */
  readonly records: readonly BackupRecord[];
  readonly targets: readonly string[];
  readonly parts: readonly BackupPart[];
  /** `null`: not known. */
  readonly bytes: number | null;
  readonly addedBytes: number | null;
  readonly files: number | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly autogit: string;
  readonly gitlab: BackupRecord['gitlab'];
  readonly gitlabVersion: string;
  readonly proof: Proof;
  readonly provenAt: number | null;
  readonly provenMs: number | null;
  /** By place, why it is damaged there. */
  readonly damages: readonly { readonly target: string; readonly why: string }[];
}

function latest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function proofOf(records: readonly BackupRecord[]): Proof {
  if (records.some(({ damage }) => damage !== null)) return 'damaged';
  if (records.every(({ manifestSha256 }) => manifestSha256 === null)) return 'foreign';
  return records.some(({ provenAt }) => provenAt !== null) ? 'proven' : 'unproven';
}

function joined(first: BackupRecord, records: readonly BackupRecord[]): Backup {
  const { id, at, machine, parts, bytes, files, counts, autogit, gitlab, gitlabVersion } = first;
  const provenAt = latest(records.map((one) => one.provenAt));
  return {
    ...{ id, at, machine, parts, bytes, files, counts, autogit, gitlab, gitlabVersion, records, provenAt },
    addedBytes: latest(records.map((one) => one.addedBytes)),
    targets: records.map(({ target }) => target),
    proof: proofOf(records),
    provenMs: records.find((one) => one.provenAt === provenAt)?.provenMs ?? null,
    damages: records.flatMap(({ target, damage }) => (damage === null ? [] : [{ target, why: damage }])),
  };
}

/** Newest first. */
export function backupsOf(records: readonly BackupRecord[]): readonly Backup[] {
  const byId = Map.groupBy(records, ({ id }) => id);
  return [...byId.values()]
    .flatMap((same) => (same[0] === undefined ? [] : [joined(same[0], same)]))
    .toSorted((a, b) => b.at - a.at);
}

export const proofLooks: Readonly<Record<Proof, StateLook>> = {
  proven: { tone: 'success', sign: 'check', word: t('Proven') },
  unproven: { tone: 'unknown', sign: 'question', word: t('Not proven') },
  damaged: { tone: 'failed', sign: 'cross', word: t('Damaged') },
  foreign: { tone: 'idle', sign: 'ban', word: t('Not by AutoGit') },
};

export const targetLooks: Readonly<Record<BackupTargetView['state'], StateLook>> = {
  ready: { tone: 'success', sign: 'check', word: t('Ready') },
  new: { tone: 'idle', sign: 'later', word: t('Empty so far') },
  absent: { tone: 'waiting', sign: 'later', word: t('Not plugged in') },
  failing: { tone: 'failed', sign: 'cross', word: t('Does not work') },
  unknown: { tone: 'unknown', sign: 'question', word: t('Not looked at yet') },
};

export const targetKindWords: Readonly<Record<TargetKind, string>> = {
  folder: t('Folder'),
  usb: t('Disk that is plugged in now and then'),
  sftp: t('Another machine, by SSH'),
  s3: t('S3 storage'),
  rclone: t('Anything that rclone reaches'),
};

/** Beside a name. */
export const targetKindShort: Readonly<Record<TargetKind, string>> = {
  folder: t('Folder'),
  usb: t('Disk to plug in'),
  sftp: t('By SSH'),
  s3: t('S3 storage'),
  rclone: t('By rclone'),
};

export const partWords: Readonly<Record<BackupPart, string>> = {
  home: t('AutoGit itself'),
  sandbox: t('The sandbox'),
  gitlab: 'GitLab',
  services: t('The other services'),
};

/** What each part has in it, for those who choose among them. */
export const partAbout: Readonly<Record<BackupPart, string>> = {
  home: t('Settings, secrets, history and audit'),
  sandbox: t('Its projects, people and jobs'),
  gitlab: t('Projects, people, issues, files, and the secrets that open them'),
  services: t('Sign-in with its people, certificates and names'),
};

export const backupGroups = ['all', 'proven', 'unproven', 'damaged'] as const;
export type BackupGroup = (typeof backupGroups)[number];

export interface BackupFilter {
  readonly group: BackupGroup;
  readonly text: string;
  /** `2026-11-22`, where somebody sits; '': all. */
  readonly day: string;
}

/** What the address says; anything unknown is all. */
export function backupFilterOf(query: Readonly<Record<string, string>>): BackupFilter {
  return {
    group: backupGroups.find((group) => group === query['show']) ?? 'all',
    text: query['text'] ?? '',
    day: /^\d{4}-\d\d-\d\d$/.test(query['day'] ?? '') ? (query['day'] ?? '') : '',
  };
}

export function backupQueryOf({ group, text, day }: BackupFilter): Readonly<Record<string, string>> {
  return { tab: 'list', show: group === 'all' ? '' : group, text, day };
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

/** The day of a moment, where somebody sits: `2026-11-22`. */
export function dayOf(at: number): string {
  const date = new Date(at);
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function isIn({ proof }: Backup, group: BackupGroup): boolean {
  return group === 'all' || proof === group || (group === 'unproven' && proof === 'foreign');
}

/** Found by day, id, place, machine and version. */
export function filterBackups(
  backups: readonly Backup[],
  { group, text, day }: BackupFilter,
): readonly Backup[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return backups.filter((backup) => {
    if (!isIn(backup, group) || (day !== '' && dayOf(backup.at) !== day)) return false;
    const { id, at, targets, machine, gitlabVersion, autogit } = backup;
    const all =
      `${id} ${dayOf(at)} ${targets.join(' ')} ${machine} ${gitlabVersion} ${autogit}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

const countWords: Readonly<Record<string, (number: number) => string>> = {
  projects: (number) => count(number, '{{n}} project', '{{n}} projects'),
  users: (number) => count(number, '{{n}} user', '{{n}} users'),
  groups: (number) => count(number, '{{n}} group', '{{n}} groups'),
  runners: (number) => count(number, '{{n}} runner', '{{n}} runners'),
  hooks: (number) => count(number, '{{n}} hook', '{{n}} hooks'),
};

/** `50 projects, 12 users`; '' where nothing was counted. What only a newer backup counts has its own name. */
export function countsWords(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([noun, number]) => countWords[noun]?.(number) ?? `${numeral(number)} ${noun}`)
    .join(', ');
}

/** `GitLab 19.3.0`; what a backup has of a GitLab, in few words. */
export function gitlabWords({ gitlab, gitlabVersion }: Pick<Backup, 'gitlab' | 'gitlabVersion'>): string {
  switch (gitlab) {
    case 'none':
      return t('no GitLab');
    case 'sandbox':
      return t('the sandbox');
    case 'stack':
      return gitlabVersion === '' ? 'GitLab' : `GitLab ${gitlabVersion}`;
    case 'elsewhere':
      return t('a GitLab that is elsewhere, and not in it');
  }
}

type Order = BackupsShown['order'];

/** Before anything else: what a backup costs those who work. */
export function awaySentence(order: Order): string {
  const away = order.filter(({ awaySeconds }) => awaySeconds > 0);
  if (order.length === 0) return t('What a backup stops is told once there is something to back up.');
  if (away.length === 0) return t('Nothing is stopped for a backup: GitLab, runners and jobs go on.');
  const parts = away.map(({ part, awaySeconds }) =>
    t('{{part}} for about {{duration}}', { part: partWords[part], duration: duration(awaySeconds * 1000) }),
  );
  return t('Away while a backup is made: {{parts}}.', { parts: listed(parts) });
}

export type BackupTab = 'now' | 'list' | 'schedules' | 'sheet';

const tabNames: readonly BackupTab[] = ['now', 'list', 'schedules', 'sheet'];

export function backupTabOf(query: Readonly<Record<string, string>>): BackupTab {
  return tabNames.find((name) => name === query['tab']) ?? 'now';
}
