// Answers of which no stack can be made any more, as an error.
import { AutoGitError } from '../../errors.ts';
import type { AnswerProblem } from '../../model/stack/stack.ts';

/** The first problem; the others are seen when it is mended, or all at once by `autogit stack plan`. */
export function refusedAnswers([problem]: readonly AnswerProblem[]): Error {
  if (problem === undefined) return new Error('the answers cannot be rendered, and nobody says why');
  const { field, key, message, next } = problem;
  return new AutoGitError({ key, message: `${field}: ${message}`, next, fields: { field } });
}
