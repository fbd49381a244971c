// Keeps the home open for all doors, and opens it anew when a restore has brought another one; doors go on through that.
import type { BackupFiles } from '../../backup-ports.ts';
import type { CoreDoor, Input, Output, StopSignal, StreamName } from '../../contract/contract.ts';
import { AutoGitError, problemOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Door } from '../../model/request.ts';
import { createDispatch } from '../dispatch.ts';
import type { Dispatch } from '../dispatch.ts';
import type { Lab } from '../lab.ts';
import { haltOf } from './restore-halt.ts';
import { createRestoreLink } from './restore-link.ts';
import type { HomeSwap, RestoreLink } from './restore-link.ts';
import { afterSwap, isReadable, readNote, restoreNoteName, swapOf, writeNote } from './restore-note.ts';
import type { LeftNote } from './restore-note.ts';

/** Everything of a home that is open. */
export interface OpenedHome {
  readonly lab: Lab;
  /** Ends what runs, and lets go of the home's files. */
  close(): Promise<void>;
}

export interface KeeperOptions {
  /** Opens the home as it lies there. `note`: of a restore that is open. */
  readonly open: (note: LeftNote, link: RestoreLink) => Promise<OpenedHome>;
  readonly files: Pick<BackupFiles, 'swapHome' | 'readText' | 'writeText'>;
  readonly log: Log;
}

export interface HomeKeeper {
  start(): Promise<void>;
  /** Waits for a home that is just being opened. */
  stop(): Promise<void>;
  through(door: Door): CoreDoor;
}

interface Held extends OpenedHome {
  through(door: Door): Dispatch;
  /** Fires when the home is closed, in favour of another. */
  readonly closing: AbortController;
}

/** Opens the home. Rejects as `open` does. */
export async function keepHome(options: KeeperOptions): Promise<HomeKeeper> {
  const { files, log } = options;
  let isStopping = false;
  let isStarted = false;
  const ends = (): boolean => isStopping;
  const link = createRestoreLink((swap) => reopen(swap));
  const open = async (): Promise<Held> => held(await openOrGoBack(options, link));
  let opened: Promise<Held> = Promise.resolve(await open());
  const reopen = (swap: HomeSwap): void => {
    opened = opened.then(async (home) => {
      if (isStopping) return home;
      log.info('the home is opened anew, as a restore has brought it', { ...swap });
      home.closing.abort();
      await home.close();
      await files.swapHome(swap.from, swap.to);
      const note = readNote(await files.readText(restoreNoteName));
      if (isReadable(note)) await files.writeText(restoreNoteName, writeNote(afterSwap(note)));
      const next = await open();
      if (isStarted)
        next.lab.start().catch(async (error: unknown) => {
          log.error('the home could not be started', { error });
          await tellHalted(error, options, link);
        });
      return next;
    });
    opened = opened.catch(async (error: unknown) => {
      log.error('the home could not be opened anew', { error });
      throw await tellHalted(error, options, link);
    });
    opened.catch(() => undefined);
  };
  return {
    start: async () => {
      isStarted = true;
      await (await opened).lab.start();
    },
    stop: async () => {
      isStopping = true;
      const home = await opened.catch(() => null);
      home?.closing.abort();
      await home?.close();
    },
    through: (door) => ({
      call: async (name, input) => {
        if (isStopping) throw stopping();
        const home = await opened;
        try {
          return await home.through(door).call(name, input);
        } catch (error) {
          throw home.closing.signal.aborted && !ends() ? reopened(error) : error;
        }
      },
      stream: (name, input, signal) => streamThrough(name, input, { signal, door, now: () => opened, ends }),
    }),
  };
}

function held(home: OpenedHome): Held {
  const known = new Map<Door, Dispatch>();
  return {
    ...home,
    closing: new AbortController(),
    through: (door) => {
      const dispatch = known.get(door) ?? createDispatch(home.lab.requests(door));
      known.set(door, dispatch);
      return dispatch;
    },
  };
}

interface Streaming {
  readonly signal: StopSignal;
  readonly door: Door;
  readonly now: () => Promise<Held>;
  readonly ends: () => boolean;
}

/** Asked anew of the next home when the one that it came from is closed: every stream begins with how things stand. */
async function* streamThrough<N extends StreamName>(
  name: N,
  input: Input<N>,
  { signal, door, now, ends }: Streaming,
): AsyncGenerator<Output<N>> {
  while (!signal.aborted && !ends()) {
    const home = await now();
    const stop = new AbortController();
    const end = (): void => stop.abort();
    signal.addEventListener('abort', end);
    home.closing.signal.addEventListener('abort', end);
    if ([signal, home.closing.signal].some(({ aborted }) => aborted)) end();
    try {
      yield* home.through(door).stream(name, input, stop.signal);
    } catch (error) {
      if (!home.closing.signal.aborted) throw error;
    } finally {
      signal.removeEventListener('abort', end);
      home.closing.signal.removeEventListener('abort', end);
    }
    if (!home.closing.signal.aborted) return;
  }
}

/** Nothing is open any more: whoever waits for the restore, and whoever asks from now on, is told why. */
async function tellHalted(
  cause: unknown,
  { files }: Pick<KeeperOptions, 'files'>,
  link: RestoreLink,
): Promise<AutoGitError> {
  const note = await files.readText(restoreNoteName).then(readNote, () => null);
  const failure = haltOf(cause, note);
  if (isReadable(note))
    link.tellEnd({ run: null, plan: note.plan, outcome: 'failed', failure, message: failure.message });
  return new AutoGitError({ ...failure, cause });
}

/** A restored home that cannot be opened goes away again: the one before it worked. */
async function openOrGoBack({ open, files, log }: KeeperOptions, link: RestoreLink): Promise<OpenedHome> {
  const note = readNote(await files.readText(restoreNoteName));
  try {
    return await open(note, link);
  } catch (error) {
    if (!isReadable(note) || note.failure !== null || !note.done.includes('home')) throw error;
    log.error('the restored home cannot be opened, and the one before it is put back', { error });
    const failed = { ...note, failure: problemOf(error) };
    await files.writeText(restoreNoteName, writeNote(failed));
    const { from, to } = swapOf(failed, 'back');
    await files.swapHome(from, to);
    const back = afterSwap(failed);
    await files.writeText(restoreNoteName, writeNote(back));
    return open(back, link);
  }
}

function stopping(): AutoGitError {
  return new AutoGitError({
    key: 'core.stopping',
    message: 'AutoGit is stopping; runners go on.',
    next: 'Ask again when it has been started again.',
    retry: true,
  });
}

function reopened(cause: unknown): AutoGitError {
  return new AutoGitError({
    key: 'core.reopened',
    message: 'The home was opened anew meanwhile, as a restore has brought it.',
    next: 'Ask again.',
    retry: true,
    cause,
  });
}
