// How checks of a stack are asked, and what they say of ports, services, fixes and what nobody knows.
import { readFile, readdir } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StackSubject } from '../../../main/checks/stack/check.ts';
import { imageName, tagOf, versionOf } from '../../../main/checks/stack/check.ts';
import {
  checkBeforeUp,
  checkNames,
  checkStack,
  nameChecks,
  stackChecks,
  startChecks,
} from '../../../main/checks/stack/index.ts';
import type { RenderedPort } from '../../../main/model/stack/stack.ts';
import type { StackSurroundings, TakenPort } from '../../../main/model/stack/surroundings.ts';
import { appliedOf, nothingPresent, someContainer } from '../../fakes/some-stack.ts';
import {
  door,
  findingIn,
  keysOf,
  neighbour,
  ourStack,
  place,
  someAround,
  someDoor,
  someFacts,
  someNow,
  someSubject,
  subjectWith,
} from '../../fakes/stack-subject.ts';
import type { Change } from '../../fakes/stack-subject.ts';

const present = appliedOf(ourStack);
const engine = someFacts.engine;
if (engine === null) throw new Error('the fake has an engine');
const port = (number: number, protocol: 'tcp' | 'udp' = 'tcp', address = '192.168.1.10'): RenderedPort => ({
  ...{ port: number, protocol, address, service: 'coredns', what: 'names' },
});
const taken = (
  number: number,
  protocol: 'tcp' | 'udp',
  address: string,
  program: string | null = 'x',
): TakenPort => ({
  ...{ port: number, protocol, address, program, pid: program === null ? null : 7 },
});
const machineWith = (change: Partial<StackSubject['machine']['host']>): Partial<StackSubject> => ({
  machine: { ...someSubject.machine, host: { ...someSubject.machine.host, ...change } },
});
const certificate = someDoor.certificate;
if (certificate === null) throw new Error('the fake has a certificate');

describe('the folder of checks', () => {
  it('has no check that is not asked', async () => {
    const folder = new URL('../../../main/checks/stack/', import.meta.url);
    const files = (await readdir(folder)).filter(
      (name) => !['check.ts', 'index.ts', 'name-server-ways.ts'].includes(name),
    );
    const index = await readFile(new URL('index.ts', folder), 'utf8');
    const [, listed = ''] = /const ofMachine([^]*)const beforeUp/.exec(index) ?? [];
    for (const file of files) {
      const text = await readFile(new URL(file, folder), 'utf8');
      const [, name = 'nothing'] = /export const (check\w+)(?:: StackCheck)? =/.exec(text) ?? [];
      expect(index, file).toContain(`import { ${name} } from './${file}'`);
      expect(listed, file).toMatch(new RegExp(`[ [,]${name}[,\\]]`));
    }
    expect(stackChecks.length + nameChecks.length + startChecks.length).toBe(files.length);
  });
});

describe('a stack in order', () => {
  it('has no findings', () => {
    expect(keysOf({})).toEqual([]);
    expect(checkBeforeUp(subjectWith({ rest: { present: nothingPresent } }))).toEqual([]);
  });

  it('has none either where nothing is known', () => {
    const unknown: Partial<StackSurroundings> = {
      ...{
        ports: null,
        containers: null,
        dataMount: null,
        folders: [],
        volumes: null,
        devNull: null,
        clock: null,
      },
      ...{ addresses: [], isAddressLent: null, ipv6: null, doors: [], names: [], gitlabVersion: null },
    };
    expect(keysOf({ around: unknown, facts: { memoryBytes: null } })).toEqual([]);
    expect(keysOf({ rest: { present: null } })).toEqual([]);
  });

  it('needs no stack for a machine without one', () => {
    const subject = {
      ...subjectWith({ facts: { engine: null, compose: null } }),
      stack: null,
      present: null,
    };
    expect([...checkStack(subject), ...checkNames(subject)]).toEqual([]);
  });
});

