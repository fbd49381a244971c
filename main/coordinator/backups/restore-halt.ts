// A restore that is open and goes neither on nor back: why, and what a person does about it.
import { problemOf } from '../../errors.ts';
import type { BackupFailure } from '../../model/backup/backup.ts';
import { holdsLab, restoreNoteName } from './restore-note.ts';
import type { LeftNote } from './restore-note.ts';

const ownKeys: readonly string[] = ['backup.restore-halted', 'backup.restore-unreadable'];

/** `cause`: what stands in its way; the note stays, and the next start tries again. */
export function haltOf(cause: unknown, note: LeftNote): BackupFailure {
  const { key, message, next } = problemOf(cause);
  if (ownKeys.includes(key)) return { key, message, next };
  const until = holdsLab(note) ? 'AutoGit only looks' : 'no backup is made';
  return {
    key: 'backup.restore-halted',
    message: `A restore is open and could not go on: ${message} Until it has ended, ${until}.`,
    next: `${next} Then start AutoGit again, and the restore goes on, or back.`,
  };
}

/** Nothing is removed: what it had fetched and set aside may be all that there is. `root`: the folder of backups. */
export function unreadable(root: string): BackupFailure {
  return {
    key: 'backup.restore-unreadable',
    message: `A restore was under way, and what was noted of it (${root}/${restoreNoteName}) cannot be read. Nobody can tell whether everything is in its place, so AutoGit only looks.`,
    next: `If another version of AutoGit began it, start that one, and it goes on or back. Otherwise move this file away, start AutoGit again and restore: autogit backup restore. What was there before lies in ${root}/safety.`,
  };
}
