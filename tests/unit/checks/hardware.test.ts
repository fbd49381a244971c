// What is said of a machine that is not as it should be, and that every check of it is asked.
import { readFile, readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { checkHardware } from '../../../main/checks/hardware/index.ts';
import type { Finding } from '../../../main/checks/hardware/check.ts';
import type { Issue } from '../../../main/model/issue.ts';
import type { Host, Machine, MachineEngine, Rootless } from '../../../main/model/machine.ts';
import { someMachine } from '../../fakes/some-machine.ts';

interface Change {
  readonly host?: Partial<Host>;
  readonly rootless?: Partial<Rootless>;
  readonly engine?: Partial<MachineEngine> | null;
  readonly rest?: Partial<Machine>;
}

const best: Partial<MachineEngine> = { liveRestore: true, version: '29.1.2', lowestPort: 1 };

function machineWith({ host, rootless, engine = {}, rest }: Change): Machine {
  const before = someMachine.engine;
  if (before === null) throw new Error('the fake has an engine');
  return {
    ...someMachine,
    host: { ...someMachine.host, ...host },
    rootless: { ...someMachine.rootless, ignoredLimits: [], ...rootless },
    engine: engine === null ? null : { ...before, ...best, ...engine },
    ...rest,
  };
}

const findingsOf = (change: Change): readonly Finding[] =>
  checkHardware({ machine: machineWith(change), pools: [] });
const keysOf = (change: Change): readonly string[] => findingsOf(change).map(({ key }) => key);
const withoutRoot: Partial<MachineEngine> = { rootless: true, isHere: true };
const disk = {
  ...{ mount: '/', device: '/dev/sda2', fileSystem: 'ext4', ssd: true, readOnly: false },
  ...{ totalBytes: 100e9, freeBytes: 50e9 },
};
const memory = { totalBytes: 8e9, availableBytes: 4e8, swapTotalBytes: 0, swapFreeBytes: 0 };
const card: Omit<Machine['gpus'][number], 'use'> = {
  ...{
    id: 'GPU-1',
    vendor: 'nvidia',
    model: 'RTX 4090',
    memoryMiB: 24_564,
    pciAddress: null,
    renderNode: null,
  },
  ...{ parent: null, cards: 1, integrated: false, numaNode: null, celsius: null },
};
const unusable = { usable: false, why: 'there is no toolkit', fix: 'Install it' } as const;
const holder = { protocol: 'udp', address: '0.0.0.0', program: 'dnsmasq', pid: 7 } as const;

describe('the folder of checks', () => {
  it('has no check that is not asked', async () => {
    const folder = new URL('../../../main/checks/hardware/', import.meta.url);
    const files = (await readdir(folder)).filter((name) => !['check.ts', 'index.ts'].includes(name));
    const index = await readFile(new URL('index.ts', folder), 'utf8');
    for (const file of files) {
      const text = await readFile(new URL(file, folder), 'utf8');
      const [, name = 'nothing'] = /export const (check\w+): HardwareCheck/.exec(text) ?? [];
      expect(index, file).toContain(`import { ${name} } from './${file}'`);
      expect(index.split('hardwareChecks:')[1], file).toContain(`  ${name},`);
    }
    expect(files.length).toBeGreaterThan(15);
  });
});

describe('a machine in order', () => {
  it('has no findings, and what nobody knows is none either', () => {
    expect(keysOf({})).toEqual([]);
    const unknown = { time: { keeper: null, synchronised: null }, disks: null, kvm: null, container: null };
    expect(keysOf({ host: { ...unknown, wsl: null, virtualisation: null } })).toEqual([]);
  });
});

describe('a machine that is not', () => {
  it.each<[string, Change, string, Finding['severity']]>([
    [
      'a clock that nobody keeps',
      { host: { time: { keeper: 'none', synchronised: false } } },
      'host.clock-not-kept',
      'warning',
    ],
    ['little memory', { host: { memory } }, 'host.memory-low', 'warning'],
    ['a full disk', { host: { disks: [{ ...disk, freeBytes: 1e9 }] } }, 'host.disk-low', 'warning'],
    ['no room at all', { host: { disks: [{ ...disk, freeBytes: 1e8 }] } }, 'host.disk-low', 'error'],
    [
      'a disk that failed',
      { host: { disks: [{ ...disk, readOnly: true }] } },
      'host.disk-read-only',
      'error',
    ],
    [
      'a hard disk below the engine',
      { host: { disks: [{ ...disk, ssd: false }] } },
      'engine.disk-turns',
      'info',
    ],
    [
      'no engine',
      { engine: null, rest: { reasons: { engine: 'There is none.' } } },
      'host.no-engine',
      'error',
    ],
    ['WSL 1', { host: { wsl: '1' } }, 'host.wsl-old', 'error'],
    [
      'too few ids',
      { engine: withoutRoot, rootless: { subordinateUids: 0, lingering: true } },
      'host.subordinate-ids-missing',
      'warning',
    ],
    [
      'no newuidmap',
      { engine: withoutRoot, rootless: { idMapPrograms: false } },
      'host.subordinate-ids-missing',
      'warning',
    ],
    [
      'an engine that ends with the session',
      { engine: withoutRoot, rootless: { lingering: false } },
      'host.not-lingering',
      'warning',
    ],
    [
      'an engine that nobody starts',
      { engine: withoutRoot, rootless: { units: [{ name: 'docker.service', enabled: false }] } },
      'host.engine-not-enabled',
      'info',
    ],
    [
      'limits that are ignored',
      { engine: withoutRoot, rootless: { ignoredLimits: ['cpu'] } },
      'host.limits-not-delegated',
      'info',
    ],
    [
      'old control groups',
      { host: { cgroup: { version: 'hybrid', controllers: [] } } },
      'host.cgroup-old',
      'info',
    ],
    [
      'an old processor',
      { host: { cpu: { ...someMachine.host.cpu, variant: 'v1' } } },
      'host.processor-old',
      'info',
    ],
    [
      'a 32-bit system',
      { host: { cpu: { ...someMachine.host.cpu, userland: '386' } } },
      'host.userland-differs',
      'info',
    ],
    ['no Compose', { engine: { compose: { found: false, version: null } } }, 'host.compose-missing', 'info'],
    [
      'an old Compose',
      { engine: { compose: { found: true, version: '1.29.2' } } },
      'host.compose-old',
      'info',
    ],
    [
      'a Docker that takes jobs with it',
      { engine: { liveRestore: false } },
      'engine.no-live-restore',
      'info',
    ],
    ['a name server', { host: { ports: { dns: [holder], mdns: [] } } }, 'host.name-port-taken', 'info'],
    ['a desktop', { engine: { desktop: 'docker-desktop' } }, 'engine.desktop', 'info'],
    ['warnings of the engine', { engine: { warnings: ['No swap limit support'] } }, 'engine.warns', 'info'],
    ['a container around it', { host: { container: 'docker' } }, 'host.in-container', 'info'],
    ['an older engine', { engine: { version: '20.10.24' } }, 'engine.old-version', 'info'],
    [
      'a card that nobody can use',
      { rest: { gpus: [{ ...card, use: unusable }] } },
      'gpu.not-usable',
      'warning',
    ],
    [
      'an integrated one',
      { rest: { gpus: [{ ...card, integrated: true, use: unusable }] } },
      'gpu.not-usable',
      'info',
    ],
  ])('with %s is told so, with what was seen and what mends it', (_, change, key, severity) => {
    const found = findingsOf(change);
    expect(found.map((finding) => finding.key)).toEqual([key]);
    expect(found[0]).toMatchObject({ severity });
    expect(found[0]?.evidence.length).toBeGreaterThan(0);
    expect(found.every(({ message, next }) => /[.a-z/0-9)]$/.test(message) && next.length > 10)).toBe(true);
  });

  it('has everything that is wrong with its cards, each once', () => {
    const issue: Issue = {
      ...{
        key: 'gpu.lost',
        severity: 'error',
        subject: 'RTX 4090 at GPU-1',
        message: 'It is lost.',
        next: 'Restart.',
      },
    };
    expect(keysOf({ rest: { issues: [issue], gpus: [{ ...card, use: unusable }] } })).toEqual(['gpu.lost']);
  });

  it('is not blamed for what only an engine of root has: sessions, ids, delegation', () => {
    const rootless = {
      lingering: false,
      subordinateUids: 0,
      ignoredLimits: ['cpu'],
      idMapPrograms: false,
    } as const;
    expect(keysOf({ rootless })).toEqual([]);
  });
});
