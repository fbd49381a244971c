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
    this.#reading ??= this.#read(need).finally(() => {
      this.#reading = null;
    });
    await this.#reading;
  }

  rest(): void {
    this.#source.rest();
    this.#latest = null;
  }

  async #read(need: Need): Promise<void> {
    const waited = new AbortController();
    const late = this.#clock.sleep(deadlineMs, waited.signal).then(() => {
      if (!waited.signal.aborted) this.#latest = this.#onHang();
    });
    // One that hangs is not asked again before it has ended.
    try {
      this.#latest = await this.#source.read(need);
    } catch {
      this.#latest = this.#onHang();
    } finally {
      waited.abort();
      await late;
    }
  }
}
