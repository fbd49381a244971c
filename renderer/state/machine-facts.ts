// What a machine is, as names and values for a reader; what is not known says so, and why.
import type { Machine, MachineEngine, PortHolder } from '../../main/model/machine.ts';
import { listed, sizeWords } from './words.ts';
import { count, t } from './strings.ts';

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
    'hyper-v': t('Hyper-V'),
    xen: t('Xen'),
    apple: t('Apple'),
    wsl: 'WSL2',
  },
  ...{ virtualbox: 'VirtualBox', parallels: t('Parallels'), bhyve: 'bhyve' },
};

function virtualisationWords(kind: NonNullable<Machine['host']['virtualisation']>): string {
  if (kind === 'none') return t('a real machine');
  const by = hypervisors[kind];
  return by === undefined ? t('a virtual machine') : t('a virtual machine ({{by}})', { by });
}

const kvmWords = {
  usable: 'yes',
  'no-permission': t('not by this user'),
  absent: 'no',
} as const;

function placeOf({ virtualisation, container, wsl }: Machine['host']): string | null {
  if (virtualisation === null) return null;
  const kind =
    wsl === null || wsl === 'none'
      ? virtualisationWords(virtualisation)
      : t('WSL{{wsl}} on Windows', { wsl });
  return container === null || container === 'none'
    ? kind
    : t('{{kind}}, in a container of {{container}}', { kind, container });
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
        version === 'none' ? 'none' : t('version {{version}}', { version }),
      ),
      'host.cgroup.version',
    ),
    fact(
      t('Clock'),
      told(host.time.synchronised, (isRight) => {
        const { keeper } = host.time;
        const by = keeper === null || keeper === 'none' ? '' : t(' by {{keeper}}', { keeper });
        return isRight ? t('kept right{{by}}', { by }) : t('not kept right{{by}}', { by });
      }),
      'host.time.synchronised',
    ),
    fact(
      t('Firewall'),
      told(host.firewall.kind, (kind) => {
        if (kind === 'none') return 'none';
        const { active } = host.firewall;
        return active === null ? kind : `${kind}, ${active ? 'active' : t('not active')}`;
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
      told(memory.swapTotalBytes, (bytes) => (bytes === 0 ? 'none' : sizeWords(bytes))),
      'host.memory.swapTotalBytes',
    ),
  ];
}

function holdersOf(holders: readonly PortHolder[]): string {
  if (holders.length === 0) return 'free';
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
    const kind = [
      fileSystem,
      ...(ssd === null ? [] : [ssd ? 'SSD' : t('spinning disk')]),
      ...(readOnly ? ['read-only'] : []),
    ].join(', ');
    const isKnown = freeBytes !== null && totalBytes !== null;
    const value = isKnown
      ? t('{{size}} free of {{size2}} ({{kind}})', {
          size: sizeWords(freeBytes),
          size2: sizeWords(totalBytes),
          kind,
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
  'docker-desktop': t('Docker Desktop'),
  'rancher-desktop': t('Rancher Desktop'),
  orbstack: 'OrbStack',
  colima: t('Colima'),
};

function rightsOf({ rootless, desktop }: MachineEngine): string {
  const where = desktop === null ? undefined : desktopWords[desktop];
  const rights = rootless ? t('an ordinary user (rootless)') : 'root';
  return where === undefined ? rights : t('{{rights}}, in {{where}}', { rights, where });
}

function limitsOf({ limits }: MachineEngine): string {
  const held = [
    ...(limits.memory ? ['memory'] : []),
    ...(limits.cpus ? ['CPUs'] : []),
    ...(limits.disk === true ? ['disk'] : []),
  ];
  return held.length === 0 ? t('none are held') : t('{{list}} are held', { list: listed(held) });
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
  const name = engine.kind === 'docker' ? t('Docker') : t('Podman');
  const { disk } = engine;
  return [
    fact(
      t('Engine'),
      t('{{name}} {{version}}, API {{apiVersion}}', {
        name,
        version: engine.version,
        apiVersion: engine.apiVersion,
      }),
      'engine.version',
    ),
    fact(t('Runs as'), rightsOf(engine), 'engine.desktop'),
    fact(
      t('Storage'),
      told(engine.storageFileSystem, (files) =>
        t('{{storageDriver}} on {{files}}', { storageDriver: engine.storageDriver, files }),
      ) ?? engine.storageDriver,
      'engine.storageDriver',
    ),
    fact(
      t('Room for images'),
      told(disk, ({ freeBytes, totalBytes }) =>
        t('{{size}} free of {{size2}}', { size: sizeWords(freeBytes), size2: sizeWords(totalBytes) }),
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
    fact(t('Compose'), composeOf(engine), 'engine.compose.version'),
  ];
}
