// Calls to the engine's HTTP API: deadlines, broken connections and refusals become errors with a key.
import { type IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import Docker, { type DockerOptions } from 'dockerode';
import type { AutoGitError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { parseEngineAddress, portOf } from './address.ts';
import {
  type Purpose,
  type Refusal,
  connectionError,
  parseRefusal,
  refusalError,
  silenceError,
} from './errors.ts';
import type { Endpoint } from './places.ts';
import { openTlsAgent } from './tls.ts';

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
  /** Gives the call up at any time. */
  readonly signal?: AbortSignal | undefined;
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
 * With DOCKER_HOST set, the modem reads the certificates that the variables name, whatever it is to connect to, and
 * throws when it cannot.
 */
function withoutDockerHost<T>(make: () => T): T {
  const { DOCKER_HOST: host } = process.env;
  if (host === undefined) return make();
  try {
    delete process.env['DOCKER_HOST'];
    return make();
  } finally {
    process.env['DOCKER_HOST'] = host;
  }
}

/**
 * Of dockerode only the modem is used: its methods write the whole body of a create into the address, where
 * engines log it, never return when an answer breaks off, and do not know libpod. Rejects with `engine.address` and
 * `engine.tls`.
 */
async function openDialer({ host, shown, tls }: Endpoint): Promise<Dialer> {
  const address = parseEngineAddress(host);
  const common = { ca: undefined, cert: undefined, key: undefined } as const;
  const isSecure = address.kind === 'tcp' && (address.secure || tls !== null);
  const options: DockerOptions =
    address.kind === 'socket'
      ? { ...common, protocol: 'http', socketPath: address.path, host: undefined, port: undefined }
      : {
          ...{ ...common, socketPath: undefined, host: address.hostname, port: portOf(address, isSecure) },
          ...(isSecure ? { protocol: 'https', agent: await openTlsAgent(tls, shown) } : { protocol: 'http' }),
        };
  const { modem }: { readonly modem: unknown } = withoutDockerHost(() => new Docker(options));
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

/** A connection to make: how to speak to the engine is looked up when it is first asked, and again after a failure. */
interface Line {
  /** The address for messages. */
  readonly shown: string;
  readonly dialer: Dialer;
}

function createLine(host: string, find: () => Promise<Endpoint>): { get(): Promise<Line>; drop(): void } {
  let line: Promise<Line> | null = null;
  const drop = (): void => {
    line = null;
  };
  const open = async (): Promise<Line> => {
    const endpoint = await find();
    return { shown: endpoint.shown, dialer: await openDialer(endpoint) };
  };
  return {
    drop,
    get: () => {
      line ??= open().catch((error: unknown) => {
        drop();
        throw connectionError(host, error);
      });
      return line;
    },
  };
}

/** A transport to the engine at `host`; connects only when something is asked. By default there is no TLS. */
export function createTransport(
  host: string,
  log: Log,
  find: () => Promise<Endpoint> = () => Promise.resolve({ host, shown: host, tls: null }),
): Transport {
  const line = createLine(host, find);
  const lost = (shown: string, cause: unknown): AutoGitError => {
    const error = connectionError(shown, cause);
    // Certificates may have been renewed, or another context may have this address now.
    if (error.key === 'engine.tls') line.drop();
    return error;
  };

  const ask: Transport['ask'] = async (request, options = {}) => {
    const deadline = options.deadline ?? ordinaryDeadline;
    const { shown, dialer } = await line.get();
    const timeout = AbortSignal.timeout(deadline);
    const { signal } = options;
    const answer = await dial(
      dialer,
      request,
      signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    )
      .then(async (response) => ({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: await buffer(response),
      }))
      .catch((error: unknown) => {
        if (timeout.aborted) throw silenceError(shown, request.purpose, deadline / 1000);
        throw lost(shown, error);
      });
    log.debug(`${request.method} ${request.path}`, { status: answer.status });
    if (answer.status < 400) return answer;
    const refusal = parseRefusal(answer.status, answer.body.toString());
    if (options.fine?.(refusal) === true) return answer;
    throw refusalError(refusal, request.purpose);
  };

  const open: Transport['open'] = async (request, signal) => {
    const { shown, dialer } = await line.get();
    const response = await dial(dialer, request, signal).catch((error: unknown) => {
      throw lost(shown, error);
    });
    const status = response.statusCode ?? 0;
    log.debug(`${request.method} ${request.path}`, { status });
    if (status < 400) return response;
    const body = await buffer(response).catch((error: unknown) => {
      throw lost(shown, error);
    });
    throw refusalError(parseRefusal(status, body.toString()), request.purpose);
  };

  return { host, ask, open };
}
