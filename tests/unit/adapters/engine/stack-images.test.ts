// Pulling a stack's images: progress by layer, silence, refusals, and giving up. The engine is a server of the test.
import type { RequestListener, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createStackImages } from '../../../../main/adapters/engine/stack-images.ts';
import type { PullState } from '../../../../main/model/stack/stack.ts';
import type { StackImages } from '../../../../main/stack-ports.ts';
import { silentLog } from '../../../fakes/silent-log.ts';
import { serverWith } from '../../../fixtures/answering-server.ts';

const reference = `docker.io/library/traefik:v3.7@sha256:${'a'.repeat(64)}`;
const [first, second] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'];

async function imagesAt(listener: RequestListener, stallMs?: number): Promise<StackImages> {
  const address = await serverWith(listener);
  return createStackImages({
    engine: () => address.replace('http:', 'tcp:'),
    surroundings: { variables: {}, home: '/nowhere', uid: null },
    log: silentLog,
    ...(stallMs === undefined ? {} : { stallMs }),
  });
}

function send(response: ServerResponse, ...lines: readonly object[]): void {
  for (const line of lines) response.write(`${JSON.stringify(line)}\r\n`);
}

const never = new AbortController().signal;
const layer = (id: string, status: string, current?: number, total?: number): object => ({
  ...{ id, status },
  ...(total === undefined ? { progressDetail: {} } : { progressDetail: { current, total } }),
});

describe('pulling', () => {
  it('tells every layer, and in the end that all is there', async () => {
    const asked: string[] = [];
    const images = await imagesAt((request, response) => {
      asked.push(decodeURIComponent(request.url ?? ''));
      send(
        response,
        { status: 'Pulling from library/traefik', id: 'v3.7' },
        ...[layer(first, 'Pulling fs layer'), layer(second, 'Already exists')],
        ...[layer(first, 'Downloading', 40, 100), layer(first, 'Downloading', 90, 100)],
        ...[layer(first, 'Download complete'), layer(first, 'Extracting', 30, 100)],
      );
      setTimeout(() => {
        send(response, layer(first, 'Pull complete'));
        response.end();
      }, 200);
    });
    const states: PullState[] = [];
    await images.pull(reference, (state) => states.push(state), never);
    expect(asked[0]).toContain(`fromImage=docker.io/library/traefik&tag=sha256:${'a'.repeat(64)}`);
    expect(states[0]).toEqual({
      ...{ reference, current: 100, total: 100, done: false },
      layers: [
        { id: first, status: 'Extracting', current: 30, total: 100 },
        { id: second, status: 'Already exists', current: 0, total: 0 },
      ],
    });
    expect(states.at(-1)).toMatchObject({ done: true, current: 100, total: 100 });
  });

  it('says that nothing more comes', async () => {
    const images = await imagesAt((_request, response) => {
      send(response, layer(first, 'Downloading', 1, 100));
    }, 50);
    await expect(images.pull(reference, () => undefined, never)).rejects.toMatchObject({
      key: 'engine.pull-stalled',
      retry: true,
    });
  });

  it('says so of an engine that does not even begin', async () => {
    const images = await imagesAt(() => undefined, 50);
    await expect(images.pull(reference, () => undefined, never)).rejects.toMatchObject({
      key: 'engine.pull-stalled',
    });
  });

  it('waits longer while the engine unpacks', async () => {
    const images = await imagesAt((_request, response) => {
      send(response, layer(first, 'Extracting', 1, 100));
      setTimeout(() => response.end(), 400);
    }, 200);
    await images.pull(reference, () => undefined, never);
  });

  it('ends the call at the engine when it is given up', async () => {
    const closed = Promise.withResolvers<undefined>();
    const images = await imagesAt((request, response) => {
      request.socket.on('close', () => closed.resolve(undefined));
      send(response, layer(first, 'Downloading', 1, 100));
    });
    const giveUp = new AbortController();
    const seen = Promise.withResolvers<undefined>();
    const pulled = images.pull(reference, () => seen.resolve(undefined), giveUp.signal);
    await seen.promise;
    giveUp.abort(new Error('given up'));
    await expect(pulled).rejects.toThrow('given up');
    await closed.promise;
  });

  it.each([
    ['manifest for nothing:1 not found: manifest unknown', 'engine.image-missing'],
    ['write /var/lib/docker/tmp/x: no space left on device', 'engine.no-space'],
    ['toomanyrequests: You have reached your pull rate limit', 'engine.refused'],
  ])('names what the engine says in the middle: %s', async (error, key) => {
    const images = await imagesAt((_request, response) => {
      send(response, layer(first, 'Downloading', 1, 100), { error });
      response.end();
    });
    await expect(images.pull(reference, () => undefined, never)).rejects.toMatchObject({
      key,
      message: expect.stringContaining(error) as string,
    });
  });

  it('knows what is there', async () => {
    const images = await imagesAt((request, response) => {
      response.writeHead(request.url?.includes('absent') === true ? 404 : 200);
      response.end(JSON.stringify({ message: 'No such image' }));
    });
    expect(await images.has(reference)).toBe(true);
    expect(await images.has('absent:1')).toBe(false);
  });
});

describe('labels of an image', () => {
  it('are those of its configuration, or none', async () => {
    const answers = [{ Config: { Labels: { a: 'b' } } }, { Config: { Labels: null } }, { Config: null }];
    const images = await imagesAt((_request, response) => {
      response.end(JSON.stringify(answers.shift()));
    });
    expect(await images.labels(reference)).toEqual({ a: 'b' });
    expect(await images.labels(reference)).toEqual({});
    expect(await images.labels(reference)).toEqual({});
  });
});
