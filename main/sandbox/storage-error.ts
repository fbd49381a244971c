// Names what SQLite and the file system say when they cannot do their work.
import { z } from 'zod';
import { SandboxError } from './errors.ts';
import type { StateErrorKey } from './errors.ts';

/** By SQLite's primary result codes: https://sqlite.org/rescode.html */
const sqliteKeys: Readonly<Record<number, StateErrorKey>> = {
  3: 'sandbox.state-unwritable', // PERM
  5: 'sandbox.state-locked', // BUSY
  6: 'sandbox.state-locked', // LOCKED
  8: 'sandbox.state-unwritable', // READONLY
  10: 'sandbox.state-unwritable', // IOERR
  11: 'sandbox.state-damaged', // CORRUPT
  13: 'sandbox.no-space', // FULL
  14: 'sandbox.state-unwritable', // CANTOPEN
  26: 'sandbox.state-damaged', // NOTADB
};

const systemKeys: Readonly<Record<string, StateErrorKey>> = {
  EACCES: 'sandbox.state-unwritable',
  EEXIST: 'sandbox.state-unwritable',
  EIO: 'sandbox.state-unwritable',
  EISDIR: 'sandbox.state-unwritable',
  ENOTDIR: 'sandbox.state-unwritable',
  EPERM: 'sandbox.state-unwritable',
  EROFS: 'sandbox.state-unwritable',
  EDQUOT: 'sandbox.no-space',
  ENOSPC: 'sandbox.no-space',
};

const sentences: Readonly<Record<StateErrorKey, string>> = {
  'sandbox.state-damaged': 'is damaged',
  'sandbox.state-from-future': 'was written by a newer sandbox',
  'sandbox.state-locked': 'is in use by another sandbox',
  'sandbox.state-unwritable': 'cannot be read or written',
  'sandbox.no-space': 'has no space left on its disk',
};

const failure = z.object({
  code: z.string().optional(),
  errcode: z.number().optional(),
  message: z.string(),
});

/** The error as a `SandboxError` that says what is wrong with the state at `path`; any other error as it is. */
export function nameStorageError(error: unknown, path: string): unknown {
  const { code, errcode, message } = failure.safeParse(error).data ?? {};
  if (error instanceof SandboxError || message === undefined) return error;
  const key = errcode === undefined ? systemKeys[code ?? ''] : sqliteKeys[errcode & 0xff];
  return key === undefined ? error : stateError(key, path, message, error);
}

/** `The sandbox's state in <path> is damaged: <detail>`, and the like. */
export function stateError(key: StateErrorKey, path: string, detail: string, cause?: unknown): SandboxError {
  return new SandboxError(key, `The sandbox's state in ${path} ${sentences[key]}: ${detail}`, cause);
}
