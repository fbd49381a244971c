// What can be wrong with Authelia's file of people, as errors with a key.
import { AutoGitError, errorCode, messageOf, toAutoGitError } from '../../errors.ts';

/** Authelia would refuse it, too, and let nobody in after its next start. `line`: the first has number 1. */
export function peopleInvalid(file: string, what: string, line: number | null): AutoGitError {
  const place = line === null ? file : `${file}, line ${line}`;
  return new AutoGitError({
    key: 'user.file-invalid',
    message: `The people of the lab cannot be read (${place}): ${what}. Nothing was changed.`,
    next: `Mend it in an editor; Authelia takes it up at once. The last one that AutoGit has read well before a change of its own is ${file}.autogit-last.`,
    fields: { file, ...(line === null ? {} : { line }) },
  });
}

export function peopleMissing(file: string): AutoGitError {
  return new AutoGitError({
    key: 'user.no-file',
    message: `There is no ${file} yet: Authelia makes it at its first start.`,
    next: 'See whether Authelia has started: autogit stack status',
    fields: { file },
  });
}

/** Somebody writes again and again. */
export function peopleBusy(file: string): AutoGitError {
  return new AutoGitError({
    key: 'user.file-busy',
    message: `${file} changed while AutoGit was about to change it, several times in a row. Nothing of this request was kept.`,
    next: 'Ask again. If it goes on, see who writes it.',
    fields: { file },
    retry: true,
  });
}

/** Anything thrown at work on the file, with a key; what a decision about people threw stays as it is. `deed` completes "AutoGit may not … ". */
export function peopleError(deed: 'read' | 'change', file: string, error: unknown): AutoGitError {
  const code = errorCode(error);
  if (error instanceof AutoGitError || code === null) return toAutoGitError(error);
  const common = { key: 'user.no-access', fields: { file, code }, cause: error };
  if (code === 'ELOOP')
    return new AutoGitError({
      ...common,
      message: `${file} is a symbolic link, which may lead anywhere: AutoGit does not ${deed} it.`,
      next: 'Put the file itself there.',
    });
  const isForbidden = code === 'EACCES' || code === 'EPERM';
  return new AutoGitError({
    ...common,
    message: isForbidden
      ? `AutoGit may not ${deed} ${file}: it belongs to somebody else.`
      : `AutoGit could not ${deed} ${file} (${messageOf(error)}). What was there before is unchanged.`,
    next: isForbidden
      ? `Whoever runs AutoGit has to own it and its folder: sudo chown -R "$(id -u):$(id -g)" '${file.replace(/[^/\\]+$/, '')}', then restart Authelia: autogit stack restart authelia`
      : 'Look at the disk it lies on, then ask again.',
  });
}
