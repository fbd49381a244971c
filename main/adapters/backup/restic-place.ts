// Turns a target into what restic is told: where its repository lies, what opens it, and which folders that needs.
import { access, constants, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ResticCall, ResticPlace } from '../../backup-ports.ts';
import { AutoGitError } from '../../errors.ts';
import { targetSecrets } from '../../model/backup/target.ts';
import type { BackupTarget } from '../../model/backup/target.ts';
import { isFolder } from './disks.ts';
import { configGone, folderRefused, keysAbsent, strangeField, targetAbsent } from './restic-errors.ts';

/** A place, opened for one call. */
export interface OpenPlace {
  /** Before the command: repository and options. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly folders: ResticCall['folders'];
  /** Of kinds `folder` and `usb`: where the repository lies on this machine. */
  readonly path: string | null;
  /** What a program that restic has started says is wrong: restic may end before it has passed that on. */
  words(): Promise<string>;
  /** Removes the files that were made for it. */
  close(): Promise<void>;
}

export interface PlaceOptions {
  /** For files with keys while a call goes on; nobody else may read it. */
  readonly keys: string;
  readonly disks: () => Promise<Readonly<Record<string, string>>>;
}

/** Where the repository of a folder or disk lies. Rejects with `backup.target-absent` for a disk that is not there. */
export async function pathOf(target: BackupTarget, disks: PlaceOptions['disks']): Promise<string | null> {
  if (target.kind === 'folder') return target.path;
  if (target.kind !== 'usb') return null;
  const point = (await disks())[target.label];
  if (point === undefined) throw targetAbsent(target);
  return join(point, target.path);
}

/**
 * `isNew`: its folder may be missing, for it is to be made. Rejects with `backup.target-absent`, `backup.target-refused` (a
 * key is missing) and `backup.restic-failed`.
 */
export async function openPlace(
  place: ResticPlace,
  options: PlaceOptions,
  isNew: boolean,
): Promise<OpenPlace> {
  const { target, password, limits } = place;
  const wanted = targetSecrets[target.kind].filter((name) => (place.secrets[name] ?? '').trim() === '');
  if (wanted.length > 0) throw keysAbsent(target, wanted);
  const own = await openTarget(place, options, isNew);
  return {
    ...own,
    args: [
      ...own.args,
      ...(limits.uploadKiB > 0 ? ['--limit-upload', String(limits.uploadKiB)] : []),
      ...(limits.downloadKiB > 0 ? ['--limit-download', String(limits.downloadKiB)] : []),
    ],
    environment: { ...own.environment, RESTIC_PASSWORD: password },
  };
}

const nothing = {
  ...{ environment: {}, folders: [], path: null },
  words: () => Promise.resolve(''),
  close: () => Promise.resolve(),
};

async function openTarget(place: ResticPlace, options: PlaceOptions, isNew: boolean): Promise<OpenPlace> {
  const { target } = place;
  switch (target.kind) {
    case 'folder':
    case 'usb':
      return await openFolder(target, options, isNew);
    case 'sftp':
      return await openSftp(target, place.secrets['ssh-key'] ?? '', options);
    case 's3':
      return openS3(target, place.secrets);
    case 'rclone':
      return { ...nothing, args: ['--repo', `rclone:${target.remote}:${target.path}`] };
  }
}

async function openFolder(target: BackupTarget, { disks }: PlaceOptions, isNew: boolean): Promise<OpenPlace> {
  const path = await pathOf(target, disks);
  if (path === null) throw targetAbsent(target);
  const bound = (await isFolder(path)) || !isNew ? path : await folderAbove(target, path);
  if (!(await isFolder(bound))) throw targetAbsent(target);
  return { ...nothing, args: ['--repo', path], folders: [{ path: bound, isWritable: true }], path };
}

/** Of a disk any folder may be made; of another place the last one, as the rest may be where nothing is mounted now. */
async function folderAbove(target: BackupTarget, path: string): Promise<string> {
  const above = dirname(path);
  if (target.kind === 'folder' || (await isFolder(above)) || above === path) return above;
  return await folderAbove(target, above);
}

/**
 * Whether a repository is yet to be made in a folder. Rejects with `backup.target-absent`; with `backup.repository-damaged`
 * where only its config is gone, for a new one would be made over its data; and with what forbids to make one.
 */
export async function isNewFolder(target: BackupTarget, path: string): Promise<boolean> {
  const isThere = await isFolder(path);
  const place = isThere ? path : await folderAbove(target, path);
  if (!(await isFolder(place))) throw targetAbsent(target);
  try {
    const names: readonly string[] = isThere ? await readdir(path) : [];
    if (names.includes('config')) return false;
    if (names.includes('keys') && (await keepsAnything(path))) throw configGone(target);
    await access(place, constants.W_OK);
    return true;
  } catch (error) {
    throw error instanceof AutoGitError ? error : folderRefused('look at', target, error);
  }
}

/** Whether something of a backup is in a folder: what was ended while it made a repository leaves a key at most. */
async function keepsAnything(path: string): Promise<boolean> {
  for (const part of ['snapshots', 'index', 'data']) {
    const entries = await readdir(join(path, part), { recursive: true, withFileTypes: true }).catch(
      whereNone,
    );
    if (entries.some((entry) => !entry.isDirectory())) return true;
  }
  return false;
}

