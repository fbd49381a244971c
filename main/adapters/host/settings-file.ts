// settings.yaml on the disk.
import { readFile, realpath, writeFile } from 'node:fs/promises';
import { AutoGitError, messageOf } from '../../errors.ts';
import type { SettingsFile } from '../../ports.ts';
import { errorCode, readIfExists, writeAtomic } from './files.ts';

/** The settings file of a home. `now`: milliseconds since 1970, for the names of copies. */
export function openSettingsFile(file: string, now: () => number): SettingsFile {
  const accessing = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw noAccess(file, error);
    }
  };
  return {
    path: file,
    read: () => accessing(async () => (await readIfExists(file))?.toString('utf8') ?? null),
    write: (text) => accessing(async () => writeAtomic(await targetOf(file), text, 0o600)),
    keepBroken: () => accessing(() => keepCopy(file, new Date(now()))),
  };
}

/** Where a link leads: people keep their settings in a repository of their own, and the link must stay one. */
async function targetOf(file: string): Promise<string> {
  return realpath(file).catch(() => file);
}

/** One copy a day, and further ones only of other content. */
async function keepCopy(file: string, at: Date): Promise<string> {
  const content = await readFile(file);
  const base = `${file}.broken-${at.toISOString().slice(0, 10)}`;
  for (let count = 1; ; count += 1) {
    const copy = count === 1 ? base : `${base}-${String(count)}`;
    const present = await readIfExists(copy);
    if (present?.equals(content) === true) return copy;
    if (present === null) {
      await writeFile(copy, content, { mode: 0o600, flag: 'wx' });
      return copy;
    }
  }
}

function noAccess(file: string, cause: unknown): AutoGitError {
  return new AutoGitError({
    key: 'settings.no-access',
    message: `The settings file ${file} cannot be read or written: ${messageOf(cause)}`,
    next: `Check that ${file} is a file of yours (\`ls -l\` shows it) and that its disk has room.`,
    fields: { file, code: errorCode(cause) ?? '' },
    cause,
  });
}
