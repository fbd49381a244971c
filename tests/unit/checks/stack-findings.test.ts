// Everything that can be wrong with a stack, one row each: what is said, and how urgent it is.
import { describe, expect, it } from 'vitest';
import type { StackSubject } from '../../../main/checks/stack/check.ts';
import type { Finding } from '../../../main/checks/hardware/check.ts';
import { keptMark } from '../../../main/model/stack/kept.ts';
import type { RenderedPort, RenderedStack, StackPresent } from '../../../main/model/stack/stack.ts';
import type { StackSurroundings } from '../../../main/model/stack/surroundings.ts';
import { appliedOf } from '../../fakes/some-stack.ts';
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
} from '../../fakes/stack-subject.ts';
import type { Change } from '../../fakes/stack-subject.ts';

const engine = someFacts.engine;
if (engine === null) throw new Error('the fake has an engine');
const port: RenderedPort = {
  ...{ port: 443, protocol: 'tcp', address: '192.168.1.10', service: 'traefik', what: 'web pages' },
};
const traefik = (tag: string): Partial<RenderedStack> => ({
  services: [
    {
      ...{ name: 'traefik', template: 'traefik', image: `traefik:${tag}`, hash: 'h' },
      ...{ files: [], secrets: [], hasHealthCheck: true },
    },
  ],
});
const gibibyte = 1024 ** 3;
const certificate = someDoor.certificate;
if (certificate === null) throw new Error('the fake has a certificate');

function dataMount(): NonNullable<StackSurroundings['dataMount']> {
  if (someAround.dataMount === null) throw new Error('the fake has a disk');
  return someAround.dataMount;
}

/** What lies there in place of the first file; `null`: nothing. */
function changedFile(content: string | null, written?: string): StackPresent {
  const { files, ...present } = appliedOf(ourStack);
  const [first, ...others] = files ?? [];
  if (first === undefined) throw new Error('the fake has files');
  const { path } = first;
  const instead = content === null ? [] : [{ path, content, hash: `hash of ${content}` }];
  const known = written === undefined ? present.written : { ...present.written, [path]: written };
  return { ...present, files: [...instead, ...others], written: known };
}

/** A machine whose engine has so much room, in bytes. */
function withEngineDisk(freeBytes: number): Pick<StackSubject, 'machine'> {
  const { machine } = someSubject;
  if (machine.engine === null) throw new Error('the fake has an engine');
  const disk = { freeBytes, totalBytes: 100 * gibibyte };
  return { machine: { ...machine, engine: { ...machine.engine, disk } } };
}

function withSwap(swapTotalBytes: number): Pick<StackSubject, 'machine'> {
  const { machine } = someSubject;
  const memory = { ...machine.host.memory, swapTotalBytes };
  return { machine: { ...machine, host: { ...machine.host, memory } } };
}

