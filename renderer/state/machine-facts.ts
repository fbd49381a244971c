// What a machine is, as names and values for a reader; what is not known says so, and why.
import type { Machine, MachineEngine, PortHolder } from '../../main/model/machine.ts';
import { count, listed, sizeWords } from './words.ts';

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
  if (kind === 'none') return 'a real machine';
  const by = hypervisors[kind];
  return by === undefined ? 'a virtual machine' : `a virtual machine (${by})`;
}

const kvmWords = {
  usable: 'yes',
  'no-permission': 'not by this user',
  absent: 'no',
} as const;

function placeOf({ virtualisation, container, wsl }: Machine['host']): string | null {
  if (virtualisation === null) return null;
  const kind = wsl === null || wsl === 'none' ? virtualisationWords(virtualisation) : `WSL${wsl} on Windows`;
  return container === null || container === 'none' ? kind : `${kind}, in a container of ${container}`;
}

function systemFacts(machine: Machine): readonly Fact[] {
  const { host } = machine;
  const fact = factMaker(machine);
  return [
    fact('Name', host.name, 'host.name'),
    fact('System', host.os.name, 'host.os.name'),
    fact('Kernel', host.kernel, 'host.kernel'),
    fact('Runs on', placeOf(host), 'host.virtualisation'),
    fact(
      'Virtual machines',
      told(host.kvm, (kvm) => kvmWords[kvm]),
      'host.kvm',
    ),
    fact(
      'Control groups',
      told(host.cgroup.version, (version) => (version === 'none' ? 'none' : `version ${version}`)),
      'host.cgroup.version',
    ),
    fact(
      'Clock',
      told(host.time.synchronised, (isRight) => {
        const { keeper } = host.time;
        const by = keeper === null || keeper === 'none' ? '' : ` by ${keeper}`;
        return isRight ? `kept right${by}` : `not kept right${by}`;
      }),
      'host.time.synchronised',
    ),
    fact(
      'Firewall',
      told(host.firewall.kind, (kind) => {
        if (kind === 'none') return 'none';
        const { active } = host.firewall;
        return active === null ? kind : `${kind}, ${active ? 'active' : 'not active'}`;
      }),
      'host.firewall.kind',
    ),
  ];
}

function coresOf({ cores, threads, sockets }: Machine['host']['cpu']): string | null {
  if (cores === null && threads === null) return null;
  const parts = [
    ...(cores === null ? [] : [count(cores, 'core')]),
    ...(threads === null ? [] : [count(threads, 'thread')]),
    ...(sockets === null || sockets < 2 ? [] : [count(sockets, 'socket')]),
  ];
  return parts.join(', ');
}

function processorFacts(machine: Machine): readonly Fact[] {
  const { cpu, memory } = machine.host;
  const fact = factMaker(machine);
  const kind = [cpu.architecture, cpu.variant].filter((part) => part !== null).join(' ');
  return [
    fact('Model', cpu.model, 'host.cpu.model'),
    fact('Kind', cpu.architecture === null ? null : kind, 'host.cpu.architecture'),
    fact('Size', coresOf(cpu), 'host.cpu.threads'),
    fact(
      'For builds',
      told(cpu.features, (features) => (features.length === 0 ? 'nothing special' : features.join(', '))),
      'host.cpu.features',
    ),
    fact('Memory', told(memory.totalBytes, sizeWords), 'host.memory.totalBytes'),
    fact(
      'Swap',
      told(memory.swapTotalBytes, (bytes) => (bytes === 0 ? 'none' : sizeWords(bytes))),
      'host.memory.swapTotalBytes',
    ),
  ];
}

function holdersOf(holders: readonly PortHolder[]): string {
  if (holders.length === 0) return 'free';
  const names = holders.map(({ program, address }) => program ?? `a program of another user at ${address}`);
  return listed([...new Set(names)]);
}

