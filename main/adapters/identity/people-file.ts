// Authelia's file of people on the disk: changed whole or not at all, and never over something that Authelia has written.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { lstat, open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { PeopleFile, PeopleOnFile } from '../../access-ports.ts';
import { syncFolder } from '../../durable.ts';
import { errorCode } from '../../errors.ts';
import { hashOf } from '../../model/stack/content-hash.ts';
import type { Person, PersonEdit } from '../../model/person.ts';
import type { Clock } from '../../ports.ts';
import { peopleBusy, peopleError, peopleMissing } from './people-errors.ts';
import { editPeople, holds, readPeople } from './people-text.ts';

/**
 * Authelia sees a file that takes the place of its own (it watches the folder), but not within half a second after it has
 * read or written it itself, and then keeps what it knew. So nothing is written sooner than this after a write. Milliseconds.
 * https://github.com/authelia/authelia/blob/v4.39.0/internal/authentication/file_user_provider.go
 */
const quietMs = 1_500;
/** What Authelia needs to see a change; a change of its own that crossed it has reached the disk by then. Milliseconds. */
const settleMs = 1_000;
/** For Authelia, which empties the file before it writes it. Milliseconds. */
const emptyMs = 100;
const tries = 10;

/** Never through a link: Windows alone does not know how to refuse one. */
const noFollow = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW;

export interface PeopleFileOptions {
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
}

/** One for each core: changes wait for each other. */
export function createPeopleFile({ clock }: PeopleFileOptions): PeopleFile {
  let last: Promise<unknown> = Promise.resolve();
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };
  return {
    read: (file) => readOnce(file, clock).catch((error: unknown) => rethrow('read', file, error)),
    change: (file, decide) =>
      alone(async () => {
        for (let left = tries; left > 0; left -= 1) {
          const done = await changeOnce(file, decide, clock).catch((error: unknown) =>
            rethrow('change', file, error),
          );
          if (done !== null) return done;
        }
        throw peopleBusy(file);
      }),
  };
}

function rethrow(deed: 'read' | 'change', file: string, error: unknown): never {
  throw peopleError(deed, file, error);
}

interface Opened {
  readonly handle: FileHandle;
  readonly facts: BigIntStats;
  readonly text: string;
}

/** As it is while nobody has written for a while; `null`: there is none. The caller closes it. */
async function openQuiet(file: string, clock: PeopleFileOptions['clock']): Promise<Opened | null> {
  for (let left = tries * 2; left > 0; left -= 1) {
    const handle = await openFile(file);
    if (handle === null) return null;
    try {
      const facts = await handle.stat({ bigint: true });
      const age = clock.now() - Number(facts.mtimeMs);
      const text = await readAll(handle);
      // A clock that was set back makes a file that comes from the future, for which nobody waits.
      const isQuiet = age >= quietMs || age < 0;
      if (isQuiet && text !== '' && (await isAsBefore(file, facts))) return { handle, facts, text };
      await handle.close();
      await clock.sleep(isQuiet ? emptyMs : quietMs - age);
    } catch (error) {
      await handle.close().catch(() => undefined);
      throw error;
    }
  }
  throw peopleBusy(file);
}

async function openFile(file: string): Promise<FileHandle | null> {
  try {
    return await open(file, constants.O_RDONLY | constants.O_NONBLOCK | noFollow);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** From its beginning, also where it was read before. */
async function readAll(handle: FileHandle): Promise<string> {
  const { size } = await handle.stat();
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0);
  return buffer.subarray(0, bytesRead).toString('utf8');
}

async function isAsBefore(file: string, before: BigIntStats): Promise<boolean> {
  const now = await lstat(file, { bigint: true }).catch(() => null);
  return now !== null && now.ino === before.ino && now.mtimeNs === before.mtimeNs && now.size === before.size;
}

async function readOnce(file: string, clock: PeopleFileOptions['clock']): Promise<PeopleOnFile | null> {
  const opened = await openQuiet(file, clock);
  if (opened === null) return null;
  await opened.handle.close();
  return { people: readPeople(opened.text, file), mark: hashOf(opened.text) };
}

/** `null`: somebody else has written meanwhile, and it has to be done again. */
async function changeOnce(
  file: string,
  decide: (people: readonly Person[]) => readonly PersonEdit[],
  clock: PeopleFileOptions['clock'],
): Promise<readonly Person[] | null> {
  const opened = await openQuiet(file, clock);
  if (opened === null) throw peopleMissing(file);
  const { handle, facts, text } = opened;
  try {
    const people = readPeople(text, file);
    const edits = decide(people);
    if (edits.length === 0) return people;
    const wanted = editPeople(text, edits, file);
    await replace(`${file}.autogit-last`, text, facts, () => Promise.resolve(true));
    if (!(await replace(file, wanted, facts, () => isAsBefore(file, facts)))) return null;
    await clock.sleep(settleMs);
    return await confirm(file, { handle, before: text, wanted, edits, facts });
  } finally {
    await handle.close();
  }
}

interface Written {
  /** The file whose place was taken: Authelia may have been about to write it. */
  readonly handle: FileHandle;
  readonly before: string;
  readonly wanted: string;
  readonly edits: readonly PersonEdit[];
  readonly facts: BigIntStats;
}

/** `null`: what was written is lost, or has hidden a write of Authelia's; that is put in its place, and all is done again. */
async function confirm(file: string, written: Written): Promise<readonly Person[] | null> {
  const { handle, before, wanted, edits, facts } = written;
  const [now, hidden] = [await textNow(file), await readAll(handle)];
  if (now === wanted && hidden !== before && isReadable(hidden, file)) {
    await replace(file, hidden, facts, () => Promise.resolve(true));
    return null;
  }
  if (now === wanted) return readPeople(now, file);
  return now !== null && isReadable(now, file) && holds(now, edits, file) ? readPeople(now, file) : null;
}

async function textNow(file: string): Promise<string | null> {
  const handle = await openFile(file);
  if (handle === null) return null;
  try {
    return await readAll(handle);
  } finally {
    await handle.close();
  }
}

function isReadable(text: string, file: string): boolean {
  try {
    return readPeople(text, file).length > 0;
  } catch {
    return false;
  }
}

/** With owner and mode of the one before, durable when it resolves; false: not done, as it is not as it was. */
async function replace(
  file: string,
  content: string,
  like: BigIntStats,
  mayStill: () => Promise<boolean>,
): Promise<boolean> {
  const folder = path.dirname(file);
  const temporary = path.join(
    folder,
    `.${path.basename(file)}.${randomBytes(6).toString('hex')}.autogit-tmp`,
  );
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | noFollow;
    const handle = await open(temporary, flags, 0o600);
    try {
      await takeOver(handle, like);
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (!(await mayStill())) return false;
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(folder);
  return true;
}

async function takeOver(handle: FileHandle, like: BigIntStats): Promise<void> {
  const own = await handle.stat({ bigint: true });
  // Another owner could lock Authelia out; another group of the same owner cannot.
  if (own.uid !== like.uid) await handle.chown(Number(like.uid), Number(like.gid));
  else if (own.gid !== like.gid) await handle.chown(-1, Number(like.gid)).catch(() => undefined);
  await handle.chmod(Number(like.mode) & 0o777);
}
