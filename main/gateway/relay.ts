// Takes runners' requests, has them judged, and passes on what is allowed, streams included.
import { createServer } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { LimitedEngine } from '../model/container-limits.ts';
import type { Allowed, Decision } from './decision.ts';
import type { EngineLink } from './engine-link.ts';
import { jsonSchema, refuse } from './fields.ts';
import type { Json } from './fields.ts';
import { guarded, pathOf, sendMessage } from './guarded.ts';
import type { Note } from './guarded.ts';
import { lookUp } from './look-up.ts';
import { decide, referencesOf } from './policy.ts';
import { readBody, readBodyOfStream } from './read-body.ts';
import type { Speaker } from './speaker.ts';

export interface RelayOptions {
  readonly engine: EngineLink;
  readonly kind: LimitedEngine;
  readonly instance: string;
  readonly sign: (text: string) => string;
  readonly identify: (socket: Socket, target: string) => Promise<Speaker | null>;
  readonly note: Note;
  /** A runner's connection has ended: it may have ended itself. */
  readonly onLeave: () => void;
}

type Judged = { readonly decision: Decision; readonly runner: string };

/** Of one connection to the next: never passed on. */
const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'trailer', 'te']);

/** The server that runners have for their engine. */
export function createRelay(options: RelayOptions): Server {
  const listener = guarded((incoming, outgoing) => answer(incoming, outgoing, options), options.note, [
    502,
    'AutoGit’s gateway does not reach the engine.',
  ]);
  const server = createServer({ maxHeaderSize: 65_536, insecureHTTPParser: false }, listener);
  // A client that reuses a connection must not find it closed under its request.
  server.keepAliveTimeout = 0;
  server.on('upgrade', (incoming, socket, head) => {
    socket.on('error', () => socket.destroy());
    answerStream(incoming, socket, head, options).catch((error: unknown) => {
      options.note('failed', { target: pathOf(incoming), error: String(error) });
      socket.destroy();
    });
  });
  server.on('connection', (socket) => socket.once('close', options.onLeave));
  return server;
}

async function judge(
  incoming: IncomingMessage,
  readText: () => Promise<string | null>,
  upgrade: boolean,
  options: RelayOptions,
): Promise<Judged> {
  const { engine, kind, instance, sign } = options;
  const speaker = await options.identify(incoming.socket, incoming.url ?? '');
  if (speaker === null) {
    const message = `who asks from ${incoming.socket.remoteAddress ?? 'nowhere'} is no runner with a grant`;
    return { decision: refuse('gateway.unidentified', message), runner: '' };
  }
  const { runner, grant, target } = speaker;
  const body = parseBody(await readText());
  if (body === null) return { decision: refuse('gateway.body', 'the body is no JSON, or too long'), runner };
  const request = { method: incoming.method ?? '', target, upgrade, body: body.value };
  const find = await lookUp(engine, referencesOf(request), { instance, sign, runner });
  return { decision: decide(request, grant, { runner, instance, engine: kind, find, sign }), runner };
}

/** `null` for what is no JSON or was too long to be read. */
function parseBody(text: string | null): { readonly value: Json | undefined } | null {
  if (text === null) return null;
  if (text === '') return { value: undefined };
  try {
    return { value: jsonSchema.parse(JSON.parse(text)) };
  } catch {
    return null;
  }
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: RelayOptions,
): Promise<void> {
  const { decision, runner } = await judge(incoming, () => readBody(incoming), false, options);
  if ('refuse' in decision) {
    // What was not read of its body is not taken for another request.
    outgoing.shouldKeepAlive = incoming.complete;
    noteRefusal(incoming, decision, runner, options.note);
    sendMessage(outgoing, 403, refusalText(decision));
  } else if ('absent' in decision) {
    sendMessage(outgoing, 404, decision.absent);
  } else {
    await passOn(decision.allow, incoming, outgoing, options);
  }
}

