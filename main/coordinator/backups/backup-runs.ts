// Runs of backups: one at a time, written down before they begin, broken off by a person or by the end of the core.
import { AutoGitError, problemOf } from '../../errors.ts';
import type { BackupFailure, BackupProgress, BackupRun } from '../../model/backup/backup.ts';
import { createBackupBoard } from './backup-board.ts';
import type { BackupBoard } from './backup-board.ts';
import type { BackupGround, BackupNews } from './backup-ground.ts';

export type TargetFailure = BackupFailure & { readonly target: string };

export interface RunWish extends Pick<BackupRun, 'verb' | 'cause' | 'schedule'> {
  readonly targets: readonly string[];
  readonly backup?: string | null;
}

/** How a run has ended that was not broken off. */
export interface RunEnd {
  /** One sentence for people. */
  readonly message: string;
  readonly failures: readonly TargetFailure[];
  readonly backup: string | null;
  readonly isRolledBack?: boolean;
}

export interface RunTools {
  readonly run: number;
  readonly tell: (news: BackupNews) => void;
  readonly signal: AbortSignal;
}

export type RunWork = (tools: RunTools) => Promise<RunEnd>;

/** A run that has ended, as whoever waited for it is told. */
export interface EndedRun {
  readonly run: BackupRun;
  readonly message: string;
}

export interface BackupRuns {
  /** Writes a run down and begins it. Throws `backup.busy`, also while a restore is open: nothing else begins before it has ended. */
  begin(wish: RunWish, work: RunWork): { readonly id: number; readonly ended: Promise<EndedRun> };
  isBusy(): boolean;
  /** Whether only a restore may begin: one is open. */
  isHeld(): boolean;
  /** A run that everybody waits for cannot begin: whoever watches is told, and waits no more. */
  cannotBegin(verb: BackupRun['verb'], failure: BackupFailure): void;
  progress(): BackupProgress | null;
  /** Breaks off what goes on; false: nothing does. Resolves once it has ended. */
  cancel(): Promise<boolean>;
  watch(signal: AbortSignal): AsyncIterable<BackupProgress>;
  /** The core ends. Resolves once nothing goes on any more. */
  stop(): Promise<void>;
}

interface Ground extends Pick<BackupGround, 'journal' | 'clock' | 'log' | 'onChange' | 'isOnlyLooking'> {
  /** `open`: a restore that was begun earlier and has not ended. */
  readonly restores?: { open(): object | string | null } | undefined;
}

/** While a run goes on, the snapshot is made anew at most so often. Milliseconds. */
const snapshotMs = 2_000;

/** Nothing goes on at first; a restore that is open is about to. `onEnd`: told of every run that has ended. */
export function createBackupRuns(ground: Ground, onEnd: (run: BackupRun) => void): BackupRuns {
  const { journal, clock, log, onChange } = ground;
  const stopping = new AbortController();
  let shownAt = Number.NEGATIVE_INFINITY;
  const isHeld = (): boolean => (ground.restores?.open() ?? null) !== null;
  const isExpecting = isHeld() && ground.isOnlyLooking !== true;
  const board = createBackupBoard(isExpecting ? null : lastTold(journal.runs(1)[0], isHeld()), {
    ...{ clock, isExpecting },
    onPush: () => {
      if (clock.monotonic() - shownAt < snapshotMs) return;
      shownAt = clock.monotonic();
      onChange();
    },
  });
  let active: { readonly ended: Promise<EndedRun>; readonly cancel: AbortController } | null = null;

  const carry = carrying(ground, { board, onEnd, stopping: stopping.signal });

  return {
    begin: (wish, work) => {
      if (active !== null || stopping.signal.aborted) throw busy(board.current());
      if (isHeld() && wish.verb !== 'restore') throw held();
      const { backup = null, targets, ...begun } = wish;
      const id = journal.begin({ ...begun, targets: [...targets], backup, startedAt: clock.now() });
      const cancel = new AbortController();
      board.begin({ id, verb: wish.verb });
      const ended = carry(id, work, AbortSignal.any([stopping.signal, cancel.signal]))
        .catch((error: unknown) => {
          // Its record cannot be written: as after a kill, it is closed at the next start.
          log.error('a run of backups broke off', { error });
          const problem = problemOf(error);
          board.end('failed', problem.message, problem);
          throw error;
        })
        .finally(() => {
          active = null;
          onChange();
        });
      ended.catch(() => undefined);
      active = { ended, cancel };
      onChange();
      return { id, ended };
    },
    isBusy: () => active !== null,
    isHeld,
    cannotBegin: (verb, failure) => {
      board.begin({ id: journal.runs(1)[0]?.id ?? 0, verb });
      board.end('failed', failure.message, failure);
    },
    progress: board.current,
    cancel: async () => {
      if (active === null) return false;
      active.cancel.abort(cancelled());
      await active.ended.catch(() => undefined);
      return true;
    },
    watch: board.watch,
    stop: async () => {
      stopping.abort(new Error('the core stops'));
      await active?.ended.catch(() => undefined);
    },
  };
}

