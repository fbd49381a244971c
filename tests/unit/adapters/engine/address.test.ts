import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identityOf, machineOf, parseEngineAddress } from '../../../../main/adapters/engine/address.ts';
import { AutoGitError } from '../../../../main/errors.ts';

describe('parseEngineAddress', () => {
  it.each([
    ['unix:///var/run/docker.sock', { kind: 'socket', path: '/var/run/docker.sock' }],
    ['/run/user/1000/podman/podman.sock', { kind: 'socket', path: '/run/user/1000/podman/podman.sock' }],
    ['npipe:////./pipe/docker_engine', { kind: 'socket', path: '//./pipe/docker_engine' }],
    ['tcp://192.168.1.10:2376', { kind: 'tcp', hostname: '192.168.1.10', port: 2376, secure: false }],
    ['tcp://engine.home.arpa', { kind: 'tcp', hostname: 'engine.home.arpa', port: null, secure: false }],
    ['http://engine.home.arpa:80/', { kind: 'tcp', hostname: 'engine.home.arpa', port: 80, secure: false }],
    ['tcp://[fd00::1]:2375', { kind: 'tcp', hostname: 'fd00::1', port: 2375, secure: false }],
    ['https://server:2376', { kind: 'tcp', hostname: 'server', port: 2376, secure: true }],
  ])('reads %s', (host, address) => {
    expect(parseEngineAddress(host)).toEqual(address);
  });

  it.each([
    ['ssh://me@server', 'SSH'],
    ['fd://', '"fd"'],
    ['unix://relative.sock', 'slash'],
    ['unix://', 'slash'],
    ['npipe://', 'pipe'],
    ['tcp://', 'host name'],
    ['tcp://me:secret@server:2375', 'user'],
    ['tcp://server:2375/v1.41', 'path'],
    ['', 'slash'],
  ])('refuses %s and says why', (host, why) => {
    const parse = (): unknown => parseEngineAddress(host);
    expect(parse).toThrow(AutoGitError);
    expect(parse).toThrow(why);
    expect(parse).toThrow(expect.objectContaining({ key: 'engine.address' }));
  });

  it('throws nothing but engine.address, whatever is written', () => {
    const schemes = fc.constantFrom('unix://', 'tcp://', 'npipe://', 'ssh://', 'http://', '', '/');
    fc.assert(
      fc.property(schemes, fc.string(), (scheme, rest) => {
        try {
          const address = parseEngineAddress(scheme + rest);
          if (address.kind === 'socket') return address.path !== '';
          return address.port === null || (address.port > 0 && address.port < 65_536);
        } catch (error) {
          return error instanceof AutoGitError && error.key === 'engine.address';
        }
      }),
    );
  });
});

describe('identityOf', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'autogit-address-')));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is one for a socket and every link to it, also while the socket is not there', async () => {
    await mkdir(join(folder, 'run'));
    await symlink(join(folder, 'run'), join(folder, 'var-run'));
    await symlink('run/docker.sock', join(folder, 'link.sock'));
    const paths = ['run/docker.sock', 'var-run/docker.sock', 'link.sock'].map((path) => join(folder, path));
    const identities = (): Promise<readonly string[]> =>
      Promise.all(paths.map((path, index) => identityOf(index === 0 ? path : `unix://${path}`)));
    const expected = paths.map(() => `unix://${folder}/run/docker.sock`);
    expect(await identities()).toEqual(expected);
    await writeFile(join(folder, 'run/docker.sock'), '');
    expect(await identities()).toEqual(expected);
  });

  it.each([
    ['tcp://Server:2375', 'tcp://server:2375'],
    ['tcp://[FD00::1]:2375', 'tcp://[fd00::1]:2375'],
    ['https://server', 'https://server'],
    ['ssh://me@server', 'ssh://me@server'],
    ['npipe:////./pipe/docker_engine', 'npipe:////./pipe/docker_engine'],
  ])('of %s is %s', async (host, identity) => {
    expect(await identityOf(host)).toBe(identity);
  });

  it('is an address of the same engine', async () => {
    for (const host of ['/nowhere/x.sock', 'tcp://server:2375']) {
      const identity = await identityOf(host);
      expect(await identityOf(identity)).toBe(identity);
    }
  });
});

describe('machineOf', () => {
  it('names the machine of a remote engine, and this one for the others', () => {
    const hosts = [
      'unix:///x.sock',
      'tcp://127.0.0.1:2375',
      'tcp://localhost',
      'tcp://server:2375',
      'ssh://me@x',
    ];
    expect(hosts.map(machineOf)).toEqual([hostname(), hostname(), hostname(), 'server', hostname()]);
  });
});
