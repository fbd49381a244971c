// The run of the stack as it goes on, with what is only seen from here: since when a step lasts, how fast images come.
import { useEffect, useState } from 'react';
import { toCoreError } from '../client.ts';
import type { CoreError } from '../client.ts';
import { bytesOf, isOver, withSample } from './stack-run.ts';
import type { PullSample, StackProgress } from './stack-run.ts';
import { useLab, useLive } from './use-live.ts';

export interface FollowedRun {
  /** `null`: nothing has been told yet. */
  readonly progress: StackProgress | null;
  /** When the present step began; `null`: before anybody looked from here. */
  readonly stepSince: number | null;
  readonly samples: readonly PullSample[];
  /** Why nothing more is told, though it has not ended. */
  readonly error: CoreError | null;
}

const nothing: FollowedRun = { progress: null, stepSince: null, samples: [], error: null };

function told(before: FollowedRun, progress: StackProgress, now: number): FollowedRun {
  const last = before.progress?.run === progress.run ? before : nothing;
  const isSame = last.progress?.step === progress.step;
  return {
    progress,
    stepSince: isSame ? last.stepSince : last.progress === null ? null : now,
    samples: withSample(last.samples, { at: now, bytes: bytesOf(progress.pulls) }),
    error: null,
  };
}

/**
 * Follows `stack.watch` to the end of the run, and again after the core was gone. `wanted`: the number of the run that was
 * begun here, older ones are not shown; `any`: the one that goes on, or else the last; `null`: nothing is followed. With
 * another `turn` it is followed anew, as when another run begins.
 */
export function useStackRun(wanted: number | 'any' | null, turn: boolean | number = 0): FollowedRun {
  const { client } = useLab();
  const isLive = useLive(({ connection }) => connection.state === 'live');
  const [followed, setFollowed] = useState(nothing);
  useEffect(() => {
    if (wanted === null || !isLive) return;
    const stop = new AbortController();
    const follow = async (): Promise<void> => {
      try {
        for await (const progress of client.stream('stack.watch', {}, stop.signal)) {
          const isOld = wanted !== 'any' && progress.run < wanted;
          if (!isOld) setFollowed((before) => told(before, progress, Date.now()));
        }
      } catch (error) {
        if (!stop.signal.aborted) setFollowed((before) => ({ ...before, error: toCoreError(error) }));
      }
    };
    void follow();
    return () => stop.abort();
  }, [client, wanted, isLive, turn]);
  return wanted === null ? nothing : followed;
}

/** Whether the run that is followed has ended. */
export function hasEnded({ progress }: FollowedRun): boolean {
  return progress !== null && isOver(progress);
}
