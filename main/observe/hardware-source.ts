// One thing that is read again and again: within a deadline, one reading at a time, and what to say when it hangs.
import type { Clock } from '../ports.ts';

/** What is needed now. */
export interface Need {
  /** Milliseconds between two readings. */
  readonly intervalMs: number;
  /** Whether a job of ours has a card. */
  readonly hasJob: boolean;
}

export interface HardwareSource<T> {
  /** May be slow or hang; what rejects counts as a reading that says nothing. */
  read(need: Need): Promise<T>;
  /** Nobody asks any more: ends what it keeps running. */
  rest(): void;
}

/** Readings that end later are of no use to anybody who watches. Milliseconds. */
const deadlineMs = 12_000;

/** Asks a source, and never waits for it longer than its deadline. */
export class GuardedSource<T> {
  readonly #source: HardwareSource<T>;
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #onHang: () => T;
  #latest: T | null = null;
  #reading: Promise<void> | null = null;
  /** Whether the reading under way is over its deadline. */
  #isLate = false;
  /** Raised when nobody asks any more: what a reading of before says then is not the present. */
  #generation = 0;

  constructor(source: HardwareSource<T>, clock: Pick<Clock, 'sleep'>, onHang: () => T) {
    this.#source = source;
    this.#clock = clock;
    this.#onHang = onHang;
  }

  /** The newest reading; `null` before the first. */
  latest(): T | null {
    return this.#latest;
  }

  /** Resolves with the reading, which others under way may be. Never rejects. */
  async ask(need: Need): Promise<void> {
    if (this.#isLate) this.#latest = this.#onHang();
    this.#reading ??= this.#read(need).finally(() => {
      this.#reading = null;
    });
    await this.#reading;
  }

  rest(): void {
    this.#source.rest();
    this.#latest = null;
    this.#generation += 1;
  }

  async #read(need: Need): Promise<void> {
    const generation = this.#generation;
    const keep = (latest: T): void => {
      if (generation === this.#generation) this.#latest = latest;
    };
    const waited = new AbortController();
    const late = this.#clock.sleep(deadlineMs, waited.signal).then(() => {
      if (waited.signal.aborted) return;
      this.#isLate = true;
      keep(this.#onHang());
    });
    // One that hangs is not asked again before it has ended.
    try {
      keep(await this.#source.read(need));
    } catch {
      keep(this.#onHang());
    } finally {
      waited.abort();
      await late;
      this.#isLate = false;
    }
  }
}
