// The bridge's four questions, answered for one page: names and sizes checked, streams kept and counted.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamPart } from '../main/contract/bridge.ts';
import { requestNames } from '../main/contract/contract.ts';
import type { CoreDoor, RequestName } from '../main/contract/contract.ts';
import type { Answer } from '../main/contract/error.ts';
import { AutoGitError } from '../main/errors.ts';
import { errorShapeOf } from '../main/serve/answer.ts';
import { parseInput } from '../main/serve/read-input.ts';
import { isCallName, isStreamName } from '../main/serve/routes.ts';

/** What a page may ask. Nothing of it is trusted, and nothing rejects. */
export interface Desk {
  call(name: unknown, input: unknown): Promise<Answer<unknown>>;
  open(name: unknown, input: unknown): Promise<Answer<string>>;
  next(id: unknown): Promise<Answer<StreamPart>>;
  close(id: unknown): Promise<Answer<null>>;
  /** The page is gone: ends its streams. */
  clear(): void;
}

/** Characters of JSON: what the HTTP door takes too. */
const longestInput = 1_048_576;
/** A page has one or two; a page that forgets to close them is at fault. */
const mostStreams = 16;
/** Milliseconds between two answers of a stream: nobody sees more, and what happens in between comes in one piece. */
const paceMs = 50;
/** Items of one answer. A stream that has more gives them to the next question. */
const mostItems = 256;

interface OpenStream {
  readonly items: AsyncIterator<unknown>;
  readonly stop: AbortController;
  /** Asked of the stream, and not handed out yet. */
  pending: Promise<IteratorResult<unknown>> | null;
  /** The answer before: questions to one stream queue up. */
  last: Promise<unknown>;
  /** When it was given; `performance.now()`. */
  givenAt: number;
}

function deskError(key: string, message: string): AutoGitError {
  const next =
    'Close the window and open it again. If it comes back, report it with the log in the home folder.';
  return new AutoGitError({ key, message, next });
}

/** An own name of the contract. What every object inherits is none. */
function nameIn(value: unknown): RequestName {
  const name = requestNames.find((known) => known === value);
  if (name !== undefined) return name;
  throw deskError('desktop.request-unknown', 'The window asked for something that AutoGit does not have.');
}

/** The input as plain data: what JSON cannot carry does not reach the core, and so is no valid input. */
function plainInput(input: unknown): unknown {
  let text: unknown;
  try {
    text = JSON.stringify(input);
  } catch {
    return undefined;
  }
  if (typeof text !== 'string') return undefined;
  if (text.length > longestInput) {
    throw deskError('desktop.request-too-large', 'The window sent a request of more than 1 MiB.');
  }
  return JSON.parse(text);
}

async function answered<T>(work: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: errorShapeOf(error) };
  }
}

/** What is there at once joins the first item; the rest is asked for again. */
async function readPart(stream: OpenStream): Promise<StreamPart> {
  const early = stream.givenAt + paceMs - performance.now();
  if (early > 0) await sleep(early, undefined, { signal: stream.stop.signal }).catch(() => undefined);
  const items: unknown[] = [];
  for (;;) {
    stream.pending ??= stream.items.next();
    const given = items.length === 0 ? await stream.pending : await Promise.race([stream.pending, soon()]);
    if (given === 'later') return { done: false, items };
    stream.pending = null;
    if (given.done === true) return { done: true, items };
    items.push(given.value);
    if (items.length === mostItems) return { done: false, items };
  }
}

function soon(): Promise<'later'> {
  return new Promise((resolve) => setImmediate(resolve, 'later'));
}

function end(stream: OpenStream): void {
  stream.stop.abort();
  // A stream that waits for news ends by the signal; one that nobody has asked yet ends here.
  stream.items.return?.().catch(() => undefined);
}

/** The desk of one window over `door`. */
export function createDesk(door: CoreDoor): Desk {
  const streams = new Map<string, OpenStream>();

  const streamOf = (id: unknown): OpenStream => {
    const stream = typeof id === 'string' ? streams.get(id) : undefined;
    if (stream !== undefined) return stream;
    throw deskError('desktop.stream-unknown', 'The window asked for a stream that is not open.');
  };

  const forget = (id: unknown): void => {
    const stream = typeof id === 'string' ? streams.get(id) : undefined;
    if (stream === undefined || typeof id !== 'string') return;
    streams.delete(id);
    end(stream);
  };

  const openStream = async (given: unknown, input: unknown): Promise<string> => {
    const name = nameIn(given);
    if (!isStreamName(name)) throw deskError('desktop.request-unknown', `${name} gives no stream.`);
    const parsed = parseInput(name, plainInput(input));
    if (streams.size >= mostStreams) {
      throw deskError('desktop.streams-too-many', 'The window follows too many things at once.');
    }
    const stop = new AbortController();
    const items = door.stream(name, parsed, stop.signal)[Symbol.asyncIterator]();
    const id = randomUUID();
    streams.set(id, { items, stop, pending: null, last: Promise.resolve(), givenAt: -paceMs });
    return id;
  };

  const nextPart = async (id: unknown): Promise<StreamPart> => {
    const stream = streamOf(id);
    const reading = stream.last.then(() => readPart(stream));
    stream.last = reading.catch(() => undefined);
    try {
      const part = await reading;
      stream.givenAt = performance.now();
      if (part.done) forget(id);
      return part;
    } catch (error) {
      forget(id);
      throw error;
    }
  };

  return {
    call: (given, input) =>
      answered(async () => {
        const name = nameIn(given);
        if (!isCallName(name)) throw deskError('desktop.request-unknown', `${name} gives a stream.`);
        return door.call(name, parseInput(name, plainInput(input)));
      }),
    open: (given, input) => answered(() => openStream(given, input)),
    next: (id) => answered(() => nextPart(id)),
    close: (id) =>
      answered(async () => {
        forget(id);
        return null;
      }),
    clear: () => {
      for (const id of [...streams.keys()]) forget(id);
    },
  };
}