describe('ports', () => {
  const dns = [port(53, 'udp')];
  it('names the program, and a way out for each known one', () => {
    const resolved = findingIn(
      { stack: { ports: dns }, around: { ports: [taken(53, 'udp', '0.0.0.0', 'systemd-resolved')] } },
      'stack.port-taken',
    );
    expect(resolved.message).toContain('systemd-resolved (process 7)');
    expect(resolved.next).toContain('DNSStubListener=no');
    const pihole = findingIn(
      { stack: { ports: dns }, around: { ports: [taken(53, 'udp', '::', 'pihole-FTL')] } },
      'stack.port-taken',
    );
    expect(pihole.next).toContain('server=/lab.home.arpa/192.168.1.10#5354');
    const containers = [neighbour({ name: 'dns', image: 'adguard/adguardhome:v0.107', ports: [53] })];
    const adguard = findingIn(
      { stack: { ports: dns }, around: { ports: [taken(53, 'udp', '0.0.0.0', 'docker-proxy')], containers } },
      'stack.port-taken',
    );
    expect(adguard.next).toContain('DNS rewrites, *.lab.home.arpa to 192.168.1.10');
  });

  it('leaves programs alone that listen elsewhere', () => {
    const elsewhere = [
      taken(53, 'udp', '127.0.0.53'),
      taken(53, 'tcp', '0.0.0.0'),
      taken(53, 'udp', 'fd00::1'),
    ];
    expect(keysOf({ stack: { ports: dns }, around: { ports: elsewhere } })).toEqual([]);
  });

  it('knows its own container behind a listener, and a foreign one by name', () => {
    const held = [taken(443, 'tcp', '0.0.0.0', 'docker-proxy')];
    expect(keysOf({ around: { ports: held } })).toEqual([]);
    const containers = [
      neighbour({ name: 'npm', image: 'jc21/nginx-proxy-manager:2', ports: [443], project: 'proxy' }),
    ];
    const found = findingIn({ around: { ports: held, containers } }, 'stack.port-taken');
    expect(found.message).toContain('the container npm (jc21/nginx-proxy-manager:2, of proxy)');
    expect(found.next).toContain('ports.https: 8443');
    expect(keysOf({ around: { ports: null, containers } })).toContain('stack.port-taken');
  });

  it('leaves a container alone that has the number at another address, or for another protocol', () => {
    const containers = [neighbour({ ports: [53] })];
    const around = (...ports: readonly TakenPort[]): Change => ({
      ...{ stack: { ports: dns }, around: { ports, containers } },
    });
    expect(keysOf(around(taken(53, 'udp', '127.0.0.1', 'docker-proxy')))).toEqual([]);
    expect(keysOf(around(taken(53, 'tcp', '0.0.0.0', null)))).toEqual([]);
    const both = around(taken(53, 'tcp', '0.0.0.0', null), taken(53, 'udp', '0.0.0.0', 'dnsmasq'));
    expect(findingIn(both, 'stack.port-taken').message).toContain('by dnsmasq (process 7)');
  });

  it('are free where the lab of the former name has them, which a start takes down', () => {
    const containers = [neighbour({ ports: [443], project: 'autogit-old', isOfStack: true })];
    const around = { ports: [taken(443, 'tcp', '0.0.0.0', null)], containers };
    expect(keysOf({ around: { ...around, formerProject: 'autogit-old' } })).not.toContain('stack.port-taken');
    expect(keysOf({ around })).toContain('stack.port-taken');
  });
});

describe('folders for data', () => {
  it('that are new to the stack, or that no service has written to yet, are as they should be', () => {
    const registry = place({ path: '/srv/lab/gitlab/registry', isEmpty: true, isMarked: false });
    const folders = [
      { ...registry, exists: false, isKnown: false },
      { ...registry, isKnown: false },
      { ...registry, isMarked: true },
      { ...registry, isMarked: null },
    ];
    for (const folder of folders) expect(keysOf({ around: { folders: [folder] } })).toEqual([]);
  });

  it('are gone with the one around them, which is said once', () => {
    const gone = { exists: false, isEmpty: true, isMarked: false };
    const around = { dataFolder: place({ path: '/srv/lab', ...gone }), folders: [place(gone)] };
    expect(keysOf({ around })).toEqual(['stack.data-missing']);
    expect(findingIn({ around }, 'stack.data-missing').subject).toBe('/srv/lab');
    expect(keysOf({ around, rest: { present: nothingPresent } })).toEqual([]);
  });
});

describe('services of a stack that is up', () => {
  const withContainers = (...containers: readonly ReturnType<typeof someContainer>[]): Change => ({
    rest: { present: { ...present, containers } },
  });

  it('offers a restart for one that is ill, and none for one that a person has paused', () => {
    const ill = findingIn(
      withContainers(someContainer('gitlab', { health: 'unhealthy' }), someContainer('traefik')),
      'stack.service-unhealthy',
    );
    expect(ill.fix).toMatchObject({ deed: 'restart-service', target: 'gitlab' });
    const paused = findingIn(
      withContainers(someContainer('gitlab', { state: 'paused' }), someContainer('traefik')),
      'stack.service-unhealthy',
    );
    expect(paused.fix).toBeUndefined();
  });

  it('offers to bring the stack up again where a container was removed by hand', () => {
    const found = findingIn(withContainers(someContainer('traefik')), 'stack.service-missing');
    expect(found).toMatchObject({ subject: 'gitlab', fix: { deed: 'apply-stack' } });
  });

  it('says nothing of a stack that is down', () => {
    expect(keysOf(withContainers())).toEqual([]);
    const ended = (['gitlab', 'traefik'] as const).map((name) =>
      someContainer(name, { state: 'exited', exitCode: 0 }),
    );
    expect(keysOf({ ...withContainers(...ended), around: { doors: [] } })).toEqual([]);
  });
});

