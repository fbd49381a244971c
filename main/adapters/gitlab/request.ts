// One HTTP request by Node's own client. `fetch` does the same and costs a process 18 MB of memory, most of it for
// compiling its parser of HTTP.
import { request as plain } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as secure } from 'node:https';
import type { AgentOf } from './tls-agent.ts';

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A redirection is an answer like any other. */
  readonly stays?: true;
  /** Missing: Node's own agents. */
  readonly agentOf?: AgentOf;
}

export interface Reply {
  /** True for a status from 200 to 299. */
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: string;
  /** By their names in small letters. */
  readonly headers: ReadonlyMap<string, string>;
  /** Whoever leaves it before its end closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Nobody wants the body. */
  discard(): void;
}

const mostRedirects = 5;
/** Headers that nobody but the server that was asked may see: another port or protocol is another server. */
const secrets: readonly string[] = ['authorization', 'private-token', 'job-token', 'cookie'];

/**
 * Follows redirections of questions that change nothing. Rejects with what went wrong below HTTP, and with the signal's
 * reason once that has fired, as does the body.
 */
export async function requestOnce(url: string | URL, asked: Asked, signal: AbortSignal): Promise<Reply> {
  const first = new URL(url);
  let address = first;
  const { method = 'GET', stays = false } = asked;
  for (let hops = 0; ; hops += 1) {
    const message = await send(address, address.origin === first.origin ? asked : publicPart(asked), signal);
    const next = message.headers.location;
    const moves = !stays && method === 'GET' && [301, 302, 303, 307, 308].includes(message.statusCode ?? 0);
    if (!moves || next === undefined || hops === mostRedirects) return replyOf(message, signal);
    message.destroy();
    address = new URL(next, address);
  }
}

/** The whole body. */
export async function textOf({ body }: Pick<Reply, 'body'>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function publicPart({ headers = {}, ...rest }: Asked): Asked {
  const kept = Object.entries(headers).filter(([name]) => !secrets.includes(name.toLowerCase()));
  return { ...rest, headers: Object.fromEntries(kept) };
}

function send(
  address: URL,
  { method = 'GET', headers = {}, body, agentOf }: Asked,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const start = address.protocol === 'https:' ? secure : plain;
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const request = start(address, {
    ...{ method, headers: { accept: '*/*', ...headers, ...length }, signal },
    agent: agentOf?.(address),
  });
  request.on('response', resolve);
  request.on('error', (error) => reject(reasonOf(error, signal)));
  request.end(body);
  return promise;
}

function replyOf(message: IncomingMessage, signal: AbortSignal): Reply {
  const { statusCode: status = 0, statusMessage: statusText = '' } = message;
  const headers = new Map(
    Object.entries(message.headers).map(([name, value = '']) => [name, [value].flat().join(', ')]),
  );
  return {
    ...{ ok: status >= 200 && status < 300, status, statusText, headers, body: bodyOf(message, signal) },
    discard: () => void message.destroy(),
  };
}

async function* bodyOf(message: IncomingMessage, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of message) if (chunk instanceof Uint8Array) yield chunk;
  } catch (error) {
    throw reasonOf(error, signal);
  }
}

function reasonOf(error: unknown, signal: AbortSignal): Error {
  const reason: unknown = signal.aborted ? signal.reason : error;
  return reason instanceof Error ? reason : new Error(String(reason), { cause: error });
}
