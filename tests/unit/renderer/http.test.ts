import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { applyNews } from '../../../main/contract/apply-news.ts';
import type { Snapshot } from '../../../main/contract/snapshot.ts';
import { AutoGitError } from '../../../main/errors.ts';
import { createClient } from '../../../renderer/client.ts';
import type { CoreClient } from '../../../renderer/client.ts';
import { httpTransport } from '../../../renderer/transports/http.ts';
import type { HttpOptions } from '../../../renderer/transports/http.ts';
import { openDoors } from '../../fakes/open-doors.ts';
import type { OpenDoors } from '../../fakes/open-doors.ts';
import { serverWith } from '../../fixtures/answering-server.ts';

async function open(): Promise<{ doors: OpenDoors; client: CoreClient }> {
  const doors = await openDoors();
  onTestFinished(doors.close);
  return { doors, client: clientOf(doors.address, doors.token) };
}

function clientOf(base: string, token: string, options: HttpOptions = {}): CoreClient {
  const headers = { authorization: `Bearer ${token}` };
  return createClient(httpTransport({ base, headers, ...options }));
}

describe('the client over HTTP, at the real door', () => {
  it('calls, with input and typed answer', async () => {
    const { doors, client } = await open();
    doors.core.world.seed(3);
    expect(await client.call('job.list', { limit: 2 })).toHaveLength(2);
    const outcome = await client.call('lab.drain', { dryRun: true });
    expect(outcome).toMatchObject({ dryRun: true });
    expect(doors.core.calls.at(-1)).toEqual({ name: 'lab.drain', input: { dryRun: true } });
  });

  it('follows the lab, change by change', async () => {
    const { doors, client } = await open();
    const stop = new AbortController();
    let seen: Snapshot | null = null;
    for await (const news of client.stream('snapshot.changes', {}, stop.signal)) {
      seen = applyNews(seen, news);
      if (seen.version >= 4) stop.abort();
      else doors.core.world.seed(1);
    }
    expect(seen).toEqual(doors.core.world.snapshot());
  });

  it('hands on the error of the core', async () => {
    const { doors, client } = await open();
    const problem = { key: 'engine.unreachable', message: 'No engine.', next: 'Start it.', retry: true };
    doors.core.failNext('sandbox.start', new AutoGitError(problem));
    await expect(client.call('sandbox.start', {})).rejects.toMatchObject({ ...problem, signedOut: false });
  });

  it('hands on the error that ends a stream', async () => {
    const { client } = await open();
    const log = client.stream('job.log', { id: 77 }, new AbortController().signal);
    await expect(log[Symbol.asyncIterator]().next()).rejects.toMatchObject({ key: 'job.unknown' });
  });

  it('says that it is signed out', async () => {
    const { doors } = await open();
    const stranger = clientOf(doors.address, 'wrong');
    const refusal = { key: 'http.token-wrong', signedOut: true };
    await expect(stranger.call('status.show', {})).rejects.toMatchObject(refusal);
    const stream = stranger.stream('snapshot.changes', {}, new AbortController().signal);
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject(refusal);
  });

  it('lets go of a stream when its signal fires', async () => {
    const { client } = await open();
    const stop = new AbortController();
    const items = client.stream('snapshot.changes', {}, stop.signal)[Symbol.asyncIterator]();
    await items.next();
    const last = items.next();
    stop.abort();
    expect(await last).toMatchObject({ done: true });
  });
});

describe('the client over HTTP, when all is not well', () => {
  it('calls it unreachable when nobody listens', async () => {
    const { doors, client } = await open();
    await doors.close();
    await expect(client.call('status.show', {})).rejects.toMatchObject({
      key: 'core.unreachable',
      retry: true,
    });
  });

  it('calls it unreachable when the connection breaks in the middle', async () => {
    const address = await serverWith((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.write('\n');
      setTimeout(() => response.destroy(), 20);
    });
    const stream = clientOf(address, 'x').stream('snapshot.changes', {}, new AbortController().signal);
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({ key: 'core.unreachable' });
  });

  it('gives up on a stream without even a heartbeat', async () => {
    const address = await serverWith((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.write('\n');
    });
    const client = clientOf(address, 'x', { silenceMs: 100 });
    const stream = client.stream('snapshot.changes', {}, new AbortController().signal);
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toThrow('silent');
  });

  it.each([
    ['no answer of ours', 200, '<html>hello</html>'],
    ['a value of another shape', 200, '{"ok":true,"value":{"sentence":41}}'],
  ])('says so of %s', async (_, status, text) => {
    const address = await serverWith((_request, response) => void response.writeHead(status).end(text));
    const answer = clientOf(address, 'x').call('status.show', {});
    await expect(answer).rejects.toMatchObject({ key: 'core.version-differs' });
  });

  it('reads lines that come in pieces, across letters of several bytes', async () => {
    const line = Buffer.from(`${JSON.stringify({ ok: true, value: { offset: 0, text: 'grüße 🚀' } })}\n`);
    const address = await serverWith((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      Readable.from(Array.from(line, (byte) => Buffer.from([byte]))).pipe(response);
    });
    const parts: string[] = [];
    const stream = clientOf(address, 'x').stream('job.log', { id: 1 }, new AbortController().signal);
    for await (const { text } of stream) parts.push(text);
    expect(parts).toEqual(['grüße 🚀']);
  });
});
