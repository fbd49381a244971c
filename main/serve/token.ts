// The token that the HTTP door asks for, in a file that only its owner can read.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, open, readFile, rename } from 'node:fs/promises';

const tokenShape = /^[\w-]{43}$/;

/** The token in `file`; made when there is none. Scripts may keep it: it outlives restarts. */
export async function keepToken(file: string): Promise<string> {
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (tokenShape.test(kept)) {
    await chmod(file, 0o600);
    return kept;
  }
  const token = randomBytes(32).toString('base64url');
  const fresh = `${file}.${process.pid}.new`;
  const handle = await open(fresh, 'w', 0o600);
  try {
    await handle.chmod(0o600);
    await handle.writeFile(`${token}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
  return token;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Compares in constant time, whatever the lengths. */
export function isSameToken(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}
