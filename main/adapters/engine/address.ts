// Engine addresses, written as in `DOCKER_HOST`, and what of them this version can reach.
import { readlink, realpath } from 'node:fs/promises';
import { hostname as machineName } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { AutoGitError } from '../../errors.ts';

export type EngineAddress =
  /** A unix socket, or a named pipe on Windows. */
  | { readonly kind: 'socket'; readonly path: string }
  | {
      readonly kind: 'tcp';
      readonly hostname: string;
      /** `null`: the usual one, which depends on TLS. */
      readonly port: number | null;
      /** The address itself asks for TLS. */
      readonly secure: boolean;
    };

function unsupported(host: string, why: string): AutoGitError {
  return new AutoGitError({
    key: 'engine.address',
    message: `"${host}" is not an address of a container engine that AutoGit can use: ${why}.`,
    next: 'Use an address such as unix:///var/run/docker.sock or tcp://192.168.1.10:2375.',
    fields: { host },
  });
}

function parseTcp(host: string, rest: string, secure: boolean): EngineAddress {
  const text = `http://${rest}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.hostname === '') throw unsupported(host, 'there is no host name in it');
  if (url.username !== '' || url.password !== '') throw unsupported(host, 'it names a user');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') throw unsupported(host, 'it has a path');
  // The URL class drops port 80 as the default of http.
  const port = url.port !== '' ? Number(url.port) : /:80\/?$/.test(rest) ? 80 : null;
  return { kind: 'tcp', hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'), port, secure };
}

/** Reads `unix://`, `npipe://`, `tcp://` and `https://`; a bare absolute path is a socket. Throws `engine.address`. */
export function parseEngineAddress(host: string): EngineAddress {
  const [, scheme = 'unix', rest = host] = /^([a-z]+):\/\/(.*)$/.exec(host) ?? [];
  switch (scheme) {
    case 'unix':
      if (!rest.startsWith('/')) throw unsupported(host, 'the path of a socket starts with a slash');
      return { kind: 'socket', path: rest };
    case 'npipe':
      if (rest === '') throw unsupported(host, 'the name of the pipe is missing');
      return { kind: 'socket', path: rest };
    case 'tcp':
    case 'http':
      return parseTcp(host, rest, false);
    case 'https':
      return parseTcp(host, rest, true);
    case 'ssh':
      throw unsupported(host, 'engines behind SSH are not supported yet');
    default:
      throw unsupported(host, `"${scheme}" is not a kind of address it knows`);
  }
}

/** The usual ports, as `docker` has them. */
const plainPort = 2375;
const tlsPort = 2376;

/** The port of a TCP address. */
export function portOf({ port }: { readonly port: number | null }, hasTls: boolean): number {
  return port ?? (hasTls ? tlsPort : plainPort);
}

/** The file that a path leads to, also when it is not there: an engine that is down keeps its identity. */
async function realSocket(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const target = await readlink(path).catch(() => null);
    if (target !== null) return resolve(dirname(path), target);
    return join(await realpath(dirname(path)).catch(() => dirname(path)), basename(path));
  }
}

/** Equal for two addresses that lead to the same engine, as far as it can be told: also an address itself. */
export async function identityOf(host: string): Promise<string> {
  const address = parseOrNull(host);
  switch (address?.kind) {
    case undefined:
      return host;
    case 'socket':
      return host.startsWith('npipe:') ? host : `unix://${await realSocket(address.path)}`;
    case 'tcp': {
      const name = address.hostname.includes(':') ? `[${address.hostname}]` : address.hostname;
      const scheme = address.secure ? 'https' : 'tcp';
      return `${scheme}://${name}${address.port === null ? '' : `:${String(address.port)}`}`;
    }
  }
}

/** The name of an engine's machine: this one's for sockets and the loopback address. */
export function machineOf(host: string): string {
  const address = parseOrNull(host);
  if (address?.kind !== 'tcp' || /^(localhost|127\..*|::1)$/.test(address.hostname)) return machineName();
  return address.hostname;
}

function parseOrNull(host: string): EngineAddress | null {
  try {
    return parseEngineAddress(host);
  } catch {
    return null;
  }
}
