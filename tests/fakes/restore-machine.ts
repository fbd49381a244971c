// One machine that restores: a home on the disk, GitLab's data, which is a word, and kills to order.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createBackupFiles, finishSwap } from '../../main/adapters/backup/files.ts';
import { createBackupWords } from '../../main/adapters/backup/password.ts';
import { copyDatabase } from '../../main/adapters/store/copy-database.ts';
import type { BackupFiles, BackupProofs, ResticPlace } from '../../main/backup-ports.ts';
import { createRestoreLink } from '../../main/coordinator/backups/restore-link.ts';
import type { HomeSwap, RestoreEnd } from '../../main/coordinator/backups/restore-link.ts';
import {
  afterSwap,
  isReadable,
  readNote,
  restoreNoteName,
  writeNote,
} from '../../main/coordinator/backups/restore-note.ts';
import type { RestoreWish } from '../../main/coordinator/backups/restore-ground.ts';
import { createRestores } from '../../main/coordinator/backups/restores.ts';
import type { RestoreOutcome, Restores } from '../../main/coordinator/backups/restores.ts';
import { AutoGitError } from '../../main/errors.ts';
import type { BackupManifest } from '../../main/model/backup/manifest.ts';
import { defaultBackupSettings } from '../../main/model/backup/settings.ts';
import { recordOf, tagsOf } from '../../main/plan/backups/tags.ts';
import type { Secrets } from '../../main/ports.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeRestic } from './fake-restic.ts';
import { silentLog } from './silent-log.ts';

export const never = new AbortController().signal;
export const place: ResticPlace = {
  ...{ target: { name: 'nas', kind: 'folder', path: '/nas' }, password: 'words', secrets: {} },
  limits: { uploadKiB: 0, downloadKiB: 0, nice: 0 },
};
const id = '2f6d1c1e-0000-4000-8000-000000000001';

/** One machine: a home on the disk, and GitLab's data, which is a word. */
export interface Machine {
  readonly root: string;
  readonly restic: FakeRestic;
  gitlab: string;
  /** Writes of the journal until a kill; it comes before the write, or right after it. */
  kill: { left: number; after: boolean };
  /** The journal cannot be written: the disk is full. */
  isFull?: boolean;
  /** What putting GitLab's data back does besides. */
  onPut: () => Promise<void>;
}

export class Killed extends Error {}

const noSpace = {
  key: 'backup.no-space',
  message: 'The disk of the home is full.',
  next: 'Free space on it.',
};

function manifestOf(backupId: string, at: number): Parameters<BackupFiles['seal']>[1] {
  return ({ filesSha256, files, bytes, byPart }): BackupManifest => ({
    ...{
      version: 1,
      id: backupId,
      at,
      autogit: '0.1.0',
      instance: 'lab',
      machine: 'm',
      gitlab: 'sandbox',
      stack: null,
    },
    parts: (['home', 'sandbox'] as const).map((part) => ({
      ...{ part, version: '1', counts: {}, awaySeconds: 0, files: 0, bytes: 0 },
      ...byPart[part],
    })),
    ...{ filesSha256, files, bytes },
  });
}

export function filesOf({ root }: Machine): BackupFiles {
  const home = {
    root,
    settings: path.join(root, 'settings.yaml'),
    database: path.join(root, 'state.db'),
    secrets: path.join(root, 'secrets'),
  };
  return createBackupFiles({ home, copyDatabase });
}

async function stage(machine: Machine, backupId: string, at: number) {
  const files = filesOf(machine);
  const folder = await files.fresh('stage');
  await files.copyHome(`${folder}/home`);
  await mkdir(`${folder}/sandbox`);
  await writeFile(`${folder}/sandbox/data`, machine.gitlab);
  return { folder, ...(await files.seal(folder, manifestOf(backupId, at), never)) };
}

/** The secrets of a home lie in it, and so change with it. */
export async function secretsOf({ root }: Machine): Promise<Secrets> {
  const file = path.join(root, 'secrets', 'values.json');
  const values = new Map<string, string>(
    Object.entries(JSON.parse(await readFile(file, 'utf8')) as Record<string, string>),
  );
  const write = () => writeFile(file, JSON.stringify(Object.fromEntries(values)));
  return {
    get: (name) => values.get(name) ?? null,
    set: (name, value) => write.call(values.set(name, value)),
    remove: (name) => (values.delete(name), write()),
    names: () => [...values.keys()],
    values: () => [...values.values()],
    sign: (text) => text,
  };
}

const proofs: BackupProofs = {
  repository: () => Promise.resolve([]),
  database: () => Promise.resolve([]),
  homeSecrets: () => Promise.resolve([]),
  gitlabSecrets: () => Promise.resolve([]),
  homeSecret: () => Promise.resolve(null),
  repositories: () => Promise.resolve([]),
  takeRepository: () => Promise.resolve(),
  dump: () => Promise.resolve({ findings: [], how: 'none' }),
};

export interface Opened {
  readonly restores: Restores;
  readonly signal: AbortSignal;
  readonly swaps: HomeSwap[];
}

