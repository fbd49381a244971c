// Follows one stream of the core for as long as the desktop runs, across cores that come and go.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CoreDoor, Input, Output, StreamName } from '../main/contract/contract.ts';

export interface FollowOptions<N extends StreamName> {
  readonly door: Pick<CoreDoor, 'stream'>;
  readonly name: N;
  readonly input: Input<N>;
  readonly onItem: (item: Output<N>) => Promise<void> | void;
  /** The stream has ended: what came of it is of a core that is gone. */
  readonly onEnd?: () => void;
  readonly stop: AbortSignal;
  /** Milliseconds until a core that failed is asked again. */
  readonly retryMs?: number;
}

/** Resolves when `stop` fires. */
export async function follow<N extends StreamName>(options: FollowOptions<N>): Promise<void> {
  const { door, name, input, onItem, onEnd, stop, retryMs = 3000 } = options;
  while (!stop.aborted) {
    try {
      for await (const item of door.stream(name, input, stop)) await onItem(item);
    } catch {
      // Whoever holds the link knows what failed, and says so.
    }
    onEnd?.();
    await sleep(retryMs, undefined, { signal: stop }).catch(() => undefined);
  }
}
