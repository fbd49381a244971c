// Waits at GitLab's door: a ring says that the queue may have changed. Lost, late or doubled rings change only latency.
import { isDeepStrictEqual } from 'node:util';
import type { Log } from '../log.ts';
import type { Bell, BellAddress, Clock, ConnectBell } from '../ports.ts';

/** Rings closer together than this are one: many jobs at once must not make as many readings of the queue. */
const gatherMs = 200;
/** After failures in a row. Milliseconds. */
const failureMs: readonly number[] = [500, 1_000, 2_000, 5_000, 15_000];

export interface BellWatch {
  /** Listens there from now on; `null`: nowhere. */
  listen(address: BellAddress | null): void;
  stop(): Promise<void>;
}

export interface BellWatchOptions {
  readonly connectBell: ConnectBell;
  readonly clock: Clock;
  readonly log: Log;
  readonly onRing: () => void;
}

/** Listens nowhere at first. */
export function watchBell(options: BellWatchOptions): BellWatch {
  let listening: { readonly address: BellAddress | null; readonly stopping: AbortController } = {
    address: null,
    stopping: new AbortController(),
  };
  const running = new Set<Promise<void>>();
  const listen = (address: BellAddress | null): void => {
    if (isDeepStrictEqual(address, listening.address)) return;
    listening.stopping.abort();
    listening = { address, stopping: new AbortController() };
    if (address === null) return;
    const run = attend(options.connectBell(address), options, listening.stopping.signal).finally(() => {
      running.delete(run);
    });
    running.add(run);
  };
  return {
    listen,
    stop: async () => {
      listen(null);
      await Promise.all(running);
    },
  };
}

/** Until the signal fires. Never rejects. */
async function attend(bell: Bell, options: BellWatchOptions, signal: AbortSignal): Promise<void> {
  const { clock, log, onRing } = options;
  const isOver = (): boolean => signal.aborted;
  let count: number | null = null;
  let failures = 0;
  while (!isOver()) {
    try {
      const now = await bell.wait(count, signal);
      // The first answer says only where it stands; after a failure something may have been missed.
      const isRing = count === null ? failures > 0 : now !== count;
      [count, failures] = [now, 0];
      if (!isRing) continue;
      onRing();
      await clock.sleep(gatherMs, signal);
    } catch (error) {
      if (isOver()) return;
      [count, failures] = [null, failures + 1];
      if (failures === 3) log.info('the doorbell does not answer; the queue is read now and then', { error });
      await clock.sleep(failureMs[Math.min(failures, failureMs.length) - 1] ?? 0, signal);
    }
  }
}
