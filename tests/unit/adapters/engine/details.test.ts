// What engines say of themselves for people: recorded answers, and those that nobody means.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  maskProxy,
  parseDockerDetails,
  parsePodmanDetails,
} from '../../../../main/adapters/engine/details.ts';
import { engineDetailsSchema } from '../../../../main/model/machine.ts';
import { runsBy } from '../../../fakes/arbitrary-world.ts';
import { hasRecordings, recording } from '../../../fakes/hardware.ts';

const recorded = (name: string): unknown => JSON.parse(recording(`docker/${name}`));

describe.skipIf(!hasRecordings)('recorded engines', () => {
  it('Docker Desktop is recognised by its own words, with proxies and warnings', () => {
    expect(parseDockerDetails(recorded('info-desktop-28.2.2-nvidia-runtime.json'))).toMatchObject({
      ...{ desktop: 'docker-desktop', operatingSystem: 'Docker Desktop', cgroupDriver: 'cgroupfs' },
      ...{ kernel: '6.6.87.2-microsoft-standard-WSL2', storageFileSystem: null, liveRestore: false },
      ...{ cdiFolders: ['/etc/cdi', '/var/run/cdi'], warnings: ['DOCKER_INSECURE_NO_IPTABLES_RAW is set'] },
      proxies: [
        { kind: 'http', value: 'http.docker.internal:3128' },
        { kind: 'https', value: 'http.docker.internal:3128' },
        { kind: 'except', value: 'hubproxy.docker.internal' },
      ],
    });
  });

  it('a Docker on a server has address pools, its firewall and the file system below its storage', () => {
    expect(parseDockerDetails(recorded('cli-golden-info-with-devices.json'))).toMatchObject({
      ...{ desktop: 'none', storageFileSystem: 'extfs', firewall: 'nftables+firewalld', proxies: [] },
      addressPools: [{ base: '10.123.0.0/16', size: 24 }],
    });
  });

  it('what an answer does not have is not known', () => {
    const details = parseDockerDetails(recorded('info-minimal-27.0.1.json'));
    expect(details).toMatchObject({ operatingSystem: 'Ubuntu 24.04 LTS', liveRestore: null, proxies: null });
    expect(details).toMatchObject({ cgroupDriver: null, cdiFolders: null, security: null });
  });
});

describe('other desktops', () => {
  it.each([
    [{ OperatingSystem: 'Rancher Desktop WSL Distribution' }, 'rancher-desktop'],
    [{ OperatingSystem: 'Alpine Linux v3.20', Name: 'lima-rancher-desktop' }, 'rancher-desktop'],
    [{ OperatingSystem: 'OrbStack', Name: 'orbstack' }, 'orbstack'],
    [{ OperatingSystem: 'Ubuntu 24.04.1 LTS', Name: 'colima-work' }, 'colima'],
    [{ OperatingSystem: 'Ubuntu 24.04.1 LTS', Name: 'colimator' }, 'none'],
    [{ OperatingSystem: 'Debian', Labels: ['com.docker.desktop.address=x'] }, 'docker-desktop'],
    [{ Name: 'docker-desktop' }, null],
  ])('%j is %s', (answer, desktop) => {
    expect(parseDockerDetails(answer).desktop).toBe(desktop);
  });
});

describe('Podman', () => {
  it('says what it says in words of its own', () => {
    const answer = {
      host: {
        ...{ kernel: '6.1.0', cgroupManager: 'systemd', ociRuntime: { name: 'crun' } },
        distribution: { distribution: 'fedora', version: '41' },
        security: { apparmorEnabled: false, seccompEnabled: true, selinuxEnabled: true },
      },
      store: { graphStatus: { 'Backing Filesystem': 'btrfs' } },
    };
    expect(parsePodmanDetails(answer)).toMatchObject({
      ...{ operatingSystem: 'fedora 41', cgroupDriver: 'systemd', defaultRuntime: 'crun', liveRestore: true },
      ...{ storageFileSystem: 'btrfs', security: ['name=seccomp', 'name=selinux'], desktop: null },
    });
  });
});

describe('names and passwords of proxies', () => {
  it.each([
    ['http://ann:secret@proxy:3128', 'http://proxy:3128'],
    ['ann:secret@proxy:3128', 'proxy:3128'],
    ['http://ann:p@ss@proxy:3128', 'http://proxy:3128'],
    ['proxy:3128', 'proxy:3128'],
  ])('of %s are left out', (value, masked) => {
    expect(maskProxy(value)).toBe(masked);
  });
});

describe('any answer', () => {
  it('gives a whole document and no exception', () => {
    const part = fc.record(
      Object.fromEntries(
        [
          'Name',
          'OperatingSystem',
          'DriverStatus',
          'DefaultAddressPools',
          'Warnings',
          'HttpProxy',
          'host',
          'store',
        ].map((key) => [key, fc.anything()]),
      ),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), part), (answer) => {
        for (const parse of [parseDockerDetails, parsePodmanDetails])
          expect(engineDetailsSchema.safeParse(parse(answer)).success).toBe(true);
      }),
      { numRuns: runsBy(20) },
    );
  });
});
