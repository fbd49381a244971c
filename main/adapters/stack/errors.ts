// What can be wrong with a stack's folders and templates, as errors with a key.
import { AutoGitError, errorCode, messageOf } from '../../errors.ts';

export function isAbsent(error: unknown): boolean {
  return errorCode(error) === 'ENOENT';
}

/** A link where a file or a folder of a stack has to be. */
export function linkFound(file: string): AutoGitError {
  return new AutoGitError({
    key: 'stack.link',
    message: `${file} is a symbolic link; AutoGit neither reads nor writes through links in the folder of a stack, because they may lead anywhere.`,
    next: `Look where it leads (\`ls -l '${file}'\`), and put the file itself there.`,
    fields: { file },
  });
}

/** A path that does not stay below the folder of its stack: a defect of a template. */
export function pathInvalid(path: string): AutoGitError {
  return new AutoGitError({
    key: 'stack.path-invalid',
    message: `${JSON.stringify(path.slice(0, 200))} is no path of a file in the folder of a stack.`,
    next: 'A template names this file: mend its `to`. It has to be relative, with `/`, and without `..`.',
  });
}

/** A place where no data can lie. */
export function placeInvalid(place: string): AutoGitError {
  return new AutoGitError({
    key: 'stack.path-invalid',
    message: `${JSON.stringify(place.slice(0, 200))} is no folder for data.`,
    next: 'Name a folder by its absolute path, for example /srv/autogit.',
  });
}

/** A folder that AutoGit did not make is not AutoGit's to delete. */
export function dataNotOurs(path: string): AutoGitError {
  return new AutoGitError({
    key: 'stack.data-not-ours',
    message: `${path} does not carry AutoGit's mark (the file .autogit-data), so it may hold what is not AutoGit's, and nothing in it was deleted.`,
    next: `Look at what is in it; if it can go, delete it yourself: sudo rm -r '${path}'`,
    fields: { path },
  });
}

/** Another disk is mounted in there. */
export function dataMounted(path: string, mount: string): AutoGitError {
  return new AutoGitError({
    key: 'stack.data-mounted',
    message: `Something else is mounted at ${mount}, within ${path}; nothing was deleted.`,
    next: `Unmount it first if what is on it has to stay (sudo umount '${mount}'), then run it again.`,
    fields: { path, mount },
  });
}

/** What services have made belongs to their users: only root, or a rootless engine's owner in its name space, may remove it. */
export function dataForbidden(path: string): AutoGitError {
  return new AutoGitError({
    key: 'stack.no-access',
    message: `AutoGit may not delete all of ${path}: files in it belong to the users of the services that made them.`,
    next: `Delete it with their rights: sudo rm -r '${path}' (rootless Podman: podman unshare rm -r '${path}').`,
    fields: { file: path },
  });
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'you may not',
  EPERM: 'you may not',
  EISDIR: 'it is a folder',
  ENOTDIR: 'something on the way to it is no folder',
  EEXIST: 'something else is there',
  ENAMETOOLONG: 'its name is too long',
  EIO: 'its disk fails',
  EBUSY: 'something uses it',
};

/** Anything thrown at work on a file, with a key. `deed` completes "AutoGit could not … ". */
export function folderError(deed: string, file: string, error: unknown): AutoGitError {
  if (error instanceof AutoGitError) return error;
  const code = errorCode(error) ?? '';
  const common = { fields: { file, code }, cause: error };
  switch (code) {
    case 'ELOOP':
      return linkFound(file);
    case 'ENOSPC':
    case 'EDQUOT':
      return new AutoGitError({
        ...common,
        key: 'stack.no-space',
        message: `AutoGit could not ${deed} ${file}: its disk is full${code === 'EDQUOT' ? ' for you' : ''}. What was there before is unchanged.`,
        next: `Free some space (\`df -h '${file}'\` shows the disk), then run it again.`,
      });
    case 'EROFS':
      return new AutoGitError({
        ...common,
        key: 'stack.read-only',
        message: `AutoGit could not ${deed} ${file}: its disk is mounted read-only.`,
        next: 'Mount it writable; a disk that fails is often made read-only by the system, whose log (`dmesg`) then says so.',
      });
    default:
      return new AutoGitError({
        ...common,
        key: 'stack.no-access',
        message: `AutoGit could not ${deed} ${file}: ${reasons[code] ?? messageOf(error)}.`,
        next: `Look at it with \`ls -ld '${file}'\`: it has to be yours, or have it made for you.`,
      });
  }
}

/** What should be a certificate or a key, and is not. */
export function certificateInvalid(what: 'certificate' | 'key', why: string, cause: unknown): AutoGitError {
  return new AutoGitError({
    key: 'stack.certificate-invalid',
    message: `This is no ${what} that can be used: ${why}.`,
    next: 'Give a PEM file: for the certificate its own first and those that lead to its root after it, for the key one without a passphrase.',
    fields: { why },
    cause,
  });
}
