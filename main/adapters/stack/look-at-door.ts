// Looks at an address of the stack from outside: who answers, with which certificate, and where it leads.
import { request as requestPlain } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as requestTls } from 'node:https';
import { TLSSocket } from 'node:tls';
import { beginningOf } from '../../model/beginning.ts';
import type { DoorAnswer, ServedCertificate } from '../../model/stack/surroundings.ts';
import type { LookAtDoor } from '../../stack-ports.ts';

/** For everything together. Milliseconds. */
const deadlineMs = 4_000;
/** Traefik's own pages have one line. Characters. */
const mostLetters = 2_048;

function nameIn(part: unknown): string {
  if (typeof part !== 'object' || part === null) return '';
  return 'CN' in part && typeof part.CN === 'string' ? part.CN : '';
}

/** Of the connection that an answer came over; `null`: without TLS. */
function certificateOf({ socket }: IncomingMessage): ServedCertificate | null {
  if (!(socket instanceof TLSSocket)) return null;
  const {
    subject,
    issuer,
    subjectaltname = '',
    valid_from: from,
    valid_to: to,
    ...more
  } = socket.getPeerCertificate();
  const [start, end] = [Date.parse(from), Date.parse(to)];
  if (Number.isNaN(start) || Number.isNaN(end)) return null;
  const names = subjectaltname.split(', ').flatMap((name) => /^DNS:(.+)$/.exec(name)?.[1] ?? []);
  const { fingerprint256: fingerprint, nistCurve, bits } = more;
  const key = typeof nistCurve === 'string' ? `EC ${nistCurve}` : `RSA ${bits ?? 0}`;
  return { subject: nameIn(subject), issuer: nameIn(issuer), names, from: start, to: end, fingerprint, key };
}

function begin(url: URL, reach: Parameters<LookAtDoor>[1], signal: AbortSignal): ClientRequest {
  const port = url.port === '' ? '' : `:${url.port}`;
  const shared = {
    ...{ host: reach.host, port: reach.port, path: url.pathname, method: 'GET', signal, agent: false },
    headers: { host: `${url.hostname}${port}`, accept: 'text/html', connection: 'close' },
  } as const;
  // What is wrong with the certificate is what this is to find out; nothing is sent that anybody could misuse.
  return url.protocol === 'https:'
    ? requestTls({ ...shared, servername: url.hostname, rejectUnauthorized: false })
    : requestPlain(shared);
}

/** `now`: milliseconds since 1970. */
export function createLookAtDoor(now: () => number): LookAtDoor {
  return async (url, reach) => {
    const none: DoorAnswer = {
      ...{ url, status: null, location: null, cookies: [], body: '', certificate: null, clockAheadMs: null },
    };
    try {
      const signal = AbortSignal.timeout(deadlineMs);
      const request = begin(new URL(url), reach, signal);
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        request.once('response', resolve).once('error', reject).end();
      });
      const certificate = certificateOf(answer);
      const date = Date.parse(answer.headers.date ?? '');
      const clockAheadMs = Number.isNaN(date) ? null : now() - date;
      const { statusCode = null, headers } = answer;
      const told = { status: statusCode, location: headers.location ?? null, certificate, clockAheadMs };
      const body = await beginningOf(answer.setEncoding('utf8'), mostLetters).catch(() => '');
      request.destroy();
      return { ...none, ...told, cookies: headers['set-cookie'] ?? [], body };
    } catch {
      return none;
    }
  };
}
