// The running core over its unix socket or named pipe.
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { contract } from '../contract/contract.ts';
import type {
  CallName,
  CoreDoor,
  Output,
  RequestName,
  StopSignal,
  StreamName,
} from '../contract/contract.ts';
import { errorSchema } from '../contract/error.ts';
import { AutoGitError, messageOf } from '../errors.ts';
import { pathOf } from './routes.ts';

const answerSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: errorSchema }),
]);

const outputs: { readonly [N in RequestName]: { readonly output: z.ZodType<Output<N>> } } = contract;

function unreachable(why: string, cause?: unknown): AutoGitError {
  return new AutoGitError({
    key: 'core.unreachable',
    message: `The core of AutoGit cannot be reached: ${why}.`,
    next: 'Start it with: autogit serve. If it runs, its log in the home folder says what it does.',
    retry: true,
    cause,
  });
}

/** Not a loss: asked again, it answers the same. */
function otherVersion(cause: unknown): AutoGitError {
  return new AutoGitError({
    key: 'core.version-differs',
    message: 'The core that runs with this home answers in a way that this version does not understand.',
    next: 'End that core (its process is in run/core.json of the home), then start it again with this version.',
    cause,
  });
}

/** The value of an answer. Throws the error that it carries, or `core.version-differs` for what is no answer of ours. */
function valueOf<N extends RequestName>(name: N, text: string): Output<N> {
  let answer;
  try {
    answer = answerSchema.parse(JSON.parse(text));
  } catch (error) {
    throw otherVersion(error);
  }
  if (!answer.ok) throw new AutoGitError(answer.error);
  const value = outputs[name].output.safeParse(answer.value);
  if (value.success) return value.data;
  throw otherVersion(value.error);
}

interface Sent {
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly accept: string;
  readonly body: string;
}

function send(socket: string, sent: Sent, signal?: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { accept: sent.accept, 'content-type': 'application/json' };
    const { path, method } = sent;
    const outgoing = request(
      {
        socketPath: socket,
        path,
        method,
        headers,
        agent: false,
        ...(signal === undefined ? {} : { signal }),
      },
      resolve,
    );
    outgoing.on('error', reject);
    outgoing.end(sent.body);
  });
}

async function readAll(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += String(chunk);
  return text;
}

/**
 * What connecting fails with where no socket is, nobody listens, or it is not for us. `HPE_…`: it does not speak HTTP.
 */
const nobodyThere: ReadonlySet<string> = new Set([
  'EACCES',
  'ECONNREFUSED',
  'ECONNRESET',
  'EINVAL',
  'ENAMETOOLONG',
  'ENOENT',
  'ENOTDIR',
  'ENOTSOCK',
  'EPERM',
]);

/**
 * Whether a core answers us there. False when nobody listens, as after a crash. Rejects with `core.unreachable` when
 * somebody listens and does not answer within `ms`.
 */
export async function isAlive(socket: string, ms = 3000): Promise<boolean> {
  const ask = { path: '/health', method: 'GET', accept: 'application/json', body: '' } as const;
  try {
    const answer = await send(socket, ask, AbortSignal.timeout(ms));
    await readAll(answer);
    return answer.statusCode === 200;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (nobodyThere.has(code) || code.startsWith('HPE_')) return false;
    throw unreachable(code === 'ABORT_ERR' ? 'it does not answer' : messageOf(error), error);
  }
}

async function call<N extends CallName>(socket: string, name: N, input: unknown): Promise<Output<N>> {
  let text;
  try {
    const body = JSON.stringify(input);
    text = await readAll(
      await send(socket, { path: pathOf(name), method: 'POST', accept: 'application/json', body }),
    );
  } catch (error) {
    throw unreachable(messageOf(error), error);
  }
  return valueOf(name, text);
}

async function* stream<N extends StreamName>(
  socket: string,
  name: N,
  input: unknown,
  stop: StopSignal,
): AsyncGenerator<Output<N>> {
  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  stop.addEventListener('abort', leave);
  if (stop.aborted) leave();
  try {
    const body = JSON.stringify(input);
    const ask = { path: pathOf(name), method: 'POST', accept: 'application/x-ndjson', body } as const;
    const answer = await send(socket, ask, leaving.signal);
    let rest = '';
    for await (const chunk of answer.setEncoding('utf8')) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield valueOf(name, line);
    }
    // An error that came at once is one document without a line feed.
    if (rest !== '') yield valueOf(name, rest);
  } catch (error) {
    if (leaving.signal.aborted) return;
    throw error instanceof AutoGitError ? error : unreachable(messageOf(error), error);
  } finally {
    stop.removeEventListener('abort', leave);
    leave();
  }
}

/** A door to the core that listens on `socket`. */
export function connectCore(socket: string): CoreDoor {
  return {
    call: (name, input) => call(socket, name, input),
    stream: (name, input, signal) => stream(socket, name, input, signal),
  };
}
