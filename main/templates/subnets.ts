// Networks for the stack that collide with nothing the machine reaches.

import { addressText, overlap, parseSubnet, subnetText } from '../model/stack/subnet.ts';
import type { Subnet as Range } from '../model/stack/subnet.ts';

const bits = 24;
const size = 2 ** (32 - bits);

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
  for (const whole of ground.flatMap((text) => parseSubnet(text) ?? [])) {
    for (let first = whole.first; first < whole.first + 2 ** (32 - whole.bits); first += size) {
      const candidate = { first, bits };
      if (isFree(candidate)) return candidate;
    }
  }
  return null;
}

export interface Subnet {
  readonly subnet: string;
  readonly gateway: string;
}

function subnetOf(range: Range): Subnet {
  return { subnet: subnetText(range), gateway: addressText(range.first + 1) };
}

/** What networks have already, by their names. */
export interface FormerSubnets {
  /** Stays while nothing collides. */
  readonly kept?: Readonly<Record<string, string>>;
  /** Of these the engine has the network now: it stays whatever came later, since another one is a stack made anew. */
  readonly standing?: readonly string[];
}

/** One /24 for each name, in their order. `null`: no room is left in the private ranges. */
export function chooseSubnets<Name extends string>(
  names: readonly Name[],
  taken: readonly string[],
  { kept = {}, standing = [] }: FormerSubnets = {},
): ReadonlyMap<Name, Subnet> | null {
  // The default route holds everything, and says nothing.
  const used = taken.flatMap((text) => parseSubnet(text) ?? []).filter((range) => range.bits > 0);
  const chosen = new Map<Name, Subnet>();
  const take = (name: Name, range: Range): void => {
    used.push(range);
    chosen.set(name, subnetOf(range));
  };
  const isFree = (range: Range): boolean => !used.some((other) => overlap(other, range));
  const stays = (name: Name): boolean => standing.includes(name);
  for (const name of [...names.filter(stays), ...names.filter((one) => !stays(one))]) {
    const range = parseSubnet(kept[name] ?? '');
    if (range?.bits === bits && (stays(name) || isFree(range))) take(name, range);
  }
  for (const name of names) {
    if (chosen.has(name)) continue;
    const free = firstFree(isFree);
    if (free === null) return null;
    take(name, free);
  }
  return chosen;
}
