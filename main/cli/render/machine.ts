// This machine as text: host, container engine, what is there without root, disks and cards, and what is not known.
import type { Output } from '../../contract/contract.ts';
import { engineFacts, rootlessFacts } from './machine-engine.ts';
import { renderCards, renderDisks } from './machine-tables.ts';
import { amount, fact, joined, list, renderFacts, untold } from './machine-words.ts';
import type { Fact, Reasons } from './machine-words.ts';
import { renderPairs } from './table.ts';
import { count, paint } from './text.ts';
import type { View } from './text.ts';

type Machine = Output<'machine.detect'>;
type Host = Machine['host'];

function architectureOf({ architecture, variant, userland }: Host['cpu']): Fact {
  const kind = joined([architecture, variant], ' ');
  const isOther = userland !== null && userland !== architecture;
  return {
    name: 'Architecture',
    text: joined([kind, isOther ? `with programs for ${userland}` : null]),
    of: { '': 'host.cpu.architecture', 'the variant': 'host.cpu.variant', programs: 'host.cpu.userland' },
  };
}

function threadsOf({ sockets, cores, threads, usableThreads }: Host['cpu']): Fact {
  const isFewer = usableThreads !== null && usableThreads !== threads;
  const words = (number: number | null, noun: string): string | null =>
    number === null ? null : count(number, noun);
  return {
    name: 'Threads',
    text: joined([
      words(sockets, 'socket'),
      words(cores, 'core'),
      words(threads, 'thread'),
      isFewer ? `${usableThreads} of them for AutoGit` : null,
    ]),
    of: { sockets: 'host.cpu.sockets', cores: 'host.cpu.cores', threads: 'host.cpu.threads' },
  };
}

function machineWords({ virtualisation, wsl }: Host): string | null {
  if (virtualisation === null) return null;
  if (virtualisation === 'none') return 'a real machine';
  if (virtualisation === 'wsl') return `WSL ${wsl === '1' ? '1' : '2'}`;
  return virtualisation === 'other' ? 'a virtual machine' : `a virtual machine (${virtualisation})`;
}

function aroundOf(host: Host): Fact {
  const inside =
    host.container === null || host.container === 'none' ? null : `a container (${host.container})`;
  return {
    name: 'Runs in',
    text: joined([machineWords(host), inside], ', inside '),
    of: {
      'whether it is virtual': 'host.virtualisation',
      'whether it is a container': 'host.container',
      WSL: 'host.wsl',
    },
  };
}

function holdersOf(name: string, path: string, holders: Host['ports']['dns']): Fact {
  const texts = holders?.map(
    ({ program, address, protocol }) => `${program ?? 'a program'} on ${address} (${protocol})`,
  );
  const programs = holders?.flatMap(({ program }, index) =>
    program === null ? [['which program', `${path}.${index}.program`] as const] : [],
  );
  return {
    name,
    text: texts === undefined ? null : texts.length === 0 ? 'nobody' : [...new Set(texts)].join(', '),
    of: holders === null ? { '': path } : Object.fromEntries((programs ?? []).slice(0, 1)),
  };
}

function firewallOf({ kind, active }: Host['firewall']): Fact {
  const state = active === null || kind === 'none' ? null : active ? 'active' : 'not active';
  return {
    name: 'Firewall',
    text: kind === null ? null : joined([kind, state]),
    of: { '': 'host.firewall.kind', 'whether it is active': 'host.firewall.active' },
  };
}

function timeOf({ keeper, synchronised }: Host['time']): Fact {
  const by = keeper === null ? null : keeper === 'none' ? 'no time keeper runs here' : `kept by ${keeper}`;
  const state = synchronised === null ? null : synchronised ? 'synchronised' : 'not synchronised';
  return {
    name: 'Time',
    text: joined([state, by]),
    of: { 'what keeps it': 'host.time.keeper', 'whether it is right': 'host.time.synchronised' },
  };
}

