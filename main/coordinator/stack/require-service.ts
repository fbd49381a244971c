// Whether a stack has a service of some name.
import { AutoGitError } from '../../errors.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import type { StackDesk } from './stack-desk.ts';

function unknownService(name: string, known: readonly string[]): AutoGitError {
  return new AutoGitError({
    key: 'stack.service-unknown',
    message: `The stack has no service "${name}".`,
    next:
      known.length === 0
        ? 'None has been started yet: autogit stack up'
        : `Its services are: ${known.join(', ')}.`,
    fields: { service: name },
  });
}

/** Of the stack as it was started last. Throws `stack.service-unknown`. */
export function requireService(name: string, { journal }: StackDesk, { lab }: StackAnswers): void {
  const known = Object.keys(journal.started(lab));
  if (!known.includes(name)) throw unknownService(name, known);
}
