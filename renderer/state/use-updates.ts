// How updates of AutoGit itself stand, pushed by the core for as long as their page is open.
import { useEffect, useState } from 'react';
import type { Output } from '../../main/contract/contract.ts';
import { toCoreError } from '../client.ts';
import type { CoreError } from '../client.ts';
import { useLab, useLive } from './use-live.ts';

export type UpdateStatus = Output<'update.status'>;

export interface FollowedUpdates {
  /** What was told last; stays while the core is gone. */
  readonly status: UpdateStatus | null;
  /** Why nothing comes. */
  readonly error: CoreError | null;
}

/** While this view is there, and again after the core was gone. */
export function useUpdates(): FollowedUpdates {
  const { client } = useLab();
  const isLive = useLive(({ connection }) => connection.state === 'live');
  const [followed, setFollowed] = useState<FollowedUpdates>({ status: null, error: null });
  useEffect(() => {
    if (!isLive) return;
    const stop = new AbortController();
    const follow = async (): Promise<void> => {
      try {
        for await (const status of client.stream('update.watch', {}, stop.signal))
          setFollowed({ status, error: null });
      } catch (error) {
        if (!stop.signal.aborted) setFollowed((before) => ({ ...before, error: toCoreError(error) }));
      }
    };
    void follow();
    return () => stop.abort();
  }, [client, isLive]);
  return followed;
}
