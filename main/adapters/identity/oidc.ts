// Asks pages of providers and of programs that people sign in to, over TLS that is checked, and follows nothing.
import { lookup } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import tls, { rootCertificates } from 'node:tls';
import type { SignInWeb, WebAnswer, WebQuestion, WebWay } from '../../access-ports.ts';
import { AutoGitError, messageOf } from '../../errors.ts';
import { beginningOf } from '../../model/beginning.ts';

/** For an answer as a whole. Milliseconds. */
const deadlineMs = 15_000;
/** Of an answer, only the beginning is read; the page on which people sign in has some 40 kB. Characters. */
const mostLetters = 1_048_576;

/** Node's and OpenSSL's codes for a certificate that does not hold. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const certificateCode =
  /^(?:CERT_|ERR_TLS_CERT|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_(?:CA|PURPOSE)|HOSTNAME_MISMATCH|ERR_SSL)/;

export function createSignInWeb(): SignInWeb {
  return {
    resolve: async (host) => {
      const found = await lookup(host, { all: true }).catch(() => []);
      return found.map(({ address }) => address);
    },
    ask: async (url, question, way) => {
      try {
        return await ask(new URL(url), question, way);
      } catch (error) {
        throw failure(url, error);
      }
    },
  };
}

function failure(url: string, error: unknown): AutoGitError {
  const { origin } = new URL(url);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = messageOf(error);
  if (certificateCode.test(code))
    return new AutoGitError({
      key: 'sso.certificate',
      message: `The certificate of ${origin} is not trusted: ${why}.`,
      next: 'See what is served, and what would be trusted: autogit certificate check. Of another provider, name the root of its authority in the answers as oidc.ca.',
      fields: { url: origin },
      cause: error,
    });
  return new AutoGitError({
    key: 'sso.unreachable',
    message: `${origin} does not answer: ${why}.`,
    next: 'See whether it runs, and whether its name leads there: autogit doctor',
    fields: { url: origin },
    retry: true,
    cause: error,
  });
}

async function ask(url: URL, { headers = {}, form, signal }: WebQuestion, way: WebWay): Promise<WebAnswer> {
  const body = form === undefined ? null : new URLSearchParams(form).toString();
  const sending = request({
    ...placeOf(url, way.connect),
    ...{ method: body === null ? 'GET' : 'POST', path: `${url.pathname}${url.search}`, agent: false },
    servername: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    signal: AbortSignal.any([AbortSignal.timeout(deadlineMs), ...(signal === undefined ? [] : [signal])]),
    ...(way.ca === null ? {} : { ca: [...publicRoots(), way.ca] }),
    headers: {
      ...{ host: url.host, accept: 'text/html, application/json', connection: 'close' },
      ...(body === null
        ? {}
        : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) }),
      ...headers,
    },
  });
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    sending.once('response', resolve).once('error', reject);
    sending.end(body ?? undefined);
  });
  try {
    const { statusCode: status = 0, headers: told } = answer;
    const to =
      told.location === undefined || !URL.canParse(told.location, url.href)
        ? null
        : new URL(told.location, url);
    return {
      status,
      location: to?.href ?? null,
      cookies: told['set-cookie'] ?? [],
      text: await beginningOf(answer.setEncoding('utf8'), mostLetters),
    };
  } finally {
    sending.destroy();
  }
}

function placeOf(
  { hostname, port }: URL,
  connect: string | null,
): { readonly host: string; readonly port: number } {
  const [, at, number] = /^\[?(.*?)\]?:(\d+)$/.exec(connect ?? '') ?? [];
  return {
    host: at ?? hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(number ?? (port === '' ? 443 : port)),
  };
}

/** The Node of older Electrons knows only those that it brings. */
function publicRoots(): readonly string[] {
  return 'getCACertificates' in tls ? tls.getCACertificates('default') : rootCertificates;
}
