// Looks at files that may never answer: a driver that hangs keeps a thread for each of its files, and Node has four.

/** Threads that may be lost to drivers that hang; the others are for everybody else. */
const slots = 2;
/** The kernel's files answer in less than a millisecond, and a driver that wakes its card in less than a second. */
const deadlineMs = 3000;

/** Looks; `null` where that fails, takes too long, or nothing can be looked at any more. Never rejects. */
export type ReadGate = <T>(look: () => Promise<T>) => Promise<T | null>;

export interface ReadGateOptions {
  readonly slots: number;
  /** For one look, from its begin. Milliseconds. */
  readonly deadlineMs: number;
}

/** A look that never ends keeps its slot, because that is its thread; with all of them lost, every answer is `null` at once. */
export function createReadGate(options: ReadGateOptions = { slots, deadlineMs }): ReadGate {
  const gate = new Gate(options);
  return (look) => gate.look(look);
}

class Gate {
  readonly #options: ReadGateOptions;
  readonly #waiting: ((mayEnter: boolean) => void)[] = [];
  #inside = 0;
  /** Of those inside, the ones that are over their deadline. */
  #stuck = 0;

  constructor(options: ReadGateOptions) {
    this.#options = options;
  }

  async look<T>(look: () => Promise<T>): Promise<T | null> {
    if (!(await this.#enter())) return null;
    return new Promise((resolve) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        this.#stuck += 1;
        if (this.#isLost()) for (const turn of this.#waiting.splice(0)) turn(false);
        resolve(null);
      }, this.#options.deadlineMs);
      const end = (value: T | null): void => {
        clearTimeout(timer);
        if (isLate) this.#stuck -= 1;
        this.#leave();
        resolve(value);
      };
      look().then(end, () => end(null));
    });
  }

  #isLost(): boolean {
    return this.#stuck >= this.#options.slots;
  }

  /** False where nobody will ever come out. */
  async #enter(): Promise<boolean> {
    if (this.#isLost()) return false;
    if (this.#inside < this.#options.slots) {
      this.#inside += 1;
      return true;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Whoever waits longest takes the slot over. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#inside -= 1;
    else next(true);
  }
}
