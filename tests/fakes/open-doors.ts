// The real doors over a fake core, and a client that sends exactly what a test says.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLog, createRedaction } from '../../main/log.ts';
import type { Log, LogRecord } from '../../main/log.ts';
import { startServe } from '../../main/serve/serve.ts';
import type { Doors, ServeOptions } from '../../main/serve/serve.ts';
import { createFakeCore } from './fake-core.ts';
import type { FakeCore } from './fake-core.ts';

export interface OpenDoors extends Doors {
  readonly core: FakeCore;
  readonly port: number;
  readonly token: string;
  readonly folder: string;
  readonly paths: { readonly socket: string; readonly httpToken: string };
  readonly logged: readonly LogRecord[];
}

/** A logger that keeps its records. */
export function keptLog(records: LogRecord[]): Log {
  const sinks = [(record: LogRecord): number => records.push(record)];
  return createLog('test', { sinks, level: 'debug', redact: createRedaction(), now: Date.now });
}

/** Doors in a folder of their own. `close` removes it too. */
export async function openDoors(
  options: Pick<ServeOptions, 'beatMs' | 'page' | 'now'> & { readonly core?: FakeCore } = {},
): Promise<OpenDoors> {
  const folder = await mkdtemp(path.join(tmpdir(), 'autogit-doors-'));
  const paths = { socket: path.join(folder, 'core.sock'), httpToken: path.join(folder, 'http-token') };
  const { core = createFakeCore(), ...more } = options;
  const logged: LogRecord[] = [];
  const doors = await startServe({ core, paths, log: keptLog(logged), ...more });
  return {
    ...doors,
    core,
    folder,
    paths,
    logged,
    port: Number(new URL(doors.address).port),
    token: (await readFile(paths.httpToken, 'utf8')).trim(),
    close: async () => {
      await doors.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type Target = { readonly socketPath: string } | { readonly host: string; readonly port: number };

/** Sends a request and hands back the answer as it begins. */
export function begin(target: Target, sent: Sent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', path: where, headers = {}, body } = sent;
    const outgoing = request({ ...target, method, path: where, headers, agent: false }, resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export interface Received {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  readonly json: unknown;
}

function jsonOf(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch {
    return undefined;
  }
}

/** Sends a request and reads the whole answer. */
export async function send(target: Target, sent: Sent): Promise<Received> {
  const answer = await begin(target, sent);
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += String(chunk);
  return { status: answer.statusCode ?? 0, headers: answer.headers, text, json: jsonOf(text) };
}
