// The secrets of a home: one file, AES-256-GCM, with a data key that only its owner can read.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeDurably } from '../../durable.ts';
import { AutoGitError } from '../../errors.ts';
import type { Secrets } from '../../ports.ts';
import { isFull, readIfExists, reasonOf } from './files.ts';
import { full } from './home-errors.ts';

interface SecretPaths {
  readonly secretsFile: string;
  readonly secretsKey: string;
}

/** Pairs, because a name may be anything, `__proto__` too. */
const secretsSchema = z.array(z.tuple([z.string(), z.string()]));

/** First bytes of the file, authenticated with it: format and version. */
const magic = Buffer.from('AUTOGIT-SECRETS-1\n');
const keyBytes = 32;
/** What NIST SP 800-38D recommends for GCM; random, made anew for each write. */
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Opens the secrets of a home, for the one process that holds its core lock. Makes the key at the first start.
 * Rejects with `secrets.key-exposed`, `secrets.file-exposed`, `secrets.key-missing`, `secrets.damaged`, `secrets.no-access`, `host.home-full`.
 */
export async function openSecrets(paths: SecretPaths): Promise<Secrets> {
  const sealed = await accessing(paths.secretsFile, 'read', readIfExists(paths.secretsFile));
  const key = await dataKey(paths, sealed !== null);
  const fileMode = sealed === null ? null : await exposedMode(paths.secretsFile);
  if (fileMode !== null) throw fileExposed(paths.secretsFile, fileMode);
  let values = new Map(sealed === null ? [] : unseal(sealed, key, paths));
  const signingKey = Buffer.from(hkdfSync('sha256', key, '', 'autogit label signature 1', 32));

  let lastWrite = Promise.resolve();
  /** Writes follow one another; memory changes only once the file has. */
  const write = (change: (next: Map<string, string>) => void): Promise<void> => {
    const written = lastWrite.then(async () => {
      const next = new Map(values);
      change(next);
      const sealedNext = seal([...next], key);
      await accessing(paths.secretsFile, 'written', writeDurably(paths.secretsFile, sealedNext, 0o600));
      values = next;
    });
    lastWrite = written.catch(() => undefined);
    return written;
  };

  return {
    get: (name) => values.get(name) ?? null,
    set: (name, value) => write((next) => next.set(name, value)),
    remove: (name) => write((next) => next.delete(name)),
    names: () => [...values.keys()],
    values: () => [...values.values()],
    sign: (text) => createHmac('sha256', signingKey).update(text).digest('hex'),
  };
}

function seal(values: readonly (readonly [string, string])[], key: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(magic);
  const body = Buffer.concat([cipher.update(JSON.stringify(values), 'utf8'), cipher.final()]);
  return Buffer.concat([magic, nonce, cipher.getAuthTag(), body]);
}

function unseal(file: Buffer, key: Buffer, paths: SecretPaths): readonly (readonly [string, string])[] {
  const nonceAt = magic.length;
  const tagAt = nonceAt + nonceBytes;
  const bodyAt = tagAt + tagBytes;
  try {
    if (!file.subarray(0, nonceAt).equals(magic)) throw new Error('This is not a secrets file');
    const nonce = file.subarray(nonceAt, tagAt);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
      .setAAD(magic)
      .setAuthTag(file.subarray(tagAt, bodyAt));
    const text = Buffer.concat([decipher.update(file.subarray(bodyAt)), decipher.final()]).toString('utf8');
    return secretsSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw damaged(paths, `${paths.secretsFile} is damaged or was encrypted with another key`, cause);
  }
}

async function dataKey(paths: SecretPaths, secretsExist: boolean): Promise<Buffer> {
  const key = await accessing(paths.secretsKey, 'read', readIfExists(paths.secretsKey));
  if (key === null) {
    if (secretsExist) throw keyMissing(paths);
    return newKey(paths.secretsKey);
  }
  const mode = await exposedMode(paths.secretsKey);
  if (mode !== null) throw keyExposed(paths.secretsKey, mode);
  if (key.length !== keyBytes) throw damaged(paths, `${paths.secretsKey} does not hold a key`, undefined);
  return key;
}

/** Mode of a file that others than its owner may use; `null`: they may not. Windows has no such modes. */
async function exposedMode(file: string): Promise<number | null> {
  const { mode } = await stat(file);
  return process.platform !== 'win32' && (mode & 0o077) !== 0 ? mode : null;
}

async function newKey(file: string): Promise<Buffer> {
  const key = randomBytes(keyBytes);
  await accessing(file, 'written', writeDurably(file, key, 0o600));
  return key;
}

async function accessing<T>(file: string, deed: 'read' | 'written', work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (isFull(cause)) throw full(path.dirname(path.dirname(file)), cause);
    throw new AutoGitError({
      key: 'secrets.no-access',
      message: `AutoGit's secrets in ${file} cannot be ${deed}: ${reasonOf(cause)}.`,
      next: `Look at it with \`ls -ld '${file}'\`: it must be a file of yours on a disk that has room.`,
      fields: { file },
      cause,
    });
  }
}

function keyExposed(file: string, mode: number): AutoGitError {
  return new AutoGitError({
    key: 'secrets.key-exposed',
    message: `Other users of this machine can read ${file}, the key to AutoGit's secrets.`,
    next: `Run \`chmod 600 '${file}'\`. If others really had access, renew the tokens that AutoGit was given.`,
    fields: { file, mode: (mode & 0o777).toString(8) },
  });
}

/** Encrypted as it is, it holds keys of authorities that devices trust: whoever gets the key later could read a copy. */
function fileExposed(file: string, mode: number): AutoGitError {
  return new AutoGitError({
    key: 'secrets.file-exposed',
    message: `Other users of this machine can read or change ${file}, where AutoGit's secrets lie encrypted, and with them the key of the lab's authority.`,
    next: `Run \`chmod 600 '${file}'\`. Its key was not exposed, so that nothing has to be renewed.`,
    fields: { file, mode: (mode & 0o777).toString(8) },
  });
}

function keyMissing({ secretsFile, secretsKey }: SecretPaths): AutoGitError {
  return new AutoGitError({
    key: 'secrets.key-missing',
    message: `${secretsKey} is gone; without it nobody can read ${secretsFile}.`,
    next: `Put the key back from a backup. If it is lost, move ${secretsFile} away and give AutoGit its tokens again.`,
    fields: { secretsFile, secretsKey },
  });
}

function damaged({ secretsFile, secretsKey }: SecretPaths, what: string, cause: unknown): AutoGitError {
  return new AutoGitError({
    key: 'secrets.damaged',
    message: `AutoGit's secrets cannot be read: ${what}.`,
    next: `Put ${secretsFile} and ${secretsKey} back from the same backup, or move both away and give AutoGit its tokens again.`,
    fields: { secretsFile, secretsKey },
    cause,
  });
}
