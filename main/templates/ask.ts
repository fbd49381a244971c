// How a question about the stack is written down.
import type { AnswerValue } from '../model/stack/answers.ts';
import type { Asked } from '../model/stack/questions.ts';

/** Path of the answer, its name, and what it is for. */
type Text = readonly [field: string, label: string, help: string];

/** A question whose answer is typed; `suggested`: what is taken without one. */
export function ask(
  [field, label, help]: Text,
  type: Asked['type'],
  suggested: AnswerValue | null,
  more: Partial<Pick<Asked, 'choices' | 'onlyIf'>> = {},
): Asked {
  return { field, label, help, type, choices: [], suggested, onlyIf: null, ...more };
}

/** One of some. */
export function choice(
  text: Text,
  suggested: string | null,
  choices: readonly (readonly [value: string, label: string, help: string])[],
  onlyIf: Asked['onlyIf'] = null,
): Asked {
  return ask(text, 'choice', suggested, {
    choices: choices.map(([value, label, help]) => ({ value, label, help })),
    onlyIf,
  });
}
