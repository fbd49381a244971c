// In which order waiting jobs are served: every advantage and every burden is counted as time, so nobody waits for ever.
import type { Job } from '../model/job.ts';

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

/** A waiting job's project, and the highest priority among the pools that fit the job, by the job's place. */
export interface Claims {
  readonly claimantOf: (place: number) => Claimant;
  readonly priorityOf: (place: number) => number;
}

/**
 * The places of the waiting jobs in the order in which they are served. A job is due when it came, less its pool's
 * priority, plus what its project runs, has used lately, and has waiting before it at the same priority. Nothing that
 * comes later moves it: after a time that is known when it comes, it goes before everything new.
 */
export function inTurn(waiting: readonly Job[], { claimantOf, priorityOf }: Claims): Uint32Array {
  const { length } = waiting;
  const ids = new Float64Array(length);
  const due = new Float64Array(length);
  waiting.forEach((job, place) => {
    ids[place] = job.id;
    due[place] = job.firstSeenAt;
  });
  const oldestFirst = sortedBy(due, sortedBy(ids, Uint32Array.from(waiting.keys())));
  for (const place of oldestFirst) {
    const priority = priorityOf(place);
    const { ahead, burdenMs } = claimantOf(place);
    const before = ahead.get(priority) ?? 0;
    ahead.set(priority, before + 1);
    due[place] = at(due, place) - priority * priorityMs + before * shareMs + burdenMs;
  }
  return sortedBy(due, oldestFirst);
}

/** Digits of a figure are looked at so many bits at a time. */
const digitBits = 11;
const digits = 2 ** digitBits;
/** Above this, whole numbers are not exact. */
const mostExact = 2 ** 53;

/**
 * The places in the order of their figures, in whole milliseconds, equal ones as they were. A queue is sorted in the
 * middle of every plan, so by digits: 100,000 places take 2 ms, and 60 by comparing them.
 */
function sortedBy(figures: Float64Array, places: Uint32Array): Uint32Array {
  const { least, most, isSorted } = surveyOf(figures, places);
  if (isSorted) return places;
  let sorted = places;
  for (let unit = 1; unit <= most - least && unit < mostExact; unit *= digits)
    sorted = sortedByDigit(figures, sorted, least, unit);
  return sorted;
}

function sortedByDigit(figures: Float64Array, places: Uint32Array, least: number, unit: number): Uint32Array {
  const digitOf = (place: number): number => ((at(figures, place) - least) / unit) & (digits - 1);
  const starts = new Uint32Array(digits + 1);
  for (const place of places) {
    const digit = digitOf(place);
    starts[digit + 1] = (starts[digit + 1] ?? 0) + 1;
  }
  for (let digit = 1; digit <= digits; digit += 1)
    starts[digit] = (starts[digit] ?? 0) + (starts[digit - 1] ?? 0);
  const sorted = new Uint32Array(places.length);
  for (const place of places) {
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
  for (const place of places) {
    const figure = at(figures, place);
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
