// What a run of a stack does next: a pure function of its record, of what this core has done of it, and of what stands.
import { assertNever } from '../../model/assert.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import { stackSteps } from '../../model/stack/stack.ts';
import type { StackRun, StackStep, StackVerb } from '../../model/stack/stack.ts';

export type NextDeed =
  | { readonly kind: 'step'; readonly step: StackStep }
  /** The former stack gets its place back. */
  | { readonly kind: 'turn-back' }
  | { readonly kind: 'end'; readonly outcome: string };

/** What of the standing stack counts here. */
interface Standing {
  readonly answers: Pick<StackAnswers, 'lab'>;
  readonly isUp: boolean;
  readonly isKept: boolean;
  readonly isOutgrown?: boolean | undefined;
}

/** The steps of a verb in their order. To take something down is its `start`, to remove what is left its `folders`. */
export function stepsOf(verb: StackVerb): readonly StackStep[] {
  switch (verb) {
    case 'up':
      return stackSteps;
    case 'restart':
      return ['start', 'health'];
    case 'down':
      return ['start'];
    case 'destroy':
      return ['start', 'folders'];
    default:
      return assertNever(verb);
  }
}

/**
 * `done`: steps that this core has done. After a kill `up` goes through all of them again, since the machine may have
 * changed meanwhile and each finds nothing to do where nothing has; only what was judged before the first change is not
 * judged again. Other verbs go on where they were.
 */
export function nextDeed(run: StackRun, done: ReadonlySet<StackStep>, standing: Standing | null): NextDeed {
  if (run.failure !== undefined)
    return mayTurnBack(run, standing) ? { kind: 'turn-back' } : { kind: 'end', outcome: run.failure.key };
  const step = stepsOf(run.verb).find((one) => !done.has(one) && !isBehind(one, run));
  return step === undefined ? { kind: 'end', outcome: 'done' } : { kind: 'step', step };
}

function isBehind(step: StackStep, { verb, steps }: StackRun): boolean {
  return (
    (verb !== 'up' || step === 'preflight') && steps.some((one) => one.step === step && one.endedAt !== null)
  );
}

/**
 * Whether the answers of the stack that stands are those of the lab again, after a run that has failed: its containers
 * are as they were, because none was touched.
 */
export function servesOn({ verb, failure, steps }: StackRun, standing: Standing | null): boolean {
  if (verb !== 'up' || failure === undefined || standing?.isUp !== true || standing.isOutgrown === true)
    return false;
  const reached = steps.map(({ step }) => step);
  return reached.includes('folders') && !reached.includes('start');
}

/** From the first changed file until everything has come up. */
const turning: readonly StackStep[] = ['files', 'pull', 'start', 'health'];

function mayTurnBack({ verb, answers, failure, steps }: StackRun, standing: Standing | null): boolean {
  if (verb !== 'up' || failure === undefined || standing?.isUp !== true) return false;
  // Its services would find data that a newer version has migrated: only the next `up` helps.
  if (standing.isOutgrown === true || !turning.includes(failure.step)) return false;
  if (standing.answers.lab === answers.lab) return standing.isKept;
  return steps.some(({ step }) => step === 'start');
}
