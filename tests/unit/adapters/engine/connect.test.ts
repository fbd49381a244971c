// The adapter against a server that stands for an engine with a fault: silent, broken, or strange.
import { type RequestListener, type Server, createServer } from 'node:http';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectEngine } from '../../../../main/adapters/engine/connect.ts';
import { createTransport } from '../../../../main/adapters/engine/transport.ts';
import type { Engine, PullProgress } from '../../../../main/ports.ts';
import { silentLog } from '../../../engine/real-engines.ts';

let folder: string;
let server: Server;
let answer: RequestListener;
let engine: Engine;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autogit-engine-'));
  const path = join(folder, 'e.sock');
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  engine = connectEngine({ host: `unix://${path}`, log: silentLog });
});

afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
  await rm(folder, { recursive: true, force: true });
});

/** Resolves when the server has a request in its hands. */
function asked(then: RequestListener = () => undefined): Promise<void> {
  return new Promise((resolve) => {
    answer = (request, response) => {
      then(request, response);
      resolve();
    };
  });
}

describe('an engine that is not there', () => {
  it('is unreachable when the socket does not exist', async () => {
    const none = connectEngine({ host: `unix://${folder}/none.sock`, log: silentLog });
    await expect(none.info()).rejects.toMatchObject({ key: 'engine.unreachable', retry: true });
    await expect(none.watch(() => undefined, new AbortController().signal)).rejects.toMatchObject({
      key: 'engine.unreachable',
    });
    const source = Readable.from([Buffer.alloc(1024)]);
    await expect(none.importImage('x:1', source, { env: {}, labels: {} })).rejects.toMatchObject({
      key: 'engine.unreachable',
    });
  });

  it('is found at its own address whatever DOCKER_HOST says', async () => {
    answer = (_request, response) => response.end('[]');
    for (const value of ['tcp://127.0.0.1:1', 'unix:///none.sock', 'ssh://me@server']) {
      vi.stubEnv('DOCKER_HOST', value);
      vi.stubEnv('DOCKER_TLS_VERIFY', '1');
      const other = connectEngine({ host: engine.host, log: silentLog });
      expect(await other.listContainers({})).toEqual([]);
    }
  });

  it('is found also where the variables of another engine make no sense', async () => {
    answer = (_request, response) => response.end('[]');
    vi.stubEnv('DOCKER_CERT_PATH', join(folder, 'no-such-folder'));
    vi.stubEnv('DOCKER_CLIENT_TIMEOUT', '1');
    for (const value of ['tcp://127.0.0.1:1', 'tcp://no host']) {
      vi.stubEnv('DOCKER_HOST', value);
      const other = connectEngine({ host: engine.host, log: silentLog });
      expect(await other.listContainers({})).toEqual([]);
      expect(process.env['DOCKER_HOST']).toBe(value);
    }
  });

  it.skipIf(process.getuid?.() === 0)('names a missing permission', async () => {
    await chmod(join(folder, 'e.sock'), 0);
    await expect(engine.listContainers({})).rejects.toMatchObject({ key: 'engine.permission' });
  });
});

describe('an engine with a fault', () => {
  it('that never answers is given up after the deadline of the call', async () => {
    answer = () => undefined;
    const transport = createTransport(engine.host, silentLog);
    const call = transport.ask({ purpose: 'answer', method: 'GET', path: '/_ping' }, { deadline: 100 });
    await expect(call).rejects.toMatchObject({ key: 'engine.unreachable', retry: true });
    await expect(call).rejects.toThrow('does not answer');
  });

  it('that dies in the middle of an answer is noticed at once', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('[');
      response.socket?.destroySoon();
    };
    await expect(engine.listContainers({})).rejects.toMatchObject({ key: 'engine.unreachable' });
  });

  it('that answers something else is refused in words, never with a defect', async () => {
    for (const body of ['<html>', '{"a":1}', '[{"Id":5}]', '']) {
      answer = (_request, response) => response.end(body);
      await expect(engine.listContainers({})).rejects.toMatchObject({ key: 'engine.refused' });
    }
  });

  it('ends a watch when its events stop in the middle of a line', async () => {
    const seen: string[] = [];
    answer = (_request, response) => {
      response.write('{"Type":"container","Action":"start","Actor":{"ID":"1"}}\n{"Type":"cont');
      setImmediate(() => response.destroy());
    };
    const watched = engine.watch(({ action }) => seen.push(action), new AbortController().signal);
    await expect(watched).rejects.toMatchObject({ key: 'engine.unreachable' });
    expect(seen).toEqual(['start']);
  });

  it('ends a watch also when the engine ends it politely', async () => {
    answer = (_request, response) => response.end();
    const watched = engine.watch(() => undefined, new AbortController().signal);
    await expect(watched).rejects.toMatchObject({ key: 'engine.unreachable' });
  });

  it('lets a watch end when it is asked to, even before the engine has answered', async () => {
    const stop = new AbortController();
    const arrived = asked();
    const watched = engine.watch(() => undefined, stop.signal);
    await arrived;
    stop.abort();
    await watched;
    await engine.watch(() => undefined, stop.signal);
  });
});

describe('creating a container', () => {
  it('keeps the specification out of the address, where engines log it', async () => {
    let url = '';
    answer = (request, response) => {
      if (request.url?.startsWith('/containers/create') === true) url = request.url;
      const answers: Readonly<Record<string, object>> = {
        '/version?': { Version: '20.10.24', ApiVersion: '1.41', Arch: 'amd64' },
        '/info?': { Driver: 'overlay2', NCPU: 2, MemTotal: 1024 },
      };
      response.end(JSON.stringify(answers[request.url ?? ''] ?? { Id: 'abc' }));
    };
    const id = await engine.createContainer({
      ...{ name: 'web', image: 'x:1', entrypoint: [], command: [], env: { TOKEN: 'secret' }, labels: {} },
      ...{ network: 'n', aliases: [], publish: [], volumes: {}, cpus: null, memoryMiB: null },
      ...{ stopSignal: 'SIGTERM', capabilities: [] },
    });
    expect([id, url]).toEqual(['abc', '/containers/create?name=web']);
  });
});

