// settings.yaml on the disk.
import { constants } from 'node:fs';
import { lstat, open, readlink, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { writeDurably } from '../../durable.ts';
import { AutoGitError, errorCode } from '../../errors.ts';
import type { SettingsFile } from '../../ports.ts';
import { isFull, readIfExists, reasonOf } from './files.ts';

/** The settings file of a home. `now`: milliseconds since 1970, for the names of copies. */
export function openSettingsFile(file: string, now: () => number): SettingsFile {
  const accessing = async <T>(deed: 'read' | 'written', work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw error instanceof AutoGitError
        ? error
        : noAccess(file, `cannot be ${deed}`, reasonOf(error), error);
    }
  };
  return {
    path: file,
    read: () => accessing('read', () => readSettings(file)),
    mark: () => markOf(file, now()),
    write: (text) => accessing('written', async () => writeDurably(await targetOf(file), text, 0o600)),
    keepBroken: () => accessing('written', () => keepCopy(file, new Date(now()))),
  };
}

/** Far above any real file. Bytes. */
const largestFile = 4_000_000;

/** Does not wait for a pipe to be written, and reads no more than settings can be. */
async function readSettings(file: string): Promise<string | null> {
  const handle = await openIfExists(file);
  if (handle === null) return null;
  try {
    const found = await handle.stat();
    if (found.isDirectory()) throw noAccess(file, 'cannot be read', 'it is a folder');
    if (!found.isFile())
      throw noAccess(file, 'cannot be read', 'it is no ordinary file, but a pipe or a device');
    if (found.size > largestFile) {
      const megabytes = Math.round(found.size / 1e6);
      throw noAccess(file, 'cannot be read', `it has ${String(megabytes)} MB, far more than settings`);
    }
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** A file that was written this lately may be written again without another date. Milliseconds. */
const settledMs = 5_000;

async function markOf(file: string, now: number): Promise<string | null> {
  const found = await stat(file, { bigint: true }).catch(() => null);
  if (found === null || now - Number(found.ctimeMs) < settledMs) return null;
  const { dev, ino, mode, size, mtimeNs, ctimeNs } = found;
  return [dev, ino, mode, size, mtimeNs, ctimeNs].join(' ');
}

/** `null` for no file. A link that leads nowhere is not nothing: the file behind it may come back. */
async function openIfExists(file: string): Promise<Awaited<ReturnType<typeof open>> | null> {
  try {
    return await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    const target = await lstat(file).then(
      () => readlink(file),
      () => null,
    );
    if (target === null) return null;
    throw noAccess(file, 'cannot be read', `it is a link to ${target}, which is not there`);
  }
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

function noAccess(file: string, what: string, why: string, cause?: unknown): AutoGitError {
  return new AutoGitError({
    key: 'settings.no-access',
    message: `The settings file ${file} ${what}: ${why}.`,
    next: isFull(cause)
      ? 'Free some space on that disk.'
      : `Make it an ordinary file that you may read and write (\`ls -ld '${file}'\` shows what it is), or move it away: AutoGit then begins with the defaults.`,
    fields: { file, code: errorCode(cause) ?? '' },
    cause,
  });
}
