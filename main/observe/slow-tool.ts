// A tool that is slow to start: asked beside the looks, now and then, and nobody waits for it.
import type { Clock } from '../ports.ts';

/** Between two questions, also over times in which nobody asks. Milliseconds. */
const everyMs = 30_000;
/** What it said longer ago is not what is so now. Milliseconds. */
const tooOldMs = 60_000;

export class SlowTool<Answer> {
  readonly #ask: () => Promise<Answer>;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #answer: { readonly value: Answer; readonly at: number } | null = null;
  #askedAt = -Infinity;
  #isAsking = false;

  /** `ask` ends within a deadline, and never rejects. */
  constructor(ask: () => Promise<Answer>, clock: Pick<Clock, 'monotonic'>) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** The newest answer; `null`: none yet, or too old. Asks anew where that is due, and does not wait for it. */
  latest(): Answer | null {
    const now = this.#clock.monotonic();
    if (!this.#isAsking && now - this.#askedAt >= everyMs) void this.#askAnew(now);
    return this.#answer !== null && now - this.#answer.at <= tooOldMs ? this.#answer.value : null;
  }

  async #askAnew(now: number): Promise<void> {
    this.#isAsking = true;
    this.#askedAt = now;
    const value = await this.#ask();
    this.#answer = { value, at: this.#clock.monotonic() };
    this.#isAsking = false;
  }
}
