// What machine and cards do now, pushed by the core for as long as somebody looks at the page that shows it.
import { useEffect, useState } from 'react';
import type { HardwareSample } from '../../main/model/host-metrics.ts';
import { toCoreError } from '../client.ts';
import type { CoreClient, CoreError } from '../client.ts';
import { pauseAfter } from './again.ts';
import { useLab } from './use-live.ts';

export interface Samples {
  /** The newest look; stays when the core falls silent. */
  readonly sample: HardwareSample | null;
  /** Why nothing comes; `null` while it does. */
  readonly error: CoreError | null;
  /** Counts the times that the core was found again: what was missed meanwhile can be asked for. */
  readonly visits: number;
}

/** Milliseconds for which a hidden page goes on: switching back and forth costs nothing. */
const hiddenMs = 5_000;

const nothing: Samples = { sample: null, error: null, visits: 0 };

/** Follows the machine until `signal` fires; asks again, later and later, when the core is lost. */
async function follow(
  client: CoreClient,
  interval: number,
  signal: AbortSignal,
  set: (change: (before: Samples) => Samples) => void,
): Promise<void> {
  const isOver = (): boolean => signal.aborted;
  let failures = 0;
  while (!isOver()) {
    let error: CoreError | null = null;
    let isFollowed = false;
    try {
      for await (const sample of client.stream('machine.watch', { interval }, signal)) {
        const isFirst = !isFollowed;
        isFollowed = true;
        set(({ visits }) => ({ sample, error: null, visits: visits + Number(isFirst) }));
      }
    } catch (thrown) {
      error = toCoreError(thrown);
    }
    if (isFollowed) failures = 0;
    if (error !== null && !isOver()) set((before) => ({ ...before, error }));
    await pauseAfter(failures, signal);
    failures += 1;
  }
}

/** Looks every so many seconds, while this view is there and the page is seen. */
export function useSamples(interval = 1): Samples {
  const { client } = useLab();
  const [samples, setSamples] = useState(nothing);
  useEffect(() => {
    let stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const begin = (): void => {
      stop = new AbortController();
      void follow(client, interval, stop.signal, setSamples);
    };
    const turn = (): void => {
      clearTimeout(timer);
      if (document.visibilityState === 'hidden') timer = setTimeout(() => stop.abort(), hiddenMs);
      else if (stop.signal.aborted) begin();
    };
    begin();
    document.addEventListener('visibilitychange', turn);
    return () => {
      document.removeEventListener('visibilitychange', turn);
      clearTimeout(timer);
      stop.abort();
    };
  }, [client, interval]);
  return samples;
}
