// Networks for the stack that collide with nothing the machine reaches.

interface Range {
  readonly from: number;
  readonly to: number;
}

/** An IPv4 address as a number; `null`: it is none. */
export function addressNumber(address: string): number | null {
  const parts = address.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return null;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** `192.168.1.0/24`, also with the bits of a host in it. `null`: no IPv4 network, or the default route, which holds everything. */
export function rangeOf(subnet: string): Range | null {
  const [address = '', length = '32'] = subnet.split('/');
  const start = addressNumber(address);
  if (start === null || !/^\d{1,2}$/.test(length) || Number(length) > 32 || Number(length) === 0) return null;
  const size = 2 ** (32 - Number(length));
  const from = Math.floor(start / size) * size;
  return { from, to: from + size - 1 };
}

function collide(a: Range, b: Range): boolean {
  return a.from <= b.to && b.from <= a.to;
}

/** Private ranges, those first that routers, companies and engines give out least. */
const ground = [
  '172.29.0.0/16',
  '172.28.0.0/16',
  '172.30.0.0/16',
  '10.213.0.0/16',
  '192.168.208.0/20',
  '10.0.0.0/8',
];

/** The first /24 that collides with nothing; `null`: there is none. */
function firstFree(isFree: (range: Range) => boolean): Range | null {
  for (const subnet of ground) {
    const range = rangeOf(subnet) ?? { from: 0, to: -1 };
    for (let from = range.from; from <= range.to; from += 256) {
      const candidate = { from, to: from + 255 };
      if (isFree(candidate)) return candidate;
    }
  }
  return null;
}

export interface Subnet {
  readonly subnet: string;
  readonly gateway: string;
}

function subnetOf({ from }: Range): Subnet {
  return { subnet: `${addressText(from)}/24`, gateway: addressText(from + 1) };
}

/**
 * One /24 for each name, in their order; one that the name has already (`kept`) stays while nothing collides. `null`:
 * no room is left in the private ranges.
 */
export function chooseSubnets<Name extends string>(
  names: readonly Name[],
  taken: readonly string[],
  kept: Readonly<Record<string, string>>,
): ReadonlyMap<Name, Subnet> | null {
  const used = taken.flatMap((subnet) => rangeOf(subnet) ?? []);
  const chosen = new Map<Name, Subnet>();
  const take = (name: Name, range: Range): void => {
    used.push(range);
    chosen.set(name, subnetOf(range));
  };
  const isFree = (range: Range): boolean => !used.some((other) => collide(other, range));
  for (const name of names) {
    const range = rangeOf(kept[name] ?? '');
    if (range !== null && range.to - range.from === 255 && isFree(range)) take(name, range);
  }
  for (const name of names) {
    if (chosen.has(name)) continue;
    const free = firstFree(isFree);
    if (free === null) return null;
    take(name, free);
  }
  return chosen;
}
