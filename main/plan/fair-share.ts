// In which order waiting jobs are served: every advantage and every burden is counted as time, so nobody waits for ever.
/** What a point of a pool's priority is worth, in milliseconds of waiting. */
const priorityMs = 300_000;
/** What each job that a project has running, or waiting before this one, sets it back. Milliseconds. */
export const shareMs = 60_000;

/** A project with waiting jobs. */
export interface Claimant {
  /** What it runs and has used lately sets it back by so much. Milliseconds. */
  readonly burdenMs: number;
  /** Waiting jobs that have got their turn so far, by priority. */
  readonly ahead: Map<number, number>;
}

/** Waiting jobs by figures that are found by place. */
export interface Claims {
  /** The places of the jobs among the figures. */
  readonly places: Uint32Array;
  readonly ids: Float64Array;
  readonly seenAt: Float64Array;
  readonly claimantOf: (place: number) => Claimant;
  /** The highest priority among the pools that fit the job. */
  readonly priorityOf: (place: number) => number;
}

/**
 * The places of the waiting jobs in the order in which they are served. A job is due when it came, less its pool's
 * priority, plus what its project runs, has used lately, and has waiting before it at the same priority. Nothing that
 * comes later moves it: after a time that is known when it comes, it goes before everything new.
 */
export function inTurn({ places, ids, seenAt, claimantOf, priorityOf }: Claims): Uint32Array {
  const due = new Float64Array(seenAt.length);
  const oldestFirst = sortedBy(seenAt, sortedBy(ids, places));
  for (let index = 0; index < oldestFirst.length; index += 1) {
    const place = oldestFirst[index] ?? 0;
    const priority = priorityOf(place);
    const { ahead, burdenMs } = claimantOf(place);
    const before = ahead.get(priority) ?? 0;
    ahead.set(priority, before + 1);
    due[place] = at(seenAt, place) - priority * priorityMs + before * shareMs + burdenMs;
  }
  return sortedBy(due, oldestFirst);
}

/** Digits of a figure are looked at so many bits at a time. */
const digitBits = 11;
const digits = 2 ** digitBits;
/** Fewer are sorted as fast by comparing them. */
const fewPlaces = 500;
/** Above this, whole numbers are not exact. */
const mostExact = 2 ** 53;

/**
 * The places in the order of their figures, in whole milliseconds, equal ones as they were. A queue is sorted in the
 * middle of every plan, so by digits: 100,000 places take 2 ms, and 60 by comparing them.
 */
function sortedBy(figures: Float64Array, places: Uint32Array): Uint32Array {
  const { least, most, isSorted } = surveyOf(figures, places);
  if (isSorted) return places;
  if (places.length < fewPlaces) return places.slice().sort((a, b) => at(figures, a) - at(figures, b));
  let sorted = places;
  for (let unit = 1; unit <= most - least && unit < mostExact; unit *= digits)
    sorted = sortedByDigit(figures, sorted, least, unit);
  return sorted;
}

function sortedByDigit(figures: Float64Array, places: Uint32Array, least: number, unit: number): Uint32Array {
  const digitOf = (place: number): number => ((at(figures, place) - least) / unit) & (digits - 1);
  const starts = new Uint32Array(digits + 1);
  for (let index = 0; index < places.length; index += 1) {
    const digit = digitOf(places[index] ?? 0);
    starts[digit + 1] = (starts[digit + 1] ?? 0) + 1;
  }
  for (let digit = 1; digit <= digits; digit += 1)
    starts[digit] = (starts[digit] ?? 0) + (starts[digit - 1] ?? 0);
  const sorted = new Uint32Array(places.length);
  for (let index = 0; index < places.length; index += 1) {
    const place = places[index] ?? 0;
    const digit = digitOf(place);
    const start = starts[digit] ?? 0;
    sorted[start] = place;
    starts[digit] = start + 1;
  }
  return sorted;
}

function surveyOf(
  figures: Float64Array,
  places: Uint32Array,
): { readonly least: number; readonly most: number; readonly isSorted: boolean } {
  let [least, most, before] = [Infinity, -Infinity, -Infinity];
  let isSorted = true;
  for (let index = 0; index < places.length; index += 1) {
    const figure = at(figures, places[index] ?? 0);
    if (!(figure >= before)) isSorted = false;
    if (figure < least) least = figure;
    if (figure > most) most = figure;
    before = figure;
  }
  return { least, most, isSorted };
}

function at(figures: Float64Array, place: number): number {
  return figures[place] ?? 0;
}
