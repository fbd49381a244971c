// Starts take turns, engine by engine: those beyond an engine's window wait, in their order.
import type { Clock } from '../ports.ts';
import { firstWindow, nextWindow } from './start-window.ts';
import type { StartWindow } from './start-window.ts';

/** Does the work once it is its turn on this node. Rejects as the work does. */
export type InStartTurn = <T>(node: string, work: () => Promise<T>) => Promise<T>;

interface Lane {
  window: StartWindow;
  running: number;
  readonly waiting: (() => void)[];
}

/** Lanes of their own for each node. */
export function createStartTurns(clock: Pick<Clock, 'monotonic'>): InStartTurn {
  const lanes = new Map<string, Lane>();
  return async (node, work) => {
    const lane = lanes.get(node) ?? { window: firstWindow, running: 0, waiting: [] };
    lanes.set(node, lane);
    if (isFull(lane)) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      lane.waiting.push(() => resolve(undefined));
      await promise;
    } else lane.running += 1;
    const together = lane.running;
    const beganAt = clock.monotonic();
    let failed = true;
    try {
      const result = await work();
      failed = false;
      return result;
    } finally {
      lane.running -= 1;
      lane.window = nextWindow(lane.window, { tookMs: clock.monotonic() - beganAt, together, failed });
      callNext(lane);
    }
  };
}

function isFull({ running, window }: Lane): boolean {
  return running >= Math.floor(window.size);
}

function callNext(lane: Lane): void {
  while (!isFull(lane)) {
    const next = lane.waiting.shift();
    if (next === undefined) return;
    // Its place is taken before anybody else can ask for one.
    lane.running += 1;
    next();
  }
}
