// What an explanation is made of and what it says.
import type { Desired, Instant, Observed } from '../model/world.ts';

export interface ExplainWorld {
  readonly desired: Desired;
  readonly observed: Observed;
  readonly now: Instant;
  /** The time of day as the reader has it: `12:03`, with the date when it was another day. */
  readonly clockTime: (at: Instant) => string;
}

/** Why a job is where it is. */
export interface Explanation<Reason extends string> {
  /** Stable. */
  readonly reason: Reason;
  /** One line of at most 160 characters. */
  readonly sentence: string;
  /** The values in it, uncut. */
  readonly data: Readonly<Record<string, string | number | readonly string[]>>;
  /** What to do now. */
  readonly next: string;
}
