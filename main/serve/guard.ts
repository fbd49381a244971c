// Who may use the HTTP door: nobody without token or session, and no web page of another origin.
import { AutoGitError } from '../errors.ts';
import type { Sessions } from './session.ts';
import { isSameToken } from './token.ts';

export interface GuardedRequest {
  readonly method: string;
  /** Header lines, as they came. */
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  readonly authorization: string | undefined;
  readonly cookies: string | undefined;
}

export interface Guard {
  /** The port that the door listens on. */
  readonly port: () => number;
  readonly token: string;
  readonly sessions: Sessions;
}

/** How a caller has shown who it is. `aging`: by a session that is worth a new date. */
export type Proof = 'token' | 'session' | 'aging';

function hostsOf(guard: Guard): readonly string[] {
  return ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${guard.port()}`);
}

function originForeign(guard: Guard): AutoGitError {
  return new AutoGitError({
    key: 'http.origin-foreign',
    message: 'The request came from a web page of another origin.',
    next: `Open AutoGit's own page at http://127.0.0.1:${guard.port()}.`,
  });
}

/**
 * Lets a request pass that came under the loopback address, from no page or from ours. Raises `http.host-foreign`,
 * `http.origin-foreign`: a web page can make a browser send requests to 127.0.0.1 under a name of its own.
 */
export function checkSource({ host, origin }: GuardedRequest, guard: Guard): void {
  const hosts = hostsOf(guard);
  if (!hosts.includes((host ?? '').toLowerCase())) {
    throw new AutoGitError({
      key: 'http.host-foreign',
      message: "The request came under a name that is not this machine's loopback address.",
      next: `Use http://${hosts[0] ?? '127.0.0.1'}.`,
    });
  }
  if (origin !== undefined && !hosts.some((own) => origin === `http://${own}`)) throw originForeign(guard);
}

/**
 * Refuses what a browser says was caused by a page of another origin, other ports of this machine included: to
 * SameSite cookies they are the same site. https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
export function checkSite({ fetchSite }: GuardedRequest, guard: Guard): void {
  if (fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none')
    throw originForeign(guard);
}

/** A cookie is sent whoever causes the request; so the browser has to say that our page did. */
function checkOwnPage({ method, host, origin, fetchSite }: GuardedRequest, guard: Guard): void {
  if (fetchSite === undefined) throw originForeign(guard);
  const reads = method === 'GET' || method === 'HEAD';
  if (!reads && origin !== `http://${host ?? ''}`) throw originForeign(guard);
}

/** How the caller proves who it is. Raises `http.token-wrong`, and `http.origin-foreign` for a session. */
export function checkCaller(request: GuardedRequest, guard: Guard): Proof {
  const given = /^Bearer +(\S+) *$/i.exec(request.authorization ?? '')?.[1] ?? '';
  if (given !== '' && isSameToken(given, guard.token)) return 'token';
  const session = guard.sessions.read(request.cookies);
  if (given !== '' || session === 'none') throw tokenWrong(given === '');
  checkOwnPage(request, guard);
  return session === 'aging' ? 'aging' : 'session';
}

/** The refusal of a caller without a token, or with a wrong one. */
export function tokenWrong(missing: boolean): AutoGitError {
  return new AutoGitError({
    key: 'http.token-wrong',
    message: missing ? 'The request has no token and no open session.' : 'The token is not the right one.',
    next: '`autogit web` prints a link that logs in. Programs send `Authorization: Bearer <token>` with the token from run/http-token in the home folder.',
  });
}
