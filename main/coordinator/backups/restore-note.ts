// `restore.json`: the journal of a restore, which outlives the database that the restore replaces.
import { z } from 'zod';
import { restorePlanSchema } from '../../contract/backup-fields.ts';
import { backupFailureSchema, backupSteps } from '../../model/backup/backup.ts';
import { backupParts } from '../../model/backup/manifest.ts';
import { backupTargetSchema } from '../../model/backup/target.ts';

export const restoreNoteName = 'restore.json';

const noteSchema = z.strictObject({
  version: z.literal(1),
  /** Name of its folders below `scratch/` and `before/`. */
  id: z.string().regex(/^[0-9a-f-]{8,40}$/),
  startedAt: z.int(),
  door: z.enum(['cli', 'http', 'desktop', 'core']),
  plan: restorePlanSchema,
  /** Where it comes from; what opens that lies among the secrets. */
  target: backupTargetSchema,
  project: z.string().nullable(),
  /** Ended, in order. */
  done: z.array(z.enum(backupSteps)),
  /** Set once something that runs may have been changed: the home, or GitLab's and the services' data. */
  isHomeTouched: z.boolean(),
  isDataTouched: z.boolean(),
  /** What was there, in the repository of the way back; `null`: nothing was, or it is not made yet. */
  safety: z
    .strictObject({ snapshot: z.string(), manifestSha256: z.string(), parts: z.array(z.enum(backupParts)) })
    .nullable(),
  /** Why it goes back; `null`: it goes on. */
  failure: backupFailureSchema.nullable(),
  /** Steps of the way back that have ended. */
  undone: z.array(z.enum(backupSteps)),
});
export type RestoreNote = z.infer<typeof noteSchema>;

/** What may be found of a restore; `unreadable`: a note, but none of this program's. */
export type LeftNote = RestoreNote | 'unreadable' | null;

/** The note as text, and back; `null`: there is none. */
export function writeNote(note: RestoreNote): string {
  return `${JSON.stringify(note, null, 2)}\n`;
}

export function readNote(text: string | null): LeftNote {
  if (text === null) return null;
  try {
    return noteSchema.parse(JSON.parse(text));
  } catch {
    return 'unreadable';
  }
}

export function isReadable(note: LeftNote): note is RestoreNote {
  return note !== null && note !== 'unreadable';
}

/** Whether the coordinator must only look: the home is another already, or GitLab's data is not all back, or nobody can tell. */
export function holdsLab(note: LeftNote): boolean {
  if (note === 'unreadable') return true;
  return note !== null && (note.isHomeTouched || note.isDataTouched);
}

/** The note once the home has been swapped and opened. */
export function afterSwap(note: RestoreNote): RestoreNote {
  return note.failure === null
    ? { ...note, done: [...new Set([...note.done, 'home' as const])] }
    : { ...note, undone: [...new Set([...note.undone, 'home' as const])] };
}

/** The folders that change places when a restore goes on, and when it goes back. */
export function swapOf(
  { id }: Pick<RestoreNote, 'id'>,
  way: 'on' | 'back',
): { readonly from: string; readonly to: string } {
  return way === 'on'
    ? { from: `scratch/${id}/home`, to: `before/${id}` }
    : { from: `before/${id}`, to: `undone/${id}` };
}
