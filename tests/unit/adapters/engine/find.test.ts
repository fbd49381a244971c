import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FoundEngine, findEngines } from '../../../../main/adapters/engine/find.ts';
import { silentLog } from '../../../engine/real-engines.ts';

let folder: string;
let servers: Server[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autogit-find-'));
  servers = [];
});

afterEach(async () => {
  for (const server of servers) {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }
  await rm(folder, { recursive: true, force: true });
});

async function serve(path: string): Promise<string> {
  const server = createServer((_request, response) => response.end('OK'));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return `unix://${path}`;
}

async function writeContext(name: string, host: string): Promise<void> {
  const meta = join(folder, '.docker/contexts/meta', createHash('sha256').update(name).digest('hex'));
  await mkdir(meta, { recursive: true });
  await writeFile(
    join(meta, 'meta.json'),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
  );
}

/** The engines of this test's own folder, without those of the machine. */
async function find(
  setting: string | null,
  variables: Readonly<Record<string, string>>,
): Promise<readonly FoundEngine[]> {
  const found = await findEngines({ setting, variables, home: folder, log: silentLog });
  expect(found.slice(-2).map(({ host }) => host)).toEqual([
    'unix:///var/run/docker.sock',
    'unix:///run/podman/podman.sock',
  ]);
  return found.slice(0, -2);
}

describe('findEngines', () => {
  it('lists every place in order, with the reason where nothing answers', async () => {
    await mkdir(join(folder, 'podman'));
    const podman = await serve(join(folder, 'podman/podman.sock'));
    const context = await serve(join(folder, 'context.sock'));
    await writeContext('lab', context);
    await writeFile(join(folder, '.docker/config.json'), JSON.stringify({ currentContext: 'lab' }));
    const found = await find('ssh://me@server', {
      DOCKER_HOST: 'tcp://127.0.0.1:1',
      XDG_RUNTIME_DIR: folder,
    });
    expect(found.map(({ source, host, error }) => [source, host, error?.key ?? null])).toEqual([
      ['setting', 'ssh://me@server', 'engine.address'],
      ['DOCKER_HOST', 'tcp://127.0.0.1:1', 'engine.unreachable'],
      ['docker-context', context, null],
      ['rootless-docker', `unix://${folder}/docker.sock`, 'engine.unreachable'],
      ['rootless-podman', podman, null],
    ]);
  });

  it('lists an address once, under the first name that it has', async () => {
    const host = `unix://${folder}/docker.sock`;
    const found = await find(host, { DOCKER_HOST: host, XDG_RUNTIME_DIR: folder });
    expect(found.map(({ source }) => source)).toEqual(['setting', 'rootless-podman']);
  });

  it('prefers DOCKER_CONTEXT to the configured context, and ignores files that it cannot read', async () => {
    await writeContext('lab', 'tcp://127.0.0.1:1');
    await writeContext('other', 'tcp://127.0.0.1:2');
    await writeFile(join(folder, '.docker/config.json'), JSON.stringify({ currentContext: 'lab' }));
    const hosts = async (variables: Readonly<Record<string, string>>): Promise<readonly string[]> =>
      (await find(null, variables)).map(({ host }) => host);
    expect(await hosts({})).toEqual(['tcp://127.0.0.1:1']);
    expect(await hosts({ DOCKER_CONTEXT: 'other' })).toEqual(['tcp://127.0.0.1:2']);
    expect(await hosts({ DOCKER_CONTEXT: 'default' })).toEqual([]);
    expect(await hosts({ DOCKER_CONTEXT: 'gone' })).toEqual([]);
    await writeFile(join(folder, '.docker/config.json'), '{ not json');
    expect(await hosts({})).toEqual([]);
  });
});
