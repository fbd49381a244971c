// The doctor's view of this home's stack, and what it may do to it: runs like any person's.
import { AutoGitError } from '../../errors.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import type { Rendering, StackFacts, StackVerb } from '../../model/stack/stack.ts';
import type { StackLookParts } from './look-parts.ts';
import type { StackRuns } from './stack-runs.ts';

export interface StackLookOptions extends Pick<
  StackLookParts,
  | 'journal'
  | 'compose'
  | 'folder'
  | 'resolver'
  | 'lookAtDoor'
  | 'ownFindings'
  | 'provenWays'
  | 'logOf'
  | 'lookAtAuthelia'
> {
  readonly runs: Pick<StackRuns, 'begin' | 'ended' | 'readPresent'>;
  render(answers: StackAnswers, facts: StackFacts): Promise<Rendering>;
}

export function createStackLook(options: StackLookOptions): StackLookParts {
  const { journal, compose, folder, resolver, lookAtDoor, ownFindings, runs, render } = options;
  const { provenWays, logOf, lookAtAuthelia } = options;

  /** Resolves when the run has ended well. */
  const run = async (verb: StackVerb, services: readonly string[]): Promise<void> => {
    const answers = journal.current();
    if (answers === null)
      throw new AutoGitError({
        key: 'stack.none',
        message: 'This home has no stack.',
        next: 'Make one: autogit stack up. What it would do: autogit stack plan',
      });
    await runs.begin(verb, answers, { files: {}, services, deleteData: false });
    const ended = await runs.ended();
    if (ended?.error) throw new AutoGitError(ended.error);
  };

  return {
    ...{ journal, compose, folder, resolver, lookAtDoor },
    ...(ownFindings === undefined ? {} : { ownFindings }),
    ...(provenWays === undefined ? {} : { provenWays }),
    ...(logOf === undefined ? {} : { logOf }),
    ...(lookAtAuthelia === undefined ? {} : { lookAtAuthelia }),
    present: async (facts) => {
      const answers = journal.current();
      if (answers === null) return null;
      const rendering = await render(answers, facts);
      const stack = rendering.ok ? rendering.stack : null;
      return { stack, present: await runs.readPresent(answers.lab, stack ?? undefined) };
    },
    presentOf: (stack) => runs.readPresent(stack.lab, stack),
    restart: (services) => run('restart', services),
    up: (services) => run('up', services),
  };
}
