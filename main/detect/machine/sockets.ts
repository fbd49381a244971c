// Who listens on a port, from the kernel's tables of sockets.
import type { PortHolder } from '../../model/machine.ts';
import type { Clock } from '../../ports.ts';
import type { Probe } from '../../probe-port.ts';
import { inTime } from './part.ts';
import type { Part } from './part.ts';
import type { Process, Programs } from './processes.ts';
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
  return shortened(groups);
}

/** Of the zeros of an address, the longest row of at least two is left out: https://www.rfc-editor.org/rfc/rfc5952 */
function shortened(groups: readonly number[]): string {
  const textOf = (some: readonly number[]): string => some.map((group) => group.toString(16)).join(':');
  const rows = groups.map((_, at) => {
    const end = groups.findIndex((group, index) => index >= at && group !== 0);
    return (end < 0 ? groups.length : end) - at;
  });
  const longest = Math.max(...rows);
  if (longest < 2) return textOf(groups);
  const at = rows.indexOf(longest);
  return `${textOf(groups.slice(0, at))}::${textOf(groups.slice(at + longest))}`;
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

/** Files of thousands of programs take longer than everything else; whoever listens is known without. Milliseconds. */
export const ownersMs = 500;

/** Which process has which of the sockets: only root may see those of others. What is found goes into `owners` at once. */
async function searchOwners(
  probe: Probe,
  processes: readonly Process[],
  owners: Map<number, Process | null>,
  isOver: () => boolean,
): Promise<void> {
  const ordered = processes.toSorted((a, b) => Number(usual.test(b.name)) - Number(usual.test(a.name)));
  for (const process of ordered) {
    if (isOver() || ![...owners.values()].includes(null)) return;
    const folder = `/proc/${process.pid}/fd`;
    for (const name of (await probe.list(folder)) ?? []) {
      if (isOver()) return;
      const [, digits] = /^socket:\[(\d+)\]$/.exec((await probe.readLink(`${folder}/${name}`)) ?? '') ?? [];
      const inode = wholeNumber(digits);
      if (inode !== null && owners.get(inode) === null) owners.set(inode, process);
    }
  }
}

/** The process of each socket, as far as it shows in time; `null` for the others. */
async function ownersOf(
  probe: Probe,
  clock: Pick<Clock, 'sleep'>,
  inodes: readonly number[],
  processes: readonly Process[],
): Promise<ReadonlyMap<number, Process | null>> {
  const owners = new Map<number, Process | null>(inodes.map((inode) => [inode, null]));
  let isOver = false;
  const search = async (): Promise<Part<null>> => {
    await searchOwners(probe, processes, owners, () => isOver);
    return { value: null, reasons: {} };
  };
  await inTime(clock, ownersMs, search, null);
  isOver = true;
  return new Map(owners);
}

type Program = Pick<PortHolder, 'program' | 'pid'>;

/** Whose program it must be, where its user runs one program alone. Of several processes nobody knows which it is. */
function onlyProgramOf(uid: number, { seen, whyNotAll }: Programs): Program {
  const own = whyNotAll === null && uid !== 0 ? seen.filter((process) => process.uid === uid) : [];
  const [first] = own;
  if (first === undefined || own.some(({ name }) => name !== first.name)) return { program: null, pid: null };
  return { program: nameOf(first), pid: own.length === 1 ? first.pid : null };
}

function nameOf({ name }: Process): string {
  return name === 'systemd-resolve' ? 'systemd-resolved' : name;
}

export interface PortHolders {
  readonly dns: readonly PortHolder[] | null;
  readonly mdns: readonly PortHolder[] | null;
}

export const noHolders: PortHolders = { dns: null, mdns: null };

/** Why no program is known for a socket: root may see all of them. */
function whyNoProgram(uid: number | null): string {
  return uid === 0
    ? 'so many programs run that the one with its socket was not found in time'
    : 'its socket belongs to another user, and only root can see of which program it is';
}

/** A program and the port that it listens on. */
export interface HeldPort extends PortHolder {
  readonly port: number;
}

/** Who listens on the ports that `wants` names; `null`: the kernel's tables cannot be read. Rejects never. */
export async function holdersOf(
  probe: Probe,
  clock: Pick<Clock, 'sleep'>,
  programs: Programs,
  wants: (one: Pick<Listener, 'protocol' | 'port'>) => boolean,
): Promise<readonly HeldPort[] | null> {
  const texts = await Promise.all(tables.map(([, path]) => probe.readFile(path)));
  if (texts.every((text) => text === null)) return null;
  const listeners = tables.flatMap(([protocol], index) => parseSockets(protocol, texts[index])).filter(wants);
  const inodes = listeners.map(({ inode }) => inode);
  const owners = await ownersOf(probe, clock, inodes, programs.seen);
  return listeners.map(({ protocol, address, port, uid, inode }) => {
    const owner = owners.get(inode) ?? null;
    const known = owner === null ? onlyProgramOf(uid, programs) : { program: nameOf(owner), pid: owner.pid };
    return { protocol, address, port, ...known };
  });
}

/** Name servers are asked over both protocols, names of the neighbourhood over udp alone. */
export async function detectPortHolders(
  probe: Probe,
  clock: Pick<Clock, 'sleep'>,
  programs: Programs,
): Promise<Part<PortHolders>> {
  const held = await holdersOf(
    ...([probe, clock, programs] as const),
    ({ port, protocol }) => port === 53 || (port === 5353 && protocol === 'udp'),
  );
  if (held === null) return { value: noHolders, reasons: { '': '/proc/net cannot be read' } };
  const on = (wanted: number): readonly PortHolder[] =>
    held
      .filter(({ port }) => port === wanted)
      .map(({ protocol, address, program, pid }) => ({ protocol, address, program, pid }));
  const value = { dns: on(53), mdns: on(5353) };
  return { value, reasons: { '': whyNoProgram(probe.self().uid) } };
}
