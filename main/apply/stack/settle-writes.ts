// Writes that end early: what a kill has cut off is AutoGit's own, whole or torn; what a failed one leaves is as it was before.
import { hashOf } from '../../model/stack/content-hash.ts';
import type { StackFolder, StackJournal } from '../../stack-ports.ts';

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

export interface MarkedWrite {
  readonly path: string;
  /** `null`: the file is removed. */
  readonly content: string | null;
  readonly mode: number;
  /** What the journal has for it afterwards; missing: the hash of its content. */
  readonly known?: string | null;
}

/**
 * Writes or removes one file, with a mark in the journal for as long as it goes on: only a kill leaves the mark there.
 * Rejects like the folder.
 */
export async function writeMarked(
  lab: string,
  { path, content, mode, known }: MarkedWrite,
  { journal, folder }: { readonly journal: StackJournal; readonly folder: StackFolder },
): Promise<void> {
  const before = journal.written(lab)[path] ?? null;
  const wanted = content === null ? null : hashOf(content);
  const after = known === undefined ? wanted : known;
  const isCut = journal.unfinished(lab).includes(path);
  journal.writing(lab, path);
  try {
    await (content === null ? folder.remove(lab, path) : folder.write(lab, path, content, mode));
  } catch (error) {
    // Whole or not at all, and a disk may refuse after the deed.
    const there = await folder.read(lab).then(
      (files) => files?.find((file) => file.path === path)?.content ?? null,
      () => undefined,
    );
    if (there === content) journal.wrote(lab, path, after);
    else if (!isCut) journal.wrote(lab, path, before);
    throw error;
  }
  journal.wrote(lab, path, after);
}
