// What a machine is, as names and values for a reader; what is not known says so, and why.
import type { Machine, MachineEngine, PortHolder } from '../../main/model/machine.ts';
import { listed, sizeWords } from './words.ts';
import { count, t } from '../language/strings.ts';

export interface Fact {
  readonly name: string;
  /** `null`: not known. */
  readonly value: string | null;
  /** Why it is not known. */
  readonly why: string | null;
}

export interface FactGroup {
  readonly title: string;
  readonly facts: readonly Fact[];
}

/** Makes facts of a machine; `path` is where `reasons` would tell why a value is not known. */
function factMaker({ reasons }: Pick<Machine, 'reasons'>) {
  return (name: string, value: string | null, path: string): Fact => ({
    name,
    value,
    why: value === null ? (reasons[path] ?? null) : null,
  });
}

function told<T>(value: T | null, words: (value: T) => string): string | null {
  return value === null ? null : words(value);
}

const hypervisors: Readonly<Partial<Record<string, string>>> = {
  ...{
    kvm: 'KVM',
    qemu: 'QEMU',
    vmware: 'VMware',
    'hyper-v': 'Hyper-V',
    xen: 'Xen',
    apple: 'Apple',
    wsl: 'WSL2',
  },
  ...{ virtualbox: 'VirtualBox', parallels: 'Parallels', bhyve: 'bhyve' },
};

function virtualisationWords(kind: NonNullable<Machine['host']['virtualisation']>): string {
  if (kind === 'none') return t('a real machine');
  const hypervisor = hypervisors[kind];
  return hypervisor === undefined
    ? t('a virtual machine')
    : t('a virtual machine ({{hypervisor}})', { hypervisor });
}

const kvmWords = {
  usable: t('yes'),
  'no-permission': t('not by this user'),
  absent: t('no'),
} as const;

function placeOf({ virtualisation, container, wsl }: Machine['host']): string | null {
  if (virtualisation === null) return null;
  const machine =
    wsl === null || wsl === 'none'
      ? virtualisationWords(virtualisation)
      : t('WSL{{version}} on Windows', { version: wsl });
  return container === null || container === 'none'
    ? machine
    : t('{{machine}}, in a container of {{engine}}', { machine, engine: container });
}

function systemFacts(machine: Machine): readonly Fact[] {
  const { host } = machine;
  const fact = factMaker(machine);
  return [
    fact(t('Name'), host.name, 'host.name'),
    fact(t('System'), host.os.name, 'host.os.name'),
    fact(t('Kernel'), host.kernel, 'host.kernel'),
    fact(t('Runs on'), placeOf(host), 'host.virtualisation'),
    fact(
      t('Virtual machines'),
      told(host.kvm, (kvm) => kvmWords[kvm]),
      'host.kvm',
    ),
    fact(
      t('Control groups'),
      told(host.cgroup.version, (version) =>
        version === 'none' ? t('none') : t('version {{version}}', { version }),
      ),
      'host.cgroup.version',
    ),
    fact(
      t('Clock'),
      told(host.time.synchronised, (isRight) => {
        const { keeper } = host.time;
        if (keeper === null || keeper === 'none') return isRight ? t('kept right') : t('not kept right');
        return isRight
          ? t('kept right by {{program}}', { program: keeper })
          : t('not kept right by {{program}}', { program: keeper });
      }),
      'host.time.synchronised',
    ),
    fact(
      t('Firewall'),
      told(host.firewall.kind, (firewall) => {
        if (firewall === 'none') return t('none');
        const { active } = host.firewall;
        if (active === null) return firewall;
        return active ? t('{{firewall}}, active', { firewall }) : t('{{firewall}}, not active', { firewall });
      }),
      'host.firewall.kind',
    ),
  ];
}

function coresOf({ cores, threads, sockets }: Machine['host']['cpu']): string | null {
  if (cores === null && threads === null) return null;
  const parts = [
    ...(cores === null ? [] : [count(cores, '{{n}} core', '{{n}} cores')]),
    ...(threads === null ? [] : [count(threads, '{{n}} thread', '{{n}} threads')]),
    ...(sockets === null || sockets < 2 ? [] : [count(sockets, '{{n}} socket', '{{n}} sockets')]),
  ];
  return parts.join(', ');
}

function processorFacts(machine: Machine): readonly Fact[] {
  const { cpu, memory } = machine.host;
  const fact = factMaker(machine);
  const kind = [cpu.architecture, cpu.variant].filter((part) => part !== null).join(' ');
  return [
    fact(t('Model'), cpu.model, 'host.cpu.model'),
    fact(t('Kind'), cpu.architecture === null ? null : kind, 'host.cpu.architecture'),
    fact(t('Size'), coresOf(cpu), 'host.cpu.threads'),
    fact(
      t('For builds'),
      told(cpu.features, (features) => (features.length === 0 ? t('nothing special') : features.join(', '))),
      'host.cpu.features',
    ),
    fact(t('Memory'), told(memory.totalBytes, sizeWords), 'host.memory.totalBytes'),
    fact(
      t('Swap'),
      told(memory.swapTotalBytes, (bytes) => (bytes === 0 ? t('none') : sizeWords(bytes))),
      'host.memory.swapTotalBytes',
    ),
  ];
}

