// Looks whether SSH is spoken at a port, and by whose keys it would be known.
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { messageOf } from '../../errors.ts';
import type { LookAtSsh, SshAnswer } from '../../stack-ports.ts';
import { startProgram } from './run-program.ts';

export interface LookAtSshOptions {
  /** Until the first line. Milliseconds. */
  readonly deadlineMs?: number;
  /** `null`: keys are not asked for. */
  readonly keyscan?: string | null;
}

/** https://www.rfc-editor.org/rfc/rfc4253#section-4.2: a server may say other lines before its own; each at most 255 bytes. */
const mostBytes = 8_192;

export function createLookAtSsh(options: LookAtSshOptions = {}): LookAtSsh {
  const { deadlineMs = 5_000, keyscan = 'ssh-keyscan' } = options;
  return async (host, port) => {
    const { banner, why } = await readBanner(host, port, deadlineMs);
    const keys = banner === null || keyscan === null ? [] : await scanKeys(keyscan, host, port, deadlineMs);
    return { banner, why, keys };
  };
}

function readBanner(
  host: string,
  port: number,
  deadlineMs: number,
): Promise<Pick<SshAnswer, 'banner' | 'why'>> {
  const { promise, resolve } = Promise.withResolvers<Pick<SshAnswer, 'banner' | 'why'>>();
  const socket = connect({ host, port });
  let text = '';
  const end = (banner: string | null, why: string | null): void => {
    clearTimeout(timer);
    socket.destroy();
    resolve({ banner, why });
  };
  const timer = setTimeout(
    () => end(null, text === '' ? 'it says nothing' : 'it does not speak SSH'),
    deadlineMs,
  );
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string | Buffer) => {
    text += chunk.toString();
    const found = /^(SSH-[\x20-\x7e]{1,250})\r?\n/m.exec(text)?.[1];
    if (found !== undefined) end(found.trim(), null);
    else if (text.length > mostBytes) end(null, 'it does not speak SSH');
  });
  socket.on('error', (error) => end(null, messageOf(error)));
  socket.on('end', () => end(null, text === '' ? 'it hung up at once' : 'it does not speak SSH'));
  return promise;
}

/** `[]` where the program is missing or finds nothing: what it tells is evidence, and nothing depends on it. */
async function scanKeys(
  program: string,
  host: string,
  port: number,
  deadlineMs: number,
): Promise<SshAnswer['keys']> {
  const seconds = String(Math.max(1, Math.round(deadlineMs / 1000)));
  const ran = await startProgram(program, ['-T', seconds, '-p', String(port), host], deadlineMs * 2).ran;
  return ran.outcome === 'ended' ? keysIn(ran.stdout) : [];
}

/** Lines of known hosts: `[192.168.1.10]:2222 ssh-ed25519 AAAA…`; fingerprints as `ssh-keygen -l` writes them. */
export function keysIn(text: string): SshAnswer['keys'] {
  return text.split('\n').flatMap((line) => {
    const [, type = '', key = ''] = /^\S+ ((?:ssh|ecdsa|sk)-\S+) ([A-Za-z0-9+/]+=*)\s*$/.exec(line) ?? [];
    if (key === '') return [];
    const digest = createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64');
    return [{ type, fingerprint: `SHA256:${digest.replace(/=+$/, '')}` }];
  });
}
