// How many jobs run and wait, kept as the machine's doings are: hours finely in memory, 30 days in steps in the store.
import type { HardwareHistory } from '../model/host-metrics.ts';
import { queueSubject } from '../model/queue-history.ts';
import type { QueueFigures } from '../model/queue-history.ts';
import type { HardwareHistoryKeeper, HistoryRange } from './hardware-history.ts';

/** Of so long a time the most is kept, so that ten hours fit. Milliseconds. */
const lookMs = 10_000;
/** A pass comes at least every minute; between two that are further apart nobody has looked. Milliseconds. */
const heldMs = 90_000;

export interface QueueHistoryKeeper {
  /** What a pass has seen; `null`: the queue was not known. */
  see(at: number, figures: QueueFigures | null): void;
  read(range: Omit<HistoryRange, 'subject'>): HardwareHistory;
  /** Hands over what is not kept yet. */
  settle(): void;
}

interface Look {
  readonly at: number;
  readonly newest: QueueFigures | null;
  readonly most: QueueFigures | null;
}

function mostOf(one: QueueFigures | null, other: QueueFigures | null): QueueFigures | null {
  if (one === null || other === null) return one ?? other;
  return {
    running: Math.max(one.running, other.running),
    waiting: Math.max(one.waiting, other.waiting),
  };
}

const unknown = { running: null, waiting: null } as const;

export function createQueueHistory(keeper: Pick<HardwareHistoryKeeper, 'look' | 'read'>): QueueHistoryKeeper {
  let open: Look | null = null;
  const keep = (at: number, figures: QueueFigures | null): void =>
    keeper.look(queueSubject, queueSubject, at, figures ?? unknown);
  const settle = (): void => {
    if (open !== null) keep(open.at, open.most);
  };
  return {
    settle,
    see: (now, figures) => {
      const at = Math.floor(now / lookMs) * lookMs;
      if (open !== null && at === open.at) {
        open = { at, newest: figures, most: mostOf(open.most, figures) };
        return;
      }
      settle();
      // Between two passes the queue was as the first of them has seen it.
      if (open !== null && at > open.at && at - open.at <= heldMs)
        for (let held = open.at + lookMs; held < at; held += lookMs) keep(held, open.newest);
      open = { at, newest: figures, most: figures };
    },
    read: (range) => keeper.read(queueSubject, { ...range, subject: queueSubject }),
  };
}