function diskFacts(machine: Machine): readonly Fact[] {
  const { disks } = machine.host;
  if (disks === null) return [factMaker(machine)('Disks', null, 'host.disks')];
  return disks.map((disk, index) => {
    const { mount, fileSystem, freeBytes, totalBytes, ssd, readOnly } = disk;
    const kind = [
      fileSystem,
      ...(ssd === null ? [] : [ssd ? 'SSD' : 'spinning disk']),
      ...(readOnly ? ['read-only'] : []),
    ].join(', ');
    const isKnown = freeBytes !== null && totalBytes !== null;
    const value = isKnown ? `${sizeWords(freeBytes)} free of ${sizeWords(totalBytes)} (${kind})` : null;
    return factMaker(machine)(mount, value, `host.disks.${index}.freeBytes`);
  });
}

function portFacts(machine: Machine): readonly Fact[] {
  const { dns, mdns } = machine.host.ports;
  const fact = factMaker(machine);
  return [
    fact('Names (port 53)', told(dns, holdersOf), 'host.ports.dns'),
    fact('Names at home (mDNS)', told(mdns, holdersOf), 'host.ports.mdns'),
  ];
}

/** Groups of facts; those of disks and ports stand together. */
export function machineGroups(machine: Machine): readonly FactGroup[] {
  return [
    { title: 'System', facts: systemFacts(machine) },
    { title: 'Processor and memory', facts: processorFacts(machine) },
    { title: 'Disks and ports', facts: [...diskFacts(machine), ...portFacts(machine)] },
  ];
}

const desktopWords: Readonly<Partial<Record<string, string>>> = {
  'docker-desktop': 'Docker Desktop',
  'rancher-desktop': 'Rancher Desktop',
  orbstack: 'OrbStack',
  colima: 'Colima',
};

function rightsOf({ rootless, desktop }: MachineEngine): string {
  const where = desktop === null ? undefined : desktopWords[desktop];
  const rights = rootless ? 'an ordinary user (rootless)' : 'root';
  return where === undefined ? rights : `${rights}, in ${where}`;
}

function limitsOf({ limits }: MachineEngine): string {
  const held = [
    ...(limits.memory ? ['memory'] : []),
    ...(limits.cpus ? ['CPUs'] : []),
    ...(limits.disk === true ? ['disk'] : []),
  ];
  return held.length === 0 ? 'none are held' : `${listed(held)} are held`;
}

function cardsOf({ cdi, cdiDevices, runtimes }: MachineEngine): string {
  if (cdiDevices.length > 0) return count(cdiDevices.length, 'CDI device');
  const nvidia = runtimes.includes('nvidia') ? 'through the nvidia runtime' : null;
  return nvidia ?? (cdi ? 'CDI is there, no device is listed' : 'only by their device files');
}

function composeOf({ compose: { found, version } }: MachineEngine): string | null {
  return found === false ? 'not here' : version;
}

/** Of the engine in use; `null`: none answers. */
export function engineFacts(machine: Machine): readonly Fact[] | null {
  const { engine } = machine;
  if (engine === null) return null;
  const fact = factMaker(machine);
  const name = engine.kind === 'docker' ? 'Docker' : 'Podman';
  const { disk } = engine;
  return [
    fact('Engine', `${name} ${engine.version}, API ${engine.apiVersion}`, 'engine.version'),
    fact('Runs as', rightsOf(engine), 'engine.desktop'),
    fact(
      'Storage',
      told(engine.storageFileSystem, (files) => `${engine.storageDriver} on ${files}`) ??
        engine.storageDriver,
      'engine.storageDriver',
    ),
    fact(
      'Room for images',
      told(disk, ({ freeBytes, totalBytes }) => `${sizeWords(freeBytes)} free of ${sizeWords(totalBytes)}`),
      'engine.disk',
    ),
    fact('Limits of jobs', limitsOf(engine), 'engine.limits'),
    fact('GPUs in containers', cardsOf(engine), 'engine.cdiDevices'),
    fact(
      'Jobs during a restart',
      told(engine.liveRestore, (goesOn) => (goesOn ? 'go on' : 'end with it')),
      'engine.liveRestore',
    ),
    fact('Compose', composeOf(engine), 'engine.compose.version'),
  ];
}
