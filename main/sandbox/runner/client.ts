// The runner's side of GitLab's runner protocol: one method for each call, answers as unions.
// https://gitlab.com/gitlab-org/gitlab/-/blob/master/lib/api/ci/runner.rb
import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { JobCredentials, JobDependency } from './job.ts';
import { parseRangeEnd, renderContentRange } from './trace-log.ts';
import type { RunnerIdentity } from './identity.ts';

export type JobReply =
  | { readonly kind: 'job'; readonly body: unknown }
  | { readonly kind: 'none' }
  /** The token is not valid (any more). */
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'failed'; readonly message: string };

/** What the server wants of a job that it answers about. */
export type JobWish = 'go on' | 'cancel' | 'abort';

/** The answer to an update or a piece of the log. */
export interface JobAnswer {
  /** 0 when there was no answer at all. */
  readonly status: number;
  readonly wish: JobWish;
  /** `X-GitLab-Trace-Update-Interval`, if given. */
  readonly intervalMs: number | null;
  /** Where the server's copy of the log ends, for 416. */
  readonly rangeEnd: number;
}

/** The body of `PUT /jobs/:id`, without what every request carries. */
export interface JobUpdate {
  readonly state: 'running' | 'success' | 'failed';
  readonly failure_reason?: string;
  readonly exit_code?: number;
  readonly checksum?: string;
  readonly output: { readonly checksum?: string; readonly bytesize?: number };
}

export interface ArtifactUpload {
  readonly fileName: string;
  readonly format: string;
  readonly type: string;
  /** Such as `1 week`; empty for the server's default. */
  readonly expireIn: string;
  readonly content: AsyncIterable<Uint8Array>;
}

interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly signal?: AbortSignal;
}

const attempts = 5;
const firstPauseMs = 100;
const longestPauseMs = 60_000;
const json = { 'Content-Type': 'application/json', Accept: 'application/json' } as const;

export class ProtocolClient {
  readonly #base: string;
  readonly #identity: RunnerIdentity;
  #lastUpdate = '';

  /** `url` is GitLab's own address, as in config.toml. */
  constructor(url: string, identity: RunnerIdentity) {
    this.#base = `${url.replace(/\/+$/, '').replace(/\/ci$/, '')}/api/v4/`;
    this.#identity = identity;
  }

  /** Asks for a job. Rejects only when `signal` aborts. */
  async requestJob(signal: AbortSignal): Promise<JobReply> {
    const { token, systemId, info } = this.#identity;
    const body = JSON.stringify({
      info,
      token,
      system_id: systemId,
      last_update: this.#lastUpdate || undefined,
    });
    try {
      const headers = { ...json, 'Runner-Token': token };
      const response = await this.#send({ method: 'POST', path: 'jobs/request', headers, body, signal });
      this.#lastUpdate = response.headers.get('X-GitLab-Last-Update') ?? this.#lastUpdate;
      return await readJobReply(response);
    } catch (error) {
      signal.throwIfAborted();
      return { kind: 'failed', message: describe(error) };
    }
  }

