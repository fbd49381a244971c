// Intel's cards: one tool for each that stays while somebody watches closely, beside the files of the kernel.
import type { Clock } from '../ports.ts';
import type { LoopEnd, LoopProgram } from '../probe-port.ts';
import type { Need } from './hardware-source.ts';

/** What a card is followed with; given, so that this knows no tool. */
export interface IntelLook<Sample> {
  /** Starts a tool that stays and tells sample after sample; `null`: there is none. */
  readonly follow: ((everyMs: number, onSample: (sample: Sample) => void) => LoopProgram) | null;
  /** Why a tool that ended by itself, or fell silent (`null`), tells nothing. */
  explain(end: LoopEnd | null): string;
}

export type Followed<Sample> =
  { readonly sample: Sample; readonly why: null } | { readonly sample: null; readonly why: string };

/**
 * No tool for seldom looks. Each sample makes it search the open files of every program for the card's, and a single one
 * needs a start and a wait as long as the time that it is to cover: every 30 s either takes most of the 0.2 % of a core
 * that all looks may cost. Milliseconds.
 */
const closeMs = 5_000;
/** A tool that tells nothing for so long, or three times what it was asked for, hangs. Milliseconds. */
const silenceMs = 10_000;
/** After so many ends in a row, and at once where it never told anything, it is left alone for a while. */
const mostFailures = 3;
const pauseMs = 600_000;
/** An end after such a time is none in a row. Milliseconds. */
const longLifeMs = 60_000;

interface Loop {
  readonly program: LoopProgram;
  readonly everyMs: number;
  readonly startedAt: number;
  /** When it last told a sample, or was started. */
  lastAt: number;
  hasTold: boolean;
}

export class IntelFollower<Sample> {
  readonly #look: IntelLook<Sample>;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #loop: Loop | null = null;
  #latest: Sample | null = null;
  #why = 'its tool has just been started';
  #failures = 0;
  #pausedUntil = -Infinity;

  constructor(look: IntelLook<Sample>, clock: Pick<Clock, 'monotonic'>) {
    this.#look = look;
    this.#clock = clock;
  }

  /** The newest sample, or why there is none. Starts and ends the tool as is needed; never waits for it. */
  attend({ intervalMs }: Need): Followed<Sample> {
    if (intervalMs > closeMs) {
      this.rest();
      return { sample: null, why: 'it is read only while somebody looks every 5 s or oftener' };
    }
    this.#keepLoop(intervalMs);
    return this.#latest === null ? { sample: null, why: this.#why } : { sample: this.#latest, why: null };
  }

  rest(): void {
    this.#endLoop();
    this.#latest = null;
  }

  #keepLoop(everyMs: number): void {
    const now = this.#clock.monotonic();
    const { follow } = this.#look;
    if (follow === null || now < this.#pausedUntil) return;
    const loop = this.#loop;
    if (loop !== null && now - loop.lastAt > Math.max(silenceMs, loop.everyMs * 3)) {
      this.#fail(loop, null);
      return;
    }
    if (loop?.everyMs === everyMs) return;
    this.#endLoop();
    const program = follow(everyMs, (sample) => this.#take(program, sample));
    const begun: Loop = { program, everyMs, startedAt: now, lastAt: now, hasTold: false };
    this.#loop = begun;
    void program.ended.then((end) => {
      if (this.#loop === begun) this.#fail(begun, end);
    });
  }

  #take(program: LoopProgram, sample: Sample): void {
    if (this.#loop?.program !== program) return;
    this.#loop.lastAt = this.#clock.monotonic();
    this.#loop.hasTold = true;
    this.#latest = sample;
  }

  /** A refusal is one the next time, too, and a tool that hangs may leave a process behind each time: both at once pause. */
  #fail({ startedAt, hasTold }: Loop, end: LoopEnd | null): void {
    const now = this.#clock.monotonic();
    this.rest();
    this.#why = this.#look.explain(end);
    this.#failures = now - startedAt > longLifeMs ? 1 : this.#failures + 1;
    if (hasTold && end !== null && this.#failures < mostFailures) return;
    this.#failures = 0;
    this.#pausedUntil = now + pauseMs;
  }

  #endLoop(): void {
    const loop = this.#loop;
    this.#loop = null;
    loop?.program.stop();
  }
}
