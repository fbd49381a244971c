// The home in a backup: settings, state, secrets, stacks and templates of one moment.
import type { DumpContext, DumpedPart, StageGround } from './context.ts';

/** Rejects with `backup.no-space`, `backup.no-access`. */
export async function dumpHome(
  { files, autogit }: StageGround,
  { folder, tell }: DumpContext,
): Promise<DumpedPart> {
  tell({ message: 'Copying settings, state and secrets' });
  await files.copyHome(folder);
  return { part: 'home', version: autogit, counts: {}, awaySeconds: 0 };
}
