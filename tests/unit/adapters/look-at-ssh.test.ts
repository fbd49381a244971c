// Whether SSH is spoken at a port, against servers of the test's own.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { createLookAtSsh, keysIn } from '../../../main/adapters/host/look-at-ssh.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(say: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    say(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const look = createLookAtSsh({ deadlineMs: 400, keyscan: null });

describe('a port for SSH', () => {
  it('says who it is, also after other lines and in pieces', async () => {
    const port = await listen((socket) => {
      socket.write('Welcome\r\nSSH-2.0-Open');
      setTimeout(() => socket.write('SSH_9.6\r\n'), 20);
    });
    expect(await look('127.0.0.1', port)).toEqual({ banner: 'SSH-2.0-OpenSSH_9.6', why: null, keys: [] });
  });

  it.each([
    ['it does not speak SSH', (socket: Socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['it does not speak SSH', (socket: Socket) => socket.write('x'.repeat(20_000))],
    ['it says nothing', () => undefined],
    ['it hung up at once', (socket: Socket) => socket.end()],
  ])('that is none: %s', async (why, say) => {
    expect(await look('127.0.0.1', await listen(say))).toEqual({ banner: null, why, keys: [] });
  });

  it('that is closed says so', async () => {
    const { banner, why } = await look('127.0.0.1', 9);
    expect(banner).toBeNull();
    expect(why).toContain('ECONNREFUSED');
  });

  it('goes without keys where the program for them is missing', async () => {
    const port = await listen((socket) => socket.write('SSH-2.0-x\r\n'));
    const answer = await createLookAtSsh({ keyscan: '/nowhere/ssh-keyscan' })('127.0.0.1', port);
    expect(answer).toEqual({ banner: 'SSH-2.0-x', why: null, keys: [] });
  });
});

describe('keys of a server', () => {
  it('are shown as ssh-keygen shows them', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'autogit-ssh-'));
    try {
      const run = promisify(execFile);
      const file = path.join(folder, 'key');
      const made = await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]).catch(() => null);
      const key =
        made === null
          ? 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'
          : await readFile(`${file}.pub`, 'utf8');
      await writeFile(`${file}.pub`, key);
      const [type = '', blob = ''] = key.split(' ');
      const [found] = keysIn(`# 127.0.0.1:22 SSH-2.0-x\n[127.0.0.1]:2222 ${type} ${blob.trim()}\n`);
      const shown = made === null ? null : await run('ssh-keygen', ['-l', '-f', `${file}.pub`]);
      expect(found).toEqual({
        type: 'ssh-ed25519',
        fingerprint: shown?.stdout.split(' ')[1] ?? 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU',
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
