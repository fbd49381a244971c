// Asks name servers, one at a time and by address, or this machine as its programs do.
import { Resolver as NodeResolver, lookup } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import { errorCode, messageOf } from '../../errors.ts';
import type { Resolver } from '../../stack-ports.ts';
import { noAnswer } from './errors.ts';

export interface ResolverOptions {
  /** For one try. Milliseconds. */
  readonly timeoutMs?: number;
  readonly tries?: number;
}

/** A server that answers at all does so in far less. */
const patience = { timeoutMs: 2_000, tries: 2 } as const;
/** The system's own way asks several servers in turn. Milliseconds. */
const lookupDeadlineMs = 15_000;

/** Name servers said that there is no such name, or no address of that kind. */
const nothing: readonly string[] = ['ENOTFOUND', 'ENODATA', 'EAI_NONAME', 'EAI_NODATA', 'EAI_ADDRFAMILY'];

/** Nothing is remembered: every question is asked. */
export function createResolver(options: ResolverOptions = {}): Resolver {
  const { timeoutMs = patience.timeoutMs, tries = patience.tries } = options;
  return {
    async resolve(name, type, server) {
      try {
        const addresses =
          server === null
            ? await asMachine(name, type)
            : await askServer(serverAddress(server), name, type, { timeout: timeoutMs, tries });
        return [...new Set(addresses)].toSorted();
      } catch (error) {
        if (nothing.includes(errorCode(error) ?? '')) return [];
        throw noAnswer(server, name, why(error), error);
      }
    },
  };
}

async function askServer(
  server: string,
  name: string,
  type: 'A' | 'AAAA',
  options: { readonly timeout: number; readonly tries: number },
): Promise<readonly string[]> {
  const resolver = new NodeResolver(options);
  resolver.setServers([server]);
  return type === 'A' ? resolver.resolve4(name) : resolver.resolve6(name);
}

/** By /etc/hosts, mDNS and whatever else the machine is told to use. */
async function asMachine(name: string, type: 'A' | 'AAAA'): Promise<readonly string[]> {
  const waiting = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => waiting.reject(Object.assign(new Error('it was silent'), { code: 'ETIMEOUT' })),
    lookupDeadlineMs,
  );
  try {
    const asked = lookup(name, { all: true, family: type === 'A' ? 4 : 6 });
    return (await Promise.race([asked, waiting.promise])).map(({ address }) => address);
  } finally {
    clearTimeout(timer);
  }
}

/** An IPv6 address alone has no port, however many colons. */
function serverAddress(server: string): string {
  return isIPv6(server) ? `[${server}]` : server;
}

function why(error: unknown): string {
  switch (errorCode(error)) {
    case 'ETIMEOUT':
    case 'ETIMEDOUT':
    case 'EAI_AGAIN':
      return 'it was silent';
    case 'ECONNREFUSED':
      return 'nothing listens there';
    case 'EREFUSED':
      return 'it refuses to answer for this name';
    case 'ESERVFAIL':
      return 'it failed (SERVFAIL)';
    case 'ERR_INVALID_IP_ADDRESS':
      return 'its address is not an IP address';
    default:
      return messageOf(error);
  }
}