async function passOn(
  call: Allowed,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { engine, note }: RelayOptions,
): Promise<void> {
  for (const first of call.before) await engine.ask(first);
  const gone = goneWith(outgoing);
  // The one header of a request that the engine needs: what a private registry asks for.
  const login = incoming.headers['x-registry-auth'];
  const headers = login === undefined ? {} : { 'X-Registry-Auth': login };
  const response = await engine.send(call, headers, gone);
  const status = response.statusCode ?? 502;
  if (call.after.length + call.completing.length + call.hidden.length > 0 && status < 300) {
    const whole = withoutContainers(await buffer(response), call.hidden);
    for (const next of call.completing) {
      const { status: failed, value } = await engine.ask(next);
      if (failed < 300) continue;
      note('failed', { target: next.path, status: failed, answer: value });
      sendMessage(
        outgoing,
        502,
        'AutoGit’s gateway could not give the container the roots that it is to trust.',
      );
      return;
    }
    for (const next of call.after) {
      const done = await engine.ask(next);
      if (done.status >= 300) note('failed', { target: next.path, status: done.status, answer: done.value });
    }
    outgoing
      .writeHead(status, { ...passable(response), 'content-length': Buffer.byteLength(whole) })
      .end(whole);
    return;
  }
  outgoing.writeHead(status, passable(response));
  outgoing.flushHeaders();
  // A client that has gone is no failure.
  await pipeline(response, outgoing).catch((error: unknown) => {
    if (!gone.aborted) throw error;
  });
}

const networkSchema = z.looseObject({
  Containers: z.record(z.string(), z.looseObject({ Name: z.string() })),
});

/** A network's description without some of its containers; anything else as it is. */
function withoutContainers(body: Buffer, names: readonly string[]): Buffer | string {
  if (names.length === 0) return body;
  const network = networkSchema.safeParse(JSON.parse(body.toString('utf8')));
  if (!network.success) return body;
  const shown = Object.entries(network.data.Containers).filter(([, { Name }]) => !names.includes(Name));
  return JSON.stringify({ ...network.data, Containers: Object.fromEntries(shown) });
}

function passable({ headers }: IncomingMessage): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)));
}

async function answerStream(
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  options: RelayOptions,
): Promise<void> {
  let rest: Buffer = head;
  const readText = async (): Promise<string | null> => {
    const read = await readBodyOfStream(incoming, socket, head);
    rest = read.rest;
    return read.text;
  };
  const { decision, runner } = await judge(incoming, readText, true, options);
  if (!('allow' in decision)) {
    if ('refuse' in decision) noteRefusal(incoming, decision, runner, options.note);
    const [status, message] =
      'refuse' in decision
        ? (['403 Forbidden', refusalText(decision)] as const)
        : (['404 Not Found', decision.absent] as const);
    endWith(socket, status, JSON.stringify({ message }));
    return;
  }
  const gone = goneWith(socket);
  const { answer: response, stream, head: first } = await options.engine.upgrade(decision.allow, gone);
  if (stream === null) {
    endWith(socket, `${response.statusCode ?? 502} Refused`, await buffer(response));
    return;
  }
  if (gone.aborted) {
    stream.destroy();
    return;
  }
  socket.write(
    'HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n' +
      'Content-Type: application/vnd.docker.raw-stream\r\n\r\n',
  );
  socket.write(first);
  stream.write(rest);
  join(socket, stream);
}

/** Aborted as soon as the other side has gone; it may be gone already. */
function goneWith(side: Duplex | ServerResponse): AbortSignal {
  const gone = new AbortController();
  side.once('close', () => gone.abort());
  if (side.destroyed) gone.abort();
  return gone.signal;
}

/** Both directions with back pressure; the end of one is told to the other side, and the other goes on. */
function join(socket: Duplex, stream: Duplex): void {
  stream.on('error', () => socket.destroy());
  socket.on('error', () => stream.destroy());
  socket.once('close', () => stream.destroy());
  socket.pipe(stream);
  stream.pipe(socket);
}

function endWith(socket: Duplex, status: string, body: string | Buffer): void {
  socket.write(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`,
  );
  socket.end(body);
}

function refusalText({ refuse: { key, message } }: Extract<Decision, { refuse: unknown }>): string {
  return `AutoGit’s gateway refuses this (${key}): ${message}`;
}

function noteRefusal(
  incoming: IncomingMessage,
  { refuse: { key, message } }: Extract<Decision, { refuse: unknown }>,
  runner: string,
  note: Note,
): void {
  const from = incoming.socket.remoteAddress ?? null;
  note('refused', { key, message, runner, from, method: incoming.method, target: pathOf(incoming) });
}
