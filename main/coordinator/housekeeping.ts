// What goes on beside the loop: measuring what jobs use, keeping the advice that follows, forgetting what is old.
import type { Pool } from '../model/pool.ts';
import type { Observed } from '../model/world.ts';
import { watchUsage } from '../observe/usage.ts';
import type { UsageWatch } from '../observe/usage.ts';
import { watchRefusals } from '../observe/refusals.ts';
import type { PoolAdvice } from '../plan/advice.ts';
import { createAdviceMemory, measurableOf } from './advice-requests.ts';
import type { Coordinator } from './coordinator.ts';
import type { LabOptions } from './lab.ts';

/** How often the store forgets what is old, in milliseconds. */
export const pruneMs = 3_600_000;

export interface Housekeeping {
  start(): void;
  /** What a pass has seen. */
  see(observed: Observed): void;
  adviceFor(pool: Pool): PoolAdvice['items'];
  stop(): Promise<void>;
}

type HousekeepingOptions = Pick<
  LabOptions,
  'store' | 'secrets' | 'host' | 'clock' | 'log' | 'settings' | 'act'
>;

/** Nothing runs before `start`, and nothing at all in a core that only looks. */
export function createHousekeeping(
  options: HousekeepingOptions,
  coordinator: () => Pick<Coordinator, 'node'>,
): Housekeeping {
  const { store, secrets, host, clock, log, settings, act } = options;
  const stopping = new AbortController();
  const memory = createAdviceMemory(store, clock);
  let seen: Observed | null = null;
  let usage: UsageWatch | null = null;
  let loops: Promise<unknown> = Promise.resolve();
  return {
    see: (observed) => {
      seen = observed;
    },
    adviceFor: (pool) => memory.itemsFor(pool, seen === null ? null : measurableOf(seen)),
    start: () => {
      if (!act) return;
      const shared = {
        ...{ store, clock, log: log.topic('usage') },
        observed: () => seen ?? { nodes: [], gitlab: { state: 'never' } as const, records: [] },
        engine: (id: string) => {
          const node = coordinator().node();
          return node?.id === id ? node.engine : null;
        },
        pools: () => settings.current().pools,
      };
      loops = Promise.all([pruneForever(options, stopping.signal), watchRefusals(shared, stopping.signal)]);
      usage = watchUsage({
        ...{ ...shared, secrets, instance: store.instance },
        chance: () => Number.parseInt(host.randomHex(4), 16) / 0xff_ff_ff_ff,
        onChange: () => memory.changed(),
      });
    },
    stop: async () => {
      stopping.abort();
      await Promise.all([usage?.stop(), loops]);
    },
  };
}

async function pruneForever(
  { store, clock, log }: Pick<HousekeepingOptions, 'store' | 'clock' | 'log'>,
  signal: AbortSignal,
): Promise<void> {
  const isStopping = (): boolean => signal.aborted;
  while (!isStopping()) {
    await clock.sleep(pruneMs, signal);
    if (isStopping()) return;
    try {
      store.prune();
    } catch (error) {
      log.warn('what is old could not be forgotten', { error });
    }
  }
}
