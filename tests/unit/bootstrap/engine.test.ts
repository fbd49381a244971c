// How an engine is found: addresses, contexts, and what real sockets answer.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createServer as createPlainServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  detectEngine,
  listAddresses,
  pingEngine,
  readDockerContext,
} from '../../../main/bootstrap/engine.js';

const none = { dockerd: false, podman: false };
let folder = '';
let servers: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autogit-engine-'));
});

afterEach(async () => {
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  servers = [];
  rmSync(folder, { recursive: true, force: true });
});

async function listen(name: string, headers: Record<string, string>, status = 200): Promise<string> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/_ping' ? status : 404, headers);
    response.end('OK');
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(join(folder, name), done));
  return `unix://${join(folder, name)}`;
}

const docker = { 'Api-Version': '1.41', Server: 'Docker/20.10.24+dfsg1 (linux)' };
const podman = { 'Api-Version': '1.41', 'Libpod-Api-Version': '4.3.1', Server: 'Libpod/4.3.1 (linux)' };

function addContext(name: string, host: string): void {
  const meta = join(folder, 'contexts', 'meta', createHash('sha256').update(name).digest('hex'));
  mkdirSync(meta, { recursive: true });
  writeFileSync(
    join(meta, 'meta.json'),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
  );
}

describe('addresses', () => {
  const user = { platform: 'linux', home: '/home/felix', uid: 1000 };

  it('are only the one that DOCKER_HOST names, when it does', () => {
    const env = { DOCKER_HOST: 'tcp://lab:2375', XDG_RUNTIME_DIR: '/run/user/1000' };
    expect(listAddresses(env, user)).toEqual([{ url: 'tcp://lab:2375', via: 'DOCKER_HOST' }]);
  });

  it('begin with the current context, then the own engines, then the machine`s', () => {
    writeFileSync(join(folder, 'config.json'), '{"currentContext":"lab"}');
    addContext('lab', 'unix:///lab.sock');
    expect(listAddresses({ DOCKER_CONFIG: folder }, user).map((address) => address.url)).toEqual([
      'unix:///lab.sock',
      'unix:///run/user/1000/docker.sock',
      'unix:///run/user/1000/podman/podman.sock',
      'unix:///var/run/docker.sock',
      'unix:///run/podman/podman.sock',
    ]);
  });

  it('name each place once', () => {
    addContext('machine', 'unix:///var/run/docker.sock');
    const urls = listAddresses({ DOCKER_CONFIG: folder, DOCKER_CONTEXT: 'machine' }, user).map(
      ({ url }) => url,
    );
    expect(urls.filter((url) => url === 'unix:///var/run/docker.sock')).toHaveLength(1);
    expect(urls[0]).toBe('unix:///var/run/docker.sock');
  });
});

describe('the current docker context', () => {
  it('is DOCKER_CONTEXT before the one of config.json', () => {
    writeFileSync(join(folder, 'config.json'), '{"currentContext":"one"}');
    addContext('one', 'unix:///one.sock');
    addContext('two', 'unix:///two.sock');
    const env = { DOCKER_CONFIG: folder };
    expect(readDockerContext(env, '/')?.url).toBe('unix:///one.sock');
    expect(readDockerContext({ ...env, DOCKER_CONTEXT: 'two' }, '/')).toEqual({
      url: 'unix:///two.sock',
      via: 'docker context two',
    });
  });

  it.each([
    ['no configuration', undefined],
    ['the default context', '{"currentContext":"default"}'],
    ['a configuration that is no JSON', 'currentContext'],
    ['a context that is gone', '{"currentContext":"gone"}'],
    ['another type', '[1]'],
  ])('is none with %s', (_name, config) => {
    if (config !== undefined) writeFileSync(join(folder, 'config.json'), config);
    expect(readDockerContext({ DOCKER_CONFIG: folder }, '/')).toBeNull();
  });
});

