// Asks restic for one thing: which restic there is, how a place is opened for it, and what its end means.
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Log } from '../../log.ts';
import type {
  LookForImage,
  Restic,
  ResticCall,
  ResticEnd,
  ResticPlace,
  RunRestic,
} from '../../backup-ports.ts';
import { AutoGitError, messageOf } from '../../errors.ts';
import { createLines, readVersion } from './restic-lines.ts';
import {
  floor,
  helperMissing,
  resticFailed,
  resticMissing,
  resticOld,
  resticSilent,
  targetAbsent,
} from './restic-errors.ts';
import { isFolder } from './disks.ts';
import { endLeft } from './left-programs.ts';
import { mustBeWritable, openPlace } from './restic-place.ts';

export interface CallOptions {
  /** The program, and how it is called in messages. */
  readonly program: RunRestic;
  readonly programName: string;
  /** Runs the image; `null`: there is no engine for it. */
  readonly image: RunRestic | null;
  /** Missing: nobody can tell whether it is here. */
  readonly lookForImage?: LookForImage | undefined;
  /** `<home>/backups/restic`: the cache, and keys while a call goes on. */
  readonly folder: string;
  readonly disks: () => Promise<Readonly<Record<string, string>>>;
  readonly log: Log;
}

/** The restic that is used. */
export interface FoundRestic {
  readonly run: RunRestic;
  readonly runs: 'program' | 'image';
  readonly version: { readonly major: number; readonly minor: number; readonly text: string };
}

export interface Ask {
  /** Completes "restic could not …". */
  readonly deed: string;
  readonly args: readonly string[];
  readonly folder?: string;
  readonly folders?: ResticCall['folders'];
  /** `null`: it takes the time that it takes. Milliseconds. */
  readonly deadlineMs: number | null;
  /** Its folder may be missing. */
  readonly isNew?: boolean;
  /** It writes to the repository, if only a lock. */
  readonly writes?: boolean;
  readonly onLine?: (line: string, from: 'stdout' | 'stderr') => void | Promise<void>;
  /** In place of lines of standard output. */
  readonly onBytes?: (part: Uint8Array) => void;
  /** Whether another code than 0 is an answer all the same. */
  readonly isAnswer?: (end: { readonly code: number; readonly stderr: string }) => boolean;
}

export interface Answer {
  readonly code: number;
  /** Its end. */
  readonly stderr: string;
}

export interface Caller {
  /** It fetches the image where that has to be. */
  find(): Promise<FoundRestic>;
  /** The same without fetching or starting anything but the program. Rejects with `backup.restic-missing`, `backup.restic-old`. */
  known: Restic['version'];
  /** Rejects with the keys of the port `Restic`, and the signal's reason. */
  ask(place: ResticPlace, ask: Ask, signal: AbortSignal): Promise<Answer>;
}

/** Kept of what it says is wrong: its end. Characters. */
const mostStderr = 256 * 1024;

/** Of restic's cache, in `CallOptions.folder`. */
export const cacheName = 'cache';

