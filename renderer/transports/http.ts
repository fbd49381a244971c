// To the core over HTTP: one JSON answer for a call, one a line for a stream.
import { contract } from '../../main/contract/contract.ts';
import type { RequestName, StopSignal } from '../../main/contract/contract.ts';
import { readAnswer, unreachable } from '../client.ts';
import type { Transport } from '../client.ts';
import { t } from '../language/strings.ts';

export interface HttpOptions {
  /** Before every path; empty for the page's own origin. */
  readonly base?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds of silence after which a stream counts as lost; the door sends a heartbeat every 15 s. */
  readonly silenceMs?: number;
}

/** Signing in and out, where the door asks for it. */
export interface Session {
  /** Rejects with the door's `CoreError` when the token is not the right one. */
  enter(token: string): Promise<void>;
  leave(): Promise<void>;
}

function pathOf(name: RequestName): string {
  return ['/api/v1', ...contract[name].cli.path].join('/');
}

async function send(options: HttpOptions, path: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('content-type', 'application/json');
  for (const [name, value] of Object.entries(options.headers ?? {})) headers.set(name, value);
  try {
    return await fetch(`${options.base ?? ''}${path}`, { ...init, headers });
  } catch {
    throw unreachable(t('nothing listens at this address'));
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function answerOf(response: Response): Promise<unknown> {
  const text = await response.text().catch(() => {
    throw unreachable(t('the connection broke'));
  });
  return readAnswer(jsonOf(text), response.status === 401);
}

async function refusalOf(response: Response): Promise<never> {
  await answerOf(response);
  throw unreachable(t('it answered with {{status}}', { status: response.status }));
}

/** The lines of a body as they come; gives up after `silenceMs` without a byte. */
async function* linesOf(body: ReadableStream<Uint8Array>, silenceMs: number): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(unreachable(t('it has fallen silent'))), silenceMs);
    });
    const { done, value } = await Promise.race([reader.read(), silence]).finally(() => clearTimeout(timer));
    const lines = (rest + decoder.decode(value, { stream: !done })).split('\n');
    rest = done ? '' : (lines.pop() ?? '');
    for (const line of lines) if (line !== '') yield line;
    if (done) return;
  }
}

async function* streamLines(
  options: HttpOptions,
  name: RequestName,
  input: unknown,
  signal: StopSignal,
): AsyncIterable<unknown> {
  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  const isLeaving = (): boolean => leaving.signal.aborted;
  signal.addEventListener('abort', leave);
  if (signal.aborted) leave();
  try {
    const response = await send(options, pathOf(name), {
      method: 'POST',
      headers: { accept: 'application/x-ndjson' },
      body: JSON.stringify(input),
      signal: leaving.signal,
    });
    if (!response.ok) await refusalOf(response);
    if (response.body === null) return;
    for await (const line of linesOf(response.body, options.silenceMs ?? 45_000)) {
      yield readAnswer(jsonOf(line));
    }
  } catch (error) {
    if (isLeaving()) return;
    throw error instanceof TypeError ? unreachable(t('the connection broke')) : error;
  } finally {
    signal.removeEventListener('abort', leave);
    leave();
  }
}

/** The transport over HTTP. */
export function httpTransport(options: HttpOptions = {}): Transport {
  return {
    call: async (name, input) => {
      const response = await send(options, pathOf(name), { method: 'POST', body: JSON.stringify(input) });
      return answerOf(response);
    },
    stream: (name, input, signal) => streamLines(options, name, input, signal),
  };
}

/** The session of the page's own origin: a cookie that no script can read. */
export function httpSession(options: HttpOptions = {}): Session {
  return {
    enter: async (token) => {
      const response = await send(options, '/session', { method: 'POST', body: JSON.stringify({ token }) });
      if (!response.ok) await refusalOf(response);
    },
    leave: async () => {
      await send(options, '/session', { method: 'DELETE' });
    },
  };
}
