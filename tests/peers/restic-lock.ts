// A lock as restic would have written it, on whichever machine and at whatever time: encrypted by the repository's own key.
import { execFile } from 'node:child_process';
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);

const masterKeySchema = z.object({
  mac: z.object({ k: z.base64(), r: z.base64() }),
  encrypt: z.base64(),
});

/** Poly1305 of RFC 8439, https://www.rfc-editor.org/rfc/rfc8439#section-2.5 */
function poly1305(text: Buffer, r: Buffer, s: Buffer): Buffer {
  const number = (bytes: Buffer): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
  const prime = (1n << 130n) - 5n;
  const factor = number(r) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  let sum = 0n;
  for (let at = 0; at < text.length; at += 16)
    sum = ((sum + number(Buffer.concat([text.subarray(at, at + 16), Buffer.from([1])]))) * factor) % prime;
  const tag = (sum + number(s)) % (1n << 128n);
  return Buffer.from(tag.toString(16).padStart(32, '0'), 'hex').reverse();
}

/** IV, AES-256 in counter mode, Poly1305-AES. https://restic.readthedocs.io/en/stable/100_references.html#keys-encryption-and-mac */
function seal(text: Buffer, { mac, encrypt }: z.infer<typeof masterKeySchema>): Buffer {
  const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-ctr', bytes(encrypt), iv);
  const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
  const nonce = createCipheriv('aes-128-ecb', bytes(mac.k), null).setAutoPadding(false);
  return Buffer.concat([iv, sealed, poly1305(sealed, bytes(mac.r), nonce.update(iv))]);
}

export interface WrittenLock {
  readonly host: string;
  /** By the clock of that machine. */
  readonly at: number;
  readonly exclusive: boolean;
  /** Of the process that holds it; by default any. */
  readonly pid?: number;
}

/** Writes it into the repository in a folder. `env`: with what opens it. */
export async function writeLock(
  restic: string,
  path: string,
  env: NodeJS.ProcessEnv,
  { host, at, exclusive, pid = 4711 }: WrittenLock,
): Promise<void> {
  const { stdout } = await run(restic, ['-r', path, 'cat', 'masterkey', '--no-lock'], { env });
  const key = masterKeySchema.parse(JSON.parse(stdout));
  const lock = { time: new Date(at).toISOString(), exclusive, hostname: host, username: 'ana', pid };
  const file = seal(Buffer.from(JSON.stringify(lock)), key);
  await writeFile(join(path, 'locks', createHash('sha256').update(file).digest('hex')), file);
}
