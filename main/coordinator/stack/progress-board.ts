// How far a run of the stack is, for everybody who watches.
import type { StackProgress, StackRun, StackStep } from '../../model/stack/stack.ts';
import type { Problem } from '../../model/world.ts';
import { follow } from '../follow.ts';

/** What a step has to tell; what is missing stays as it was. */
export type StackNews = Partial<Pick<StackProgress, 'message' | 'pulls'>> & { readonly step?: StackStep };

export interface ProgressBoard {
  current(): StackProgress | null;
  begin(run: StackRun): void;
  tell(news: StackNews): void;
  end(run: StackRun): void;
  /** Nobody carries it out any more, though it has not ended. */
  breakOff(problem: Problem): void;
  /** A slow reader misses what was between. */
  watch(signal: AbortSignal): AsyncIterable<StackProgress>;
  /** The same of one run after the other, until the signal fires. */
  watchAll(signal: AbortSignal): AsyncIterable<StackProgress>;
}

/** `before`: how the last run ended. */
export function createProgressBoard(before: StackProgress | null): ProgressBoard {
  let current = before;
  let isOver = true;
  let changed = Promise.withResolvers<undefined>();
  const set = (next: StackProgress | null): void => {
    current = next;
    const { resolve } = changed;
    changed = Promise.withResolvers<undefined>();
    resolve(undefined);
  };
  const finish = (change: Partial<StackProgress>): void => {
    isOver = true;
    if (current !== null) set({ ...current, ...change });
  };
  return {
    current: () => current,
    begin: ({ id, verb }) => {
      isOver = false;
      set({ run: id, verb, step: null, message: 'Beginning', pulls: [], outcome: null, error: null });
    },
    tell: (news) => {
      if (current !== null && !isOver && isNews(news, current)) set({ ...current, ...news });
    },
    end: (run) => {
      const { failure } = run;
      const error =
        failure === undefined ? null : { key: failure.key, message: failure.message, next: failure.next };
      finish({ outcome: run.outcome, error, ...(error === null ? {} : { message: endWords(run) }) });
    },
    breakOff: (error) => finish({ error, message: error.message }),
    watch: (signal) => follow(() => ({ current, isOver, changed: changed.promise }), signal),
    watchAll: (signal) => follow(() => ({ current, isOver: false, changed: changed.promise }), signal),
  };
}

/** The same sentence, told at every look, is one. */
function isNews(news: StackNews, { message, step }: StackProgress): boolean {
  return news.pulls !== undefined || (news.message ?? message) !== message || (news.step ?? step) !== step;
}

function endWords({ outcome, failure, steps }: StackRun): string {
  const why = failure?.message ?? '';
  if (outcome !== 'rolled-back') return why;
  // Whether it has come up by now nobody has waited for.
  const became = steps.some(({ step }) => step === 'start') ? 'was started again' : 'serves on as it did';
  return `The stack that stood before ${became}. ${why}`;
}
