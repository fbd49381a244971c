// The engine behind its socket, as the gateway talks to it.
import { request } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import { json } from 'node:stream/consumers';
import type { EngineCall } from './decision.ts';

export interface Upgraded {
  readonly answer: IncomingMessage;
  /** `null`: the engine answered without a stream. */
  readonly stream: Duplex | null;
  readonly head: Buffer;
}

export interface EngineLink {
  /** Resolves with the answer's head; its body is still to come. Rejects when the engine cannot be reached. */
  send(call: EngineCall, headers?: OutgoingHttpHeaders, signal?: AbortSignal): Promise<IncomingMessage>;
  /** The whole answer; `null` as value where it is no JSON. */
  ask(call: EngineCall): Promise<{ readonly status: number; readonly value: unknown }>;
  /** Asks for a stream in both directions. The signal ends it, also later. */
  upgrade(call: EngineCall, signal?: AbortSignal): Promise<Upgraded>;
}

function targetOf({ path, query }: EngineCall): string {
  const text = new URLSearchParams(query).toString();
  return text === '' ? path : `${path}?${text}`;
}

/** A connection of its own for each request: none is ever reused that the engine is about to close. */
export function linkEngine(socketPath: string): EngineLink {
  const open = (call: EngineCall, headers: OutgoingHttpHeaders = {}, signal?: AbortSignal) => {
    const content = call.tar ?? (call.body === undefined ? '' : JSON.stringify(call.body));
    const type = call.tar === undefined ? 'application/json' : 'application/x-tar';
    const outgoing = request({
      ...{ socketPath, agent: false, method: call.method, path: targetOf(call) },
      headers: {
        Host: 'engine',
        ...headers,
        ...(content === '' ? {} : { 'Content-Type': type }),
        ...(call.method === 'GET' || call.method === 'HEAD'
          ? {}
          : { 'Content-Length': Buffer.byteLength(content) }),
      },
      ...(signal === undefined ? {} : { signal }),
    });
    outgoing.end(content);
    return outgoing;
  };
  const send: EngineLink['send'] = (call, headers, signal) =>
    new Promise((resolve, reject) => {
      open(call, headers, signal).once('response', resolve).on('error', reject);
    });
  return {
    send,
    ask: async (call) => {
      const answer = await send(call);
      const value: unknown = await json(answer).catch(() => null);
      return { status: answer.statusCode ?? 0, value };
    },
    upgrade: (call, signal) =>
      new Promise((resolve, reject) => {
        open(call, { Connection: 'Upgrade', Upgrade: 'tcp' }, signal)
          .once('upgrade', (answer, stream, head) => {
            stream.on('error', () => stream.destroy());
            resolve({ answer, stream, head });
          })
          .once('response', (answer) => resolve({ answer, stream: null, head: Buffer.alloc(0) }))
          .on('error', reject);
      }),
  };
}
