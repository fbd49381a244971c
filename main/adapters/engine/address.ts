// Engine addresses, written as in `DOCKER_HOST`, and what of them this version can reach.
import { AutoGitError } from '../../errors.ts';

export type EngineAddress =
  /** A unix socket, or a named pipe on Windows. */
  | { readonly kind: 'socket'; readonly path: string }
  /** Plain HTTP, without TLS. */
  | { readonly kind: 'tcp'; readonly hostname: string; readonly port: number };

const defaultPort = 2375;

function unsupported(host: string, why: string): AutoGitError {
  return new AutoGitError({
    key: 'engine.address',
    message: `"${host}" is not an address of a container engine that AutoGit can use: ${why}.`,
    next: 'Use an address such as unix:///var/run/docker.sock or tcp://192.168.1.10:2375.',
    fields: { host },
  });
}

function parseTcp(host: string, rest: string): EngineAddress {
  const text = `http://${rest}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.hostname === '') throw unsupported(host, 'there is no host name in it');
  if (url.username !== '' || url.password !== '') throw unsupported(host, 'it names a user');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') throw unsupported(host, 'it has a path');
  // The URL class drops port 80 as the default of http.
  const port = url.port !== '' ? Number(url.port) : /:80\/?$/.test(rest) ? 80 : defaultPort;
  return { kind: 'tcp', hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'), port };
}

/** Reads `unix://`, `npipe://` and `tcp://`; a bare absolute path is a socket. Throws `engine.address`. */
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
      return parseTcp(host, rest);
    case 'ssh':
      throw unsupported(host, 'engines behind SSH are not supported yet');
    case 'https':
      throw unsupported(host, 'engines behind TLS are not supported yet');
    default:
      throw unsupported(host, `"${scheme}" is not a kind of address it knows`);
  }
}
