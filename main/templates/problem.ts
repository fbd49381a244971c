// How the renderer states what is wrong with answers and templates.
import type { AnswerProblem } from '../model/stack/stack.ts';

/** What was typed, in a sentence: one line, cut where it is long. */
export function shown(value: string): string {
  const line = value.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return `"${line.length > 60 ? `${line.slice(0, 59)}…` : line}"`;
}

/** A problem of a template's files: its field begins with `templates.<id>`. */
export function templateProblem(
  template: string,
  place: string,
  details: Omit<AnswerProblem, 'field'>,
): AnswerProblem {
  return { field: place === '' ? `templates.${template}` : `templates.${template}.${place}`, ...details };
}
