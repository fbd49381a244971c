// Looks at what a killed backup, prune or restore has left: every count but the ones of the run itself is to be zero.
import { access, mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { openSecrets } from '../../../main/adapters/host/secrets.ts';
import { messageOf } from '../../../main/errors.ts';
import type { BackupRun } from '../../../main/model/backup/backup.ts';
import { waitFor } from '../wait-for.ts';
import type { BackupGround } from './ground.ts';

export type Deed = 'create' | 'prune' | 'restore-to' | 'restore' | 'drill';

/** A deed that has begun. */
export interface Begun {
  readonly deed: Deed;
  readonly round: number;
  /** Generation of the home before it. */
  readonly before: number;
  readonly run: number | null;
  /** What is restored, and to which folder. */
  readonly backup: string | null;
  readonly to: string | null;
}

type FaultName =
  | 'locksLeft'
  | 'repositoriesDamaged'
  | 'backupsThatDoNotRestore'
  | 'backupsLost'
  | 'homesMixed'
  | 'homesOfAnotherGeneration'
  | 'databasesUnsound'
  | 'secretsLeft'
  | 'foldersLeft'
  | 'restoresHalfDone';

export interface Faulty {
  /** What must be zero. */
  readonly faults: Record<FaultName, number>;
  /** A line for each thing that is wrong. */
  readonly details: string[];
}

/** Nothing is wrong yet. */
export function noFaults(): Faulty {
  return {
    faults: {
      ...{ locksLeft: 0, repositoriesDamaged: 0, backupsThatDoNotRestore: 0, backupsLost: 0 },
      ...{ homesMixed: 0, homesOfAnotherGeneration: 0, databasesUnsound: 0, secretsLeft: 0 },
      ...{ foldersLeft: 0, restoresHalfDone: 0 },
    },
    details: [],
  };
}

interface Judging {
  readonly ground: BackupGround;
  readonly begun: Begun;
  readonly add: (fault: FaultName, what: string) => void;
}

/** A restic that has lost its core is ended by the next one. */
const leftLimit = { timeout: 60_000, interval: 500 } as const;

/** Judges a settled core. Resolves with how a restore has ended; `null`: it was none. */
export async function judgeRound(ground: BackupGround, begun: Begun, faulty: Faulty): Promise<string | null> {
  const add: Judging['add'] = (fault, what) => {
    faulty.faults[fault] += 1;
    faulty.details.push(`round ${begun.round} (${begun.deed}): ${what}`);
  };
  const judging: Judging = { ground, begun, add };
  const { runs } = await ground.door().call('backup.show', {});
  await judgeLocks(judging);
  if (begun.round % 3 === 2) await checkRepository(judging);
  await judgeFolders(judging);
  await judgeKept(judging, runs);
  const end = await judgeHome(judging, runs);
  if (begun.round % 4 === 3) await restoreSome(judging, [begun.round]);
  return end;
}

/** Restores every backup that is listed, and reads all data back. */
export async function judgeAll(ground: BackupGround, faulty: Faulty): Promise<void> {
  const begun: Begun = {
    ...{ deed: 'create', round: -1, before: 0, run: null, backup: null, to: null },
  };
  const add: Judging['add'] = (fault, what) => {
    faulty.faults[fault] += 1;
    faulty.details.push(`at the end: ${what}`);
  };
  await restoreSome({ ground, begun, add }, null);
  await ground
    .restic(ground.repository, ['check', '--read-data'])
    .catch((error: unknown) => add('repositoriesDamaged', messageOf(error)));
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function judgeLocks({ ground, add }: Pick<Judging, 'ground' | 'add'>): Promise<void> {
  for (const repository of [ground.repository, ground.safety]) {
    const folder = path.join(repository, 'locks');
    await waitFor(async () => {
      const locks = await readdir(folder).catch(() => []);
      if (locks.length > 0) throw new Error(`${locks.length} locks are left at ${path.basename(repository)}`);
    }, leftLimit).catch((error: unknown) => add('locksLeft', messageOf(error)));
  }
}

async function checkRepository({ ground, add }: Pick<Judging, 'ground' | 'add'>): Promise<void> {
  await ground
    .restic(ground.repository, ['check', '--no-lock'])
    .catch((error: unknown) => add('repositoriesDamaged', messageOf(error)));
}

/** What may lie in `<home>/backups` when nothing goes on. */
const lasting = ['restic', 'safety'];

/** Of what else is there: what should be gone. */
async function leftIn(root: string): Promise<readonly string[]> {
  const left: string[] = [];
  for (const name of (await readdir(root)).filter((one) => !lasting.includes(one))) {
    const within = await readdir(path.join(root, name)).catch(() => ['']);
    if (!['scratch', 'before', 'undone'].includes(name) || within.length > 0)
      left.push(`${name} is left, with ${within.length} in it`);
  }
  return left;
}

async function judgeFolders({ ground, begun, add }: Judging): Promise<void> {
  const root = path.join(ground.paths.root, 'backups');
  // A core that has just started is still about it.
  await waitFor(async () => {
    const left = await leftIn(root);
    if (left.length > 0) throw new Error(left.join('; '));
  }, leftLimit).catch((error: unknown) => add('foldersLeft', messageOf(error)));
  const looks = await readdir(ground.looks);
  for (const name of looks.filter((one) => !/^\d+$/.test(one)))
    add('foldersLeft', `${name} is left where it was restored to`);
  if (begun.to === null || !(await isThere(begun.to))) return;
  const { isWhole, generation } = await ground.seen(path.join(begun.to, 'home'));
  if (!isWhole) add('restoresHalfDone', `${begun.to} is not whole, of generation ${generation}`);
  await rm(begun.to, { recursive: true });
}

/** A backup that was said to be made is listed. */
async function judgeKept({ ground, begun, add }: Judging, runs: readonly BackupRun[]): Promise<void> {
  if (begun.deed !== 'create') return;
  const run = runs.find(({ id }) => id === begun.run);
  if (run?.outcome !== 'done') return;
  const { backups } = await ground.door().call('backup.list', { fresh: true });
  if (!backups.some(({ id }) => id === run.backup)) add('backupsLost', `backup ${run.backup ?? '?'} is gone`);
}

async function judgeHome(judging: Judging, runs: readonly BackupRun[]): Promise<string | null> {
  const { ground, begun, add } = judging;
  const { root, database } = ground.paths;
  const { generation, isWhole } = await ground.seen(root);
  if (!isWhole) add('homesMixed', `the home is a mixture, marked as generation ${generation}`);
  for (const line of unsound(database)) add('databasesUnsound', line);
  const secrets = await openSecrets(ground.paths);
  if (secrets.get('backup/restore') !== null) add('secretsLeft', 'what opens the repository is still kept');
  if (begun.deed !== 'restore' && begun.deed !== 'restore-to') {
    if (generation !== begun.before)
      add('homesOfAnotherGeneration', `the home is of ${generation}, and was of ${begun.before}`);
    return null;
  }
  const end = runs.find(({ verb }) => verb === 'restore')?.outcome ?? 'nothing of it is known';
  const isThen = end === 'done' && begun.deed === 'restore';
  if (!isThen && generation !== begun.before)
    add('homesOfAnotherGeneration', `${end}: the home is of ${generation}, and was of ${begun.before}`);
  // Each generation is there for one deed, so that no backup has the one of now.
  if (isThen && generation === begun.before)
    add('homesOfAnotherGeneration', `the restore is done, and the home is of ${begun.before} as before`);
  const why = runs.find(({ verb }) => verb === 'restore')?.failures[0]?.message;
  return why === undefined ? end : `${end}: ${why.slice(0, 160)}`;
}

function unsound(database: string): readonly string[] {
  const connection = new Sqlite(database, { readonly: true, fileMustExist: true });
  try {
    const found: unknown = connection.pragma('integrity_check', { simple: true });
    return found === 'ok' ? [] : [String(found)];
  } finally {
    connection.close();
  }
}

/** Restores with restic alone, and compares byte by byte. `which`: by their places in the list; `null`: all. */
async function restoreSome({ ground, add }: Judging, which: readonly number[] | null): Promise<void> {
  const { backups } = await ground.door().call('backup.list', { fresh: true });
  const some = which === null ? backups : which.flatMap((at) => backups[at % backups.length] ?? []);
  for (const { id, snapshot } of some) {
    const into = await mkdtemp(path.join(ground.folder, 'restored-'));
    try {
      await ground.restic(ground.repository, ['restore', '--no-lock', snapshot, '--target', into]);
      const { isWhole, generation } = await ground.seen(path.join(into, 'home'));
      if (!isWhole) add('backupsThatDoNotRestore', `backup ${id} is not whole, of generation ${generation}`);
      for (const line of unsound(path.join(into, 'home', 'state.db')))
        add('backupsThatDoNotRestore', `backup ${id}: ${line}`);
    } catch (error) {
      add('backupsThatDoNotRestore', `backup ${id}: ${messageOf(error)}`);
    } finally {
      await rm(into, { recursive: true, force: true });
    }
  }
}
