// A stream of the core as an HTTP answer: server-sent events, or one JSON answer a line.
import type { ErrorShape } from '../contract/error.ts';
import { errorShapeOf } from './answer.ts';

interface StreamFormat {
  readonly contentType: string;
  item(id: number, value: unknown): string;
  failure(error: ErrorShape): string;
  readonly end: string;
  /** Keeps proxies and readers from taking silence for death. */
  readonly beat: string;
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html; `error` is taken by EventSource itself. */
const serverSentEvents: StreamFormat = {
  contentType: 'text/event-stream; charset=utf-8',
  item: (id, value) => `id: ${id}\ndata: ${JSON.stringify(value)}\n\n`,
  failure: (error) => `event: failure\ndata: ${JSON.stringify(error)}\n\n`,
  end: 'event: end\ndata: {}\n\n',
  beat: ': beat\n\n',
};

/** Every line is an answer of the contract; an empty line is a heartbeat. */
const jsonLines: StreamFormat = {
  contentType: 'application/x-ndjson',
  item: (_id, value) => `${JSON.stringify({ ok: true, value })}\n`,
  failure: (error) => `${JSON.stringify({ ok: false, error })}\n`,
  end: '',
  beat: '\n',
};

/** The format that a reader asks for. */
export function formatFor(accept: string | undefined): StreamFormat {
  return accept?.includes(jsonLines.contentType) === true ? jsonLines : serverSentEvents;
}

/** Milliseconds in which a stream that is refused at once still gets the HTTP status of its error. */
const settleMs = 150;

/** `late` when the promise takes longer than `ms`; the promise itself goes on. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, ms, 'late');
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

interface Source {
  readonly iterator: AsyncIterator<unknown>;
  readonly first: Promise<IteratorResult<unknown>>;
  readonly stop: AbortController;
}

async function* written(source: Source, format: StreamFormat, beatMs: number): AsyncGenerator<string> {
  let next = source.first;
  try {
    for (let id = 1; ;) {
      const item = await within(next, beatMs);
      if (item === 'late') {
        yield format.beat;
        continue;
      }
      if (item.done === true) break;
      yield format.item(id, item.value);
      id += 1;
      next = source.iterator.next();
    }
    if (format.end !== '') yield format.end;
  } catch (error) {
    yield format.failure(errorShapeOf(error));
  } finally {
    source.stop.abort();
  }
}

/**
 * The answer to a stream request. Rejects when the stream fails at once. `stop` ends the stream, and is fired
 * when the reader leaves.
 */
export async function answerStream(
  items: AsyncIterable<unknown>,
  format: StreamFormat,
  stop: AbortController,
  beatMs: number,
): Promise<Response> {
  const iterator = items[Symbol.asyncIterator]();
  const first = iterator.next();
  await within(first, settleMs);
  const texts = written({ iterator, first, stop }, format, beatMs);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await texts.next();
        if (next.done === true) controller.close();
        else controller.enqueue(encoder.encode(next.value));
      },
      // Both wait at a yield while nobody reads: told to stop, they end without one more read.
      cancel: async () => {
        stop.abort();
        await Promise.all([texts.return(undefined), iterator.return?.()]);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { 'content-type': format.contentType } });
}
