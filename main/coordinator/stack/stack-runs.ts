// Runs of the stack: one at a time, written down before they begin, carried out step by step, taken up again after a kill.
import { problemOf } from '../../errors.ts';
import { AutoGitError } from '../../errors.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import type {
  RenderedStack,
  StackPresent,
  StackProgress,
  StackRun,
  StackVerb,
  StackWish,
} from '../../model/stack/stack.ts';
import { carryOutRun } from './carry-out.ts';
import type { RunTools } from './carry-out.ts';
import { createProgressBoard } from './progress-board.ts';
import { readPresent } from './read-present.ts';
import { createSmallWork } from './small-work.ts';

export interface StackRunsOptions extends RunTools {
  /** Told of every run that has ended, for the audit. */
  readonly onEnd?: (run: StackRun) => void;
}

export interface StackRuns {
  /**
   * Writes a run down and begins it; its number. One that was only taken up again gives way. Rejects with `stack.busy`, and for `restart`, `down` and `destroy` with
   * nothing else: what goes wrong later is told by its progress.
   */
  begin(verb: StackVerb, answers: StackAnswers, wish: StackWish): Promise<number>;
  /** At the core's start: a run that a kill has left open goes on. Resolves once that has begun, or there is none. */
  resume(): Promise<void>;
  /**
   * Small work on a stack that stands, never at the same time as a run: `null`, and not begun, where one goes on or is
   * open. It gives way to a run that is begun meanwhile: the signal fires, and the run waits for its end. Rejects like it.
   */
  aside<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | null>;
  /** Of the run that goes on, or of the last one; `null`: there was none. */
  progress(): StackProgress | null;
  /** The present progress and every change, until the run has ended or the signal fires. */
  watch(signal: AbortSignal): AsyncIterable<StackProgress>;
  /** The same of one run after the other, until the signal fires. */
  watchAll(signal: AbortSignal): AsyncIterable<StackProgress>;
  /** Resolves when nothing goes on any more, with the progress at the end. */
  ended(): Promise<StackProgress | null>;
  /** The core ends: what goes on is left as after a kill, for the next core. */
  stop(): Promise<void>;
  /** What is there of a lab; `stack`: what to look for of images, secrets and data. Never rejects for a silent engine. */
  readPresent(lab: string, stack?: RenderedStack): Promise<StackPresent>;
}

/** Nothing goes on at first. */
export function createStackRuns(options: StackRunsOptions): StackRuns {
  const { journal, log } = options;
  const stopping = new AbortController();
  const board = createProgressBoard(lastProgress(options));
  let active: Promise<void> | null = null;
  /** Stops what was taken up again, as a kill would; `null`: somebody has asked for what goes on. */
  let letGo: (() => void) | null = null;
  const small = createSmallWork(stopping.signal);

  const carry = (run: StackRun, isResumed: boolean): void => {
    board.begin(run);
    const own = new AbortController();
    letGo = isResumed ? () => own.abort(new Error('another run takes its place')) : null;
    const signal = AbortSignal.any([stopping.signal, own.signal]);
    active = carryOutRun(run, { ...options, isResumed, signal, tell: board.tell })
      .then((ended) => {
        if (ended === null) return;
        board.end(ended);
        options.onEnd?.(ended);
      })
      .catch((error: unknown) => {
        // Its record cannot be written: as after a kill, it stays open.
        log.error('a run of the stack broke off', { error });
        board.breakOff(problemOf(error));
      })
      .finally(() => {
        active = null;
      });
  };

  return {
    begin: async (verb, answers, wish) => {
      if (active !== null && letGo !== null) {
        letGo();
        await active;
      }
      while (small.isGoing()) await small.giveWay();
      if (active !== null || stopping.signal.aborted) throw busy(board.current());
      const id = writeDown({ verb, answers, wish }, options);
      const run = journal.open();
      if (run !== null) carry(run, false);
      return id;
    },
    resume: async () => {
      const open = active === null ? journal.open() : null;
      if (open === null) return;
      log.info('a run of the stack goes on', { run: open.id, verb: open.verb });
      carry(open, true);
    },
    aside: async (work) =>
      active !== null || stopping.signal.aborted || journal.open() !== null ? null : small.begin(work),
    ...{ progress: board.current, watch: board.watch, watchAll: board.watchAll },
    ended: async () => {
      await active;
      return board.current();
    },
    stop: async () => {
      stopping.abort(new Error('the core stops'));
      await Promise.all([active, small.giveWay()]);
    },
    readPresent: (lab, stack) => readPresent(lab, stack ?? null, options),
  };
}

/** The number of the new run. Nobody carries out one that is open: this one does what it left undone. */
function writeDown(
  { verb, answers, wish }: Pick<StackRun, 'verb' | 'answers' | 'wish'>,
  { journal, clock }: Pick<StackRunsOptions, 'journal' | 'clock'>,
): number {
  const open = journal.open();
  if (open !== null) journal.end(open.id, 'interrupted', clock.now());
  const id = journal.begin({ verb, answers, wish, at: clock.now() });
  if (verb === 'up' && wish.services.length > 0)
    journal.setRestarts(id, [...new Set([...(journal.open()?.restarts ?? []), ...wish.services])]);
  return id;
}

function busy(progress: StackProgress | null): AutoGitError {
  const what =
    progress === null ? 'The core stops' : `\`stack ${progress.verb}\` goes on: ${progress.message}`;
  return new AutoGitError({
    key: 'stack.busy',
    message: `${what}. There is one at a time.`,
    next: 'Follow it with: autogit stack watch. Try again when it has ended.',
    retry: true,
  });
}

/** How the last run ended, as far as the journal tells it. */
function lastProgress({ journal }: StackRunsOptions): StackProgress | null {
  const run = journal.last();
  return run === null ? null : progressOf(run);
}

function progressOf({ id, verb, steps, outcome, failure }: StackRun): StackProgress {
  return {
    ...{ run: id, verb, step: steps.at(-1)?.step ?? null, pulls: [], outcome },
    message: failure?.message ?? (outcome === 'done' ? 'Done' : 'It has not ended yet'),
    error: failure === undefined ? null : { key: failure.key, message: failure.message, next: failure.next },
  };
}
