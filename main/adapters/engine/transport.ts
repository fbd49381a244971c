// Calls to the engine's HTTP API: deadlines, broken connections and refusals become errors with a key.
import { type IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import Docker from 'dockerode';
import type { Log } from '../../log.ts';
import { type EngineAddress, parseEngineAddress } from './address.ts';
import {
  type Purpose,
  type Refusal,
  connectionError,
  parseRefusal,
  refusalError,
  silenceError,
} from './errors.ts';

/** Milliseconds within which an ordinary call must be answered. */
export const ordinaryDeadline = 30_000;
/** Milliseconds of silence that end an import, a pull or a copy; such calls have no total limit. */
export const idleLimit = 60_000;

export interface EngineRequest {
  /** Completes "The container engine refused to …". */
  readonly purpose: Purpose;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Without a query. Names in it are encoded by the caller. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly json?: object;
  readonly tar?: Buffer | NodeJS.ReadableStream;
}

export interface AskOptions {
  /** Refusals that are an answer all the same: "already gone". */
  readonly fine?: (refusal: Refusal) => boolean;
  /** Milliseconds for the whole answer; default `ordinaryDeadline`. */
  readonly deadline?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Transport {
  readonly host: string;
  /** One call with its whole answer. */
  ask(request: EngineRequest, options?: AskOptions): Promise<Answer>;
  /** One call whose answer streams; resolves when the status is known. `signal` ends it at any time. */
  open(request: EngineRequest, signal: AbortSignal): Promise<IncomingMessage>;
}

interface Dialer {
  dial(options: object, callback: (error: unknown, result: unknown) => void): void;
}

function isDialer(value: unknown): value is Dialer {
  return typeof value === 'object' && value !== null && 'dial' in value && typeof value.dial === 'function';
}

/**
 * Of dockerode only the modem is used: its methods write the whole body of a create into the address, where
 * engines log it, never return when an answer breaks off, and do not know libpod.
 */
function createDialer(address: EngineAddress): Dialer {
  // Every field is given, because the modem fills what is missing from this process's DOCKER_HOST.
  const common = { protocol: 'http', ca: undefined, cert: undefined, key: undefined } as const;
  const { modem }: { readonly modem: unknown } = new Docker(
    address.kind === 'socket'
      ? { ...common, socketPath: address.path, host: undefined, port: undefined }
      : { ...common, socketPath: undefined, host: address.hostname, port: address.port },
  );
  if (!isDialer(modem)) throw new TypeError('dockerode has no modem');
  return modem;
}

/** The modem passes on only the statuses it is told to expect; here all of them are looked at. */
const everyStatus = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [index + 100, true]));

function dial(dialer: Dialer, request: EngineRequest, abortSignal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = {
      path: `${request.path}?`,
      method: request.method,
      options: { _query: request.query ?? {}, _body: request.json ?? {} },
      ...(request.tar === undefined ? {} : { file: request.tar }),
      isStream: true,
      statusCodes: everyStatus,
      abortSignal,
    };
    dialer.dial(options, (error, result) => {
      if (result instanceof IncomingMessage) resolve(result);
      else reject(error instanceof Error ? error : new Error('no answer'));
    });
  });
}

/** A transport to the engine at `host`. Throws `engine.address`; connects only when something is asked. */
export function createTransport(host: string, log: Log): Transport {
  const dialer = createDialer(parseEngineAddress(host));

  const ask: Transport['ask'] = async (request, options = {}) => {
    const deadline = options.deadline ?? ordinaryDeadline;
    const timeout = AbortSignal.timeout(deadline);
    const answer = await dial(dialer, request, timeout)
      .then(async (response) => ({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: await buffer(response),
      }))
      .catch((error: unknown) => {
        if (timeout.aborted) throw silenceError(host, request.purpose, deadline / 1000);
        throw connectionError(host, error);
      });
    log.debug(`${request.method} ${request.path}`, { status: answer.status });
    if (answer.status < 400) return answer;
    const refusal = parseRefusal(answer.status, answer.body.toString());
    if (options.fine?.(refusal) === true) return answer;
    throw refusalError(refusal, request.purpose);
  };

  const open: Transport['open'] = async (request, signal) => {
    const response = await dial(dialer, request, signal).catch((error: unknown) => {
      throw connectionError(host, error);
    });
    const status = response.statusCode ?? 0;
    log.debug(`${request.method} ${request.path}`, { status });
    if (status < 400) return response;
    const body = await buffer(response).catch((error: unknown) => {
      throw connectionError(host, error);
    });
    throw refusalError(parseRefusal(status, body.toString()), request.purpose);
  };

  return { host, ask, open };
}
