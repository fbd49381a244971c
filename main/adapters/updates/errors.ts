// What can go wrong between a list of updates and an installed file, each with what to do now.
import { AutoGitError, messageOf } from '../../errors.ts';
import type { UpdateFile } from '../../model/updates.ts';

const notTaken = 'Nothing was installed and nothing of it is kept.';
const tellThem = 'Ask whoever runs that place; a mirror may be broken, or somebody stands in between.';

export function noKey(): AutoGitError {
  return new AutoGitError({
    key: 'update.no-key',
    message: 'This build of AutoGit knows no key with which updates are signed, so it takes none.',
    next: 'Update it the way it was installed. Whoever builds packages puts a key in: docs/updates.md',
  });
}

export function insecure(address: string): AutoGitError {
  return new AutoGitError({
    key: 'update.insecure',
    message: `${address} is not asked for updates: only https addresses are, and http ones of this machine itself.`,
    next: 'Set one: autogit settings set updates.address https://…',
  });
}

export function unreachable(url: string, why: string, cause?: unknown): AutoGitError {
  return new AutoGitError({
    key: 'update.unreachable',
    message: `${url} does not answer with updates: ${why}.`,
    next: 'AutoGit asks again by itself, later and later. Is the address right? autogit settings list updates',
    retry: true,
    cause,
  });
}

export function redirected(url: string, to: string): AutoGitError {
  return new AutoGitError({
    key: 'update.redirected',
    message: `${url} leads elsewhere, to ${to}. AutoGit asks the place in its settings and no other.`,
    next: `If it has moved, set the new address yourself: autogit settings set updates.address https://…`,
  });
}

export function tooLarge(url: string, most: number): AutoGitError {
  return new AutoGitError({
    key: 'update.too-large',
    message: `${url} gives more than the ${most} bytes that it may have.`,
    next: `${notTaken} ${tellThem}`,
  });
}

export function tooSlow(url: string): AutoGitError {
  return new AutoGitError({
    key: 'update.too-slow',
    message: `${url} gives its bytes too slowly, or has stopped giving any.`,
    next: 'Try again: a download goes on where it stopped.',
    retry: true,
  });
}

export function truncated({ name, size }: UpdateFile, received: number): AutoGitError {
  return new AutoGitError({
    key: 'update.truncated',
    message: `${name} ended after ${received} of its ${size} bytes.`,
    next: 'Try again: the download goes on where it stopped.',
    retry: true,
  });
}

export function badSignature(): AutoGitError {
  return new AutoGitError({
    key: 'update.signature',
    message: 'The list of updates is not signed by a key that this AutoGit knows, so it does not count.',
    next: `${notTaken} ${tellThem}`,
  });
}

export function unreadable(why: string): AutoGitError {
  return new AutoGitError({
    key: 'update.unreadable',
    message: `The list of updates is signed, and this AutoGit does not understand it: ${why}.`,
    next: 'It may be made for a newer AutoGit: update the way it was installed.',
  });
}

export function wrongDigest({ name }: UpdateFile): AutoGitError {
  return new AutoGitError({
    key: 'update.digest',
    message: `${name} is not the file that the signed list names: its SHA-256 is another one.`,
    next: `${notTaken} Download it again; if it stays so, ask whoever runs that place.`,
  });
}

export function notStaged({ name }: UpdateFile): AutoGitError {
  return new AutoGitError({
    key: 'update.not-staged',
    message: `${name} is not downloaded.`,
    next: 'Download it first: autogit update download',
  });
}

export function noSpace(folder: string, needed: number): AutoGitError {
  return new AutoGitError({
    key: 'update.no-space',
    message: `The update needs ${Math.ceil(needed / 1e6)} MB in ${folder}, and there is less.`,
    next: 'Make room there, then download it again.',
  });
}

export function diskFails(folder: string, error: unknown): AutoGitError {
  return new AutoGitError({
    key: 'update.disk',
    message: `The update could not be written to ${folder}: ${messageOf(error)}.`,
    next: 'See whether that folder belongs to you and can be written, then try again.',
    cause: error,
  });
}

export function installFailed(what: string, why: string, next: string): AutoGitError {
  return new AutoGitError({
    key: 'update.install-failed',
    message: `${what} could not be installed: ${why}.`,
    next,
  });
}

export function installDeclined(command: string): AutoGitError {
  return new AutoGitError({
    key: 'update.install-declined',
    message:
      'The system did not get the password that it asked for, or does not let you install anything. Nothing was installed.',
    next: `Try again, or run it yourself: ${command}`,
  });
}