type Carry = (id: number, work: RunWork, signal: AbortSignal) => Promise<EndedRun>;

interface CarryParts {
  readonly board: BackupBoard;
  readonly onEnd: (run: BackupRun) => void;
  readonly stopping: AbortSignal;
}

/** Does the work of a run, and writes down how it ended. Rejects only where the journal does. */
function carrying({ journal, clock, log }: Ground, { board, onEnd, stopping }: CarryParts): Carry {
  return async (id, work, signal) => {
    const end = await work({ run: id, tell: board.tell, signal }).catch((error: unknown) =>
      brokenOff(error, signal, stopping),
    );
    const { message, failures, backup } = end;
    const outcome = outcomeOf(end, signal, stopping);
    const made = backup === null ? {} : { backup };
    journal.update(id, { endedAt: clock.now(), outcome, failures: [...failures], ...made });
    const run = journal.run(id);
    if (run === null) throw new Error(`run ${id} is not in the journal`);
    const [failure] = failures;
    if (failure !== undefined && outcome === 'failed')
      log.warn(`a backup run failed: ${run.verb}`, { run: id, key: failure.key, problem: failure.message });
    board.end(outcome, message, failure === undefined ? null : problemIn(failure));
    onEnd(run);
    return { run, message };
  };
}

function problemIn({ key, message, next }: TargetFailure): BackupFailure {
  return { key, message, next };
}

function brokenOff(error: unknown, signal: AbortSignal, stopping: AbortSignal): RunEnd {
  if (stopping.aborted) return { message: 'AutoGit ended before it was done.', failures: [], backup: null };
  if (signal.aborted) return { message: 'It was cancelled.', failures: [], backup: null };
  const problem = problemOf(error);
  return { message: problem.message, failures: [{ target: '', ...problem }], backup: null };
}

function outcomeOf(
  { failures, isRolledBack }: RunEnd,
  signal: AbortSignal,
  stopping: AbortSignal,
): NonNullable<BackupRun['outcome']> {
  // It was, whatever else came meanwhile.
  if (isRolledBack === true) return 'rolled-back';
  // What was done before somebody broke it off stays done.
  if (stopping.aborted) return 'interrupted';
  if (signal.aborted) return 'cancelled';
  return failures.length > 0 ? 'failed' : 'done';
}

function cancelled(): AutoGitError {
  return new AutoGitError({
    key: 'backup.cancelled',
    message: 'It was cancelled.',
    next: 'What was kept before stays. Begin it again when it suits.',
  });
}

function busy(progress: BackupProgress | null): AutoGitError {
  const what =
    progress === null || progress.outcome !== null
      ? 'AutoGit is ending'
      : `\`backup ${progress.verb}\` goes on: ${progress.message}`;
  return new AutoGitError({
    key: 'backup.busy',
    message: `${what}. There is one at a time.`,
    next: 'Follow it with: autogit backup watch. Try again when it has ended, or stop it: autogit backup cancel',
    retry: true,
  });
}

/** What is here is of two moments: a backup of it would be of none. */
function held(): AutoGitError {
  return new AutoGitError({
    key: 'backup.busy',
    message: 'A restore is open. Until it has ended, nothing else of backups begins.',
    next: 'See how it stands: autogit issue list. Then try again.',
    retry: true,
  });
}

const endWords = {
  done: 'Done.',
  failed: 'It failed.',
  cancelled: 'It was cancelled.',
  interrupted: 'AutoGit ended before it was done.',
  'rolled-back': 'It failed, and everything is as it was before.',
} as const;

/** `isOpen`: a restore waits for a core that may act; who watches this one would wait for ever. */
function lastTold(run: BackupRun | undefined, isOpen: boolean): BackupProgress | null {
  const last = lastProgress(run);
  if (!isOpen) return last;
  return {
    ...{ run: last?.run ?? 0, verb: 'restore', step: null, target: null, bytes: null, files: null },
    ...{ secondsLeft: null, outcome: 'interrupted', message: restoreWaits.message, failure: restoreWaits },
  };
}

const restoreWaits: BackupFailure = {
  key: 'backup.restore-waits',
  message: 'A restore is open, and this AutoGit only looks: nothing of it goes on here.',
  next: 'Start AutoGit so that it may act, and it goes on or back by itself: autogit serve',
};

/** How the last run ended, as far as the journal tells it. */
function lastProgress(run: BackupRun | undefined): BackupProgress | null {
  if (run === undefined) return null;
  const { id, verb, outcome, failures } = run;
  const [failure] = failures;
  return {
    ...{ run: id, verb, step: null, target: null, bytes: null, files: null, secondsLeft: null },
    outcome: outcome ?? 'interrupted',
    message: failure?.message ?? endWords[outcome ?? 'interrupted'],
    failure: failure === undefined ? null : problemIn(failure),
  };
}
