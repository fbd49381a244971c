// Finding engines in a home of the test's own, with sockets of its own.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEngines } from '../../../../main/adapters/engine/find.ts';
import { parseDestinations } from '../../../../main/adapters/engine/contexts.ts';
import { isEligible, isGuess, isNamed } from '../../../../main/model/engine.ts';
import type { EnginePlace } from '../../../../main/model/engine.ts';
import type { Engines } from '../../../../main/ports.ts';
import { silentLog } from '../../../engine/real-engines.ts';

let folder: string;
let servers: Server[];

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'autogit-find-')));
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

/** Something that answers every question with the same text. */
async function serve(path: string, body: object): Promise<string> {
  const server = createServer((_request, response) => response.end(JSON.stringify(body)));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return `unix://${path}`;
}

async function writeContext(name: string, host: string): Promise<void> {
  const meta = join(folder, '.docker/contexts/meta', createHash('sha256').update(name).digest('hex'));
  await mkdir(meta, { recursive: true });
  const content = { Name: name, Endpoints: { docker: { Host: host } } };
  await writeFile(join(meta, 'meta.json'), JSON.stringify(content));
}

type Variables = Readonly<Record<string, string>>;

function enginesWith(variables: Variables, uid: number | null = 4711): Engines {
  return createEngines({ variables, home: folder, uid, log: silentLog });
}

const sourcesOf = ({ sources }: EnginePlace): string =>
  sources.map(({ kind, name }) => (name === null ? kind : `${kind} ${name}`)).join(', ');

/** Without the sockets of the machine itself. */
async function placesOf(setting: string | null, variables: Variables, uid?: number | null) {
  const places = await enginesWith(variables, uid).places(setting);
  return places.filter(({ sources }) => !sources.some(({ kind }) => kind === 'docker' || kind === 'podman'));
}

async function listed(setting: string | null, variables: Variables): Promise<readonly string[]> {
  return (await placesOf(setting, variables)).map((place) => `${place.host}: ${sourcesOf(place)}`);
}

describe('the places of engines', () => {
  it('are listed in their order: what is named, the usual sockets, the rest', async () => {
    await writeContext('lab', 'tcp://lab:2375');
    await writeContext('far', 'ssh://me@far');
    await writeFile(join(folder, '.docker/config.json'), JSON.stringify({ currentContext: 'lab' }));
    const config = join(folder, '.config/containers');
    await mkdir(config, { recursive: true });
    const connections = { vm: { URI: 'ssh://core@127.0.0.1:1234/run/podman.sock' } };
    await writeFile(
      join(config, 'podman-connections.json'),
      JSON.stringify({ Connection: { Default: 'vm', Connections: connections } }),
    );
    const variables = { DOCKER_HOST: 'tcp://127.0.0.1:1', XDG_RUNTIME_DIR: folder };
    expect(await listed('unix:///mine.sock', variables)).toEqual([
      'unix:///mine.sock: setting',
      'tcp://127.0.0.1:1: DOCKER_HOST',
      'tcp://lab:2375: context lab',
      `unix://${folder}/docker.sock: rootless-docker`,
      `unix://${folder}/podman/podman.sock: rootless-podman`,
      `unix://${folder}/.docker/run/docker.sock: docker-desktop`,
      `unix://${folder}/.docker/desktop/docker.sock: docker-desktop`,
      'ssh://me@far: other-context far',
      'ssh://core@127.0.0.1:1234/run/podman.sock: podman-connection vm',
    ]);
    const all = await enginesWith(variables).places(null);
    expect(all.map(({ identity }) => identity)).toContain(await realIdentity('/var/run/docker.sock'));
    expect(all.map(({ identity }) => identity)).toContain(await realIdentity('/run/podman/podman.sock'));
  });

  async function realIdentity(path: string): Promise<string> {
    const parent = path.slice(0, path.lastIndexOf('/'));
    return `unix://${await realpath(parent).catch(() => parent)}${path.slice(parent.length)}`;
  }

  it('are looked for below /run/user when no variable says where', async () => {
    const own = (await placesOf(null, {}, 4711)).map(({ host }) => host);
    expect(own.slice(0, 2)).toEqual([
      'unix:///run/user/4711/docker.sock',
      'unix:///run/user/4711/podman/podman.sock',
    ]);
    expect((await placesOf(null, {}, null)).some(({ host }) => host.includes('/run/user'))).toBe(false);
  });

  it('are one where they lead to the same engine, with all their sources', async () => {
    await symlink(folder, `${folder}-link`);
    try {
      const host = `unix://${folder}-link/docker.sock`;
      await writeContext('lab', `unix://${folder}/docker.sock`);
      const [place, ...rest] = await placesOf(host, { DOCKER_HOST: host, XDG_RUNTIME_DIR: folder });
      expect(place).toMatchObject({ host, identity: `unix://${folder}/docker.sock` });
      expect(place === undefined ? '' : sourcesOf(place)).toBe(
        'setting, DOCKER_HOST, rootless-docker, other-context lab',
      );
      expect(rest.map(({ host: other }) => other)).not.toContain(`unix://${folder}/docker.sock`);
    } finally {
      await rm(`${folder}-link`);
    }
  });

  it('prefer DOCKER_CONTEXT to the configured context, and ignore files that cannot be read', async () => {
    await writeContext('lab', 'tcp://127.0.0.1:1');
    await writeContext('other', 'tcp://127.0.0.1:2');
    await writeFile(join(folder, '.docker/config.json'), JSON.stringify({ currentContext: 'lab' }));
    const named = async (variables: Variables): Promise<readonly string[]> =>
      (await placesOf(null, variables)).filter(isNamed).map(({ host }) => host);
    expect(await named({})).toEqual(['tcp://127.0.0.1:1']);
    expect(await named({ DOCKER_CONTEXT: 'other' })).toEqual(['tcp://127.0.0.1:2']);
    expect(await named({ DOCKER_CONTEXT: 'default' })).toEqual([]);
    expect(await named({ DOCKER_CONTEXT: 'gone' })).toEqual([]);
    await writeFile(join(folder, '.docker/config.json'), '{ not json');
    expect(await named({})).toEqual([]);
  });

  it('may be taken without being named unless they are only listed', async () => {
    await writeContext('far', 'tcp://far:2375');
    const places = await enginesWith({ DOCKER_HOST: 'tcp://near:2375', XDG_RUNTIME_DIR: folder }).places(
      null,
    );
    const which = (fits: (place: EnginePlace) => boolean): readonly string[] =>
      places.filter(fits).map(({ host }) => host);
    expect(which(isNamed)).toEqual(['tcp://near:2375']);
    expect(which((place) => !isEligible(place))).toEqual(['tcp://far:2375']);
    expect(which(isGuess)).not.toContain('tcp://far:2375');
    expect(which(isGuess)).toContain(`unix://${folder}/docker.sock`);
  });
});

