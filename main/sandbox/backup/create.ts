// `gitlab-backup create`: a copy of the state that is itself a state folder, made while the sandbox serves and writes.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stateFolders } from '../state-files.ts';
import { BackupError, takeTurn } from './ask-server.ts';
import type { Turn } from './ask-server.ts';
import { copyLfs } from './copy-lfs.ts';
import { copyRepository } from './copy-repository.ts';
import type { RefCounts } from './copy-repository.ts';
import { informationName, readCopy, renderInformation } from './information.ts';
import type { CopiedState } from './information.ts';
import { copyNow, isMissing, keepFile } from './keep-file.ts';

export interface CreateOptions {
  readonly stateDir: string;
  /** What is in it goes first. */
  readonly backupDir: string;
  readonly now: () => Date;
  readonly say: (line: string) => void;
}

/** A project may be deleted while it is copied: then the database is asked anew. */
const mostTries = 5;

/** Raises `BackupError` and what the file system says. A killed one leaves no information file, and so no backup. */
export async function createBackup(options: CreateOptions): Promise<void> {
  const { stateDir, backupDir, now, say } = options;
  const turn = await takeTurn(stateDir);
  try {
    for (let tries = 1; ; tries += 1) {
      const at = now();
      const state = await copyDatabase(turn, options);
      const refs = await copyRepositories(state, options);
      const objects = refs === null ? null : await copyLfsObjects(state, options);
      if (refs === null || objects === null) {
        if (tries === mostTries)
          throw new BackupError('Projects are deleted faster than they can be copied.');
        say('A project has been deleted meanwhile: the copy begins anew');
        continue;
      }
      await copyFiles(state, options);
      const counts = { ...state.counts, ...refs, lfs_objects: objects };
      await writeFile(join(backupDir, informationName), renderInformation(at, counts));
      say(`Backup ${at.getTime()} is done.`);
      return;
    }
  } finally {
    turn.end();
  }
}

/** The database comes first: files of what it names are there, and stay but for what is deleted. */
async function copyDatabase(turn: Turn, { backupDir, say }: CreateOptions): Promise<CopiedState> {
  // Whoever does not have the turn must not remove another's copy: it is asked for before.
  const database = join(backupDir, 'sandbox.db');
  const draft = `${backupDir}.db`;
  await rm(draft, { force: true });
  say('Dumping database ...');
  await turn.copyDatabase(draft);
  await rm(backupDir, { recursive: true, force: true });
  await mkdir(backupDir, { recursive: true, mode: 0o700 });
  await keepFile(draft, database);
  await rm(draft, { force: true });
  const state = readCopy(database);
  say('Dumping database ... done');
  return state;
}

/** `null`: one that the database names is gone. */
async function copyRepositories(
  { projects }: CopiedState,
  { stateDir, backupDir, say }: CreateOptions,
): Promise<RefCounts | null> {
  say('Dumping repositories ...');
  const total = { branches: 0, tags: 0 };
  await mkdir(join(backupDir, stateFolders.repositories), { recursive: true });
  for (const { id } of projects) {
    const name = join(stateFolders.repositories, `${id}.git`);
    const refs = await copyRepository(join(stateDir, name), join(backupDir, name));
    if (refs === null) return null;
    total.branches += refs.branches;
    total.tags += refs.tags;
  }
  say(`Dumping repositories ... done (${projects.length})`);
  return total;
}

/** `null`: a project is gone, and with it what its repository here names. */
async function copyLfsObjects(
  { projects }: CopiedState,
  { stateDir, backupDir, say }: CreateOptions,
): Promise<number | null> {
  const [from, to] = [join(stateDir, stateFolders.lfs), join(backupDir, stateFolders.lfs)];
  await mkdir(to, { recursive: true });
  const ids = projects.map(({ id }) => id);
  const objects = await copyLfs(from, to, ids);
  const there = new Set(await readdir(join(stateDir, stateFolders.repositories)));
  if (!ids.every((id) => there.has(`${id}.git`))) return null;
  say(`Dumping lfs objects ... done (${objects})`);
  return objects;
}

async function copyFiles({ artifacts, jobs }: CopiedState, options: CreateOptions): Promise<void> {
  const { stateDir, backupDir, say } = options;
  for (const folder of [stateFolders.artifacts, stateFolders.traces, stateFolders.setAside])
    await mkdir(join(backupDir, folder), { recursive: true });
  // One that is gone has expired, or its job was erased: the sandbox says so when it starts.
  for (const { id } of artifacts) await keepIn(stateFolders.artifacts, String(id), options);
  say(`Dumping artifacts ... done (${artifacts.length})`);
  for (const { id, isOver } of jobs) {
    const name = `${id}.log`;
    // Until then it grows.
    if (isOver) await keepIn(stateFolders.traces, name, options);
    else await copyNow(join(stateDir, stateFolders.traces, name), join(backupDir, stateFolders.traces, name));
  }
  say('Dumping traces ... done');
  await keepTree(join(stateDir, stateFolders.setAside), join(backupDir, stateFolders.setAside));
}

async function keepIn(folder: string, name: string, options: CreateOptions): Promise<void> {
  await keepFile(join(options.stateDir, folder, name), join(options.backupDir, folder, name));
}

/** What nobody uses any more, as it is. */
async function keepTree(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  await mkdir(to, { recursive: true });
  for (const entry of entries) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await keepTree(source, target);
    else if (entry.isFile()) await keepFile(source, target);
  }
}
