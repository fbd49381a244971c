// What is taken for the core of a home, and what is not.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HomePaths } from '../../../main/index.ts';
import { findCore, findOrCreate } from '../../../main/serve/find-core.ts';
import type { CoreRecord } from '../../../main/serve/find-core.ts';
import { startServe } from '../../../main/serve/serve.ts';
import { fakeAccess } from '../../fakes/fake-access.ts';

const access = fakeAccess({ stepMs: 1_000 });
const options = { home: 'default', act: true, terminalLogLevel: 'error' } as const;
let folder: string;
let home: string;
let paths: HomePaths;
const ends: (() => Promise<void>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-find-'));
  home = path.join(folder, 'home');
  paths = pathsOf(home);
  await mkdir(paths.run, { recursive: true, mode: 0o700 });
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await rm(folder, { recursive: true, force: true });
});

function pathsOf(root: string): HomePaths {
  return access.homePaths({ AUTOGIT_HOME: root }, { demo: false });
}

/** Serves a home from this process. */
async function serve(root = home): Promise<void> {
  const core = await access.createCore({ ...options, env: { AUTOGIT_HOME: root } });
  const doors = await startServe({ core, paths: pathsOf(root), log: core.log });
  await core.announce(doors);
  ends.push(async () => {
    await core.withdraw();
    await doors.close();
    await core.stop();
  });
}

/** Some other program at a socket. */
async function listen(answer: (connection: Socket) => void): Promise<string> {
  const socket = path.join(folder, 'other.sock');
  const open = new Set<Socket>();
  const server: Server = createServer((connection) => {
    open.add(connection.on('error', () => undefined).resume());
    answer(connection);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  ends.push(
    () =>
      new Promise((resolve) => {
        for (const connection of open) connection.destroy();
        server.close(() => resolve());
      }),
  );
  return socket;
}

function write(record: Partial<CoreRecord>): Promise<void> {
  const whole = {
    pid: process.pid,
    startedAt: 1,
    socket: paths.socket,
    address: null,
    version: '1',
    ...record,
  };
  return writeFile(paths.coreFile, JSON.stringify(whole));
}

describe('the core that serves a home', () => {
  it('is found by its core.json', async () => {
    await serve();
    expect(await findCore(access, paths)).toMatchObject({
      address: expect.stringMatching(/^http/) as unknown,
    });
  });

  it.each(['', 'garbage', '[]', '{"pid":1}', '\0\0\0', '[[[['])(
    'is found though its core.json is %j',
    async (text) => {
      await serve();
      await writeFile(paths.coreFile, text);
      expect(await findCore(access, paths)).toMatchObject({ pid: process.pid, socket: paths.socket });
    },
  );

  it('is found though its core.json is of a core before it, whose socket lay elsewhere', async () => {
    await serve();
    await write({ socket: path.join(folder, 'gone.sock') });
    expect(await findCore(access, paths)).toMatchObject({ socket: paths.socket });
  });

  it('is found through a link to its home', async () => {
    await serve();
    const link = path.join(folder, 'link');
    await symlink(home, link);
    expect(await findCore(access, pathsOf(link))).toMatchObject({ socket: paths.socket });
  });

  it('is not the core of another home, though core.json says so', async () => {
    const other = path.join(folder, 'other');
    await serve(other);
    await write({ socket: pathsOf(other).socket });
    expect(await findCore(access, paths)).toBeNull();
  });
});

describe('no core', () => {
  it.each(['/', '/etc/passwd', '/etc/passwd/sock', `/tmp/${'x'.repeat(110)}`, 'x'])(
    'is at the socket %s, and the home is free',
    async (socket) => {
      await write({ socket });
      const held = await findOrCreate(access, { ...options, env: { AUTOGIT_HOME: home } });
      expect(held.kind).toBe('own');
      if (held.kind === 'own') await held.core.stop();
    },
  );

  it.each([
    ['speaks another protocol', '220 mail.example ESMTP\r\n'],
    ['is another HTTP server', 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'],
    ['says that it lives, and is no core', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'],
  ])('is a program that %s', async (_name, text) => {
    await write({ socket: await listen((connection) => connection.end(text)) });
    expect(await findCore(access, paths)).toBeNull();
  });

  it('is a program elsewhere that does not answer', async () => {
    await write({ socket: await listen(() => undefined) });
    expect(await findCore(access, paths)).toBeNull();
  });
});
