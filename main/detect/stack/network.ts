// The machine's place in its network, from the kernel's files: addresses, subnets it reaches, the way out.
import { addressNumber, addressText, isInside, parseSubnet, subnetText } from '../../model/stack/subnet.ts';
import type { Subnet } from '../../model/stack/subnet.ts';
import type { Probe } from '../../probe-port.ts';
import { wholeLines } from '../machine/text.ts';

interface Route {
  readonly device: string;
  readonly subnet: Subnet;
  readonly hasGateway: boolean;
  readonly metric: number;
}

/** Four bytes in the order in which the machine keeps them: the lowest first. */
function kernelNumber(hex: string): number {
  return [6, 4, 2, 0].reduce((sum, at) => sum * 256 + parseInt(hex.slice(at, at + 2), 16), 0);
}

/** `255.255.255.0` as 24; `null` for a mask with a hole in it. */
function bitsOf(mask: number): number | null {
  const bits = mask.toString(2).padStart(32, '0');
  return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : null;
}

/** `/proc/net/route`: https://docs.kernel.org/filesystems/proc.html. Lines of another form are left out. Never throws. */
export function parseRoutes(text: unknown): readonly Route[] {
  return wholeLines(text).flatMap((line) => {
    const [, device, destination = '', gateway = '', flags = '', metric = '', mask = ''] =
      /^([^\s]{1,15})\t([0-9A-F]{8})\t([0-9A-F]{8})\t([0-9A-F]{4})\t\d+\t\d+\t(\d+)\t([0-9A-F]{8})\t/.exec(
        line,
      ) ?? [];
    // RTF_UP, RTF_REJECT: https://github.com/torvalds/linux/blob/v6.1/include/uapi/linux/route.h
    const number = parseInt(flags, 16);
    if (device === undefined || (number & 0x1) === 0 || (number & 0x200) !== 0) return [];
    const bits = bitsOf(kernelNumber(mask));
    const subnet = bits === null ? null : parseSubnet(`${addressText(kernelNumber(destination))}/${bits}`);
    return subnet === null
      ? []
      : [{ device, subnet, hasGateway: kernelNumber(gateway) !== 0, metric: Number(metric) }];
  });
}

/** Addresses of this machine in `/proc/net/fib_trie`, in their order, loopback left out. Never throws. */
export function parseLocalAddresses(text: unknown): readonly string[] {
  const lines = wholeLines(text);
  const found = lines.flatMap((line, index) => {
    const [, address] = /^ *\|-- ([\d.]+)$/.exec(line) ?? [];
    const number = address === undefined ? null : addressNumber(address);
    if (number === null || address === undefined || address.startsWith('127.')) return [];
    // Below an address stands one line for each route to it.
    const below = lines.slice(index + 1, index + 5);
    const end = below.findIndex((next) => !/^ *\/\d+ /.test(next));
    const own = end < 0 ? below : below.slice(0, end);
    return own.some((next) => /^ *\/32 host LOCAL$/.test(next)) ? [address] : [];
  });
  return [...new Set(found)];
}

/** An address of `/proc/net/if_inet6`, 32 hex digits, as people write it. https://www.rfc-editor.org/rfc/rfc5952 */
export function ipv6Text(hex: string): string {
  const groups = (hex.match(/.{4}/g) ?? []).map((group) => parseInt(group, 16).toString(16));
  const rows = [...groups.join(':').matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].toSorted(
    (a, b) => b[0].length - a[0].length,
  );
  const [longest] = rows;
  if (longest === undefined) return groups.join(':');
  const text = groups.join(':');
  return `${text.slice(0, longest.index)}::${text.slice(longest.index + longest[0].length + 1)}`;
}

interface Address6 {
  readonly address: string;
  readonly device: string;
  readonly isLasting: boolean;
}

/** Addresses that the whole network reaches, of `/proc/net/if_inet6`; lasting ones are neither temporary nor deprecated. Never throws. */
export function parseAddresses6(text: unknown): readonly Address6[] {
  return wholeLines(text).flatMap((line) => {
    const [, hex, scope, flags = '', device] =
      /^([0-9a-f]{32}) [0-9a-f]{2} [0-9a-f]{2} ([0-9a-f]{2}) ([0-9a-f]{2}) +(\S{1,15})$/.exec(line) ?? [];
    if (hex === undefined || device === undefined || scope !== '00') return [];
    // IFA_F_TEMPORARY, IFA_F_DEPRECATED: https://github.com/torvalds/linux/blob/v6.1/include/uapi/linux/if_addr.h
    return [{ address: ipv6Text(hex), device, isLasting: (parseInt(flags, 16) & 0x21) === 0 }];
  });
}

