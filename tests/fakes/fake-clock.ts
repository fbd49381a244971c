// A clock that stands still until a test moves it: sleepers wake in order, and what they set off ends before the next.
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../main/ports.ts';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Turns of the event loop after which everything that can go on without time has done so. */
const turns = 6;

export class FakeClock implements Clock {
  readonly #sleepers = new Set<Sleeper>();
  readonly #start: number;
  /** Goes on alone, whatever the clock is set to. */
  #now: number;
  #ahead = 0;

  constructor(start = 1_800_000_000_000) {
    this.#start = start;
    this.#now = start;
  }

  now(): number {
    return this.#now + this.#ahead;
  }

  /** As somebody does who sets the clock of the machine: nobody's sleep is longer for it. */
  set(now: number): void {
    this.#ahead = now - this.#now;
  }

  monotonic(): number {
    return this.#now - this.#start;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper: Sleeper = { at: this.#now + Math.max(0, ms), wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < turns; turn += 1) await setImmediate();
  }

  /** Moves on by so many milliseconds, from sleeper to sleeper. */
  async advance(ms: number): Promise<void> {
    await this.until(() => false, ms);
  }

  /** Moves on until the condition holds, at most so many milliseconds; says whether it held. */
  async until(holds: () => boolean, ms: number): Promise<boolean> {
    const end = this.#now + ms;
    await this.settle();
    while (!holds()) {
      const next = this.#nextSleeper();
      if (next === null || next.at > end) {
        this.#now = Math.max(this.#now, end);
        return holds();
      }
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      await this.settle();
    }
    return true;
  }

  #nextSleeper(): Sleeper | null {
    let next: Sleeper | null = null;
    for (const sleeper of this.#sleepers) if (next === null || sleeper.at < next.at) next = sleeper;
    return next;
  }
}
