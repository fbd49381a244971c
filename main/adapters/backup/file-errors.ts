// What can be wrong with the files of backups, as errors with a key.
import { AutoGitError, errorCode, messageOf } from '../../errors.ts';

/** Runs a piece of work on files at `place`. Rejects with `backup.no-space`, `backup.no-access`, and as the work does. */
export async function onDisk<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileError(place, error);
  }
}

/** Something thrown by the file system, with a key where it is known. */
export function fileError(place: string, error: unknown): unknown {
  if (error instanceof AutoGitError) return error;
  const fields = { place, reason: messageOf(error) };
  switch (errorCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new AutoGitError({
        key: 'backup.no-space',
        message: `There is no space left for ${place}.`,
        next: 'Free some space on that disk, then try again. Nothing that runs was changed.',
        ...{ fields, retry: true, cause: error },
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new AutoGitError({
        key: 'backup.no-access',
        message: `AutoGit may not use ${place}: ${messageOf(error)}.`,
        next: `Look whose it is with \`ls -ld '${place}'\`, and give AutoGit's user access to it.`,
        ...{ fields, cause: error },
      });
    default:
      return error;
  }
}

/** A name that no manifest can hold: with a control character, a backslash, or no text at all. */
export function nameUnfit(file: string): AutoGitError {
  return new AutoGitError({
    key: 'backup.name-unfit',
    message: `${JSON.stringify(file.slice(0, 300))} has a name that a backup cannot hold: with a control character or a backslash, or not in UTF-8.`,
    next: 'Give it another name, or remove it, then back up again.',
  });
}

/** Keys of what a manifest, or a tree, can be. */
export type ManifestTrouble =
  | 'backup.manifest-missing'
  | 'backup.manifest-unreadable'
  | 'backup.manifest-newer'
  | 'backup.manifest-swapped'
  | 'backup.manifest-hostile';

const nexts: Readonly<Record<ManifestTrouble, string>> = {
  'backup.manifest-missing':
    'Choose another backup: this one was not made by AutoGit, or not to its end. `restic restore` still gets its files.',
  'backup.manifest-unreadable':
    'Choose another backup, and let this repository be checked: autogit backup verify --all',
  'backup.manifest-newer': 'Install the newest AutoGit first, then restore again.',
  'backup.manifest-swapped':
    'Choose another backup. Find out who else can write to this repository and knows its password: what is in this one is not what was backed up.',
  'backup.manifest-hostile':
    'Choose another backup. Find out who else can write to this repository and knows its password; nothing of this one has left the scratch folder.',
};

/** A manifest, or a tree, that a restore must not trust. */
export function manifestError(key: ManifestTrouble, message: string, cause?: unknown): AutoGitError {
  return new AutoGitError({ key, message, next: nexts[key], cause });
}