function holdersOf(holders: readonly PortHolder[]): string {
  if (holders.length === 0) return t('free');
  const names = holders.map(
    ({ program, address }) => program ?? t('a program of another user at {{address}}', { address }),
  );
  return listed([...new Set(names)]);
}

function diskFacts(machine: Machine): readonly Fact[] {
  const { disks } = machine.host;
  if (disks === null) return [factMaker(machine)(t('Disks'), null, 'host.disks')];
  return disks.map((disk, index) => {
    const { mount, fileSystem, freeBytes, totalBytes, ssd, readOnly } = disk;
    const details = [
      fileSystem,
      ...(ssd === null ? [] : [ssd ? 'SSD' : t('spinning disk')]),
      ...(readOnly ? [t('read-only')] : []),
    ].join(', ');
    const isKnown = freeBytes !== null && totalBytes !== null;
    const value = isKnown
      ? t('{{free}} free of {{total}} ({{details}})', {
          free: sizeWords(freeBytes),
          total: sizeWords(totalBytes),
          details,
        })
      : null;
    return factMaker(machine)(mount, value, `host.disks.${index}.freeBytes`);
  });
}

function portFacts(machine: Machine): readonly Fact[] {
  const { dns, mdns } = machine.host.ports;
  const fact = factMaker(machine);
  return [
    fact(t('Names (port 53)'), told(dns, holdersOf), 'host.ports.dns'),
    fact(t('Names at home (mDNS)'), told(mdns, holdersOf), 'host.ports.mdns'),
  ];
}

/** Groups of facts; those of disks and ports stand together. */
export function machineGroups(machine: Machine): readonly FactGroup[] {
  return [
    { title: t('System'), facts: systemFacts(machine) },
    { title: t('Processor and memory'), facts: processorFacts(machine) },
    { title: t('Disks and ports'), facts: [...diskFacts(machine), ...portFacts(machine)] },
  ];
}

const desktopWords: Readonly<Partial<Record<string, string>>> = {
  'docker-desktop': 'Docker Desktop',
  'rancher-desktop': 'Rancher Desktop',
  orbstack: 'OrbStack',
  colima: 'Colima',
};

function rightsOf({ rootless, desktop }: MachineEngine): string {
  const program = desktop === null ? undefined : desktopWords[desktop];
  if (program === undefined) return rootless ? t('an ordinary user (rootless)') : 'root';
  return rootless
    ? t('an ordinary user (rootless), in {{program}}', { program })
    : t('root, in {{program}}', { program });
}

function limitsOf({ limits }: MachineEngine): string {
  const held = [
    ...(limits.memory ? [t('memory')] : []),
    ...(limits.cpus ? [t('CPUs')] : []),
    ...(limits.disk === true ? [t('disk')] : []),
  ];
  return held.length === 0 ? t('none are held') : t('{{limits}} are held', { limits: listed(held) });
}

function cardsOf({ cdi, cdiDevices, runtimes }: MachineEngine): string {
  if (cdiDevices.length > 0) return count(cdiDevices.length, '{{n}} CDI device', '{{n}} CDI devices');
  const nvidia = runtimes.includes('nvidia') ? t('through the nvidia runtime') : null;
  return nvidia ?? (cdi ? t('CDI is there, no device is listed') : t('only by their device files'));
}

function composeOf({ compose: { found, version } }: MachineEngine): string | null {
  return found === false ? t('not here') : version;
}

/** Of the engine in use; `null`: none answers. */
export function engineFacts(machine: Machine): readonly Fact[] | null {
  const { engine } = machine;
  if (engine === null) return null;
  const fact = factMaker(machine);
  const { disk } = engine;
  return [
    fact(
      t('Engine'),
      `${engine.kind === 'docker' ? 'Docker' : 'Podman'} ${engine.version}, API ${engine.apiVersion}`,
      'engine.version',
    ),
    fact(t('Runs as'), rightsOf(engine), 'engine.desktop'),
    fact(
      t('Storage'),
      told(engine.storageFileSystem, (fileSystem) =>
        t('{{driver}} on {{fileSystem}}', { driver: engine.storageDriver, fileSystem }),
      ) ?? engine.storageDriver,
      'engine.storageDriver',
    ),
    fact(
      t('Room for images'),
      told(disk, ({ freeBytes, totalBytes }) =>
        t('{{free}} free of {{total}}', { free: sizeWords(freeBytes), total: sizeWords(totalBytes) }),
      ),
      'engine.disk',
    ),
    fact(t('Limits of jobs'), limitsOf(engine), 'engine.limits'),
    fact(t('GPUs in containers'), cardsOf(engine), 'engine.cdiDevices'),
    fact(
      t('Jobs during a restart'),
      told(engine.liveRestore, (goesOn) => (goesOn ? t('go on') : t('end with it'))),
      'engine.liveRestore',
    ),
    fact('Compose', composeOf(engine), 'engine.compose.version'),
  ];
}
