// What can go wrong with a GitLab, as errors with keys.
import { AutoGitError, messageOf } from '../../errors.ts';

/** An answer that is not what GitLab says: a captive portal, a proxy's page, a cut-off body. */
export function unexpected(url: string, what: string, cause?: unknown, status?: number): AutoGitError {
  return new AutoGitError({
    key: 'gitlab.unexpected',
    message: `${url} does not answer like GitLab: ${what}.`,
    next: 'Check that the address is that of a GitLab and that no proxy stands in between.',
    fields: status === undefined ? { url } : { url, status },
    retry: true,
    cause,
  });
}

/** The error for an HTTP status that is not a success. */
export function statusError(url: string, status: number, detail: string, cause?: unknown): AutoGitError {
  const common = { fields: { url, status }, cause };
  if (status === 401) {
    return new AutoGitError({
      ...common,
      key: 'gitlab.unauthorized',
      message: `GitLab at ${url} does not accept the token (401): it is wrong, expired or revoked.`,
      next: 'Give AutoGit a new token of an administrator with the scopes api and admin_mode.',
    });
  }
  if (status === 403) {
    return new AutoGitError({
      ...common,
      key: 'gitlab.forbidden',
      message: `GitLab at ${url} refuses this with the given token (403): ${detail}.`,
      next: 'The token must belong to an administrator and have the scopes api and admin_mode.',
    });
  }
  if (status === 429 || status >= 500) {
    return new AutoGitError({
      ...common,
      key: 'gitlab.unavailable',
      message: `GitLab at ${url} cannot answer now (${status}).`,
      next: 'AutoGit asks again by itself. Runners go on; no new job can start meanwhile.',
      retry: true,
    });
  }
  return unexpected(url, `it said ${status}, ${detail}`, cause, status);
}

/** GitLab has said how long it wants to be left alone: until then it is not asked. */
export function pauseWanted(url: string, leftMs: number): AutoGitError {
  return new AutoGitError({
    key: 'gitlab.unavailable',
    message: `GitLab at ${url} wants no more requests for ${Math.ceil(leftMs / 1000)} s (429).`,
    next: 'AutoGit asks again by itself when that time is over. Runners go on.',
    retry: true,
    fields: { url, status: 429, retryAfterMs: Math.ceil(leftMs) },
  });
}

/** GitLab does not do this with the job. `said`: its own words. */
export function jobRefused(
  url: string,
  job: number,
  verb: 'cancel' | 'retry',
  status: number,
  said: string,
): AutoGitError {
  return new AutoGitError({
    key: 'gitlab.job-refused',
    message: `GitLab does not ${verb} job ${job} (${status}): ${said.slice(0, 200)}.`,
    next: 'Its state may not allow it, or its project not be writable: look at the job at GitLab.',
    fields: { url, job, status },
  });
}

/** The HTTP status behind anything that a call threw; `null` when there was no answer. */
export function statusOf(error: unknown): number | null {
  return error instanceof AutoGitError && typeof error.fields['status'] === 'number'
    ? error.fields['status']
    : null;
}

/** Why Node trusts no certificate. https://nodejs.org/docs/latest-v24.x/api/tls.html#x509-certificate-error-codes */
const refusals: Readonly<Record<string, string>> = {
  ...{ ERR_TLS_CERT_ALTNAME_INVALID: 'it is for other names', CERT_HAS_EXPIRED: 'it has expired' },
  CERT_NOT_YET_VALID: 'it is not valid yet: one of the two clocks is wrong',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by itself',
  ...Object.fromEntries(
    [
      ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT', 'CERT_UNTRUSTED', 'INVALID_CA'],
      ...['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'SELF_SIGNED_CERT_IN_CHAIN', 'CERT_SIGNATURE_FAILURE'],
    ].map((code) => [code, 'nobody whom AutoGit trusts has signed it']),
  ),
};

/** The certificate is not trusted: asking again does not help before somebody mends it. `null`: that is not it. */
function certificateError(url: string, error: unknown): AutoGitError | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = refusals[code];
  if (why === undefined) return null;
  const isName = code === 'ERR_TLS_CERT_ALTNAME_INVALID';
  return new AutoGitError({
    key: 'gitlab.certificate',
    message: `The certificate of GitLab at ${url} is refused: ${why} (${isName ? messageOf(error) : code}).`,
    next: 'If an authority of your own has signed it, name its root certificate in settings.yaml: gitlab.ca. Otherwise mend the certificate; AutoGit asks again by itself.',
    fields: { url, code },
    retry: true,
    cause: error,
  });
}

/** What OpenSSL says of an answer in plain text. */
const noTls = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|^EPROTO$/;

/** The innermost reason of a failed connection, e.g. `connect ECONNREFUSED 127.0.0.1:80`. */
function reasonOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return messageOf(inner) || 'no answer';
}

/** Anything that a call to `url` threw, as an error with a key. */
export function gitlabError(url: string, error: unknown): AutoGitError {
  if (error instanceof AutoGitError) return error;
  if (error instanceof SyntaxError) return unexpected(url, 'the answer is not JSON', error);
  const refused = certificateError(url, error);
  if (refused !== null) return refused;
  if (error instanceof Error && 'code' in error && noTls.test(String(error.code)))
    return unexpected(url, 'what listens there does not speak TLS', error);
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  return new AutoGitError({
    key: 'gitlab.unreachable',
    message: `GitLab does not answer at ${url} (${timedOut ? 'no answer in time' : reasonOf(error)}).`,
    next: 'Check that it runs and that this machine reaches the address. Runners go on; no new job can start.',
    fields: { url },
    retry: true,
    cause: error,
  });
}