describe('a ping', () => {
  it('says which engine answers', async () => {
    expect(await pingEngine(await listen('d', docker), {})).toEqual({
      state: 'reachable',
      name: 'Docker 20.10.24',
    });
    expect(await pingEngine(await listen('p', podman), {})).toEqual({
      state: 'reachable',
      name: 'Podman 4.3.1',
    });
  });

  it('does not take any web server for an engine', async () => {
    expect((await pingEngine(await listen('w', {}), {})).state).toBe('silent');
    expect((await pingEngine(await listen('e', docker, 500), {})).state).toBe('silent');
  });

  it('says why nothing answers', async () => {
    expect(await pingEngine(`unix://${folder}/none`, {})).toEqual({ state: 'silent', reason: 'ENOENT' });
    expect(await pingEngine(`${folder}/none`, {})).toEqual({ state: 'silent', reason: 'ENOENT' });
    expect((await pingEngine('ssh://lab', {})).state).toBe('unsupported');
    expect((await pingEngine('tcp://:', {})).state).toBe('unsupported');
    expect((await pingEngine('tcp://lab:2376', { DOCKER_TLS_VERIFY: '1' })).state).toBe('unsupported');
  });

  it('reaches an engine over TCP', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, docker);
      response.end();
    });
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    expect((await pingEngine(`tcp://127.0.0.1:${port}`, {})).state).toBe('reachable');
  });

  it('notices a socket that this user may not use', async () => {
    const url = await listen('denied', docker);
    chmodSync(folder, 0o755);
    chmodSync(join(folder, 'denied'), 0o000);
    // Root may use every socket: a copy of the module, which needs Node only, is run as another user.
    const copy = join(folder, 'engine.mjs');
    copyFileSync(fileURLToPath(new URL('../../../main/bootstrap/engine.js', import.meta.url)), copy);
    const addresses = JSON.stringify([{ url, via: 'DOCKER_HOST' }]);
    const script = `import('${copy}').then(async (m) => console.log(
      (await m.pingEngine('${url}', {})).state, (await m.detectEngine(${addresses}, {}, {})).state))`;
    const other = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    const node = process.getuid?.() === 0 ? copyNode() : process.execPath;
    const { stdout } = await promisify(execFile)(node, ['-e', script], { ...other, cwd: '/', env: {} });
    expect(stdout.trim()).toBe('denied denied');
  });
});

/** A Node that another user can reach, wherever the repository lies. */
function copyNode(): string {
  const path = join(folder, 'node');
  copyFileSync(process.execPath, path);
  chmodSync(path, 0o755);
  return path;
}

describe('detection', () => {
  it('takes the first that answers and lists the others', async () => {
    const addresses = [
      { url: `unix://${folder}/none`, via: '' },
      { url: await listen('a', podman), via: '' },
      { url: await listen('b', docker), via: '' },
    ];
    expect(await detectEngine(addresses, {}, none)).toEqual({
      state: 'reachable',
      address: addresses[1],
      name: 'Podman 4.3.1',
      others: [addresses[2]?.url],
    });
  });

  it('does not replace an address that the person chose', async () => {
    const chosen = { url: `unix://${folder}/none`, via: 'DOCKER_HOST' };
    expect(await detectEngine([chosen], {}, { dockerd: true, podman: true })).toEqual({
      state: 'chosen',
      address: chosen,
      reason: 'ENOENT',
    });
  });

  it('says what is installed when nothing answers', async () => {
    const installed = { dockerd: true, podman: false };
    const found = await detectEngine([{ url: `unix://${folder}/none`, via: '' }], {}, installed);
    expect(found).toEqual({ state: 'absent', ...installed });
  });

  it('passes over a listener that never answers', { timeout: 10_000 }, async () => {
    const silent = createPlainServer(() => undefined);
    await new Promise<void>((done) => silent.listen(join(folder, 'silent'), done));
    const found = await detectEngine(
      [
        { url: `unix://${folder}/silent`, via: '' },
        { url: await listen('d', docker), via: '' },
      ],
      {},
      none,
    );
    expect(found).toMatchObject({ state: 'reachable', name: 'Docker 20.10.24' });
    silent.close();
  });
});
