// How many containers an engine starts at a time: as many as it can work on, found out from how long starts take.

/** A window of starts. It moves by fractions, so that one odd start does not matter. */
export interface StartWindow {
  /** Starts at a time; the whole number below counts. */
  readonly size: number;
  /** How long a start takes that nothing holds up, as far as is known, in milliseconds. */
  readonly quickMs: number;
}

/** One start that has ended. */
export interface EndedStart {
  readonly tookMs: number;
  /** Starts that were under way when it began, itself included. */
  readonly together: number;
  readonly failed: boolean;
}

const least = 2;
const most = 16;
/** Of the starts under way, those that only waited for the others: fewer, and there may be more of them; more, and fewer. */
const waitingEnough = 2;
const waitingTooMany = 4;
/** How much a start that was alone counts against what was known: the machine may have become slower. */
const aloneCounts = 0.3;

/** Four at a time are right for two processors. */
export const firstWindow: StartWindow = { size: 4, quickMs: Infinity };

/** Additive increase and decrease, halved by a failure. Pure. */
export function nextWindow({ size, quickMs }: StartWindow, ended: EndedStart): StartWindow {
  const { tookMs, together, failed } = ended;
  if (failed) return { size: clamp(size / 2), quickMs };
  const took = Math.max(1, tookMs);
  const isNews = together === 1 && quickMs < took;
  const quick = isNews ? quickMs + (took - quickMs) * aloneCounts : Math.min(took, quickMs);
  // An engine that works on all at once takes no longer than for one; what it takes longer, they have waited.
  const waiting = together * (1 - quick / took);
  if (waiting > waitingTooMany) return { size: clamp(size - 1 / size), quickMs: quick };
  const isFull = together >= Math.floor(size);
  return { size: isFull && waiting < waitingEnough ? clamp(size + 1 / size) : size, quickMs: quick };
}

function clamp(size: number): number {
  return Math.min(most, Math.max(least, size));
}