  async updateJob(job: JobCredentials, update: JobUpdate): Promise<JobAnswer> {
    const body = JSON.stringify({ info: this.#identity.info, token: job.token, ...update });
    const headers = { ...json, 'Job-Token': job.token };
    return this.#ask({ method: 'PUT', path: `jobs/${job.id}`, headers, body });
  }

  /** Sends a piece of the log. `debugTrace` tells the server that the log shows more than usual. */
  async patchTrace(
    job: JobCredentials,
    content: Buffer,
    offset: number,
    debugTrace: boolean,
  ): Promise<JobAnswer> {
    const headers = {
      'Content-Type': 'text/plain',
      'Content-Range': renderContentRange(offset, content.length),
      'Job-Token': job.token,
    };
    const path = `jobs/${job.id}/trace?debug_trace=${debugTrace}`;
    return this.#ask({ method: 'PATCH', path, headers, body: content });
  }

  /** Streams one archive; the content can be read once, so the caller retries. Returns the status, 0 for none. */
  async uploadArtifact(job: JobCredentials, upload: ArtifactUpload): Promise<number> {
    const boundary = randomUUID();
    const query = new URLSearchParams();
    query.set('artifact_format', upload.format);
    if (upload.type !== '') query.set('artifact_type', upload.type);
    if (upload.expireIn !== '') query.set('expire_in', upload.expireIn);
    const response = await fetch(`${this.#base}jobs/${job.id}/artifacts?${query.toString()}`, {
      method: 'POST',
      headers: {
        ...this.#commonHeaders(),
        'Content-Type': `multipart/form-data; boundary=${boundary}`,
        'Job-Token': job.token,
      },
      body: ReadableStream.from(renderMultipart(boundary, upload)),
      duplex: 'half',
    });
    await response.arrayBuffer();
    return response.status;
  }

  /** Downloads the archive of a job that this one depends on; follows one redirect, without the token. */
  async downloadArtifact(dependency: JobDependency): Promise<Response> {
    const headers = { ...this.#commonHeaders(), 'Job-Token': dependency.token };
    const url = `${this.#base}jobs/${dependency.id}/artifacts?direct_download=true`;
    const response = await fetch(url, { headers, redirect: 'manual' });
    const location = response.headers.get('Location');
    if (response.status < 300 || response.status > 399 || location === null) return response;
    await response.arrayBuffer();
    return fetch(new URL(location, url));
  }

  #commonHeaders(): Readonly<Record<string, string>> {
    return { 'User-Agent': this.#identity.userAgent, 'X-Request-Id': randomUUID().replaceAll('-', '') };
  }

  async #ask(call: Call): Promise<JobAnswer> {
    try {
      const response = await this.#send(call);
      await response.arrayBuffer();
      return readJobAnswer(response);
    } catch {
      return { status: 0, wish: 'go on', intervalMs: null, rangeEnd: 0 };
    }
  }

  /** Retries what may pass, as GitLab's runner does; the last answer counts whatever it is. */
  async #send(call: Call): Promise<Response> {
    const { method, body = null, signal = null } = call;
    const headers = { ...this.#commonHeaders(), ...call.headers };
    for (let attempt = 1; ; attempt += 1) {
      const response = await fetch(this.#base + call.path, { method, headers, body, signal });
      if (attempt >= attempts || !isPassing(response.status)) return response;
      await response.arrayBuffer();
      await delay(pauseMs(attempt, response.headers.get('Retry-After')), undefined, signal ? { signal } : {});
    }
  }
}

function isPassing(status: number): boolean {
  return [408, 429, 500, 502, 503, 504].includes(status) || status >= 512;
}

/** Doubles from 0.1 s with jitter, unless the server says how long. */
function pauseMs(attempt: number, retryAfter: string | null): number {
  const asked = Number(retryAfter ?? 0) * 1000;
  if (asked > 0) return Math.min(asked, longestPauseMs);
  return firstPauseMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
}

async function readJobReply(response: Response): Promise<JobReply> {
  const isJson = response.headers.get('Content-Type')?.startsWith('application/json') ?? false;
  if (response.status === 201 && isJson) return { kind: 'job', body: await response.json() };
  await response.arrayBuffer();
  if (response.status === 204) return { kind: 'none' };
  if (response.status === 403) return { kind: 'forbidden' };
  return { kind: 'failed', message: `HTTP ${response.status}` };
}

function readJobAnswer(response: Response): JobAnswer {
  const state = response.headers.get('Job-Status');
  const interval = Number(response.headers.get('X-GitLab-Trace-Update-Interval') ?? 0);
  const isOver = state === 'canceled' || state === 'failed' || response.status === 403;
  return {
    status: response.status,
    wish: isOver ? 'abort' : state === 'canceling' ? 'cancel' : 'go on',
    intervalMs: interval > 0 ? interval * 1000 : null,
    rangeEnd: parseRangeEnd(response.headers.get('Range')),
  };
}

async function* renderMultipart(boundary: string, upload: ArtifactUpload): AsyncGenerator<Uint8Array> {
  const name = upload.fileName.replaceAll(/["\r\n\\]/g, '_');
  yield Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n` +
      'Content-Type: application/octet-stream\r\n\r\n',
  );
  yield* upload.content;
  yield Buffer.from(`\r\n--${boundary}--\r\n`);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
