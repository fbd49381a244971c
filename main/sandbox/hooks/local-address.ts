// Which addresses webhooks may not reach: GitLab's rule against requests into its own network.
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

const LOCALHOST = new BlockList();
LOCALHOST.addSubnet('127.0.0.0', 8, 'ipv4');
LOCALHOST.addAddress('0.0.0.0', 'ipv4');
LOCALHOST.addAddress('::1', 'ipv6');
LOCALHOST.addAddress('::', 'ipv6');

const LOCAL_NETWORK = new BlockList();
LOCAL_NETWORK.addSubnet('10.0.0.0', 8, 'ipv4');
LOCAL_NETWORK.addSubnet('172.16.0.0', 12, 'ipv4');
LOCAL_NETWORK.addSubnet('192.168.0.0', 16, 'ipv4');
LOCAL_NETWORK.addSubnet('fc00::', 7, 'ipv6');

const LINK_LOCAL = new BlockList();
LINK_LOCAL.addSubnet('169.254.0.0', 16, 'ipv4');
LINK_LOCAL.addSubnet('fe80::', 10, 'ipv6');

/** Why an address may not be reached, in GitLab's words (lib/gitlab/url_blocker.rb); `null` when it may. */
export function refuseAddress(address: string): string | null {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  // A list knows IPv4 addresses that are written as IPv6, too.
  const isIn = (list: BlockList): boolean => list.check(address, family);
  if (isIn(LOCALHOST) || isIn(ownAddresses())) return 'Requests to localhost are not allowed';
  if (isIn(LOCAL_NETWORK)) return 'Requests to the local network are not allowed';
  if (isIn(LINK_LOCAL)) return 'Requests to the link local network are not allowed';
  return null;
}

function ownAddresses(): BlockList {
  const own = new BlockList();
  for (const { address, family } of Object.values(networkInterfaces()).flatMap((all) => all ?? [])) {
    own.addAddress(address, family === 'IPv6' ? 'ipv6' : 'ipv4');
  }
  return own;
}

export interface UrlRule {
  readonly allowLocal: boolean;
  /** Hosts, addresses and `host:port` that are allowed nevertheless. */
  readonly allowList: readonly string[];
}

/** Why a webhook's URL may not be used; `null` when it may. A name that cannot be resolved is refused too. */
export async function refuseUrl(text: string, rule: UrlRule): Promise<string | null> {
  if (!URL.canParse(text)) return 'URI is invalid';
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'Only allowed schemes are http, https';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (rule.allowLocal || rule.allowList.includes(host) || rule.allowList.includes(url.host)) return null;
  if (isIP(host) !== 0) return refuseAddress(host);
  try {
    const found = await lookup(host, { all: true });
    for (const { address } of found) {
      const refusal = refuseAddress(address);
      if (refusal !== null) return refusal;
    }
    return null;
  } catch {
    return 'Host cannot be resolved or invalid';
  }
}
