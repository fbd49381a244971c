import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEngineAddress } from '../../../../main/adapters/engine/address.ts';
import { AutoGitError } from '../../../../main/errors.ts';

describe('parseEngineAddress', () => {
  it.each([
    ['unix:///var/run/docker.sock', { kind: 'socket', path: '/var/run/docker.sock' }],
    ['/run/user/1000/podman/podman.sock', { kind: 'socket', path: '/run/user/1000/podman/podman.sock' }],
    ['npipe:////./pipe/docker_engine', { kind: 'socket', path: '//./pipe/docker_engine' }],
    ['tcp://192.168.1.10:2376', { kind: 'tcp', hostname: '192.168.1.10', port: 2376 }],
    ['tcp://engine.home.arpa', { kind: 'tcp', hostname: 'engine.home.arpa', port: 2375 }],
    ['http://engine.home.arpa:80/', { kind: 'tcp', hostname: 'engine.home.arpa', port: 80 }],
    ['tcp://[fd00::1]:2375', { kind: 'tcp', hostname: 'fd00::1', port: 2375 }],
  ])('reads %s', (host, address) => {
    expect(parseEngineAddress(host)).toEqual(address);
  });

  it.each([
    ['ssh://me@server', 'SSH'],
    ['https://server:2376', 'TLS'],
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
          return address.kind === 'socket' ? address.path !== '' : address.port > 0 && address.port < 65_536;
        } catch (error) {
          return error instanceof AutoGitError && error.key === 'engine.address';
        }
      }),
    );
  });
});
