// How many jobs usually wait at this time of day and of the week: learned half hour by half hour, forgotten slowly.
import { daySlots, weekSlots } from '../../model/notice-memory.ts';
import type { Baseline, Level } from '../../model/notice-memory.ts';
import type { SpikeLevel } from '../../model/notice-settings.ts';

const slotMs = 30 * 60_000;
/** A time at which a week began: Monday, 1970-01-05. */
const monday = 4 * 24 * 3_600_000;
/** What of a new day, and of a new week, counts at once. */
const dayWeight = 0.3;
const weekWeight = 0.5;
/** A half hour of which less was seen says nothing about what is usual then. */
const enoughMs = 10 * 60_000;
/** A pause between two looks that is longer was a sleep or a leap of the clock. */
const longestLookMs = 2 * 60_000;
/** What is below that is forgotten: nobody is told of so few. */
const tiny = 0.05;
/** A pipeline may come a little earlier or later, and clocks are put forward and back by an hour. */
const neighbours = 2;

const nothing: Level = { mean: 0, spread: 0 };

/** The half hour of the week by the clock of the place. `offset`: minutes by which that is ahead of UTC. */
export function slotAt(now: number, offset: number): number {
  const since = Math.floor((now - monday + offset * 60_000) / slotMs);
  return ((since % weekSlots) + weekSlots) % weekSlots;
}

function learn(levels: ReadonlyMap<number, Level>, slot: number, peak: number, weight: number) {
  const { mean, spread } = levels.get(slot) ?? nothing;
  const next = {
    mean: mean + weight * (peak - mean),
    spread: spread + weight * (Math.abs(peak - mean) - spread),
  };
  const others = [...levels].filter(([known]) => known !== slot);
  return new Map(next.mean < tiny && next.spread < tiny ? others : [...others, [slot, next]]);
}

/** Takes what was seen in the half hour that has ended as one more day, and one more week. */
function close(baseline: Baseline): Baseline {
  const { now, day, week } = baseline;
  if (now === null || now.seenMs < enoughMs) return { ...baseline, now: null };
  return {
    day: learn(day, now.slot % daySlots, now.peak, dayWeight),
    week: learn(week, now.slot, now.peak, weekWeight),
    now: null,
  };
}

/** `waiting`: how many wait now. */
export function learnBaseline(baseline: Baseline, waiting: number, now: number, offset: number): Baseline {
  const slot = slotAt(now, offset);
  const open = baseline.now;
  if (open?.slot !== slot) {
    return { ...close(baseline), now: { slot, peak: waiting, seenMs: 0, lastAt: now } };
  }
  const since = now - open.lastAt;
  const seenMs = open.seenMs + (since > 0 && since <= longestLookMs ? since : 0);
  return { ...baseline, now: { slot, peak: Math.max(open.peak, waiting), seenMs, lastAt: now } };
}

interface Sense {
  /** However small the lab, fewer are no spike. */
  readonly floor: number;
  /** How many times the usual, and how many times the usual distance from it. */
  readonly factor: number;
  readonly spreads: number;
}

const senses: { readonly [S in SpikeLevel]: Sense } = {
  calm: { floor: 30, factor: 3, spreads: 3 },
  normal: { floor: 10, factor: 2, spreads: 2 },
  keen: { floor: 5, factor: 1.5, spreads: 1.5 },
};

/** What is usual around this time, and how many have to wait to be more than that. */
export function limitAt(
  baseline: Baseline,
  now: number,
  offset: number,
  level: SpikeLevel,
): { readonly usual: number; readonly limit: number } {
  const { floor, factor, spreads } = senses[level];
  const slot = slotAt(now, offset);
  const around = Array.from({ length: 2 * neighbours + 1 }, (_, index) => slot + index - neighbours);
  const known = around.flatMap((at) => [
    baseline.day.get((at + daySlots) % daySlots) ?? nothing,
    baseline.week.get((at + weekSlots) % weekSlots) ?? nothing,
  ]);
  const limits = known.map(({ mean, spread }) => Math.max(mean * factor, mean + spreads * spread));
  return {
    usual: Math.max(...known.map(({ mean }) => mean)),
    limit: Math.max(floor, Math.ceil(Math.max(...limits))),
  };
}