describe('fixes', () => {
  it('make a folder only where nothing of worth was in it', () => {
    const logs = place({ path: '/srv/lab/gitlab/logs', exists: false, isEmpty: true, isMarked: false });
    expect(findingIn({ around: { folders: [logs] } }, 'stack.data-missing')).toMatchObject({
      ...{ severity: 'warning', fix: { deed: 'make-folder', target: logs.path } },
    });
    const data = { ...logs, path: '/srv/lab/gitlab/data' };
    expect(findingIn({ around: { folders: [data] } }, 'stack.data-missing').fix).toBeUndefined();
  });

  it('remove what a renamed lab has left only where nothing of it runs', () => {
    const left = (isRunning: boolean): Change => ({
      around: { containers: [neighbour({ project: 'autogit-old', isOfStack: true, isRunning })] },
    });
    expect(findingIn(left(false), 'stack.leftover-containers').fix).toMatchObject({ target: 'autogit-old' });
    expect(findingIn(left(true), 'stack.leftover-containers').fix).toBeUndefined();
  });

  it('renew a certificate of our own, and no other', () => {
    const ending = door({ certificate: { ...certificate, to: someNow } });
    expect(findingIn(ending, 'stack.certificate-ending').fix).toMatchObject({ deed: 'apply-stack' });
    const own = {
      ...ending,
      answers: { tls: { mode: 'own' as const, certificate: '/c.pem', key: '/k.pem', ca: null } },
    };
    expect(findingIn(own, 'stack.certificate-ending').fix).toBeUndefined();
  });
});

describe('a firewall', () => {
  const ufw = machineWith({ firewall: { kind: 'ufw', active: true } });
  it('keeps devices out of an engine without root, and does not hold back Docker as root', () => {
    const rootless = {
      facts: { engine: { ...engine, rootless: true, lowestPort: 80 } },
      rest: { ...ufw, present: nothingPresent },
    };
    expect(findingIn(rootless, 'stack.firewall')).toMatchObject({ severity: 'warning' });
    expect(findingIn(rootless, 'stack.firewall').next).toContain('sudo ufw allow 443/tcp');
    expect(findingIn({ rest: ufw }, 'stack.firewall')).toMatchObject({ severity: 'info' });
  });
});

describe('names of images', () => {
  it('reads them as engines write them', () => {
    const pinned = `registry.lan:5000/x/traefik:v3.7.9@sha256:${'a'.repeat(64)}`;
    expect([imageName(pinned), tagOf(pinned)]).toEqual(['registry.lan:5000/x/traefik', 'v3.7.9']);
    expect(imageName('docker.io/library/traefik:v3')).toBe('traefik');
    expect([versionOf('alpine-v19.4.0'), versionOf('19.3'), versionOf('latest')]).toEqual([
      [19, 4, 0],
      [19, 3, 0],
      null,
    ]);
  });
});