describe('pulling and importing', () => {
  it('adds up the layers of a pull', async () => {
    const lines = [
      { status: 'Pulling from library/x', id: 'latest' },
      { status: 'Downloading', id: 'a', progressDetail: { current: 10, total: 100 } },
      { status: 'Downloading', id: 'b', progressDetail: { current: 5, total: 50 } },
      { status: 'Download complete', id: 'a', progressDetail: {} },
      { status: 'Extracting', id: 'a', progressDetail: { current: 1, total: 100 } },
    ];
    answer = (_request, response) => response.end(lines.map((line) => JSON.stringify(line)).join('\r\n'));
    const seen: PullProgress[] = [];
    await engine.pullImage('x', (progress) => seen.push(progress));
    expect(seen.map(({ current, total }) => [current, total])).toEqual([
      [0, 0],
      [10, 100],
      [15, 150],
      [105, 150],
      [105, 150],
    ]);
  });

  it('finds an error that comes in the middle of a successful answer', async () => {
    answer = (_request, response) =>
      response.end(
        '{"status":"Downloading"}\r\n{"errorDetail":{},"error":"write /x: no space left on device"}\r\n',
      );
    await expect(engine.pullImage('x:1', () => undefined)).rejects.toMatchObject({ key: 'engine.no-space' });
  });

  it('has no total limit, but ends after a minute of silence', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let say: (line: string) => void = () => undefined;
    const arrived = asked((_request, response) => {
      say = (line) => response.write(line);
    });
    const seen: PullProgress[] = [];
    const pulled = engine.pullImage('x:1', (progress) => seen.push(progress));
    const outcome = pulled.catch((error: unknown) => error);
    await arrived;
    for (const count of [1, 2, 3]) {
      say(`{"status":"step ${String(count)}"}\n`);
      while (seen.length < count) await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(59_000);
    }
    vi.advanceTimersByTime(2_000);
    expect(await outcome).toMatchObject({ key: 'engine.unreachable', retry: true });
  });

  it('rejects with the error of the source when the source fails', async () => {
    answer = (request) => request.resume();
    const failure = Object.assign(new Error('no such file'), { code: 'ENOENT' });
    const source = new Readable({
      read() {
        this.push(Buffer.alloc(1024));
        this.destroy(failure);
      },
    });
    await expect(engine.importImage('x:1', source, { env: {}, labels: {} })).rejects.toBe(failure);
  });

  it('sends environment and labels as changes that survive quotes, and names the image last', async () => {
    const urls: URL[] = [];
    answer = (request, response) => {
      urls.push(new URL(request.url ?? '', 'http://engine'));
      request.resume().on('end', () => response.end('{"status":"sha256:12ab"}\n'));
    };
    const labels = { a: 'x', b: 'say "$hi"' };
    await engine.importImage('n/x:1', Readable.from([Buffer.alloc(512)]), { env: { PATH: '/bin' }, labels });
    const [created, tagged] = urls;
    expect(created?.searchParams.getAll('changes')).toEqual([
      'ENV PATH=/bin',
      'LABEL a=x',
      'LABEL b="say \\"\\$hi\\""',
    ]);
    expect(created?.searchParams.get('repo')).toBeNull();
    expect(tagged?.pathname).toBe('/images/sha256%3A12ab/tag');
    expect([tagged?.searchParams.get('repo'), tagged?.searchParams.get('tag')]).toEqual(['n/x', '1']);
  });

  it('gives no name to an image when the engine names none', async () => {
    const urls: string[] = [];
    answer = (request, response) => {
      urls.push(request.url ?? '');
      request.resume().on('end', () => response.end('{"status":"done"}\n'));
    };
    const source = Readable.from([Buffer.alloc(512)]);
    await expect(engine.importImage('x:1', source, { env: {}, labels: {} })).rejects.toMatchObject({
      key: 'engine.refused',
    });
    expect(urls).toHaveLength(1);
  });
});

describe('what an engine is', () => {
  it('is asked in full once, and again when the engine is another or was away', async () => {
    const urls: string[] = [];
    let name = 'Docker/20.10.24';
    answer = (request, response) => {
      urls.push(request.url ?? '');
      response.setHeader('server', name);
      const body: Readonly<Record<string, object>> = {
        '/version?': { Version: name, ApiVersion: '1.41', Arch: 'arm64' },
        '/info?': {
          Driver: 'd',
          NCPU: 2,
          MemTotal: 1,
          SecurityOptions: ['name=rootless'],
          CgroupVersion: '2',
        },
      };
      response.end(JSON.stringify(body[request.url ?? ''] ?? {}));
    };
    const first = await engine.info();
    expect(first).toMatchObject({
      kind: 'docker',
      rootless: true,
      architecture: 'arm64',
      cgroupVersion: '2',
    });
    expect(await engine.info()).toEqual(first);
    expect(urls).toEqual(['/_ping?', '/version?', '/info?', '/_ping?']);
    name = 'Docker/25.0.0';
    expect((await engine.info()).version).toBe('Docker/25.0.0');
    const healthy = answer;
    answer = (_request, response) => response.destroy();
    await expect(engine.info()).rejects.toMatchObject({ key: 'engine.unreachable' });
    answer = healthy;
    urls.length = 0;
    await engine.info();
    expect(urls).toEqual(['/_ping?', '/version?', '/info?']);
  });
});
