// Asks an SSH server for its keys, so that somebody can compare them and pin one.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { Restic } from '../../backup-ports.ts';

/** ssh-keyscan's own limit, and the one for all of it. Seconds and milliseconds. */
const answerSeconds = 5;
const deadlineMs = 20_000;

/** https://man.openbsd.org/ssh-keyscan: lines of host, type and key; comments begin with `#`. */
export const lookAtHostKeys: Restic['hostKeys'] = async (host, port, signal) => {
  signal.throwIfAborted();
  const args = ['-T', String(answerSeconds), '-p', String(port), '--', host];
  const { promise, resolve } = Promise.withResolvers<string>();
  execFile('ssh-keyscan', args, { signal, timeout: deadlineMs, encoding: 'utf8' }, (_, stdout) =>
    resolve(stdout),
  );
  const text = await promise;
  signal.throwIfAborted();
  return readHostKeys(text);
};

/** Newest kinds first. */
const order = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa'];

/** The fingerprint is OpenSSH's: SHA-256 of the key, in base64 without its padding. */
export function readHostKeys(text: string): Awaited<ReturnType<Restic['hostKeys']>> {
  const found = text.split('\n').flatMap((line) => {
    const [host = '#', type = '', key = ''] = line.trim().split(' ');
    if (host.startsWith('#') || !order.includes(type) || !/^[A-Za-z0-9+/]+=*$/.test(key)) return [];
    const digest = createHash('sha256')
      .update(Buffer.from(key, 'base64'))
      .digest('base64')
      .replace(/=+$/, '');
    return [{ type, line: `${type} ${key}`, fingerprint: `SHA256:${digest}` }];
  });
  return found
    .toSorted((a, b) => order.indexOf(a.type) - order.indexOf(b.type))
    .map(({ line, fingerprint }) => ({ line, fingerprint }));
}