/** Devices of the ways out in `/proc/net/ipv6_route`. Never throws. */
export function parseDefault6(text: unknown): readonly string[] {
  return wholeLines(text).flatMap((line) => {
    const [, device] =
      /^0{32} 00 0{32} 00 [0-9a-f]{32} [0-9a-f]{8} \S+ \S+ \S+ +(\S{1,15})$/.exec(line) ?? [];
    return device === undefined || device === 'lo' ? [] : [device];
  });
}

/** How the machine stands in its network. */
export interface MachineNetwork {
  /** That devices of its network reach it by; `null`: not known. */
  readonly address: string | null;
  /** One that lasts; of a network of its own rather than one that the provider may change. */
  readonly address6: string | null;
  /** All addresses of this machine. */
  readonly addresses: readonly string[];
  readonly addresses6: readonly string[];
  /** Networks that it has a way to without the way out: `192.168.1.0/24`. */
  readonly subnets: readonly string[];
  /** `off`: the kernel has none; `local`: no way out; `out`: there is one. `null`: not known. */
  readonly ipv6: 'off' | 'local' | 'out' | null;
}

/** Milliseconds. */
const deadlineMs = 500;

/** Which of several addresses the machine itself would use. Nothing is sent: the kernel only says the way. */
async function addressByTool(probe: Probe): Promise<string | null> {
  const ran = await probe.run('ip', ['-4', 'route', 'get', '192.0.2.1'], deadlineMs);
  if (ran.outcome !== 'ended' || ran.code !== 0) return null;
  const found = / src ([\d.]+)(?: |$)/m.exec(ran.stdout)?.[1];
  return found !== undefined && addressNumber(found) !== null ? found : null;
}

async function findAddress(
  probe: Probe,
  routes: readonly Route[],
  addresses: readonly string[],
): Promise<string | null> {
  const [out] = routes
    .filter(({ subnet, hasGateway }) => subnet.bits === 0 && hasGateway)
    .toSorted((a, b) => a.metric - b.metric);
  if (out === undefined) return null;
  const near = routes.filter(({ device, hasGateway }) => device === out.device && !hasGateway);
  const inside = addresses.filter((address) =>
    near.some(({ subnet }) => isInside(addressNumber(address) ?? -1, subnet)),
  );
  const [first = null] = inside;
  return inside.length === 1 ? first : ((await addressByTool(probe)) ?? first);
}

/** `fd00::/8` is nobody's but this network's, so that it stays: https://www.rfc-editor.org/rfc/rfc4193 */
function bestAddress6(all: readonly Address6[], devices: readonly string[]): string | null {
  const near = all.filter(({ device, isLasting }) => isLasting && devices.includes(device));
  return (near.find(({ address }) => /^f[cd]/.test(address)) ?? near[0])?.address ?? null;
}

/** The default route, and what VPNs set over it: 0.0.0.0/1 with 128.0.0.0/1, or finer. No network of anybody's own is that large. */
function isWayOut({ subnet: { bits }, hasGateway }: Route): boolean {
  return bits === 0 || (bits <= 7 && hasGateway);
}

/** Never rejects. Reads files of the kernel; starts a program only where they leave it open. */
export async function detectNetwork(probe: Probe): Promise<MachineNetwork> {
  const paths = ['route', 'fib_trie', 'if_inet6', 'ipv6_route'].map((name) => `/proc/net/${name}`);
  const [routeText, trieText, text6, routeText6] = await Promise.all(
    paths.map((path) => probe.readFile(path)),
  );
  const routes = parseRoutes(routeText);
  const addresses = parseLocalAddresses(trieText);
  const all6 = parseAddresses6(text6).filter(({ device }) => device !== 'lo');
  const out6 = parseDefault6(routeText6);
  const subnets = routes.filter((route) => !isWayOut(route)).map(({ subnet }) => subnetText(subnet));
  const hasRoutes = typeof routeText === 'string';
  return {
    address: await findAddress(probe, routes, addresses),
    address6: bestAddress6(all6, out6),
    addresses,
    addresses6: all6.map(({ address }) => address),
    subnets: [...new Set(subnets)],
    ipv6: typeof text6 === 'string' ? (out6.length > 0 ? 'out' : 'local') : hasRoutes ? 'off' : null,
  };
}
