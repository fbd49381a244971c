import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderContainerBody } from '../../../../main/adapters/engine/container-body.ts';
import { parseState } from '../../../../main/adapters/engine/container-view.ts';
import { parseAction } from '../../../../main/adapters/engine/events.ts';
import { lastAddress } from '../../../../main/adapters/engine/steady-names.ts';
import { shortReference, splitReference } from '../../../../main/adapters/engine/references.ts';
import type { ContainerSpec } from '../../../../main/ports.ts';

const spec: ContainerSpec = {
  ...{
    name: 'web',
    image: 'x:1',
    entrypoint: ['/bin/sh'],
    command: [],
    env: { A: 'b=c' },
    labels: { l: 'v' },
  },
  ...{
    network: 'net',
    aliases: ['www'],
    publish: [8080],
    volumes: { data: '/data' },
    cpus: 0.5,
    memoryMiB: 64,
  },
  ...{ stopSignal: 'SIGQUIT', capabilities: ['CHOWN'] },
};
const docker = { kind: 'docker', rootless: false, host: 'unix:///var/run/docker.sock' } as const;
const names = { address: null, hosts: [] };

describe('the body of a create request', () => {
  it('gives a container nothing but what its specification grants', () => {
    expect(renderContainerBody(spec, docker, names)).toMatchObject({
      Env: ['A=b=c'],
      HostConfig: {
        ...{ CapDrop: ['ALL'], CapAdd: ['CHOWN'], SecurityOpt: ['no-new-privileges'], PidsLimit: 4096 },
        ...{ RestartPolicy: { Name: 'no' }, NetworkMode: 'net' },
        PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
        ...{ Memory: 67_108_864, MemorySwap: 67_108_864, CpuPeriod: 100_000, CpuQuota: 50_000 },
      },
      NetworkingConfig: { EndpointsConfig: { net: { Aliases: ['www'] } } },
    });
    const text = JSON.stringify(renderContainerBody(spec, docker, names));
    expect(text).not.toMatch(/Privileged|Devices|PidMode|IpcMode|Binds|Init/);
  });

  it('leaves out limits that nobody set, but never the one on processes', () => {
    const text = JSON.stringify(renderContainerBody({ ...spec, cpus: null, memoryMiB: null }, docker, names));
    expect(text).not.toMatch(/Memory|Cpu/);
    expect(text).toContain('"PidsLimit":4096');
  });

  it('gives Podman as root its ulimits, and each engine a log driver that it has', () => {
    const ulimits = ['nofile', 'nproc'].map((Name) => expect.objectContaining({ Name }) as unknown);
    expect(renderContainerBody(spec, { ...docker, kind: 'podman' }, names)).toMatchObject({
      HostConfig: { Ulimits: ulimits, LogConfig: { Type: 'k8s-file' } },
    });
    expect(
      JSON.stringify(renderContainerBody(spec, { ...docker, kind: 'podman', rootless: true }, names)),
    ).not.toContain('Ulimits');
    expect(renderContainerBody(spec, docker, names)).toMatchObject({
      HostConfig: { LogConfig: { Type: 'json-file' } },
    });
    expect(JSON.stringify(renderContainerBody(spec, docker, names))).not.toContain('Ulimits');
  });
});

describe('names that need no name server', () => {
  it('are an address that is asked for, and lines of the hosts file', () => {
    const steady = { address: '10.89.0.254', hosts: ['gitlab:10.89.0.254'] };
    expect(renderContainerBody(spec, docker, steady)).toMatchObject({
      HostConfig: { ExtraHosts: ['gitlab:10.89.0.254'] },
      NetworkingConfig: { EndpointsConfig: { net: { IPAMConfig: { IPv4Address: '10.89.0.254' } } } },
    });
    expect(JSON.stringify(renderContainerBody(spec, docker, names))).not.toMatch(/ExtraHosts|IPAM/);
  });

  it.each([
    ['10.89.0.0/24', '10.89.0.254'],
    ['10.89.1.77/24', '10.89.1.254'],
    ['172.16.0.0/12', '172.31.255.254'],
    ['192.168.4.16/28', '192.168.4.30'],
    ['192.168.4.16/30', null],
    ['fd00::/64', null],
    ['10.0.0.999/24', null],
    ['', null],
  ])('of %s are at %s', (subnet, address) => {
    expect(lastAddress(subnet)).toBe(address);
  });
});

describe('words of engines', () => {
  it('reads the states of both engines, and takes a new word for a running container', () => {
    expect(['created', 'configured', 'initialized'].map(parseState)).toEqual([
      'created',
      'created',
      'created',
    ]);
    expect(['running', 'stopping', 'hibernating'].map(parseState)).toEqual(['running', 'running', 'running']);
    expect(['exited', 'stopped', 'dead', 'Removing'].map(parseState)).toEqual([
      'exited',
      'exited',
      'dead',
      'removing',
    ]);
  });

  it('reads events of Podman as those of Docker', () => {
    expect(parseAction('container', 'remove')).toBe('destroy');
    expect(parseAction('container', 'cleanup')).toBe('die');
    expect(parseAction('container', 'exec_died')).toBe('exec_die');
    expect(parseAction('image', 'remove')).toBe('delete');
    expect(parseAction('network', 'remove')).toBe('destroy');
    expect(parseAction('volume', 'remove')).toBe('destroy');
    expect(parseAction('container', 'exec_create: /bin/sh -c "a: b"')).toBe('exec_create');
    expect(parseAction('container', 'start')).toBe('start');
  });
});

describe('image names', () => {
  it.each([
    ['localhost/x:3', 'x:3'],
    ['docker.io/library/debian:12', 'debian:12'],
    ['docker.io/gitlab/gitlab-runner:v19', 'gitlab/gitlab-runner:v19'],
    ['registry.home.arpa:5000/x:3', 'registry.home.arpa:5000/x:3'],
    ['x:3', 'x:3'],
  ])('%s is %s for short', (long, short) => {
    expect(shortReference(long)).toBe(short);
    expect(shortReference(short)).toBe(short);
  });

  it.each([
    ['debian', 'debian', 'latest'],
    ['debian:12', 'debian', '12'],
    ['registry:5000/x', 'registry:5000/x', 'latest'],
    ['registry:5000/x:3', 'registry:5000/x', '3'],
    ['x@sha256:abc', 'x', 'sha256:abc'],
    ['registry:5000/x:3@sha256:abc', 'registry:5000/x:3', 'sha256:abc'],
  ])('splits %s', (reference, name, tag) => {
    expect(splitReference(reference)).toEqual({ name, tag });
  });

  it('puts together again what it split', () => {
    const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const name = fc.tuple(fc.option(fc.nat(65_535)), word, word);
    fc.assert(
      fc.property(name, word, ([port, host, image], tag) => {
        const full = port === null ? `${host}/${image}` : `${host}:${String(port)}/${image}`;
        expect(splitReference(`${full}:${tag}`)).toEqual({ name: full, tag });
        expect(splitReference(full)).toEqual({ name: full, tag: 'latest' });
      }),
    );
  });
});