function memoryOf({
  totalBytes,
  availableBytes,
  swapTotalBytes,
  swapFreeBytes,
}: Host['memory']): readonly Fact[] {
  const suffixed = (bytes: number | null, word: string): string | null =>
    bytes === null ? null : `${amount(bytes)} ${word}`;
  return [
    {
      name: 'Memory',
      text: joined([amount(totalBytes), suffixed(availableBytes, 'available')]),
      of: { 'its size': 'host.memory.totalBytes', 'what is available': 'host.memory.availableBytes' },
    },
    {
      name: 'Swap',
      text: swapTotalBytes === 0 ? 'none' : joined([amount(swapTotalBytes), suffixed(swapFreeBytes, 'free')]),
      of: { 'its size': 'host.memory.swapTotalBytes', 'what is free': 'host.memory.swapFreeBytes' },
    },
  ];
}

const cgroupWords: Readonly<Record<NonNullable<Host['cgroup']['version']>, string>> = {
  '1': 'version 1',
  '2': 'version 2',
  hybrid: 'version 1, with an empty version 2 beside it',
  none: 'none',
};

function cgroupOf({ version, controllers }: Host['cgroup']): Fact {
  const named = controllers === null || controllers.length === 0 ? null : controllers.join(', ');
  return {
    name: 'Cgroups',
    text: version === null ? null : joined([cgroupWords[version], named], ': '),
    of: { '': 'host.cgroup.version', 'what they limit': 'host.cgroup.controllers' },
  };
}

function hostFacts(host: Host): readonly Fact[] {
  const { os, cpu } = host;
  const disks = host.disks?.map(({ mount }) => mount) ?? null;
  return [
    { name: 'Machine', text: host.name, of: {} },
    { name: 'System', text: os.name ?? os.platform, of: { 'its name': 'host.os.name' } },
    fact('Kernel', 'host.kernel', host.kernel),
    aroundOf(host),
    fact('Processor', 'host.cpu.model', cpu.model),
    architectureOf(cpu),
    threadsOf(cpu),
    fact('Features', 'host.cpu.features', list(cpu.features)),
    ...memoryOf(host.memory),
    fact('KVM', 'host.kvm', host.kvm?.replaceAll('-', ' ') ?? null),
    cgroupOf(host.cgroup),
    timeOf(host.time),
    firewallOf(host.firewall),
    holdersOf('Port 53', 'host.ports.dns', host.ports.dns),
    holdersOf('Port 5353', 'host.ports.mdns', host.ports.mdns),
    ...(disks === null || disks.length === 0 ? [fact('Disks', 'host.disks', list(disks))] : []),
  ];
}

/** Told below the table of disks and in the line of a port; and what is not installed has no version. */
const isDetail = (path: string): boolean =>
  /^host\.(?:disks|ports\.\w+)\.\d|^engine\.compose\.version$/.test(path);

/** What no line above tells, by its path in the document. */
function renderUntold(facts: readonly Fact[], reasons: Reasons, view: View): readonly string[] {
  const rest = Object.entries(untold(facts, reasons)).filter(([path]) => !isDetail(path));
  return rest.length === 0 ? [] : [`${paint('NOT KNOWN', 'quiet', view)}\n${renderPairs(rest, view)}`];
}

/** `autogit detect`. */
export function renderMachine(machine: Machine, view: View): string {
  const { host, engine, rootless, reasons } = machine;
  const ofHost = hostFacts(host);
  const none: Fact = { name: 'Engine', text: reasons['engine'] ?? 'none answers', tone: 'bad', of: {} };
  const ofEngine = engine === null ? [none] : engineFacts(engine);
  const ofRootless = rootlessFacts(rootless);
  const told = [...ofHost, ...ofEngine, ...ofRootless, fact('', 'engine', null)];
  return [
    renderFacts('HOST', ofHost, reasons, view),
    ...(host.disks === null || host.disks.length === 0 ? [] : [renderDisks(host.disks, reasons, view)]),
    renderFacts('ENGINE', ofEngine, reasons, view),
    renderFacts('WITHOUT ROOT', ofRootless, reasons, view),
    renderCards(machine, view),
    ...renderUntold(told, reasons, view),
  ].join('\n');
}
