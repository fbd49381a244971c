// Looks at files that may never answer: a driver that hangs keeps a thread for each look at it, and Node has four.

/** Threads that looks may have, and lose to drivers that hang; the last one is for everybody else. */
const slots = 3;
/** The kernel's files answer in less than a millisecond, and a driver that wakes its card in less than a second. */
const deadlineMs = 3000;

export interface ReadGate {
  /**
   * Looks; `null` where that fails, takes too long, or nothing comes back from its place. One look at a place at a time:
   * a driver that hangs costs one thread, however many files it has. Never rejects.
   */
  look<T>(place: string, look: () => Promise<T>): Promise<T | null>;
  /** Whether every look at a place is `null` now, because one there, or as many as may be, has not ended. */
  isShut(place: string): boolean;
}

export interface ReadGateOptions {
  readonly slots: number;
  /** For one look, from its begin. Milliseconds. */
  readonly deadlineMs: number;
}

/** A look that never ends keeps its place and its slot, because that is its thread; with all slots lost, nothing is looked at. */
export function createReadGate(options: ReadGateOptions = { slots, deadlineMs }): ReadGate {
  return new Gate(options);
}

interface Turn {
  readonly place: string;
  readonly enter: (mayEnter: boolean) => void;
}

class Gate implements ReadGate {
  readonly #options: ReadGateOptions;
  /** In the order in which they came. */
  readonly #waiting = new Set<Turn>();
  /** The places that are looked at, and whether that is over its deadline. */
  readonly #inside = new Map<string, { isStuck: boolean }>();

  constructor(options: ReadGateOptions) {
    this.#options = options;
  }

  isShut(place: string): boolean {
    if (this.#inside.get(place)?.isStuck === true) return true;
    return [...this.#inside.values()].filter(({ isStuck }) => isStuck).length >= this.#options.slots;
  }

  async look<T>(place: string, look: () => Promise<T>): Promise<T | null> {
    if (!(await this.#enter(place))) return null;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#inside.set(place, { isStuck: true });
        this.#sendAway();
        resolve(null);
      }, this.#options.deadlineMs);
      const end = (value: T | null): void => {
        clearTimeout(timer);
        this.#inside.delete(place);
        this.#admit();
        resolve(value);
      };
      look().then(end, () => end(null));
    });
  }

  /** False where nobody comes back from. */
  async #enter(place: string): Promise<boolean> {
    if (this.isShut(place)) return false;
    return new Promise((resolve) => {
      this.#waiting.add({ place, enter: resolve });
      this.#admit();
    });
  }

  /** Whoever waits longest for a place that is free. */
  #admit(): void {
    for (const turn of this.#waiting) {
      if (this.#inside.size >= this.#options.slots) return;
      if (this.#inside.has(turn.place)) continue;
      this.#waiting.delete(turn);
      this.#inside.set(turn.place, { isStuck: false });
      turn.enter(true);
    }
  }

  #sendAway(): void {
    for (const turn of this.#waiting) {
      if (!this.isShut(turn.place)) continue;
      this.#waiting.delete(turn);
      turn.enter(false);
    }
  }
}