describe('what would break a stack', () => {
  it('says nothing of the room for images that are there already', () => {
    const { images } = ourStack;
    const there = { ...appliedOf(ourStack), images: images.map(({ reference }) => reference) };
    expect(keysOf({ rest: { ...withEngineDisk(0), present: there } })).toEqual([]);
  });

  it('takes swap for memory, as far as GitLab gets by with it', () => {
    const severity = (swap: number): string =>
      findingIn({ facts: { memoryBytes: 2 * gibibyte }, rest: withSwap(swap) }, 'stack.memory-short')
        .severity;
    expect(severity(0)).toBe('error');
    expect(severity(gibibyte)).toBe('warning');
    expect(
      findingIn({ facts: { memoryBytes: gibibyte }, rest: withSwap(100 * gibibyte) }, 'stack.memory-short')
        .severity,
    ).toBe('error');
  });

  it('says nothing of a file that a person keeps as it is', () => {
    const kept = changedFile('mine', keptMark('hash of mine', 'hash of ours'));
    expect(keysOf({ rest: { present: kept } })).toEqual([]);
    const changedAgain = changedFile('mine again', keptMark('hash of mine', 'hash of ours'));
    expect(keysOf({ rest: { present: changedAgain } })).toEqual(['stack.file-edited']);
  });

  it.each<[string, Change, string, Finding['severity']]>([
    ['too little memory', { facts: { memoryBytes: gibibyte } }, 'stack.memory-short', 'error'],
    [
      'memory that lasts when nobody comes',
      { facts: { memoryBytes: 4 * gibibyte } },
      'stack.memory-short',
      'warning',
    ],
    [
      'a share for the data',
      { around: { dataMount: { ...dataMount(), fileSystem: 'nfs4' } } },
      'stack.data-file-system',
      'error',
    ],
    [
      'a stick for the data',
      { around: { dataMount: { ...dataMount(), fileSystem: 'exfat' } } },
      'stack.data-file-system',
      'error',
    ],
    [
      'data in memory',
      { around: { dataMount: { ...dataMount(), fileSystem: 'tmpfs' } } },
      'stack.data-file-system',
      'error',
    ],
    [
      'a disk that is read-only',
      { around: { dataMount: { ...dataMount(), readOnly: true } } },
      'stack.data-read-only',
      'error',
    ],
    [
      'a full disk',
      { around: { dataMount: { ...dataMount(), freeBytes: 5e8 } } },
      'stack.disk-short',
      'error',
    ],
    [
      'a disk that is nearly full',
      { around: { dataMount: { ...dataMount(), freeBytes: 3e9 } } },
      'stack.disk-short',
      'warning',
    ],
    [
      'a disk that a first start would fill',
      { around: { dataMount: { ...dataMount(), freeBytes: 4 * gibibyte } }, rest: { present: null } },
      'stack.disk-short',
      'error',
    ],
    [
      'the same disk when data and images are there',
      {
        around: { dataMount: { ...dataMount(), freeBytes: 4 * gibibyte } },
        rest: { present: { ...appliedOf(ourStack), containers: [] } },
      },
      'stack.disk-short',
      'warning',
    ],
    [
      'a layer over disks for the data, as Unraid has',
      { around: { dataMount: { ...dataMount(), fileSystem: 'fuse.shfs' } } },
      'stack.data-file-system',
      'warning',
    ],
    [
      'an engine whose disk has no room for images',
      { rest: { ...withEngineDisk(gibibyte), present: { ...appliedOf(ourStack), images: [] } } },
      'stack.engine-disk-short',
      'error',
    ],
    [
      'a lab whose data is gone',
      { around: { dataFolder: place({ path: '/srv/lab', exists: false, isEmpty: true }) } },
      'stack.data-missing',
      'error',
    ],
    [
      'an empty data folder whose mark is gone, too',
      { around: { folders: [place({ isEmpty: true, isMarked: false })] } },
      'stack.data-missing',
      'error',
    ],
    [
      'a data folder that is gone',
      { around: { folders: [place({ exists: false, isEmpty: true, isMarked: false })] } },
      'stack.data-missing',
      'error',
    ],
    [
      'a volume that is gone',
      { around: { wantedVolumes: ['autogit-lab_acme'] } },
      'stack.volume-missing',
      'warning',
    ],
    ['no engine', { facts: { engine: null } }, 'stack.engine-missing', 'error'],
    [
      'an engine elsewhere',
      { facts: { engine: { ...engine, socket: null } } },
      'stack.engine-elsewhere',
      'error',
    ],
    ['an old engine', { facts: { engine: { ...engine, version: '20.10.24' } } }, 'stack.engine-old', 'info'],
    ['no Compose', { facts: { compose: null } }, 'compose.missing', 'error'],
    ['a Compose below the floor', { facts: { compose: { version: '2.20.0' } } }, 'compose.old', 'error'],
    ['a Compose that works', { facts: { compose: { version: '2.26.1' } } }, 'compose.old', 'info'],
    ['the Compose in Python', { around: { oldCompose: '1.29.2' } }, 'compose.v1', 'info'],
    [
      'an engine that refuses an old Traefik',
      { stack: traefik('v3.6.0'), facts: { engine: { ...engine, version: '29.1.2' } } },
      'stack.engine-api',
      'error',
    ],
    ['a Traefik that refuses %2F', { stack: traefik('v3.6.5') }, 'stack.traefik-version', 'error'],
    ['a Traefik out of support', { stack: traefik('v3.1.0') }, 'stack.traefik-version', 'warning'],
    [
      'low ports without root',
      { stack: { ports: [port] }, facts: { engine: { ...engine, rootless: true, lowestPort: 1024 } } },
      'stack.port-low',
      'error',
    ],
    [
      'a clock that is off',
      { around: { clock: { aheadMs: -4_000, source: 'chrony' } } },
      'stack.clock-off',
      'warning',
    ],
    [
      'a clock with which no one-time password holds',
      { around: { clock: { aheadMs: 61_000, source: 'chrony' } } },
      'stack.clock-off',
      'error',
    ],
    ['an IPv6 address of nobody', { answers: { address6: 'fd00::9' } }, 'stack.ipv6-unserved', 'warning'],
    ['subnets of somebody else', { facts: { subnets: ['172.16.0.0/12'] } }, 'stack.subnet-collides', 'error'],
    [
      'subnets that somebody else has taken since',
      { facts: { subnets: ['172.16.0.0/12'], standing: ourStack.networks.map(({ name }) => name) } },
      'stack.subnet-collides',
      'warning',
    ],
    ['a plain /dev/null', { around: { devNull: 'file' } }, 'stack.dev-null', 'error'],
    [
      'secrets that others read',
      { around: { openSecrets: ['/h/secrets/a'] } },
      'stack.secret-open',
      'warning',
    ],
    [
      'another Traefik',
      { around: { containers: [neighbour({ image: 'docker.io/library/traefik:v3' })] } },
      'stack.other-proxy',
      'warning',
    ],
    ['a runner newer than GitLab', { around: { gitlabVersion: '19.3.0' } }, 'stack.runner-version', 'info'],
    [
      'a runner of the main version before',
      { around: { gitlabVersion: '20.1.0' } },
      'stack.runner-version',
      'warning',
    ],
    ['a GitLab of old', { around: { gitlabVersion: '15.10.3-ce.0' } }, 'stack.gitlab-old', 'error'],
    [
      'restarts again and again',
      { around: { restartsInHour: { 'autogit-lab-gitlab-1': 6 } } },
      'stack.restart-storm',
      'error',
    ],
    [
      'a file that a person has changed',
      { rest: { present: changedFile('mine') } },
      'stack.file-edited',
      'warning',
    ],
    ['a file that is gone', { rest: { present: changedFile(null) } }, 'stack.file-missing', 'warning'],
    [
      'a certificate that ends',
      door({
        certificate: { ...certificate, from: someNow - 85 * 86_400_000, to: someNow + 5 * 86_400_000 },
      }),
      'stack.certificate-ending',
      'warning',
    ],
    [
      'a certificate that has ended',
      door({ certificate: { ...certificate, to: someNow - 1 } }),
      'stack.certificate-ending',
      'error',
    ],
    [
      'a certificate for other names',
      door({ certificate: { ...certificate, names: ['*.home.arpa'] } }),
      'stack.certificate-names',
      'error',
    ],
    [
      "Traefik's own certificate",
      door({ certificate: { ...certificate, subject: 'TRAEFIK DEFAULT CERT' } }),
      'stack.certificate-default',
      'error',
    ],
    [
      'a page that nobody routes',
      door({ status: 404, location: null, body: '404 page not found\n' }),
      'stack.not-routed',
      'warning',
    ],
    [
      'a service that Traefik does not reach',
      door({ status: 502, location: null }),
      'stack.not-reached',
      'warning',
    ],
    ['silence', door({ status: null, location: null, certificate: null }), 'stack.no-answer', 'error'],
    ['a circle', door({ location: 'https://gitlab.lab.home.arpa' }), 'stack.redirect-loop', 'error'],
    [
      'a way out of TLS',
      door({ location: 'http://gitlab.lab.home.arpa/users/sign_in' }),
      'stack.redirect-insecure',
      'warning',
    ],
    [
      'an open session',
      door({ cookies: ['_gitlab_session=x; path=/; HttpOnly'] }),
      'stack.cookie-refused',
      'warning',
    ],
    [
      'a session for another domain',
      door({ cookies: ['authelia_session=x; Domain=other.org; Secure'] }),
      'stack.cookie-refused',
      'warning',
    ],
    [
      'an address that has gone, which the name server needs',
      { around: { addresses: ['192.168.1.77'] } },
      'names.address-changed',
      'error',
    ],
    [
      'an address that has gone from names elsewhere',
      { around: { addresses: ['192.168.1.77'] }, answers: { dns: { mode: 'own' } } },
      'names.address-changed',
      'warning',
    ],
    ['an address that is lent', { around: { isAddressLent: true } }, 'names.address-lent', 'info'],
    ['.local', { stack: { domain: 'autogit.local' } }, 'stack.name-local', 'warning'],
    ['a public suffix', { stack: { domain: 'duckdns.org' } }, 'stack.name-public-suffix', 'error'],
    ['a name server of IPv6', { around: { resolvers: ['fd00::1'] } }, 'names.ipv6-resolver', 'info'],
    [
      'a lab whose name server is silent',
      { around: { names: [{ name: 'gitlab.lab.home.arpa', here: ['192.168.1.10'], lab: null }] } },
      'names.lab-server-wrong',
      'error',
    ],
    [
      'a lab whose name server sends everybody to themselves',
      { around: { names: [{ name: 'gitlab.lab.home.arpa', here: ['127.0.0.1'], lab: ['127.0.0.1'] }] } },
      'names.lab-server-wrong',
      'error',
    ],
    [
      'a name that this machine does not know',
      { around: { names: [{ name: 'gitlab.lab.home.arpa', here: [], lab: ['192.168.1.10'] }] } },
      'names.not-resolved',
      'info',
    ],
    [
      'a name that leads elsewhere',
      {
        answers: { dns: { mode: 'own' } },
        around: { names: [{ name: 'gitlab.lab.home.arpa', here: ['10.9.9.9'], lab: null }] },
      },
      'names.not-resolved',
      'warning',
    ],
  ])('says so of %s', (_, change, key, severity) => {
    const found = findingIn(change, key);
    expect(found.severity).toBe(severity);
    expect(found.message).toMatch(/[.!)]$/);
    expect(found.next.length).toBeGreaterThan(10);
    expect(found.evidence.length).toBeGreaterThan(0);
  });
});
