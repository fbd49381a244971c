// One git request over HTTP through git's own `http-backend`, streamed both ways.
import type { Readable, Writable } from 'node:stream';
import { Readable as NodeReadable, Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { streamBody } from '../stream-body.ts';
import { gitEnvironment, startGit } from './run-git.ts';

export interface BackendRequest {
  readonly request: Request;
  /** The bare repository. */
  readonly repository: string;
  /** `info/refs`, `git-upload-pack` or `git-receive-pack`. */
  readonly service: string;
  /** The name git records in reflogs; `null` for anonymous readers. */
  readonly remoteUser: string | null;
  /** Folder with the hooks that ask over descriptors 3 and 4. */
  readonly hooks: string;
  /** Answers the hooks' questions until git has closed the pipe. */
  readonly answer: (questions: Readable, answers: Writable) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

// Gitaly allows any object id to be asked for (the runner fetches commits) and partial clones.
const BACKEND_SETTINGS: readonly string[] = [
  ...['http.receivepack=true', 'http.uploadpack=true', 'receive.advertisePushOptions=true'],
  ...['receive.autogc=false', 'gc.auto=0', 'receive.denyDeleteCurrent=ignore', 'transfer.fsckObjects=false'],
  ...['uploadpack.allowFilter=true', 'uploadpack.allowAnySHA1InWant=true', 'receive.hideRefs=refs/pipelines'],
].flatMap((setting) => ['-c', setting]);

/** Of what git says to standard error, for the log. */
const complaintLimit = 4096;

/** Starts git and returns its answer as soon as its headers are there; the body streams. */
export async function serveGit(options: BackendRequest): Promise<Response> {
  const child = await startGit(
    [...BACKEND_SETTINGS, '-c', `core.hooksPath=${options.hooks}`, 'http-backend'],
    { env: backendEnvironment(options), extraPipes: 2 },
  );
  const { stdin, stdout, stderr } = child;
  const [, , , questions, answers] = child.stdio;
  if (!(questions instanceof Duplex) || !(answers instanceof Duplex)) throw new Error('git has no pipes');
  let complaints = '';
  stderr.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString('utf8')).slice(0, complaintLimit);
  });
  child.once('close', (code) => {
    if (code !== 0) options.onError(new Error(`git http-backend left with ${code}: ${complaints.trim()}`));
  });
  for (const pipe of [stdin, stdout, questions, answers]) pipe.on('error', () => undefined);
  options
    .answer(questions, answers)
    .catch(options.onError)
    .finally(() => answers.end());
  const body = options.request.body;
  if (body === null) stdin.end();
  // git may stop reading before the end, e.g. when it refuses a push; its answer says why.
  else pipeline(NodeReadable.fromWeb(toNodeStream(body)), stdin).catch(() => undefined);
  return await readCgiResponse(stdout);
}

/** The two declarations of one web stream, made one without a cast. */
function toNodeStream(body: ReadableStream<Uint8Array>): NodeReadableStream<Uint8Array> {
  return body;
}

function backendEnvironment(options: BackendRequest): Record<string, string> {
  const { request } = options;
  const header = (name: string): string => request.headers.get(name) ?? '';
  const length = header('content-length');
  const encoding = header('content-encoding');
  const protocol = header('git-protocol');
  return gitEnvironment({
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_TRANSLATED: `${options.repository}/${options.service}`,
    REQUEST_METHOD: request.method,
    QUERY_STRING: new URL(request.url).search.slice(1),
    CONTENT_TYPE: header('content-type'),
    REMOTE_ADDR: '127.0.0.1',
    ...(options.remoteUser === null ? {} : { REMOTE_USER: options.remoteUser }),
    ...(length === '' ? {} : { CONTENT_LENGTH: length }),
    ...(encoding === '' ? {} : { HTTP_CONTENT_ENCODING: encoding }),
    ...(protocol === '' ? {} : { GIT_PROTOCOL: protocol }),
  });
}

async function readCgiResponse(stdout: Readable): Promise<Response> {
  const { head, rest } = await readHead(stdout);
  let status = 200;
  const headers = new Headers();
  for (const line of head.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const name = line.slice(0, colon).trim();
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() === 'status') status = Number(value.split(' ')[0]);
    else headers.append(name, value);
  }
  stdout.unshift(rest);
  return new Response(streamBody(stdout), { status, headers });
}

/** Reads up to the empty line that ends the headers. */
async function readHead(stdout: Readable): Promise<{ head: string; rest: Buffer }> {
  return await new Promise((resolve, reject) => {
    let buffer = Buffer.alloc(0);
    const stop = (): void => {
      stdout.off('readable', onReadable);
      stdout.off('end', onEnd);
      stdout.off('error', reject);
    };
    const onEnd = (): void => {
      stop();
      reject(new Error('git http-backend gave no answer'));
    };
    const onReadable = (): void => {
      for (let chunk: unknown = stdout.read(); chunk !== null; chunk = stdout.read()) {
        if (chunk instanceof Uint8Array) buffer = Buffer.concat([buffer, chunk]);
        const end = /\r?\n\r?\n/.exec(buffer.toString('latin1'));
        if (end === null) continue;
        stop();
        const bodyStart = end.index + end[0].length;
        resolve({ head: buffer.toString('latin1').slice(0, end.index), rest: buffer.subarray(bodyStart) });
        return;
      }
    };
    stdout.on('readable', onReadable);
    stdout.once('end', onEnd);
    stdout.once('error', reject);
  });
}
