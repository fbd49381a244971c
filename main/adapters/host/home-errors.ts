// What can be wrong with a home folder, in words.
import { stat } from 'node:fs/promises';
import { AutoGitError, errorCode, messageOf } from '../../errors.ts';
import { reasonOf } from './files.ts';
import { ownId, userName } from './owner.ts';

const elsewhere = 'set AUTOGIT_HOME to a folder of your own';

/** A home that nobody has made yet, asked by somebody who may not make it. */
export function missing(root: string): AutoGitError {
  return new AutoGitError({
    key: 'host.home-missing',
    message: `There is no AutoGit home at ${root}.`,
    next: 'Look whether AUTOGIT_HOME names the right folder. A new home is made by: autogit serve, autogit stack up, or autogit sandbox start.',
    fields: { root },
  });
}

/** `what` says what lies there instead. */
export function notAFolder(root: string, what: string): AutoGitError {
  return new AutoGitError({
    key: 'host.home-not-a-folder',
    message: `AutoGit's home ${root} cannot be a folder: ${what}.`,
    next: `Move that away, or ${elsewhere}.`,
    fields: { root },
  });
}

/** A folder that holds other things, such as `/tmp`: AutoGit makes its home readable by nobody else. */
export function foreign(root: string, found: readonly string[]): AutoGitError {
  const shown = found.slice(0, 3).join(', ') + (found.length > 3 ? ', …' : '');
  return new AutoGitError({
    key: 'host.home-foreign',
    message: `${root} is not a home of AutoGit: it holds other things (${shown}).`,
    next: `AutoGit needs a folder for itself: set AUTOGIT_HOME to an empty one, or to one that is not there yet.`,
    fields: { root },
  });
}

/** `self`: who we are; `owner`: whose the folder is. */
export async function ofAnother(folder: string, owner: number, self: number): Promise<AutoGitError> {
  const [theirs, ours] = await Promise.all([userName(owner), userName(self)]);
  const asThem = `sudo -H -u '${theirs}' autogit …`;
  const [why, next] =
    self === 0
      ? [
          ': it would leave files there that they cannot use',
          `Run it as that user (${asThem}), or ${elsewhere}.`,
        ]
      : [
          '',
          `Take it over (sudo chown -R '${ours}' '${folder}'), run AutoGit as its owner (${asThem}), or ${elsewhere}.`,
        ];
  return new AutoGitError({
    key: 'host.home-of-another',
    message: `${folder} belongs to ${theirs}, and AutoGit runs as ${ours}${why}.`,
    next,
    fields: { folder, owner: theirs, user: ours },
  });
}

/** https://www.sqlite.org/wal.html: "WAL does not work over a network filesystem". */
export function onNetwork(root: string, fileSystem: string): AutoGitError {
  return new AutoGitError({
    key: 'host.home-on-network',
    message: `AutoGit's home ${root} lies on a network share (${fileSystem}), where the locks of its database cannot be relied on: two cores could run with it, and the database could be damaged.`,
    next: 'Set AUTOGIT_HOME to a folder on a disk of this machine, for example /var/lib/autogit.',
    fields: { root, fileSystem },
  });
}

/** Only for a folder that others may write to; one that they may only read is made private without a word. */
export function secretsExposed(folder: string, mode: number): AutoGitError {
  return new AutoGitError({
    key: 'secrets.folder-exposed',
    message: `Other users of this machine can change what is in ${folder}, the folder of AutoGit's secrets.`,
    next: `Look whether its files are yours, then run \`chmod 700 '${folder}'\`.`,
    fields: { folder, mode: (mode & 0o777).toString(8) },
  });
}

/** `what` is wrong with the folder. */
export function socketFolderUnsafe(folder: string, what: string, cause?: unknown): AutoGitError {
  const why = cause === undefined ? '' : `: ${reasonOf(cause)}`;
  return new AutoGitError({
    key: 'host.socket-folder-unsafe',
    message: `The folder ${folder} for AutoGit's socket ${what}${why}.`,
    next: `Remove ${folder}, set XDG_RUNTIME_DIR to a folder of yours, or set AUTOGIT_HOME to a folder with a shorter name.`,
    fields: { folder },
    cause,
  });
}

/** The disk has no room for so much as a key. */
export function full(root: string, cause: unknown): AutoGitError {
  return new AutoGitError({
    key: 'host.home-full',
    message: `There is no space left for AutoGit's home folder ${root}.`,
    next: 'Free some space on that disk, or set AUTOGIT_HOME to a folder on another one.',
    fields: { root, reason: messageOf(cause) },
    cause,
  });
}

/** Anything that was thrown while a home was looked at or made, with a key where it is known. */
export async function homeError(root: string, error: unknown): Promise<unknown> {
  if (error instanceof AutoGitError) return error;
  const fields = { root, reason: messageOf(error) };
  switch (errorCode(error)) {
    case 'EACCES':
    case 'EPERM':
      return (await otherOwner(root)) ?? unwritable(root, 'you may not', error);
    case 'EROFS':
      return unwritable(root, reasonOf(error), error);
    case 'ENOTDIR':
    case 'EEXIST':
    case 'ELOOP':
      return notAFolder(root, reasonOf(error));
    case 'ENAMETOOLONG':
      return new AutoGitError({
        key: 'host.home-invalid',
        message: `The name of the home folder ${root.slice(0, 60)}… is longer than the disk allows.`,
        next: 'Set AUTOGIT_HOME to a folder with a shorter name.',
        fields,
        cause: error,
      });
    case 'ENOSPC':
    case 'EDQUOT':
      return full(root, error);
    default:
      return error;
  }
}

async function otherOwner(root: string): Promise<AutoGitError | null> {
  const self = ownId();
  const owner = await stat(root).then(
    ({ uid }) => uid,
    () => self,
  );
  return self === null || owner === null || owner === self ? null : ofAnother(root, owner, self);
}

function unwritable(root: string, reason: string, cause: unknown): AutoGitError {
  const way =
    errorCode(cause) === 'EROFS'
      ? "Mount it writable (a disk that fails is often made read-only: see the system's log)"
      : `Have it made for you (sudo install -d -o "$USER" '${root}')`;
  return new AutoGitError({
    key: 'host.home-unwritable',
    message: `AutoGit cannot write to its home folder ${root}: ${reason}.`,
    next: `${way}, or ${elsewhere}.`,
    fields: { root, reason: messageOf(cause) },
    cause,
  });
}