describe('every check', () => {
  it('says each thing once and never throws, whatever is known and not', () => {
    const maybe = <T>(value: T) => fc.constantFrom(value, null);
    const some = <T>(...values: readonly T[]): fc.Arbitrary<T[]> => fc.subarray([...values]);
    const address = fc.constantFrom('192.168.1.10', '10.0.0.7', '0.0.0.0', '::', 'fd00::10');
    const found = fc.option(fc.uniqueArray(address, { maxLength: 2 }));
    const held = fc.record({ at: fc.constantFrom(53, 80, 443, 2222), address, program: maybe('nginx') });
    const container = fc.record({
      ...{ name: fc.constantFrom('autogit-lab-gitlab-1', 'old', 'other'), isRunning: fc.boolean() },
      image: fc.constantFrom('traefik:v3', 'nginx:1', 'pihole/pihole:1', 'gitlab/gitlab-ce:17.0.0'),
      project: fc.constantFrom(null, 'autogit-lab', 'autogit-old', 'media'),
      ...{ service: maybe('gitlab'), isOfStack: fc.boolean(), ports: some(53, 80, 443) },
    });
    const folder = fc.record({
      ...{ path: fc.constantFrom('/srv/lab/gitlab', '/srv/lab/traefik', "/srv/it's") },
      ...{
        exists: fc.boolean(),
        isEmpty: fc.boolean(),
        isMarked: fc.option(fc.boolean()),
        isKnown: fc.boolean(),
      },
    });
    const restarts = fc.integer({ min: 0, max: 20 });
    const bytes = fc.constantFrom(10 ** 8, 10 ** 10, 10 ** 12, null);
    const mount = fc.record({
      ...{ mount: fc.constant('/srv'), fileSystem: fc.constantFrom('ext4', 'nfs4', 'vfat', 'tmpfs') },
      ...{ readOnly: fc.boolean(), freeBytes: bytes, totalBytes: bytes },
    });
    const facts = fc.record({
      ...{ memoryBytes: bytes, resolvers: some('192.168.1.1', '1.1.1.1') },
      subnets: some('192.168.1.0/24', '172.30.1.0/24', '172.30.0.0/16', '10.0.0.0/8'),
      engine: fc.option(
        fc
          .record({
            ...{ kind: fc.constantFrom('docker' as const, 'podman' as const), rootless: fc.boolean() },
            ...{ version: fc.constantFrom('19.3.0', '29.5.0'), lowestPort: fc.constantFrom(null, 80, 1024) },
          })
          .map((change) => ({ ...engine, ...change })),
      ),
      compose: fc.constantFrom({ version: '2.40.3' }, { version: '2.0.1' }, null),
    });
    const around = fc.record({
      ports: fc.option(
        fc
          .array(held, { maxLength: 4 })
          .map((all) => all.map((one) => taken(one.at, 'tcp', one.address, one.program))),
      ),
      containers: fc.option(
        fc
          .uniqueArray(container, { maxLength: 4, selector: ({ name }) => name })
          .map((all) => [...(someAround.containers ?? []), ...all.map(neighbour)]),
      ),
      dataMount: fc.option(mount),
      dataFolder: fc.option(folder),
      folders: fc.uniqueArray(folder, { selector: ({ path }) => path }),
      volumes: fc.option(some('autogit-lab_data', 'autogit-lab_other')),
      wantedVolumes: some('autogit-lab_data', 'autogit-lab_more'),
      openSecrets: some('secrets/one', 'secrets/two', 'secrets/three'),
      devNull: fc.constantFrom('device' as const, 'file' as const, 'missing' as const, null),
      addresses: some('192.168.1.10', '10.0.0.7'),
      addresses6: some('fd00::10', '2001:db8::1'),
      ...{ isAddressLent: fc.option(fc.boolean()), selinux: fc.option(fc.boolean()) },
      ...{ oldCompose: maybe('1.29.2'), runnerVersion: fc.option(fc.string()) },
      resolvers: some('192.168.1.1', '192.168.1.2', '1.1.1.1'),
      names: fc.uniqueArray(
        fc.record({
          name: fc.constantFrom('gitlab.lab.home.arpa', 'auth.lab.home.arpa', 'traefik.lab.home.arpa'),
          ...{ here: found, lab: found },
        }),
        { selector: ({ name }) => name },
      ),
      restartsInHour: fc.record(
        { 'autogit-lab-gitlab-1': restarts, 'autogit-lab-traefik-1': restarts, other: restarts },
        { requiredKeys: [] },
      ),
      clock: fc.option(fc.record({ aheadMs: fc.integer(), source: fc.constant('chrony') })),
      ipv6: fc.constantFrom('off' as const, 'local' as const, 'out' as const, null),
      doors: fc
        .uniqueArray(
          fc.record({
            url: fc.constantFrom('https://gitlab.lab.home.arpa/', 'https://auth.lab.home.arpa/'),
            status: fc.option(fc.integer({ min: 100, max: 599 })),
            location: fc.option(fc.string()),
            body: fc.string(),
            cookies: fc.array(fc.string(), { maxLength: 2 }),
          }),
          { maxLength: 2, selector: ({ url }) => url },
        )
        .map((all) => all.map((one) => ({ ...someDoor, ...one }))),
      gitlabVersion: fc.option(fc.string()),
    });
    const ports = [port(80), port(443), port(2222), port(53), port(53, 'udp')];
    const names = ['gitlab', 'auth', 'traefik'].map((one) => ({
      ...{ name: `${one}.lab.home.arpa`, what: one, addresses: ['192.168.1.10', 'fd00::10'] },
    }));
    fc.assert(
      fc.property(around, facts, fc.boolean(), fc.boolean(), (surroundings, machine, hasStack, isThere) => {
        const subject = subjectWith({ around: surroundings, facts: machine, stack: { ports, names } });
        const part = {
          ...subject,
          stack: hasStack ? subject.stack : null,
          present: isThere ? subject.present : null,
        };
        for (const findings of [checkStack(part), checkNames(part), checkBeforeUp(part)]) {
          for (const finding of findings) {
            expect(finding.message).not.toMatch(/undefined|(?<!\/dev\/)null|NaN/);
            expect(finding.key).toMatch(/^[a-z]+\.[a-z0-9-]+$/);
          }
          const said = findings.map(({ key, subject: about }) => `${key} ${about}`);
          expect(said).toEqual([...new Set(said)]);
        }
      }),
      { numRuns: 200 },
    );
  });
});
