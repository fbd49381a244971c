import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectCore, isAlive } from '../../../main/serve/client.ts';
import { openDoors } from '../../fakes/open-doors.ts';
import type { OpenDoors } from '../../fakes/open-doors.ts';

let folder: string;
let server: Server | null = null;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-client-'));
});
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
  server = null;
  await rm(folder, { recursive: true, force: true });
});

/** A server that answers whatever a test wants, at a socket of its own. */
async function strange(answer: RequestListener): Promise<string> {
  const socket = path.join(folder, 's.sock');
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(socket, resolve));
  return socket;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('the client over real doors', () => {
  let doors: OpenDoors;
  beforeEach(async () => {
    doors = await openDoors({ beatMs: 10 });
  });
  afterEach(() => doors.close());

  it('calls with input and reads the answer', async () => {
    const answer = await connectCore(doors.socket).call('sandbox.seed', { jobs: 3 });
    expect(answer).toMatchObject({ jobs: 3, project: { path: 'demo/hello-1' } });
    expect(await isAlive(doors.socket)).toBe(true);
  });

  it('hands on the errors of the core', async () => {
    const door = connectCore(doors.socket);
    const log = collect(door.stream('job.log', { id: 5 }, new AbortController().signal));
    await expect(log).rejects.toMatchObject({ key: 'job.unknown', name: 'AutoGitError' });
  });

  it('reads a stream to its end, over heartbeats', async () => {
    const signal = new AbortController().signal;
    expect(
      await collect(connectCore(doors.socket).stream('events.follow', { limit: 2 }, signal)),
    ).toHaveLength(2);
  });

  it('stops a stream quietly when asked to', async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    for await (const snapshot of connectCore(doors.socket).stream('snapshot.follow', {}, stop.signal)) {
      seen.push(snapshot.version);
      stop.abort();
    }
    expect(seen).toEqual([1]);
  });

  it('reports a stream that breaks', async () => {
    const stop = new AbortController();
    const items = collect(connectCore(doors.socket).stream('snapshot.follow', {}, stop.signal));
    setTimeout(doors.core.crash, 50);
    await expect(items).rejects.toMatchObject({ key: 'core.unreachable' });
  });

  it('sends texts of a hundred thousand letters', async () => {
    const text = 'x: ä\n'.repeat(20_000);
    await connectCore(doors.socket).call('settings.validate', { text });
    expect(doors.core.calls).toEqual([{ name: 'settings.validate', input: { text } }]);
  });
});

describe('what is no core of ours', () => {
  it.each([
    ['a page', '<html>'],
    ['another shape', '{"status":"fine"}'],
    ['a value of another version', '{"ok":true,"value":{"sentence":1}}'],
    ['nothing', ''],
  ])('%s is a core of another version', async (_name, text) => {
    const socket = await strange((_request, response) => response.end(text));
    const call = connectCore(socket).call('status.show', {});
    await expect(call).rejects.toMatchObject({ key: 'core.version-differs', retry: false });
  });

  it('is reported when the connection ends in the middle of an answer', async () => {
    const socket = await strange((request, response) => {
      response.write('{"ok":true,"value":{"at":1,"kind":"a","subject":"b","message":"c"}}\n{"ok"');
      setTimeout(() => request.socket.destroy(), 20);
    });
    const signal = new AbortController().signal;
    const items = collect(connectCore(socket).stream('events.follow', {}, signal));
    await expect(items).rejects.toMatchObject({ key: 'core.unreachable' });
  });

  it('is not alive when nobody listens, and unreachable when nobody answers', async () => {
    expect(await isAlive(path.join(folder, 'nobody.sock'))).toBe(false);
    const silent = await strange(() => undefined);
    await expect(isAlive(silent, 50)).rejects.toMatchObject({ key: 'core.unreachable' });
  });
});
