// For whom a lab's root may sign: its domain, and addresses of private networks.
import { BlockList, isIP, isIPv4 } from 'node:net';
import type { NameLimits } from '../../model/stack/certificate-facts.ts';
import { privateNetworks } from '../../model/stack/private-networks.ts';

/** `dNSName [2]` and `iPAddress [7]` of a `GeneralName`: https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6 */
const tags = { name: 0x82, address: 0x87 } as const;

/** Contents have less than 65,536 bytes here, so that lengths have three bytes at most. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head =
    length < 128
      ? [tag, length]
      : length < 256
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), content]);
}

function bytesOf(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string): readonly string[] => (text === '' ? [] : text.split(':'));
  const [first, last] = [groups(head), groups(tail)];
  const zeros = Array<string>(8 - first.length - last.length).fill('0');
  return Buffer.from([...first, ...zeros, ...last].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** Address and mask. https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.10 */
function networkBytes(network: string): Buffer {
  const [address = '', length = ''] = network.split('/');
  const bytes = bytesOf(address);
  const mask = bytes.map((_, index) => 255 & ~(255 >> Math.min(8, Math.max(0, Number(length) - index * 8))));
  return Buffer.concat([bytes, mask]);
}

/**
 * `NameConstraints` that permit `domain` with what is below it, addresses of private networks, and these. Without the
 * addresses a root could sign for every one of the internet.
 */
export function permitting(domain: string, addresses: readonly string[]): Buffer {
  const own = addresses.filter((one) => isIP(one) !== 0).map((one) => `${one}/${isIPv4(one) ? 32 : 128}`);
  const networks = [...privateNetworks.v4, ...privateNetworks.v6, ...own];
  const subtrees = [
    der(0x30, der(tags.name, Buffer.from(domain, 'ascii'))),
    ...networks.map((network) => der(0x30, der(tags.address, networkBytes(network)))),
  ];
  return der(0x30, der(0xa0, ...subtrees));
}

/** Whether a root may sign for an address. */
export function mayCover(limits: NameLimits | null, address: string): boolean {
  if (limits === null || limits.addresses === null) return true;
  const list = new BlockList();
  for (const network of limits.addresses) {
    const [first = '', bits = ''] = network.split('/');
    list.addSubnet(first, Number(bits), isIPv4(first) ? 'ipv4' : 'ipv6');
  }
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}
