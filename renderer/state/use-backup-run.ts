// The run of backups as it goes on, with what is only seen from here: since when its step lasts.
import { useEffect, useState } from 'react';
import { toCoreError } from '../client.ts';
import type { CoreError } from '../client.ts';
import { isOver } from './backup-run.ts';
import type { BackupProgress } from './backup-run.ts';
import { useLab, useLive } from './use-live.ts';

export interface FollowedBackup {
  /** `null`: nothing has been told yet. */
  readonly progress: BackupProgress | null;
  /** When the present step began; `null`: before anybody looked from here. */
  readonly stepSince: number | null;
  /** Why nothing more is told, though it has not ended. */
  readonly error: CoreError | null;
}

const nothing: FollowedBackup = { progress: null, stepSince: null, error: null };

function told(before: FollowedBackup, progress: BackupProgress, now: number): FollowedBackup {
  const last = before.progress?.run === progress.run ? before : nothing;
  const isSame = last.progress?.step === progress.step && last.progress.target === progress.target;
  return {
    progress,
    stepSince: isSame ? last.stepSince : last.progress === null ? null : now,
    error: null,
  };
}

/**
 * Follows `backup.watch` to the end of the run, and again after the core was gone, as it is for a moment while a restore
 * puts its own files in place. What goes on, or else the last; `verb`: only such a run. With another `turn` it is
 * followed anew, as when another run begins.
 */
export function useBackupRun(
  isWanted: boolean,
  verb: BackupProgress['verb'] | null = null,
  turn: number | string | null = null,
): FollowedBackup {
  const { client } = useLab();
  const isLive = useLive(({ connection }) => connection.state === 'live');
  const [followed, setFollowed] = useState(nothing);
  useEffect(() => {
    if (!isWanted || !isLive) return;
    const stop = new AbortController();
    const follow = async (): Promise<void> => {
      try {
        for await (const progress of client.stream('backup.watch', {}, stop.signal))
          if (verb === null || progress.verb === verb)
            setFollowed((before) => told(before, progress, Date.now()));
      } catch (error) {
        if (!stop.signal.aborted) setFollowed((before) => ({ ...before, error: toCoreError(error) }));
      }
    };
    void follow();
    return () => stop.abort();
  }, [client, isWanted, verb, isLive, turn]);
  return isWanted ? followed : nothing;
}

/** Whether something goes on now. */
export function isGoing({ progress }: FollowedBackup): boolean {
  return progress !== null && !isOver(progress);
}
