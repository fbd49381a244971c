// Writes that a kill has cut off: what lies there now is AutoGit's own, whole or torn, and no change of a person's.
import type { StackJournal } from '../../stack-ports.ts';
import { hashOf } from './context.ts';

/** Makes the journal say of each such file what lies there. */
export function settleWrites(
  lab: string,
  present: readonly { readonly path: string; readonly content: string }[],
  journal: StackJournal,
): void {
  for (const path of journal.unfinished(lab)) {
    const there = present.find((file) => file.path === path);
    journal.wrote(lab, path, there === undefined ? null : hashOf(there.content));
  }
}
