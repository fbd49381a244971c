// A server that speaks just enough of the runner protocol to give one runner jobs and see what it says.
import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { z } from 'zod';

const updateBody = z.record(z.string(), z.unknown());

/** A request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Answers a request in place of the usual answer; `null` leaves it to that. */
export type Override = (request: SeenRequest, server: RunnerServer) => Reply | null;

/** A running fake; `trace` is the log of the last job given, as the server has it. */
export class RunnerServer {
  readonly seen: SeenRequest[] = [];
  readonly jobs: unknown[] = [];
  readonly downloads = new Map<string, Buffer>();
  trace = Buffer.alloc(0);
  override: Override = () => null;
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  });
  readonly #waiting = new Set<() => void>();

  static async start(): Promise<RunnerServer> {
    const server = new RunnerServer();
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return `http://127.0.0.1:${address.port}`;
  }

  get log(): string {
    return this.trace.toString('utf8');
  }

  /** Bodies of all job updates, in order. */
  get updates(): readonly Record<string, unknown>[] {
    return this.requests('PUT').map((request) => updateBody.parse(JSON.parse(request.body.toString())));
  }

  requests(method: string, pathPart = ''): readonly SeenRequest[] {
    return this.seen.filter((request) => request.method === method && request.path.includes(pathPart));
  }

  /** Resolves as soon as the condition holds; looks after each request. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const { method = '', url: path = '', headers } = request;
    const seen = { method, path, headers, body };
    this.seen.push(seen);
    const reply = this.override(seen, this) ?? this.#usual(seen);
    response.writeHead(reply.status, reply.headers ?? {}).end(reply.body ?? '');
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #usual(request: SeenRequest): Reply {
    if (request.path.endsWith('/jobs/request')) return this.#giveJob();
    if (request.method === 'PATCH') return this.#appendTrace(request);
    if (request.method === 'PUT') return this.#update(request);
    if (request.method === 'POST') return { status: 201, body: '{}' };
    const file = this.downloads.get(request.path.replace(/\?.*/, ''));
    return file === undefined ? { status: 404 } : { status: 200, body: file };
  }

  #giveJob(): Reply {
    const job = this.jobs.shift();
    if (job === undefined) return { status: 204, headers: { 'X-GitLab-Last-Update': 'seen-1' } };
    this.trace = Buffer.alloc(0);
    const body = JSON.stringify(job);
    return { status: 201, headers: { 'Content-Type': 'application/json' }, body };
  }

  #appendTrace(request: SeenRequest): Reply {
    const start = Number(String(request.headers['content-range']).split('-')[0]);
    if (start !== this.trace.length) return { status: 416, headers: { Range: `0-${this.trace.length}` } };
    this.trace = Buffer.concat([this.trace, request.body]);
    return { status: 202, headers: { Range: `0-${this.trace.length}`, 'Job-Status': 'running' } };
  }

  /** A final update whose checksum does not fit is refused with 412 and the log forgotten, as GitLab does. */
  #update(request: SeenRequest): Reply {
    const update = updateBody.parse(JSON.parse(request.body.toString()));
    const checksum = `crc32:${crc32(this.trace).toString(16).padStart(8, '0')}`;
    if (update['state'] === 'running' || update['checksum'] === checksum) return { status: 200 };
    this.trace = Buffer.alloc(0);
    return { status: 412 };
  }
}