function whereNone(error: unknown): [] {
  if (isCode(error, 'ENOENT')) return [];
  throw error;
}

/**
 * Whether a repository in a folder can be written: restic itself would try for most of a minute. Rejects with
 * `backup.target-read-only`, `backup.target-permission`. Of other places nobody can tell beforehand.
 */
export async function mustBeWritable(target: BackupTarget, path: string | null): Promise<void> {
  if (path === null) return;
  try {
    for (const name of ['locks', 'data']) await access(join(path, name), constants.W_OK);
  } catch (error) {
    if (isCode(error, 'EROFS', 'EACCES', 'EPERM')) throw folderRefused('write to', target, error);
  }
}

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => error.code === code);
}

/**
 * Makes the folder of a new repository, for this user alone. Keys of one that was never finished go: the password opens
 * them, too, and what they are a key to was never written.
 */
export async function makeFolder(target: BackupTarget, path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await rm(join(path, 'keys'), { recursive: true, force: true });
  } catch (error) {
    throw folderRefused('make', target, error);
  }
}

type S3Target = Extract<BackupTarget, { readonly kind: 's3' }>;

/** https://restic.readthedocs.io/en/v0.18.1/030_preparing_a_new_repo.html#amazon-s3: what follows the service is bucket and path. */
function openS3(target: S3Target, secrets: ResticPlace['secrets']): OpenPlace {
  const parts = [target.bucket, ...target.path.split('/')].filter(Boolean);
  const url = [new URL(target.endpoint).origin, ...parts.map(encodeURIComponent)].join('/');
  return {
    ...nothing,
    args: ['--repo', `s3:${url}`],
    environment: {
      AWS_ACCESS_KEY_ID: (secrets['access-key-id'] ?? '').trim(),
      AWS_SECRET_ACCESS_KEY: (secrets['secret-access-key'] ?? '').trim(),
      ...(target.region === '' ? {} : { AWS_DEFAULT_REGION: target.region }),
    },
  };
}

type SftpTarget = Extract<BackupTarget, { readonly kind: 'sftp' }>;

/** The name by which the host's key is looked up: neither its address nor its port matter then. */
const alias = 'autogit-target';

/** ssh with nothing of the user's own settings: this key, this host key, no questions. */
async function openSftp(target: SftpTarget, key: string, options: PlaceOptions): Promise<OpenPlace> {
  const folder = await mkdtemp(join(options.keys, 'ssh-'));
  const close = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const [keyFile, hostsFile, log] = [join(folder, 'key'), join(folder, 'known_hosts'), join(folder, 'log')];
    await writeFile(keyFile, `${key.trim()}\n`, { mode: 0o600 });
    await writeFile(hostsFile, `${alias} ${target.hostKey}\n`, { mode: 0o600 });
    const command = sshWords(target, { keyFile, hostsFile, log }).map((word) => quote(word, target));
    return {
      ...nothing,
      // Whom to call stands in the command: here the name is only shown.
      args: [
        '--repo',
        `sftp:${shownHost(target.host)}:${target.path}`,
        '--option',
        field(`sftp.command=${command.join(' ')}`),
      ],
      folders: [{ path: folder, isWritable: true }],
      words: () => readFile(log, 'utf8').catch(() => ''),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface SshFiles {
  readonly keyFile: string;
  readonly hostsFile: string;
  readonly log: string;
}

function sshWords(target: SftpTarget, { keyFile, hostsFile, log }: SshFiles): readonly string[] {
  const settings = {
    BatchMode: 'yes',
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    StrictHostKeyChecking: 'yes',
    HostKeyAlias: alias,
    UserKnownHostsFile: `"${escapeTokens(hostsFile)}"`,
    GlobalKnownHostsFile: '/dev/null',
    UpdateHostKeys: 'no',
    ConnectTimeout: '20',
    ServerAliveInterval: '15',
    ServerAliveCountMax: '4',
    LogLevel: 'ERROR',
  };
  return [
    ...['ssh', '-F', '/dev/null', '-E', log, '-p', String(target.port), '-l', target.user],
    ...['-i', escapeTokens(keyFile)],
    ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    ...['-s', '--', target.host, 'sftp'],
  ];
}

/** https://man.openbsd.org/ssh_config#TOKENS */
function escapeTokens(path: string): string {
  return path.replaceAll('%', '%%');
}

/**
 * restic splits the command at blanks, knows both kinds of quotes, and nothing that would escape one.
 * https://github.com/restic/restic/blob/v0.18.1/internal/backend/shell_split.go
 */
function quote(word: string, target: SftpTarget): string {
  if (word.includes('\\')) throw strangeField(target, word);
  if (!word.includes("'")) return `'${word}'`;
  if (!word.includes('"')) return `"${word}"`;
  throw strangeField(target, word);
}

/** The value of an option is read as a line of CSV. https://pkg.go.dev/github.com/spf13/pflag#StringSliceVar */
function field(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

function shownHost(host: string): string {
  return /^[\w.-]+$/.test(host) ? host : 'host';
}
