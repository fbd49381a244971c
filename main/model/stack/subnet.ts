// IPv4 networks as numbers: which address lies in which, and which of two overlap.

/** A network: its first address as a number, and how many bits of an address it fixes. */
export interface Subnet {
  readonly first: number;
  readonly bits: number;
}

/** `null` for what is no IPv4 address in four plain decimal parts. */
export function addressNumber(text: string): number | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return null;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function addressText(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

/** `192.168.1.0/24`; an address that is not the first of its network is moved to it. `null` for anything else. */
export function parseSubnet(text: string): Subnet | null {
  const [, address = '', length = ''] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
  const number = addressNumber(address);
  const bits = Number(length);
  if (number === null || bits > 32) return null;
  const size = 2 ** (32 - bits);
  return { first: Math.floor(number / size) * size, bits };
}

export function subnetText({ first, bits }: Subnet): string {
  return `${addressText(first)}/${bits}`;
}

export function isInside(address: number, { first, bits }: Subnet): boolean {
  return address >= first && address < first + 2 ** (32 - bits);
}

export function overlap(a: Subnet, b: Subnet): boolean {
  return isInside(a.first, b) || isInside(b.first, a);
}