export function createCaller(options: CallOptions): Caller {
  const cache = join(options.folder, cacheName);
  const keys = join(options.folder, 'keys');
  let found: Promise<FoundRestic> | null = null;
  let settled: FoundRestic | null = null;
  let ready: Promise<void> | null = null;
  const find = (): Promise<FoundRestic> => {
    found ??= findRestic(options).then(
      (restic) => (settled = restic),
      (error: unknown) => {
        found = null;
        throw error;
      },
    );
    return found;
  };
  const prepare = (): Promise<void> => {
    ready ??= makeReady(cache, keys).catch((error: unknown) => {
      ready = null;
      throw error;
    });
    return ready;
  };
  return {
    find,
    known: async () => {
      if (settled === null) return lookAround(options);
      return { version: settled.version.text, runs: settled.runs, isHere: true };
    },
    ask: async (place, ask, signal) => {
      signal.throwIfAborted();
      const restic = await find();
      if (restic.runs === 'image' && place.target.kind === 'rclone')
        throw helperMissing(place.target, 'rclone');
      await prepare();
      const opened = await openPlace(place, { keys, disks: options.disks }, ask.isNew ?? false);
      try {
        if (ask.writes === true) await mustBeWritable(place.target, opened.path);
        const call = {
          args: [...opened.args, '--cache-dir', cache, ...ask.args],
          environment: { ...opened.environment, RESTIC_PROGRESS_FPS: '2' },
          folder: ask.folder ?? null,
          folders: [...opened.folders, { path: cache, isWritable: true }, ...(ask.folders ?? [])],
          nice: place.limits.nice,
        };
        return await askPatiently(restic, { place, ask, call, words: opened.words }, signal);
      } catch (error) {
        // Pulled out or unmounted meanwhile: what restic says of single files is not the reason.
        const isGone = ask.isNew !== true && opened.path !== null && !(await isFolder(opened.path));
        throw isGone && !signal.aborted ? targetAbsent(place.target) : error;
      } finally {
        await opened
          .close()
          .catch((error: unknown) =>
            options.log.warn('files of a backup target could not be removed', { why: messageOf(error) }),
          );
      }
    },
  };
}

/** Of a core that was killed nothing may go on, and no key stays: one core at a time has this home. */
async function makeReady(cache: string, keys: string): Promise<void> {
  await endLeft(cache);
  await makeFolders(cache, keys);
}

async function makeFolders(cache: string, keys: string): Promise<void> {
  await mkdir(cache, { recursive: true, mode: 0o700 });
  await mkdir(keys, { recursive: true, mode: 0o700 });
  for (const name of await readdir(keys)) await rm(join(keys, name), { recursive: true, force: true });
}

interface Question {
  readonly place: ResticPlace;
  readonly ask: Ask;
  readonly call: Omit<ResticCall, 'onOutput' | 'signal'>;
  /** Of what restic has started. */
  readonly words: () => Promise<string>;
}

/** Attempts at a repository whose service was busy, and what lies between the first two. Milliseconds. */
const attempts = 5;
const firstPauseMs = 500;

/**
 * restic repeats what fails by itself, but not the very first question of a call, whether there is a repository:
 * https://github.com/restic/restic/blob/v0.14.0/cmd/restic/global.go (OpenRepository).
 */
async function askPatiently(restic: FoundRestic, question: Question, signal: AbortSignal): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await askOnce(restic, question, signal);
    } catch (error) {
      if (attempt === attempts || !wasBusy(error)) throw error;
      await setTimeout(firstPauseMs * 2 ** (attempt - 1), undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
    }
  }
}

function wasBusy(error: unknown): boolean {
  return (
    hasKey(error, 'backup.target-unreachable') &&
    /unable to open (?:config file|repository)[^]*(?:\b50[0234] |slow ?down|reduce your request rate|connection reset|unexpected EOF|service unavailable|internal error)/i.test(
      messageOf(error),
    )
  );
}

async function askOnce(restic: FoundRestic, question: Question, signal: AbortSignal): Promise<Answer> {
  const { place, ask, call } = question;
  const heard = createHearing(ask);
  const late = ask.deadlineMs === null ? null : AbortSignal.timeout(ask.deadlineMs);
  const either = late === null ? signal : AbortSignal.any([signal, late]);
  const end = await restic.run({ ...call, onOutput: heard.hear, signal: either });
  await heard.end();
  signal.throwIfAborted();
  if (end.outcome === 'missing') throw resticMissing(end.why);
  const isFine = end.outcome === 'ended' && end.code === 0;
  const stderr = isFine ? heard.stderr() : `${await question.words()}${heard.stderr()}`;
  if (end.outcome === 'cancelled')
    throw resticSilent(ask.deed, place.target, (ask.deadlineMs ?? 0) / 1_000, stderr);
  if (end.outcome === 'failed')
    throw resticFailed(ask.deed, place.target, { code: null, stderr, why: end.why });
  const { code } = end;
  if (code === 0 || ask.isAnswer?.({ code, stderr }) === true) return { code, stderr };
  throw resticFailed(ask.deed, place.target, { code, stderr });
}

