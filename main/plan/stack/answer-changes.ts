// Which answers are others than before: some of them are in no file, because GitLab's API is told.
import type { AnswerChange } from '../../model/stack/stack.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';

/** Every leaf of plain data by its path. A list is one value. */
function leavesOf(value: unknown, path: string): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, value]];
  const parts = Object.entries(value);
  // An option that is chosen and asks for nothing.
  if (parts.length === 0 && path.includes('.')) return [[path, 'chosen']];
  return parts.flatMap(([name, part]) => leavesOf(part, path === '' ? name : `${path}.${name}`));
}

function wordOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'nothing' : value.map(String).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * Differences between the answers of before and those of now, by path. What was left to AutoGit before (`null`) and is
 * filled in now is none: files show whether something else has come of it.
 */
export function changedAnswers(before: StackAnswers | null, after: StackAnswers): readonly AnswerChange[] {
  if (before === null) return [];
  const [old, next] = [new Map(leavesOf(before, '')), new Map(leavesOf(after, ''))];
  const paths = [...new Set([...old.keys(), ...next.keys()])].toSorted();
  return paths.flatMap((path) => {
    const [from, to] = [wordOf(old.get(path)), wordOf(next.get(path))];
    const wasOpen = old.has(path) && old.get(path) === null;
    return wasOpen || from === to ? [] : [{ path, from, to }];
  });
}
