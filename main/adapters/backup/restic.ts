// The port `Restic` on restic itself, from 0.14 on, as a program or in a container.
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  LookForImage,
  Restic,
  ResticCheck,
  ResticPlace,
  ResticSnapshot,
  RunRestic,
} from '../../backup-ports.ts';
import { messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { findDisks } from './disks.ts';
import { lookAtHostKeys } from './host-keys.ts';
import { cacheName, createCaller, hasKey } from './restic-call.ts';
import type { Ask, Caller } from './restic-call.ts';
import { readFindings } from './restic-check.ts';
import { resticFailed, sourceUnreadable } from './restic-errors.ts';
import { list, read } from './restic-files.ts';
import { cachedSnapshot, dataBytes, isUnlocked } from './restic-on-disk.ts';
import { shortMs, unlock, withUnlock } from './restic-locks.ts';
import { readCounted, readProgress, readSnapshots, readSummary, readTotalSize } from './restic-lines.ts';
import type { ResticSummary } from './restic-lines.ts';
import { isNewFolder, makeFolder, pathOf } from './restic-place.ts';
import { createResticProgram, programName } from './restic-program.ts';
import { restore } from './restic-restore.ts';

export interface ResticOptions {
  /** `AUTOGIT_RESTIC` names the program; rclone's own variables, proxies and the rest are handed on. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `<home>/backups/restic`: restic's cache, and keys while a call goes on. Made when it is needed. */
  readonly folder: string;
  readonly log: Log;
  /** Runs the pinned image where no program is, or an old one; `null`: no engine can. */
  readonly image: RunRestic | null;
  /** Missing: nobody can tell whether the image is here. */
  readonly lookForImage?: LookForImage;
  /** In place of the program of this machine. */
  readonly program?: RunRestic;
  /** Mounted file systems by label; by default what this machine has. */
  readonly disks?: Restic['disks'];
}

/** For the size of a repository, which is only shown. Milliseconds. */
const statsMs = 60_000;

/** Remembers which restic there is, once one was found; everything else is asked anew. */
export function createRestic(options: ResticOptions): Restic {
  const disks = options.disks ?? (() => findDisks());
  const caller = withUnlock(
    createCaller({
      program: options.program ?? createResticProgram({ environment: options.environment }),
      programName: programName(options.environment),
      ...{ image: options.image, lookForImage: options.lookForImage },
      folder: options.folder,
      disks,
      log: options.log,
    }),
  );
  return {
    ...openingCalls(caller, disks),
    ...readingCalls(caller),
    ...writingCalls({ caller, log: options.log, cache: join(options.folder, cacheName) }),
    disks,
    hostKeys: lookAtHostKeys,
  };
}

function openingCalls(
  caller: Caller,
  disks: Restic['disks'],
): Pick<Restic, 'version' | 'look' | 'init' | 'space' | 'unlock'> {
  const look: Restic['look'] = async (place, signal) => {
    await caller.find();
    const path = await pathOf(place.target, disks);
    if (path !== null && (await isNewFolder(place.target, path))) return 'new';
    const args = ['cat', 'config', '--no-lock'];
    try {
      await caller.ask(
        place,
        { deed: 'open the repository', args, deadlineMs: shortMs, isNew: true },
        signal,
      );
      return 'ready';
    } catch (error) {
      if (!hasKey(error, 'backup.no-repository')) throw error;
      return 'new';
    }
  };
  return {
    version: () => caller.known(),
    look,
    init: async (place, signal) => {
      if ((await look(place, signal)) === 'ready') return;
      const path = await pathOf(place.target, disks);
      if (path !== null) await makeFolder(place.target, path);
      const question = { deed: 'make a repository', args: ['init'], deadlineMs: shortMs, isNew: true };
      try {
        await caller.ask(place, question, signal);
      } catch (error) {
        // Another one of ours was first, or the answer of an earlier try was lost.
        if (!/already (?:exists|initialized|contains)/i.test(messageOf(error))) throw error;
        await look(place, signal);
      }
    },
    space: async (place, signal) => {
      const path = await pathOf(place.target, disks);
      const disk = path === null ? null : await statfs(path).catch(() => null);
      const used = path === null ? await usedBytes(caller, place, signal) : await dataBytes(path, signal);
      return {
        free: disk === null ? null : disk.bavail * disk.bsize,
        total: disk === null ? null : disk.blocks * disk.bsize,
        used,
      };
    },
    unlock: async (place, signal) => {
      const path = await pathOf(place.target, disks);
      if (path === null || !(await isUnlocked(path))) await unlock(caller, place, signal);
    },
  };
}

async function usedBytes(caller: Caller, place: ResticPlace, signal: AbortSignal): Promise<number | null> {
  let used: number | null = null;
  const question = {
    deed: 'measure the repository',
    args: ['stats', '--json', '--no-lock', '--mode', 'raw-data'],
    deadlineMs: statsMs,
    onLine: (line: string) => {
      used = readTotalSize(line) ?? used;
    },
  };
  try {
    await caller.ask(place, question, signal);
    return used;
  } catch (error) {
    signal.throwIfAborted();
    // A repository that is not there yet, or too large to be measured in time, has no size; a place that is gone is told.
    if (hasKey(error, 'backup.no-repository', 'backup.target-unreachable', 'backup.target-absent'))
      return null;
    throw error;
  }
}

function readingCalls(caller: Caller): Pick<Restic, 'snapshots' | 'list' | 'read' | 'restore' | 'check'> {
  return {
    snapshots: (place, signal) => snapshots(caller, place, [], signal),
    list: (place, snapshot, folder, signal) => list(caller, place, { snapshot, folder }, signal),
    read: (place, snapshot, path, most, signal) => read(caller, place, { snapshot, path, most }, signal),
    restore: (place, what, onProgress, signal) => restore(caller, place, what, onProgress, signal),
    check: (place, data, signal) => check(caller, place, data, signal),
  };
}

async function snapshots(
  caller: Caller,
  place: ResticPlace,
  ids: readonly string[],
  signal: AbortSignal,
): ReturnType<Restic['snapshots']> {
  const found: (readonly ResticSnapshot[])[] = [];
  const question = {
    deed: 'list the snapshots',
    args: ['snapshots', '--json', '--no-lock', ...(ids.length === 0 ? [] : ['--', ...ids])],
    deadlineMs: shortMs,
    onLine: (line: string, from: 'stdout' | 'stderr') => {
      const list = from === 'stdout' ? readSnapshots(line) : null;
      if (list !== null) found.push(list);
    },
  };
  const { stderr } = await caller.ask(place, question, signal);
  const [listed] = found;
  if (listed === undefined)
    throw resticFailed('list the snapshots', place.target, { code: 0, stderr, why: 'its answer is no list' });
  return listed;
}

/** Its words are sentences for people in every version; what it has found and what went wrong on the way are told apart by the end. */
async function check(
  caller: Caller,
  place: ResticPlace,
  data: Parameters<Restic['check']>[1],
  signal: AbortSignal,
): Promise<ResticCheck> {
  const lines: string[] = [];
  const question: Ask = {
    deed: 'check the repository',
    args: ['check', ...(data === null ? [] : [`--read-data-subset=${data.part}/${data.of}`])],
    deadlineMs: null,
    writes: true,
    onLine: (line) => {
      if (lines.length < mostLines && readCounted(line) === null) lines.push(line);
    },
    isAnswer: ({ stderr }) => /repository contains errors|LoadIndex returned errors/i.test(stderr),
  };
  try {
    const { code } = await caller.ask(place, question, signal);
    if (code === 0) return { isSound: true, findings: [], bytesRead: null };
    return { isSound: false, findings: readFindings(lines), bytesRead: null };
  } catch (error) {
    if (!hasKey(error, 'backup.repository-damaged')) throw error;
    const findings = readFindings(lines);
    return { isSound: false, findings: findings.length > 0 ? findings : [messageOf(error)], bytesRead: null };
  }
}

/** Of what a check prints. */
const mostLines = 10_000;

function writingCalls(ground: WritingGround): Pick<Restic, 'backup' | 'forget' | 'prune'> {
  const { caller } = ground;
  return {
    backup: (place, what, onProgress, signal) => backup({ ...ground, place, onProgress }, what, signal),
    forget: async (place, ids, signal) => {
      if (ids.length === 0) return;
      const question = {
        deed: 'forget snapshots',
        args: ['forget', '--', ...ids],
        deadlineMs: null,
        writes: true,
      };
      await caller.ask(place, question, signal);
    },
    prune: async (place, onProgress, signal) => {
      const onLine = (line: string): void => {
        const progress = readCounted(line);
        if (progress !== null) onProgress(progress);
      };
      await caller.ask(
        place,
        { deed: 'make room', args: ['prune'], deadlineMs: null, writes: true, onLine },
        signal,
      );
    },
  };
}

interface WritingGround {
  readonly caller: Caller;
  readonly log: Log;
  /** restic's own, absolute. */
  readonly cache: string;
}

interface BackupGround extends WritingGround {
  readonly place: ResticPlace;
  readonly onProgress: Parameters<Restic['backup']>[2];
}

/** Some files of the folder could not be read; the snapshot is there all the same. */
const incomplete = 3;

async function backup(
  ground: BackupGround,
  what: Parameters<Restic['backup']>[1],
  signal: AbortSignal,
): ReturnType<Restic['backup']> {
  const { caller, place, onProgress } = ground;
  const summaries: ResticSummary[] = [];
  const question: Ask = {
    deed: 'back up',
    args: [
      ...['backup', '--json', '--host', what.host, '--time', resticTime(what.at)],
      ...what.tags.flatMap((tag) => ['--tag', tag]),
      '.',
    ],
    folder: what.folder,
    folders: [{ path: what.folder, isWritable: false }],
    deadlineMs: null,
    writes: true,
    onLine: (line, from) => {
      if (from !== 'stdout') return;
      const progress = readProgress(line);
      if (progress !== null) onProgress(progress);
      const summary = readSummary(line);
      if (summary !== null) summaries.push(summary);
    },
    isAnswer: ({ code }) => code === incomplete,
  };
  const { code, stderr } = await caller.ask(place, question, signal);
  const made = summaries.at(-1);
  if (made === undefined || made.snapshot_id === '')
    throw resticFailed('back up', place.target, { code, stderr, why: 'it did not say what it has made' });
  if (code === incomplete) return await withdraw(ground, made.snapshot_id, stderr);
  return {
    snapshot: await wholeId(ground, made.snapshot_id, signal),
    bytes: made.total_bytes_processed,
    files: made.total_files_processed,
    addedBytes: made.data_added_packed ?? made.data_added,
  };
}

/** What was left out of it makes it no backup: nobody should find it in a list. */
async function withdraw({ caller, log, place }: BackupGround, id: string, stderr: string): Promise<never> {
  const question = {
    deed: 'forget a snapshot',
    args: ['forget', '--', id],
    deadlineMs: shortMs,
    writes: true,
  };
  await caller
    .ask(place, question, new AbortController().signal)
    .catch((error: unknown) =>
      log.warn('an incomplete snapshot could not be forgotten', { snapshot: id, why: messageOf(error) }),
    );
  throw sourceUnreadable(place.target, stderr);
}

/** restic before 0.17 tells the first eight digits alone. */
async function wholeId(
  { caller, cache, place }: BackupGround,
  id: string,
  signal: AbortSignal,
): Promise<string> {
  if (id.length === 64) return id;
  const cached = await cachedSnapshot(cache, id);
  if (cached !== null) return cached;
  const found = await snapshots(caller, place, [id], signal);
  const whole = found.find((one) => one.id.startsWith(id));
  if (whole !== undefined) return whole.id;
  throw resticFailed('find the new snapshot', place.target, {
    code: 0,
    stderr: '',
    why: `${id} is not listed`,
  });
}

/** As restic reads it, in UTC: its own clock is told so. */
function resticTime(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}
