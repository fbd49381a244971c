// Connections to a GitLab whose certificate an own authority has signed, or whose name does not lead to it from here.
import { Agent as PlainAgent } from 'node:http';
import type { ClientRequestArgs } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import type { RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import tls, { checkServerIdentity, createSecureContext, rootCertificates } from 'node:tls';
import { AutoGitError, messageOf } from '../../errors.ts';

/** What is needed besides an address to get to a GitLab. */
export interface Way {
  /** PEM of one or more roots to trust besides the usual ones; `null`: none. */
  readonly ca: string | null;
  /** Where to connect whatever the name says: `127.0.0.1:8443`, `[::1]:443`; `null`: where the name leads. */
  readonly connect: string | null;
}

/** Which agent a request to an address takes; `undefined`: Node's own, for other servers than GitLab. */
export type AgentOf = (address: URL) => PlainAgent | undefined;

/**
 * The agents for a GitLab at `base`. Name in the handshake (SNI), `Host` and the name that the certificate is checked for
 * stay those of the address; another host, to which an answer may lead, is connected to as its name says.
 * Throws `gitlab.certificate` where `ca` is no certificate, `gitlab.reach-invalid` where `connect` is no host and port.
 */
export function agentFor(base: string | URL, { ca, connect }: Way): AgentOf {
  if (ca === null && connect === null)
    return ({ protocol }) => (protocol === 'https:' ? usualSecure : usualPlain);
  const { host } = new URL(base);
  const place = connect === null ? null : placeOf(connect);
  const context = ca === null ? undefined : contextOf(ca);
  const plain = place === null ? undefined : new RoutedPlain(place);
  const secure = new RoutedSecure({ ...kept, ...(context && { secureContext: context }) }, place);
  const direct = new SecureAgent({ ...kept, ...(context && { secureContext: context }) });
  return (address) => {
    const isBase = address.host === host;
    if (address.protocol === 'https:') return isBase ? secure : direct;
    return isBase ? plain : undefined;
  };
}

/**
 * A connection that nobody uses is closed after so many milliseconds, or when the server has said so: with the 5 s of
 * Node's own agents, a queue that is read every 5 s would take a new one each time.
 */
const kept = { keepAlive: true, timeout: 15_000 } as const;
const usualPlain = new PlainAgent(kept);
const usualSecure = new SecureAgent(kept);

interface Place {
  readonly host: string;
  readonly port: number;
}

function placeOf(text: string): Place {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/\s@]+)):(\d{1,5})$/.exec(text);
  const [, six, name, digits = ''] = parts ?? [];
  const host = six ?? name;
  const port = Number(digits);
  if (host !== undefined && port >= 1 && port <= 65_535) return { host, port };
  throw new AutoGitError({
    key: 'gitlab.reach-invalid',
    message: `"${text}" is no place to connect to: a host and a port are needed.`,
    next: 'Write it as 192.168.1.10:443 or [fd00::10]:443.',
  });
}

class RoutedPlain extends PlainAgent {
  readonly #place: Place;
  constructor(place: Place) {
    super(kept);
    this.#place = place;
  }
  override createConnection(
    options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    return super.createConnection({ ...options, ...this.#place }, callback);
  }
}

class RoutedSecure extends SecureAgent {
  readonly #place: Place | null;
  constructor(options: ConstructorParameters<typeof SecureAgent>[0], place: Place | null) {
    super(options);
    this.#place = place;
  }
  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    if (this.#place === null) return super.createConnection(options, callback);
    // Without a name in the handshake (an address has none) Node would check for the place instead.
    const asked = (options.host ?? '').replace(/^\[(.*)\]$/, '$1');
    return super.createConnection(
      {
        ...options,
        ...this.#place,
        servername: isIP(asked) === 0 ? asked : '',
        checkServerIdentity: (_, certificate) => checkServerIdentity(asked, certificate),
      },
      callback,
    );
  }
}

function contextOf(ca: string): ReturnType<typeof createSecureContext> {
  try {
    if (!ca.includes('-----BEGIN CERTIFICATE-----')) throw new Error('it has no PEM certificate');
    return createSecureContext({ ca: [...publicRoots(), ca] });
  } catch (error) {
    throw new AutoGitError({
      key: 'gitlab.certificate',
      message: `The certificate of the authority to trust cannot be used: ${messageOf(error)}.`,
      next: 'Give a PEM file with the root certificate: it begins with -----BEGIN CERTIFICATE-----.',
      cause: error,
    });
  }
}

/** Those that would be trusted anyway. The Node of older Electrons knows only those that it brings. */
function publicRoots(): readonly string[] {
  return 'getCACertificates' in tls ? tls.getCACertificates('default') : rootCertificates;
}
