// Notices, pushed by the core for as long as their page is open.
import { useEffect, useState } from 'react';
import { toCoreError } from '../client.ts';
import type { CoreClient, CoreError } from '../client.ts';
import { pauseAfter } from './again.ts';
import { useLab } from './use-live.ts';
import { withNotice } from './notices.ts';
import type { NoticeView } from './notices.ts';

export interface FollowedNotices {
  /** By their numbers, the newest last; `null` before the core has answered. */
  readonly notices: ReadonlyMap<number, NoticeView> | null;
  /** Why nothing comes; what was told stays. */
  readonly error: CoreError | null;
}

/** As many as the core keeps. */
const past = 500;

async function follow(
  client: CoreClient,
  signal: AbortSignal,
  set: (change: (before: FollowedNotices) => FollowedNotices) => void,
): Promise<void> {
  const isOver = (): boolean => signal.aborted;
  let failures = 0;
  while (!isOver()) {
    try {
      // Whoever has told nothing sends nothing: that there is an answer is asked first.
      const { notices } = await client.call('notice.list', { limit: past });
      const known = new Map(notices.toReversed().map((notice) => [notice.id, notice]));
      if (!isOver()) set(() => ({ notices: known, error: null }));
      for await (const { notice } of client.stream('notice.watch', { past }, signal)) {
        failures = 0;
        set((before) => ({ notices: withNotice(before.notices ?? known, notice), error: null }));
      }
    } catch (thrown) {
      const error = toCoreError(thrown);
      if (!isOver()) set((before) => ({ ...before, error }));
    }
    await pauseAfter(failures, signal);
    failures += 1;
  }
}

/** While this view is there. */
export function useNotices(): FollowedNotices {
  const { client } = useLab();
  const [followed, setFollowed] = useState<FollowedNotices>({ notices: null, error: null });
  useEffect(() => {
    const stop = new AbortController();
    void follow(client, stop.signal, setFollowed);
    return () => stop.abort();
  }, [client]);
  return followed;
}
