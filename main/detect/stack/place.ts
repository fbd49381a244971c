// What else of the machine a stack's files say: its time zone, the name servers it asks, its user's group.
import { addressNumber } from '../../model/stack/subnet.ts';
import type { Probe } from '../../probe-port.ts';
import { plainText, wholeLines, wholeNumber } from '../machine/text.ts';

/** Names of zones: `Europe/Berlin`, `Etc/GMT+3`, `UTC`. https://data.iana.org/time-zones/theory.html#naming */
const zoneName = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+){0,2}$/;

/** The zone that the link `/etc/localtime` leads to, else what `/etc/timezone` says; `null`: neither is there. */
export async function detectTimezone(probe: Probe): Promise<string | null> {
  const link = await probe.readLink('/etc/localtime');
  const [, linked = ''] = /\/zoneinfo\/(?:posix\/|right\/)?(.+)$/.exec(link ?? '') ?? [];
  if (zoneName.test(linked)) return linked;
  const said = plainText(wholeLines(await probe.readFile('/etc/timezone'))[0]);
  return said !== null && zoneName.test(said) ? said : null;
}

/** Addresses after `nameserver` in a file of the form of `resolv.conf(5)`, in their order. Never throws. */
export function parseResolvers(text: unknown): readonly string[] {
  // The last line of such a file often has no line feed; an address that was cut would be no address of ours to judge.
  const lines = typeof text === 'string' ? wholeLines(`${text}\n`) : [];
  return lines.flatMap((line) => {
    const [, address] = /^\s*nameserver\s+(\S+)\s*$/.exec(line) ?? [];
    return address !== undefined && (addressNumber(address) !== null || /^[0-9A-Fa-f:]{2,39}$/.test(address))
      ? [address]
      : [];
  });
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || /^(?:0*:)*0*1$/.test(address) || address === '0.0.0.0';
}

/** Name servers that the machine asks; where it asks itself (systemd-resolved), those that are asked behind that. */
export async function detectResolvers(probe: Probe): Promise<readonly string[]> {
  const [own, behind] = await Promise.all([
    probe.readFile('/etc/resolv.conf'),
    probe.readFile('/run/systemd/resolve/resolv.conf'),
  ]);
  const named = parseResolvers(own);
  const all = named.every(isLoopback) ? parseResolvers(behind) : named;
  return [...new Set(all.filter((address) => !isLoopback(address)))];
}

/** The first group of this process; the port tells its user alone. */
export async function detectGroup(probe: Probe): Promise<number | null> {
  const line = wholeLines(await probe.readFile('/proc/self/status')).find((one) => one.startsWith('Gid:'));
  return wholeNumber(/^Gid:\t(\d+)\t/.exec(line ?? '')?.[1]);
}
