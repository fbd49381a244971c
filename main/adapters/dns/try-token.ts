// Tries whether credentials let Let's Encrypt's record be made, at each provider by its own API.
import type { TryDnsToken } from '../../access-ports.ts';
import { AutoGitError, messageOf } from '../../errors.ts';
import type { TokenVerdict } from '../../model/stack/acme-outside.ts';
import { plainName } from '../../model/stack/names.ts';
import { createUpdateDoor } from './dns-update.ts';
import { createLookTxt } from './look-txt.ts';
import type { LookTxt } from './look-txt.ts';
import { Incomplete, Occupied, Refused } from './token-door.ts';
import type { OpenDoor, TokenDoor } from './token-door.ts';
import { tokenDoors } from './token-doors.ts';
import type { DoorAddresses } from './token-doors.ts';
import { tryOvh } from './token-ovh.ts';
import { openRoute53 } from './token-route53.ts';

/** Words of a provider may repeat what it was sent. */
function tidy(text: string, given: Readonly<Record<string, string>>): string {
  const secrets = Object.values(given).flatMap((one) => (one.trim().length < 6 ? [] : one.trim()));
  const clean = secrets.reduce((left, secret) => left.replaceAll(secret, '…'), text);
  return clean
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 300);
}

/** The real addresses; a test has others. */
export interface TryAddresses extends DoorAddresses {
  readonly ovh: Readonly<Record<string, string>>;
  readonly route53: string;
}

const real: TryAddresses = {
  cloudflare: 'https://api.cloudflare.com/client/v4',
  desec: 'https://desec.io/api/v1',
  digitalocean: 'https://api.digitalocean.com/v2',
  duckdns: 'https://www.duckdns.org',
  hetzner: 'https://api.hetzner.cloud/v1',
  // https://github.com/ovh/go-ovh
  ovh: {
    'ovh-eu': 'https://eu.api.ovh.com/1.0',
    'ovh-ca': 'https://ca.api.ovh.com/1.0',
    'ovh-us': 'https://api.us.ovhcloud.com/1.0',
  },
  route53: 'https://route53.amazonaws.com',
};

const value = 'autogit-check';

/** Nothing is sent before it is called. */
export function createTryDnsToken(
  addresses: TryAddresses = real,
  look: LookTxt = createLookTxt(),
): TryDnsToken {
  const doors = tokenDoors(addresses, look);
  return async (provider, domain, given) => {
    try {
      const name = plainName(domain);
      if (provider === 'ovh') return await tryOvh(addresses.ovh, name, given);
      const open = doorOf(provider, doors, addresses);
      if (open === null) return { kind: 'not-tried', said: 'AutoGit does not know how to ask this provider' };
      return await tryDoor(open(given), name, given);
    } catch (error) {
      return verdictOf(error, given, 'wrong-token');
    }
  };
}

function doorOf(
  provider: string,
  doors: Readonly<Record<string, OpenDoor>>,
  addresses: TryAddresses,
): OpenDoor | null {
  if (provider === 'route53') return (given) => openRoute53(addresses.route53, given);
  if (provider === 'rfc2136') return createUpdateDoor;
  return Object.hasOwn(doors, provider) ? (doors[provider] ?? null) : null;
}

async function tryDoor(
  door: TokenDoor,
  domain: string,
  given: Readonly<Record<string, string>>,
): Promise<TokenVerdict> {
  const zone = await door.zoneOf(domain);
  if (zone === null) return { kind: 'no-zone', said: `no zone has ${domain}` };
  const name = `_acme-challenge.${domain}`;
  let remove: () => Promise<void>;
  try {
    remove = await door.add(zone, name, value);
  } catch (error) {
    return verdictOf(error, given, 'read-only');
  }
  try {
    await remove().catch(remove);
    return { kind: 'good', zone };
  } catch (error) {
    return { kind: 'left', said: `${tidy(messageOf(error), given)}; ${name} has "${value}" now` };
  }
}

/** `refused`: what a refusal at this point means. */
function verdictOf(
  error: unknown,
  given: Readonly<Record<string, string>>,
  refused: 'wrong-token' | 'read-only',
): TokenVerdict {
  const said = tidy(messageOf(error), given);
  if (error instanceof Incomplete) return { kind: 'incomplete', said };
  if (error instanceof Occupied) return { kind: 'occupied', said };
  if (error instanceof Refused) return { kind: error.status === 401 ? 'wrong-token' : refused, said };
  if (error instanceof AutoGitError && /it said 429/.test(error.message)) return { kind: 'busy', said };
  return { kind: 'unreachable', said };
}