interface Hearing {
  readonly hear: ResticCall['onOutput'];
  end(): Promise<void>;
  stderr(): string;
}

function createHearing({ onLine, onBytes }: Ask): Hearing {
  const lines = { stdout: createLines(), stderr: createLines() };
  let stderr = '';
  const give = async (all: readonly string[], from: 'stdout' | 'stderr'): Promise<void> => {
    for (const line of all) {
      if (from === 'stderr') stderr = `${stderr}${line}\n`.slice(-mostStderr);
      await onLine?.(line, from);
    }
  };
  return {
    hear: async (part, from) => {
      if (from === 'stdout' && onBytes !== undefined) onBytes(part);
      else await give(lines[from].add(part), from);
    },
    end: async () => {
      await give(lines.stdout.rest(), 'stdout');
      await give(lines.stderr.rest(), 'stderr');
    },
    stderr: () => stderr,
  };
}

/** A first start of a busy machine, and a pull of the image, which the engine bounds itself. Milliseconds. */
const versionMs = 30_000;

/** The program where it is new enough, else why it is not. Rejects with `backup.restic-missing`, `backup.restic-old` where it is all there is. */
async function findProgram({
  program,
  programName,
  image,
}: CallOptions): Promise<FoundRestic | { readonly why: string; readonly image: RunRestic }> {
  const own = await lookAt(program, 'program', AbortSignal.timeout(versionMs));
  if ('run' in own && isNewEnough(own)) return own;
  if (image === null && 'run' in own) throw resticOld(programName, own.version.text);
  const why = 'run' in own ? `${programName} is restic ${own.version.text}` : own.why;
  if (image === null) throw resticMissing(`${why}, and no container engine is there to run it`);
  return { why, image };
}

/** Of an engine that is slow to answer. Milliseconds. */
const lookMs = 5_000;

/** What `find` would come to, as far as that can be told at once. */
async function lookAround(options: CallOptions): ReturnType<Caller['known']> {
  const own = await findProgram(options);
  if ('run' in own) return { version: own.version.text, runs: own.runs, isHere: true };
  const unknown = { state: 'here' } as const;
  const late = setTimeout(lookMs, unknown, { ref: false });
  const look = await Promise.race([options.lookForImage?.() ?? unknown, late]);
  if (look.state === 'none') throw resticMissing(`${own.why}; ${look.why}`);
  return { version: null, runs: 'image', isHere: look.state === 'here' };
}

/** The program, or the image where there is none that is new enough. Rejects with `backup.restic-missing`, `backup.restic-old`. */
async function findRestic(options: CallOptions): Promise<FoundRestic> {
  const own = await findProgram(options);
  if ('run' in own) return own;
  const image = await lookAt(own.image, 'image', new AbortController().signal);
  if ('run' in image && isNewEnough(image)) return image;
  if ('run' in image) throw resticOld('the image', image.version.text);
  throw resticMissing(`${own.why}; ${image.why}`);
}

function isNewEnough({ version: { major, minor } }: FoundRestic): boolean {
  return major > floor.major || (major === floor.major && minor >= floor.minor);
}

async function lookAt(
  run: RunRestic,
  runs: FoundRestic['runs'],
  signal: AbortSignal,
): Promise<FoundRestic | { readonly why: string }> {
  let text = '';
  const onOutput = (part: Uint8Array): void => {
    text += Buffer.from(part).toString('utf8');
  };
  const call = { args: ['version'], environment: {}, folder: null, folders: [], nice: 0 };
  const end: ResticEnd = await run({ ...call, onOutput, signal });
  const version = readVersion(text);
  if (end.outcome === 'ended' && version !== null) return { run, runs, version };
  if (end.outcome === 'missing') return { why: end.why };
  if (end.outcome === 'failed') return { why: `it cannot be run (${end.why})` };
  return { why: end.outcome === 'cancelled' ? 'it does not answer' : 'what is there is no restic' };
}

/** Whether something failed by this key. */
export function hasKey(error: unknown, ...keys: readonly string[]): boolean {
  return error instanceof AutoGitError && keys.includes(error.key);
}
