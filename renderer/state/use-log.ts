// The log of a job as it grows.
import { useEffect, useState } from 'react';
import { toCoreError } from '../client.ts';
import type { CoreError } from '../client.ts';
import { appendLog, emptyLog } from './log-text.ts';
import type { LogText } from './log-text.ts';
import { useLab } from './use-live.ts';

export interface FollowedLog {
  readonly log: LogText;
  readonly state: 'reading' | 'following' | 'whole' | 'failed';
  readonly error: CoreError | null;
}

const nothing: FollowedLog = { log: emptyLog, state: 'reading', error: null };

/** Follows the log while the view is there; `attempt` is another number for another try. */
export function useLog(id: number, attempt: number): FollowedLog {
  const { client } = useLab();
  const [followed, setFollowed] = useState(nothing);
  useEffect(() => {
    const stop = new AbortController();
    const read = async (): Promise<void> => {
      let log = emptyLog;
      try {
        for await (const part of client.stream('job.log', { id, follow: true }, stop.signal)) {
          log = appendLog(part.offset === 0 ? emptyLog : log, part.text);
          setFollowed({ log, state: 'following', error: null });
        }
        if (!stop.signal.aborted) setFollowed({ log, state: 'whole', error: null });
      } catch (error) {
        // What was read stays.
        if (!stop.signal.aborted)
          setFollowed((before) => ({ ...before, state: 'failed', error: toCoreError(error) }));
      }
    };
    void read();
    return () => {
      stop.abort();
      setFollowed(nothing);
    };
  }, [client, id, attempt]);
  return followed;
}
