// How many jobs ran and waited over the last hours: asked once, then carried on by the snapshots that are pushed.
import { useEffect, useMemo, useRef, useState } from 'react';
import { queueFigures } from '../../main/model/queue-history.ts';
import type { CoreClient, CoreError } from '../client.ts';
import { noSteps, queueData, queueRanges, withLook } from './overview.ts';
import type { QueueRange } from './overview.ts';
import { useAnswer } from './use-answer.ts';
import { useLive, useSeenNow, useSnapshot } from './use-live.ts';

interface QueueTrack {
  /** `null` before the first answer. */
  readonly data: ReturnType<typeof queueData> | null;
  readonly error: CoreError | null;
}

/** Asks anew for what was missed while the core was gone. */
function useReturn(again: () => void): void {
  const isLost = useLive(({ lostAt }) => lostAt !== null);
  const wasLost = useRef(isLost);
  useEffect(() => {
    if (wasLost.current && !isLost) again();
    wasLost.current = isLost;
  }, [isLost, again]);
}

export function useQueueTrack(range: QueueRange): QueueTrack {
  const { minutes, points } = queueRanges[range];
  const ask = useMemo(
    () => (client: CoreClient) => client.call('queue.history', { minutes, points }),
    [minutes, points],
  );
  const { value: history, error, again } = useAnswer(ask);
  useReturn(again);
  const isLost = useLive(({ lostAt }) => lostAt !== null);
  const seenRunning = useSnapshot((snapshot) => queueFigures(snapshot)?.running ?? null);
  const seenWaiting = useSnapshot((snapshot) => queueFigures(snapshot)?.waiting ?? null);
  const [running, waiting] = isLost ? [null, null] : [seenRunning, seenWaiting];
  const stepMs = history?.stepMs ?? 60_000;
  const step = Math.floor(useSeenNow() / stepMs) * stepMs;
  const [seen, setSeen] = useState(noSteps);
  // Carried on while drawing, as React has it for state that follows from what is given: never a frame behind.
  const next = withLook(seen, stepMs, step, { running, waiting }, points);
  if (next !== seen) setSeen(next);
  const data = useMemo(
    () =>
      history === null
        ? null
        : queueData(history, next, { now: step, minutes, present: { running, waiting } }),
    [history, next, step, minutes, running, waiting],
  );
  return { data, error };
}
