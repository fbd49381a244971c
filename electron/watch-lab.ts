// The newest snapshot for the tray, for as long as the desktop runs; also what finds a core again.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CoreDoor } from '../main/contract/contract.ts';
import { applyNews } from '../main/contract/apply-news.ts';
import type { Snapshot } from '../main/contract/snapshot.ts';
import { follow } from './follow.ts';

export interface WatchOptions {
  readonly door: Pick<CoreDoor, 'stream'>;
  /** `null`: what was seen last is of a core that is gone. */
  readonly onSnapshot: (snapshot: Snapshot | null) => void;
  readonly stop: AbortSignal;
  /** Milliseconds between two looks: a tray needs no more, and what happened in between comes in one piece. */
  readonly lookMs?: number;
  /** Milliseconds until a core that failed is asked again. */
  readonly retryMs?: number;
}

/** Resolves when `stop` fires. */
export function watchLab({ door, onSnapshot, stop, lookMs = 250, retryMs = 3000 }: WatchOptions) {
  let snapshot: Snapshot | null = null;
  return follow({
    ...{ door, stop, retryMs, name: 'snapshot.changes', input: {} },
    onItem: async (news) => {
      snapshot = applyNews(snapshot, news);
      onSnapshot(snapshot);
      await sleep(lookMs, undefined, { signal: stop }).catch(() => undefined);
    },
    onEnd: () => {
      snapshot = null;
      onSnapshot(null);
    },
  });
}
