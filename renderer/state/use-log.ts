// A log as it grows, taken in slices, so that a long one never holds up the page.
import { useCallback, useEffect, useState } from 'react';
import { toCoreError } from '../client.ts';
import type { CoreClient, CoreError } from '../client.ts';
import { createLogBook } from './log-book.ts';
import type { LogBook } from './log-book.ts';
import { nextTask } from './next-task.ts';
import { useLab } from './use-live.ts';

export interface FollowedLog {
  readonly book: LogBook;
  /** The book's, when this was said: views are drawn anew for another one. */
  readonly version: number;
  readonly state: 'reading' | 'following' | 'whole' | 'failed';
  readonly error: CoreError | null;
}

/** Characters that are taken in at once: a few milliseconds. */
const slice = 131_072;

function nothing(): FollowedLog {
  return { book: createLogBook(), version: 0, state: 'reading', error: null };
}

/** A part of a log; one at the offset 0 begins it anew. */
interface LogPart {
  readonly text: string;
  readonly offset?: number;
}

type ReadLog = (client: CoreClient, stop: AbortSignal) => AsyncIterable<LogPart>;

/** Follows what `read`, which must stay the same between drawings, hands out; `attempt`: another number for another try. */
export function useFollowedLog(read: ReadLog, attempt: number): FollowedLog {
  const { client } = useLab();
  const [followed, setFollowed] = useState(nothing);
  useEffect(() => {
    const stop = new AbortController();
    const isOver = (): boolean => stop.signal.aborted;
    const follow = async (): Promise<void> => {
      let book = createLogBook();
      const show = (state: FollowedLog['state']): void => {
        if (!isOver()) setFollowed({ book, version: book.version, state, error: null });
      };
      const take = async (text: string): Promise<void> => {
        for (let from = 0; from < text.length && !isOver(); from += slice) {
          if (from > 0) await nextTask();
          book.append(text.slice(from, from + slice));
          show('following');
        }
      };
      try {
        for await (const part of read(client, stop.signal)) {
          if (part.offset === 0) book = createLogBook();
          await take(part.text);
        }
        show('whole');
      } catch (error) {
        // What was read stays.
        if (!isOver()) setFollowed((before) => ({ ...before, state: 'failed', error: toCoreError(error) }));
      }
    };
    void follow();
    return () => {
      stop.abort();
      setFollowed(nothing());
    };
  }, [client, read, attempt]);
  return followed;
}

/** The log of a job, while the view is there. */
export function useLog(id: number, attempt: number): FollowedLog {
  const read = useCallback<ReadLog>(
    (client, stop) => client.stream('job.log', { id, follow: true }, stop),
    [id],
  );
  return useFollowedLog(read, attempt);
}
