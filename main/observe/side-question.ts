// A question that is asked beside the looks: what is slow there holds up nothing, and is no sign that a card is.
import type { Clock } from '../ports.ts';

export interface Kept<T> {
  readonly value: T;
  /** By the monotonic clock. */
  readonly at: number;
}

export class SideQuestion<T> {
  readonly #ask: () => Promise<T>;
  readonly #clock: Pick<Clock, 'monotonic' | 'sleep'>;
  #kept: Kept<T> | null = null;
  #asking: Promise<void> | null = null;
  /** Raised when nobody asks any more: what is said then to a question of before is not the present. */
  #generation = 0;

  /** `ask` ends within a deadline, and never rejects. */
  constructor(ask: () => Promise<T>, clock: Pick<Clock, 'monotonic' | 'sleep'>) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** The newest answer, however old; `null`: none yet. Asks anew so long after it, and does not wait. */
  latest(everyMs: number): Kept<T> | null {
    const isDue = this.#kept === null || this.#clock.monotonic() - this.#kept.at >= everyMs;
    if (isDue && this.#asking === null) {
      this.#asking = this.#askAnew().finally(() => {
        this.#asking = null;
      });
    }
    return this.#kept;
  }

  /** The same, but whoever asks first waits a little for the answer. Milliseconds. */
  async first(everyMs: number, patienceMs: number): Promise<Kept<T> | null> {
    const isUnderWay = this.#asking !== null;
    const kept = this.latest(everyMs);
    if (kept !== null || isUnderWay || this.#asking === null) return kept;
    const waited = new AbortController();
    await Promise.race([this.#asking, this.#clock.sleep(patienceMs, waited.signal)]);
    waited.abort();
    return this.#kept;
  }

  /** The next who asks gets nothing of before. */
  forget(): void {
    this.#kept = null;
    this.#generation += 1;
  }

  async #askAnew(): Promise<void> {
    const generation = this.#generation;
    const value = await this.#ask();
    if (generation === this.#generation) this.#kept = { value, at: this.#clock.monotonic() };
  }
}
