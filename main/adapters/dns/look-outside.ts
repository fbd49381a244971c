// Asks name servers of the Internet about a domain, as authorities do: those of this network may answer for the lab themselves.
import { Resolver } from 'node:dns/promises';
import type { LookOutside } from '../../access-ports.ts';
import { errorCode } from '../../errors.ts';
import type { PublicCaa, PublicDomain } from '../../model/stack/acme-outside.ts';
import { ancestors } from './token-door.ts';

export interface OutsideOptions {
  /** Name servers that ask all others; the second one is asked where the first is silent. */
  readonly servers?: readonly string[];
  /** Name server that answers with the address from which it is asked, and the name for that. */
  readonly mirror?: { readonly server: string; readonly name: string };
  /** For one try. Milliseconds. */
  readonly timeoutMs?: number;
}

/** The same that the rendered Traefik asks. */
const servers = ['1.1.1.1', '9.9.9.9'] as const;
/** https://support.opendns.com/hc/en-us/articles/227987807 */
const mirror = { server: '208.67.222.222', name: 'myip.opendns.com' } as const;
const nothing: readonly string[] = ['ENOTFOUND', 'ENODATA'];

/** `none` for a name or kind of record that is not there; `null`: nobody answers. */
async function asked<T>(question: () => Promise<T>, none: T): Promise<T | null> {
  try {
    return await question();
  } catch (error) {
    return nothing.includes(errorCode(error) ?? '') ? none : null;
  }
}

export function createLookOutside(options: OutsideOptions = {}): LookOutside {
  const { timeoutMs = 2_000 } = options;
  const resolverOf = (of: readonly string[]): Resolver => {
    const resolver = new Resolver({ timeout: timeoutMs, tries: 2 });
    resolver.setServers([...of]);
    return resolver;
  };
  return {
    domain: async (name) => {
      const resolver = resolverOf(options.servers ?? servers);
      const [zone, caa] = await Promise.all([zoneOf(resolver, name), caaOf(resolver, name)]);
      return { zone, caa };
    },
    name: async (name) => {
      const resolver = resolverOf(options.servers ?? servers);
      const [addresses, addresses6] = await Promise.all([
        asked(() => resolver.resolve4(name), []),
        asked(() => resolver.resolve6(name), []),
      ]);
      return addresses === null || addresses6 === null ? null : { addresses, addresses6 };
    },
    ownAddress: async () => {
      const { server, name } = options.mirror ?? mirror;
      return (await asked(() => resolverOf([server]).resolve4(name), []))?.[0] ?? null;
    },
  };
}

/** A top-level domain has an SOA as well: whoever has none below it has not registered the domain. */
async function zoneOf(resolver: Resolver, domain: string): Promise<string | null> {
  for (const name of ancestors(domain)) {
    const soa = await asked<object | false>(() => resolver.resolveSoa(name), false);
    if (soa === null) return null;
    if (soa !== false) return name;
  }
  return '';
}

/** The nearest set counts, going up: https://www.rfc-editor.org/rfc/rfc8659#section-3 */
async function caaOf(resolver: Resolver, domain: string): Promise<PublicDomain['caa']> {
  for (const name of [...ancestors(domain), domain.split('.').at(-1) ?? domain]) {
    const found = await asked(() => resolver.resolveCaa(name), []);
    if (found === null) return null;
    if (found.length > 0) return { at: name, records: found.map(recordOf) };
  }
  return { at: domain, records: [] };
}

function recordOf(found: Awaited<ReturnType<Resolver['resolveCaa']>>[number]): PublicCaa {
  const tag = ['issue', 'issuewild', 'iodef', 'contactemail', 'contactphone'].find((one) => one in found);
  const value: unknown = Object.entries(found).find(([name]) => name === tag)?.[1];
  return {
    tag: tag ?? 'other',
    value: typeof value === 'string' ? value : '',
    critical: found.critical !== 0,
  };
}
