// Who listens on a port, from the kernel's tables of sockets.
import type { PortHolder } from '../../model/machine.ts';
import type { Probe } from '../../ports.ts';
import type { Part } from './part.ts';
import type { Process } from './processes.ts';
import { wholeLines, wholeNumber } from './text.ts';

export interface Listener {
  readonly protocol: 'udp' | 'tcp';
  readonly address: string;
  readonly port: number;
  readonly uid: number;
  readonly inode: number;
}

/** Four bytes, in the order in which the machine keeps them: those that AutoGit runs on keep the lowest first. */
function bytesOf(hex: string): readonly number[] {
  return [6, 4, 2, 0].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

function addressOf(hex: string): string {
  if (hex.length === 8) return bytesOf(hex).join('.');
  const bytes = [0, 8, 16, 24].flatMap((at) => bytesOf(hex.slice(at, at + 8)));
  const groups = [0, 2, 4, 6, 8, 10, 12, 14].map((at) => (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0));
  const text = groups.map((group) => group.toString(16)).join(':');
  const longest = (text.match(/\b0(?::0)+\b/g) ?? []).toSorted((a, b) => b.length - a.length)[0];
  return longest === undefined ? text : text.replace(longest, '::').replace(/:{3,}/g, '::');
}

/** A table of `/proc/net`: https://docs.kernel.org/networking/proc_net_tcp.html. Lines of another form are left out. */
export function parseSockets(protocol: 'udp' | 'tcp', text: unknown): readonly Listener[] {
  // A socket of tcp that listens is in state 10; one of udp that is bound and has no peer, in 7.
  const state = protocol === 'tcp' ? '0A' : '07';
  return wholeLines(text).flatMap((line) => {
    const [, local = '', local16 = '', found = '', uid, inode] =
      /^ *\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2}) \S+ \S+ \S+ +(\d+) +\d+ (\d+) \S+ /.exec(
        line,
      ) ?? [];
    const [user, number] = [wholeNumber(uid), wholeNumber(inode)];
    if (found !== state || user === null || number === null) return [];
    return [{ protocol, address: addressOf(local), port: parseInt(local16, 16), uid: user, inode: number }];
  });
}

const tables: readonly (readonly ['udp' | 'tcp', string])[] = [
  ['udp', '/proc/net/udp'],
  ['udp', '/proc/net/udp6'],
  ['tcp', '/proc/net/tcp'],
  ['tcp', '/proc/net/tcp6'],
];

/** Programs that listen on the ports of names: they are looked at first. */
const usual =
  /^(?:systemd-resolve|dnsmasq|named|unbound|coredns|pihole-FTL|AdGuardHome|avahi-daemon|docker-proxy|rootlessport|pasta|slirp4netns|Plex|spotify|chrom|firefox)/;

/** Which of the sockets each process has: only root may see those of others. */
async function ownersOf(
  probe: Probe,
  inodes: ReadonlySet<number>,
  processes: readonly Process[],
): Promise<ReadonlyMap<number, Process>> {
  const owners = new Map<number, Process>();
  const ordered = processes.toSorted((a, b) => Number(usual.test(b.name)) - Number(usual.test(a.name)));
  for (const process of ordered) {
    if (owners.size === inodes.size) break;
    const folder = `/proc/${process.pid}/fd`;
    for (const name of (await probe.list(folder)) ?? []) {
      const [, digits] = /^socket:\[(\d+)\]$/.exec((await probe.readLink(`${folder}/${name}`)) ?? '') ?? [];
      const inode = wholeNumber(digits);
      if (inode !== null && inodes.has(inode) && !owners.has(inode)) owners.set(inode, process);
    }
  }
  return owners;
}

/** Whose program it must be, where its user runs one program alone. */
function onlyProgramOf(uid: number, processes: readonly Process[]): Process | null {
  const own = processes.filter((process) => process.uid === uid);
  const [first] = own;
  return uid !== 0 && first !== undefined && own.every(({ name }) => name === first.name) ? first : null;
}

const nameOf = (name: string): string => (name === 'systemd-resolve' ? 'systemd-resolved' : name);

export interface PortHolders {
  readonly dns: readonly PortHolder[] | null;
  readonly mdns: readonly PortHolder[] | null;
}

export const noHolders: PortHolders = { dns: null, mdns: null };

/** Name servers are asked over both protocols, names of the neighbourhood over udp alone. */
export async function detectPortHolders(
  probe: Probe,
  processes: readonly Process[] | null,
): Promise<Part<PortHolders>> {
  const texts = await Promise.all(tables.map(([, path]) => probe.readFile(path)));
  if (texts.every((text) => text === null))
    return { value: noHolders, reasons: { '': '/proc/net cannot be read' } };
  const listeners = tables
    .flatMap(([protocol], index) => parseSockets(protocol, texts[index]))
    .filter(({ port, protocol }) => port === 53 || (port === 5353 && protocol === 'udp'));
  const owners = await ownersOf(probe, new Set(listeners.map(({ inode }) => inode)), processes ?? []);
  const holderOf = ({ protocol, address, uid, inode }: Listener): PortHolder => {
    const owner = owners.get(inode) ?? onlyProgramOf(uid, processes ?? []);
    return {
      protocol,
      address,
      program: owner === null ? null : nameOf(owner.name),
      pid: owner?.pid ?? null,
    };
  };
  const on = (port: number): readonly PortHolder[] =>
    listeners.filter((one) => one.port === port).map(holderOf);
  return {
    value: { dns: on(53), mdns: on(5353) },
    reasons: { '': 'its socket belongs to another user, and only root can see of which program it is' },
  };
}
