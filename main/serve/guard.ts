// Who may use the HTTP door: nobody without the token, and no web page of another origin.
import { AutoGitError } from '../errors.ts';
import { isSameToken } from './token.ts';

export interface GuardedRequest {
  readonly path: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
}

export interface Guard {
  /** The port that the door listens on. */
  readonly port: () => number;
  readonly token: string;
}

/** Answers without a token, so that a supervisor can ask whether we live. */
const publicPaths: ReadonlySet<string> = new Set(['/health']);

/**
 * Lets a request pass or raises `http.host-foreign`, `http.origin-foreign`, `http.token-wrong`. Host and Origin
 * are asked too, because a web page can make a browser send requests to 127.0.0.1 under a name of its own.
 */
export function checkRequest(request: GuardedRequest, guard: Guard): void {
  const hosts = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${guard.port()}`);
  if (!hosts.includes((request.host ?? '').toLowerCase())) {
    throw new AutoGitError({
      key: 'http.host-foreign',
      message: "The request came under a name that is not this machine's loopback address.",
      next: `Use http://${hosts[0] ?? '127.0.0.1'}.`,
    });
  }
  if (request.origin !== undefined && !hosts.some((host) => request.origin === `http://${host}`)) {
    throw new AutoGitError({
      key: 'http.origin-foreign',
      message: 'The request came from a web page of another origin.',
      next: `Open AutoGit's own page at http://${hosts[0] ?? '127.0.0.1'}.`,
    });
  }
  if (publicPaths.has(request.path)) return;
  const given = /^Bearer +(\S+) *$/i.exec(request.authorization ?? '')?.[1] ?? '';
  if (isSameToken(given, guard.token)) return;
  throw new AutoGitError({
    key: 'http.token-wrong',
    message: given === '' ? 'The request has no token.' : 'The token is not the right one.',
    next: 'Send `Authorization: Bearer <token>` with the token from run/http-token in the home folder.',
  });
}
