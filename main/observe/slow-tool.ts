// A tool that is slow to start: asked beside the looks, now and then, and nobody waits for it.
import type { Clock } from '../ports.ts';
import { SideQuestion } from './side-question.ts';

/** Between an answer and the next question, also over times in which nobody asks. Milliseconds. */
const everyMs = 30_000;
/** What it said longer ago is not what is so now. Milliseconds. */
const tooOldMs = 60_000;

export class SlowTool<Answer> {
  readonly #question: SideQuestion<Answer>;
  readonly #clock: Pick<Clock, 'monotonic' | 'sleep'>;

  /** `ask` ends within a deadline, and never rejects. */
  constructor(ask: () => Promise<Answer>, clock: Pick<Clock, 'monotonic' | 'sleep'>) {
    this.#question = new SideQuestion(ask, clock);
    this.#clock = clock;
  }

  /** The newest answer; `null`: none yet, or too old. Asks anew where that is due, and does not wait for it. */
  latest(): Answer | null {
    const kept = this.#question.latest(everyMs);
    return kept !== null && this.#clock.monotonic() - kept.at <= tooOldMs ? kept.value : null;
  }
}
