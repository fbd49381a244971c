// This machine as text: host, container engine, what is there without root, disks and cards, and what is not known.
import type { Output } from '../../contract/contract.ts';
import { enginePairs, rootlessPairs } from './machine-engine.ts';
import { amount, list, titled, words } from './machine-words.ts';
import type { Pair } from './machine-words.ts';
import { renderPairs, renderTable } from './table.ts';
import { gigabytes } from './text.ts';
import type { View } from './text.ts';

type Machine = Output<'machine.detect'>;
type Host = Machine['host'];
type Disk = NonNullable<Host['disks']>[number];
type Gpu = Machine['gpus'][number];

function cpuWords({ architecture, variant, userland }: Host['cpu']): string {
  const kind = `${architecture ?? 'not known'}${variant === null ? '' : ` ${variant}`}`;
  return userland === null || userland === architecture ? kind : `${kind}, with programs for ${userland}`;
}

function countWords({ sockets, cores, threads, usableThreads }: Host['cpu']): string {
  const parts = [
    ...(sockets === null ? [] : [`${sockets} ${sockets === 1 ? 'socket' : 'sockets'}`]),
    ...(cores === null ? [] : [`${cores} cores`]),
    ...(threads === null ? [] : [`${threads} threads`]),
    ...(usableThreads === null || usableThreads === threads ? [] : [`${usableThreads} of them for AutoGit`]),
  ];
  return parts.length === 0 ? 'not known' : parts.join(', ');
}

function virtualWords({ virtualisation, container, wsl }: Host): string {
  const machine =
    virtualisation === null
      ? 'not known whether virtual'
      : virtualisation === 'none'
        ? 'a real machine'
        : virtualisation === 'wsl'
          ? `WSL ${wsl === '1' ? '1' : '2'}`
          : virtualisation === 'other'
            ? 'a virtual machine'
            : `a virtual machine (${virtualisation})`;
  return container === null || container === 'none'
    ? machine
    : `${machine}, inside a container (${container})`;
}

function holderWords(holders: Host['ports']['dns']): string {
  if (holders === null) return 'not known';
  const texts = holders.map(
    ({ program, address, protocol }) =>
      `${program ?? 'a program of another user'} on ${address} (${protocol})`,
  );
  return texts.length === 0 ? 'nobody' : [...new Set(texts)].join(', ');
}

function firewallWords({ kind, active }: Host['firewall']): string {
  if (kind === null) return 'not known';
  if (kind === 'none') return 'none';
  return active === null ? kind : `${kind}, ${active ? 'active' : 'not active'}`;
}

function timeWords({ keeper, synchronised }: Host['time']): string {
  const by = keeper === null ? '' : keeper === 'none' ? 'no time keeper runs here' : `kept by ${keeper}`;
  const state = synchronised === null ? '' : synchronised ? 'synchronised' : 'not synchronised';
  return [state, by].filter((part) => part !== '').join(', ') || 'not known';
}

function hostPairs(host: Host): readonly Pair[] {
  const { os, cpu, memory, cgroup } = host;
  return [
    ['Machine', host.name],
    ['System', os.name ?? os.platform],
    ['Kernel', words(host.kernel)],
    ['Runs in', virtualWords(host)],
    ['Processor', words(cpu.model)],
    ['Architecture', cpuWords(cpu)],
    ['Threads', countWords(cpu)],
    ['Features', list(cpu.features)],
    ['Memory', `${amount(memory.totalBytes)}, ${amount(memory.availableBytes)} available`],
    [
      'Swap',
      memory.swapTotalBytes === 0
        ? 'none'
        : `${amount(memory.swapTotalBytes)}, ${amount(memory.swapFreeBytes)} free`,
    ],
    ['KVM', words(host.kvm?.replaceAll('-', ' ') ?? null)],
    [
      'Cgroups',
      cgroup.version === null ? 'not known' : `version ${cgroup.version}: ${list(cgroup.controllers)}`,
    ],
    ['Time', timeWords(host.time)],
    ['Firewall', firewallWords(host.firewall)],
    ['Port 53', holderWords(host.ports.dns)],
    ['Port 5353', holderWords(host.ports.mdns)],
  ];
}

function renderDisks(disks: readonly Disk[], view: View): string {
  return renderTable<Disk>(
    [
      { title: 'DISK', cell: ({ mount }) => mount },
      { title: 'FREE', cell: ({ freeBytes }) => amount(freeBytes) },
      { title: 'SIZE', cell: ({ totalBytes }) => amount(totalBytes) },
      { title: 'KIND', cell: ({ ssd }) => (ssd === null ? 'not known' : ssd ? 'SSD' : 'hard disk') },
      { title: 'FILES', cell: ({ fileSystem, readOnly }) => `${fileSystem}${readOnly ? ', read-only' : ''}` },
      { title: 'DEVICE', cell: ({ device }) => device },
    ],
    disks,
    view,
  );
}

function renderCards(gpus: readonly Gpu[], view: View): string {
  return renderTable<Gpu>(
    [
      { title: 'GPU', cell: ({ model, parent }) => `${parent === null ? '' : '  '}${model}` },
      { title: 'MEMORY', cell: ({ memoryMiB }) => (memoryMiB === null ? 'not known' : gigabytes(memoryMiB)) },
      {
        title: 'CONTAINERS',
        cell: ({ use }) =>
          use.usable ? { text: 'can use it', tone: 'good' } : { text: `cannot: ${use.why}`, tone: 'bad' },
      },
      { title: 'ID', cell: ({ id }) => id },
    ],
    gpus,
    view,
  );
}

function renderReasons(reasons: Machine['reasons'], view: View): string {
  return renderTable<readonly [string, string]>(
    [
      { title: 'NOT KNOWN', cell: ([path]) => path },
      { title: 'WHY', cell: ([, why]) => why },
    ],
    Object.entries(reasons),
    view,
  );
}

/** `autogit detect`. */
export function renderMachine(machine: Machine, view: View): string {
  const { host, engine, rootless, gpus, reasons } = machine;
  const disks = host.disks ?? [];
  const none = { text: reasons['engine'] ?? 'none answers', tone: 'bad' } as const;
  return [
    titled('HOST', hostPairs(host), view),
    ...(disks.length === 0 ? [] : [renderDisks(disks, view)]),
    titled('ENGINE', engine === null ? [['Engine', none]] : enginePairs(engine), view),
    titled('WITHOUT ROOT', rootlessPairs(rootless), view),
    gpus.length === 0 ? renderPairs([['GPU', 'none was found']], view) : renderCards(gpus, view),
    ...(Object.keys(reasons).length === 0 ? [] : [renderReasons(reasons, view)]),
  ].join('\n');
}