describe("podman's older file of connections", () => {
  it('is read as far as its connections go', () => {
    const text = [
      '[engine]',
      'active_service = "one"',
      '  [engine.service_destinations]',
      '    [engine.service_destinations.one] # the first',
      '      uri = "tcp://127.0.0.1:8080"',
      '      identity = "/key"',
      '    [engine.service_destinations."two words"]',
      '      uri = "unix:///tmp/p.sock"',
      '[machine]',
      'uri = "tcp://no:1"',
    ].join('\n');
    expect(parseDestinations(text)).toEqual([
      { name: 'one', host: 'tcp://127.0.0.1:8080' },
      { name: 'two words', host: 'unix:///tmp/p.sock' },
    ]);
    expect(parseDestinations('')).toEqual([]);
  });
});

describe('asking an engine', () => {
  it('tells what is wrong with each address', async () => {
    const strange = await serve(join(folder, 'strange.sock'), { hello: 'world' });
    const engines = enginesWith({});
    const keyOf = async (host: string): Promise<unknown> =>
      engines.ask(host).then(
        () => null,
        (error: unknown) => (error instanceof Error && 'key' in error ? error.key : error),
      );
    expect(await keyOf('ssh://me@server')).toBe('engine.address');
    expect(await keyOf('tcp://127.0.0.1:1')).toBe('engine.unreachable');
    expect(await keyOf(`unix://${folder}/none.sock`)).toBe('engine.unreachable');
    expect(await keyOf(strange)).toBe('engine.refused');
  });

  it('names the context that has the address', async () => {
    await writeContext('lab', 'tcp://127.0.0.1:1');
    const asked = enginesWith({}).ask('tcp://127.0.0.1:1');
    await expect(asked).rejects.toThrow('tcp://127.0.0.1:1 (docker context "lab"): nothing listens there');
  });

  it('ends at once when it is given up', async () => {
    const path = join(folder, 'silent.sock');
    const server = createServer(() => undefined);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const stop = new AbortController();
    const arrived = new Promise((resolve) => server.once('request', resolve));
    const asked = enginesWith({}).ask(`unix://${path}`, stop.signal);
    await arrived;
    stop.abort();
    await expect(asked).rejects.toMatchObject({ key: 'engine.unreachable' });
  });
});
