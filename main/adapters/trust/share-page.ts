// A page for other devices of the network: plain HTTP, because none of them trusts the lab yet, and nothing secret on it.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { AutoGitError, messageOf } from '../../errors.ts';
import type { ShowPage } from '../../access-ports.ts';
import type { SharedAnswer } from '../../model/shared-page.ts';

/** Milliseconds. */
const limits = { headers: 5_000, request: 10_000, idle: 10_000 } as const;
/** At a time. */
const mostConnections = 32;
/** Bytes. */
const mostHeaderBytes = 8_192;

type Answer = Parameters<ShowPage>[1];

const always = {
  'cache-control': 'no-store',
  connection: 'close',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** Nothing is loaded, nothing runs, nobody shows it within another page. */
function policyOf({ style }: Pick<SharedAnswer, 'style'>): string {
  const hash = style === null ? null : createHash('sha256').update(style).digest('base64');
  const styles = hash === null ? '' : ` style-src 'sha256-${hash}';`;
  return `default-src 'none';${styles} base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

function refuse(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    ...always,
    ...headers,
    'content-security-policy': policyOf({ style: null }),
    'content-type': 'text/plain; charset=utf-8',
  });
  response.end();
}

function reply({
  request,
  response,
  host,
  answer,
}: {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly host: string;
  readonly answer: Answer;
}): void {
  const { method, url = '', headers } = request;
  // A name that somebody else's page has led here would let that page read the answer.
  if (headers.host?.toLowerCase() !== host) {
    refuse(response, 421);
    return;
  }
  if (method !== 'GET' && method !== 'HEAD') {
    refuse(response, 405, { allow: 'GET, HEAD' });
    return;
  }
  const found = answer(url.split('?', 1)[0] ?? '', headers['user-agent'] ?? '');
  if (found === null) {
    refuse(response, 404);
    return;
  }
  const body = Buffer.from(found.body, found.isBase64 ? 'base64' : 'utf8');
  response.writeHead(200, {
    ...always,
    'content-security-policy': policyOf(found),
    'content-type': found.type,
    'content-length': body.length,
    ...(found.file === null ? {} : { 'content-disposition': `attachment; filename="${found.file}"` }),
  });
  response.end(method === 'HEAD' ? undefined : body);
}

function listening(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port: 0, exclusive: true }, () => {
      server.off('error', reject);
      const at = server.address();
      if (typeof at === 'object' && at !== null) resolve(at.port);
      else reject(new Error('it has no port'));
    });
  });
}

function failed(address: string, error: unknown): AutoGitError {
  return new AutoGitError({
    key: 'trust.share-failed',
    message: `Nothing can be shown at ${address}: ${messageOf(error)}.`,
    next: 'Look whether that is an address of this machine, and give the right one as `address` in the answers of the stack.',
    fields: { address },
    cause: error,
  });
}

/** The port's. Keeps no process alive by itself. */
export const showPage: ShowPage = async (address, answer) => {
  const shown = address.includes(':') ? `[${address}]` : address;
  let host = '';
  const server = createServer({ maxHeaderSize: mostHeaderBytes }, (request, response) => {
    reply({ request, response, host, answer });
  });
  Object.assign(server, {
    ...{ headersTimeout: limits.headers, requestTimeout: limits.request, timeout: limits.idle },
    maxConnections: mostConnections,
  });
  const port = await listening(server, address).catch((error: unknown) => {
    throw failed(address, error);
  });
  host = `${shown}:${port}`;
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