/** What a core does when it opens this home. */
export async function open(machine: Machine): Promise<Opened> {
  const files = filesOf(machine);
  const killed = new AbortController();
  const swaps: HomeSwap[] = [];
  const die = (): never => {
    killed.abort(new Killed('killed'));
    throw new Killed('killed');
  };
  const writeText: BackupFiles['writeText'] = async (name, text) => {
    if (killed.signal.aborted) die();
    if (machine.isFull === true) throw new AutoGitError(noSpace);
    machine.kill.left -= 1;
    if (machine.kill.left === 0 && !machine.kill.after) die();
    await files.writeText(name, text);
    if (machine.kill.left === 0) die();
  };
  const clock = new FakeClock();
  let number = 0;
  const restores = createRestores({
    ...{ restic: machine.restic, files: { ...files, writeText }, proofs, words: createBackupWords() },
    store: { audit: () => undefined, setSandboxNode: () => undefined, sandboxNode: () => null },
    secrets: await secretsOf(machine),
    host: { randomHex: (bytes) => String((number += 1)).padStart(bytes * 2, 'a') },
    ...{ clock, log: silentLog, machine: 'm', wanted: () => defaultBackupSettings, onHold: () => undefined },
    link: createRestoreLink((swap) => void swaps.push(swap)),
    openNote: readNote(await files.readText(restoreNoteName)),
    stage: ({ id: backupId, at }) => stage(machine, backupId, at),
    puts: {
      sandbox: async (folder) => {
        await machine.onPut();
        machine.gitlab = await readFile(`${folder}/sandbox/data`, 'utf8');
      },
      gitlab: () => Promise.reject(new Error('there is none')),
      services: () => Promise.reject(new Error('there are none')),
      takeDown: () => Promise.reject(new Error('there is no stack')),
    },
    facts: () =>
      Promise.resolve({
        ...{
          autogit: '0.1.0',
          instance: 'lab',
          gitlab: 'sandbox',
          gitlabVersion: '',
          counts: {},
          isEmpty: false,
        },
        ...{ hasEngine: true, hasCompose: true, jobsRunning: 0, isStackBusy: false },
        ...{ hasAnswered: true, unusedData: null, installs: null, architecture: 'amd64', madeFor: {} },
      }),
    imageFacts: () => Promise.resolve({ architecture: 'amd64', madeFor: {} }),
  });
  return { restores, signal: killed.signal, swaps };
}

export const run = { id: 1, door: 'cli' } as const;
export const tell = (): void => undefined;

/** As the core does: swaps and opens the home as often as it is asked to. */
async function goOn(machine: Machine, opened: Opened, outcome: RestoreOutcome): Promise<RestoreEnd> {
  if (outcome.kind === 'ended') return outcome.end;
  const files = filesOf(machine);
  for (const { from, to } of opened.swaps) await files.swapHome(from, to);
  const note = readNote(await files.readText(restoreNoteName));
  if (isReadable(note)) await files.writeText(restoreNoteName, writeNote(afterSwap(note)));
  const next = await open(machine);
  return goOn(machine, next, await next.restores.resume({ run, tell, signal: next.signal }));
}

export async function restore(machine: Machine, wish: RestoreWish): Promise<RestoreEnd> {
  const opened = await open(machine);
  const { hash } = await opened.restores.plan(wish);
  return goOn(
    machine,
    opened,
    await opened.restores.carryOut(wish, hash, { run, tell, signal: opened.signal }),
  );
}

/** The next start after a kill; `null`: there was nothing to go on with. */
export async function startAgain(machine: Machine): Promise<RestoreEnd | null> {
  await finishSwap(machine.root);
  const opened = await open(machine);
  if (opened.restores.open() === null) return null;
  return goOn(machine, opened, await opened.restores.resume({ run, tell, signal: opened.signal }));
}

const homes: string[] = [];

/** Removes the homes of all machines so far. */
export async function removeHomes(): Promise<void> {
  for (const home of homes.splice(0)) await rm(home, { recursive: true, force: true });
}

/** A machine whose lab was backed up when all was `old`, and is `new` since. */
export async function prepared(): Promise<{ machine: Machine; wish: RestoreWish }> {
  const root = await mkdtemp(path.join(tmpdir(), 'autogit-restores-'));
  homes.push(root);
  const machine: Machine = {
    ...{ root, restic: new FakeRestic(), gitlab: 'old', kill: { left: Infinity, after: false } },
    onPut: () => Promise.resolve(),
  };
  await mkdir(path.join(root, 'secrets'), { mode: 0o700 });
  await writeFile(path.join(root, 'settings.yaml'), 'old');
  await writeFile(path.join(root, 'secrets', 'values.json'), '{"backup/password":"words"}');
  await machine.restic.init(place, never);
  const { folder, manifest, sha256 } = await stage(machine, id, 1_700_000_000_000);
  const tags = tagsOf(manifest, sha256);
  await machine.restic.backup(place, { folder, host: 'm', tags, at: manifest.at }, tell, never);
  const [snapshot] = await machine.restic.snapshots(place, never);
  const record = snapshot === undefined ? null : recordOf(snapshot, 'nas', undefined);
  if (record === null) throw new Error('there is no backup');
  await writeFile(path.join(root, 'settings.yaml'), 'new');
  machine.gitlab = 'new';
  return { machine, wish: { record, place, parts: null, project: null, to: null, withoutSafety: false } };
}

export async function stateOf(machine: Machine): Promise<readonly string[]> {
  return [await readFile(path.join(machine.root, 'settings.yaml'), 'utf8'), machine.gitlab];
}

export const asBackedUp = ['old', 'old'];
export const asBefore = ['new', 'new'];
