// What the machine and its cards did: the newest hour finely in memory, 30 days in steps of five minutes in the store.
import type { Log } from '../log.ts';
import { coarseStepMs, hostSubject, seriesOf } from '../model/host-metrics.ts';
import type { HardwareHistory, HardwareSample, HistoryRow } from '../model/host-metrics.ts';
import type { Clock, Store } from '../ports.ts';

/** Samples that are kept of each subject: an hour of seconds. */
const mostFine = 3_600;

/** What a chart asks for. Milliseconds since 1970. */
export interface HistoryRange {
  readonly subject: string;
  readonly from: number;
  readonly to: number;
  /** At most so many steps. */
  readonly points: number;
}

export interface HardwareHistoryKeeper {
  /** `node`: the id of the machine. */
  add(node: string, sample: HardwareSample): void;
  /** One look at one subject; values that are not numbers are not known. */
  look(node: string, subject: string, at: number, values: object): void;
  read(node: string, range: HistoryRange): HardwareHistory;
  /** Writes what is not written yet. */
  flush(): void;
}

/** One value at one moment, or over one step. */
interface Point {
  readonly at: number;
  readonly mean: number;
  readonly most: number;
  readonly samples: number;
}

interface Sums {
  sum: number;
  most: number;
  samples: number;
}

/** The newest samples of one subject, in columns: a hundred bytes a second of a card. */
class Ring {
  readonly #names: readonly string[];
  readonly #at = new Float64Array(mostFine);
  /** `NaN`: not known. */
  readonly #values: readonly Float32Array[];
  #next = 0;
  #count = 0;

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#values = names.map(() => new Float32Array(mostFine));
  }

  add(at: number, values: readonly (number | null)[]): void {
    this.#at[this.#next] = at;
    for (const [index, column] of this.#values.entries()) column[this.#next] = values[index] ?? NaN;
    this.#next = (this.#next + 1) % mostFine;
    this.#count = Math.min(mostFine, this.#count + 1);
  }

  /** When the newest sample was taken; `-Infinity` without one. */
  newest(): number {
    return this.#count === 0 ? -Infinity : (this.#at[(this.#next - 1 + mostFine) % mostFine] ?? 0);
  }

  /** Leaves out what was taken then or later: the clock was set back since. */
  cut(at: number): void {
    while (this.newest() >= at) {
      this.#next = (this.#next - 1 + mostFine) % mostFine;
      this.#count -= 1;
    }
  }

  /** When the oldest sample was taken; `Infinity` without one. */
  since(): number {
    return this.#count === 0 ? Infinity : (this.#at[(this.#next - this.#count + mostFine) % mostFine] ?? 0);
  }

  points(name: string, from: number, to: number): readonly Point[] {
    const column = this.#values[this.#names.indexOf(name)];
    const found: Point[] = [];
    for (let back = this.#count; back > 0; back -= 1) {
      const index = (this.#next - back + mostFine) % mostFine;
      const [at = 0, value = NaN] = [this.#at[index], column?.[index]];
      if (at >= from && at < to && !Number.isNaN(value))
        found.push({ at, mean: value, most: value, samples: 1 });
    }
    return found;
  }
}

/** One step of one subject that is not over, or not written yet. */
class Step {
  readonly node: string;
  readonly subject: string;
  readonly at: number;
  #samples = 0;
  readonly #sums = new Map<string, Sums>();

  constructor(node: string, subject: string, at: number) {
    this.node = node;
    this.subject = subject;
    this.at = at;
  }

  add(names: readonly string[], values: readonly (number | null)[]): void {
    this.#samples += 1;
    for (const [index, name] of names.entries()) {
      const value = values[index] ?? null;
      if (value === null) continue;
      const sums = this.#sums.get(name) ?? { sum: 0, most: -Infinity, samples: 0 };
      this.#sums.set(name, sums);
      sums.sum += value;
      sums.most = Math.max(sums.most, value);
      sums.samples += 1;
    }
  }

  row(): HistoryRow {
    const { node, subject, at } = this;
    const figures = [...this.#sums].map(
      ([name, { sum, most, samples }]) => [name, [round(sum / samples), round(most)] as const] as const,
    );
    return { node, subject, at, samples: this.#samples, figures: Object.fromEntries(figures) };
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

export interface HistoryOptions {
  readonly store: Pick<Store, 'saveHistory' | 'history'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** False: nothing is written. */
  readonly act: boolean;
}

/** Keeps what the sampler sees. A disk that fails costs the coarse part of that time, and nothing else. */
export function createHardwareHistory(options: HistoryOptions): HardwareHistoryKeeper {
  return new Keeper(options);
}

class Keeper implements HardwareHistoryKeeper {
  readonly #options: HistoryOptions;
  readonly #rings = new Map<string, Ring>();
  readonly #steps = new Map<string, Step>();
  #writtenAt: number;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#writtenAt = options.clock.now();
  }

  add(node: string, sample: HardwareSample): void {
    if (sample.host !== null) this.#keep(node, hostSubject, sample.at, sample.host);
    for (const card of sample.gpus) if (card.problem === null) this.#keep(node, card.id, card.at, card);
    this.#flushOld();
  }

  look(node: string, subject: string, at: number, values: object): void {
    this.#keep(node, subject, at, values);
    this.#flushOld();
  }

  #flushOld(): void {
    if (stepOf(this.#options.clock.now()) !== stepOf(this.#writtenAt)) this.flush();
  }

  flush(): void {
    const { store, clock, log, act } = this.#options;
    const now = clock.now();
    this.#writtenAt = now;
    const rows = [...this.#steps.values()].map((step) => step.row());
    // One that is not over is kept, and written again with more samples.
    for (const [key, step] of this.#steps) if (step.at !== stepOf(now)) this.#steps.delete(key);
    if (!act || rows.length === 0) return;
    try {
      store.saveHistory(rows);
    } catch (error) {
      log.warn('what the hardware did could not be written', { error });
    }
  }

  read(node: string, { subject, from, to, points }: HistoryRange): HardwareHistory {
    const ring = this.#rings.get(keyOf(node, subject));
    const fineSince = ring?.since() ?? Infinity;
    // Steps begin at round times, so that a chart that is asked for again does not tremble.
    const fineMs = Math.max(1_000, Math.ceil((to - from) / points / 1_000) * 1_000);
    const coarseMs = Math.max(coarseStepMs, fineMs);
    const since = Math.floor(from / coarseMs) * coarseMs;
    const before = from < fineSince ? this.#coarse(node, subject, since, Math.min(to, fineSince)) : [];
    // For less than a whole step before what the ring has, an hour of seconds is not made coarse.
    const isWhole = ({ at }: HistoryRow): boolean => at >= stepOf(from) && at + coarseStepMs <= fineSince;
    const rows = before.some(isWhole) ? before : [];
    const stepMs = rows.length > 0 ? coarseMs : fineMs;
    const newest = Math.floor((to - 1) / stepMs) * stepMs;
    const steps = (newest - Math.floor(from / stepMs) * stepMs) / stepMs + 1;
    const count = Math.max(1, Math.min(points, steps));
    const first = newest - (count - 1) * stepMs;
    const at = Array.from({ length: count }, (_, index) => first + index * stepMs);
    const series = seriesOf(subject).map((name) => {
      const coarse = rows.flatMap(({ at: begun, samples, figures }): readonly Point[] => {
        const [mean, most] = figures[name] ?? [];
        return mean === undefined || most === undefined ? [] : [{ at: begun, mean, most, samples }];
      });
      return [name, onGrid([...coarse, ...(ring?.points(name, first, to) ?? [])], at, stepMs)] as const;
    });
    return { subject, stepMs, at, series: Object.fromEntries(series) };
  }

  #keep(node: string, subject: string, at: number, values: object): void {
    const names = seriesOf(subject);
    const known: ReadonlyMap<string, unknown> = new Map(Object.entries(values));
    const numbers = names.map((name) => {
      const value = known.get(name);
      return typeof value === 'number' ? value : null;
    });
    const key = keyOf(node, subject);
    const ring = this.#rings.get(key) ?? new Ring(names);
    this.#rings.set(key, ring);
    // A slow tool's last answer comes with several samples.
    if (at === ring.newest()) return;
    ring.cut(at);
    ring.add(at, numbers);
    const begun = stepOf(at);
    const stepKey = `${key} ${begun}`;
    const step = this.#steps.get(stepKey) ?? new Step(node, subject, begun);
    this.#steps.set(stepKey, step);
    step.add(names, numbers);
  }

  /** Written ones, and those that are not written yet in their place. */
  #coarse(node: string, subject: string, from: number, to: number): readonly HistoryRow[] {
    const rows = new Map(
      this.#options.store.history({ node, subject, from, to }).map((row) => [row.at, row]),
    );
    for (const step of this.#steps.values()) {
      if (step.node !== node || step.subject !== subject || step.at < from || step.at >= to) continue;
      const row = step.row();
      if (row.samples > (rows.get(step.at)?.samples ?? 0)) rows.set(step.at, row);
    }
    return [...rows.values()].toSorted((a, b) => a.at - b.at);
  }
}

/** When the coarse step begins that a moment is in. */
function stepOf(at: number): number {
  return Math.floor(at / coarseStepMs) * coarseStepMs;
}

function keyOf(node: string, subject: string): string {
  return `${node} ${subject}`;
}

/** The average by the number of looks, and the most, of all that lies in each step. */
function onGrid(
  points: readonly Point[],
  at: readonly number[],
  stepMs: number,
): { readonly mean: readonly (number | null)[]; readonly most: readonly (number | null)[] } {
  const sums: (Sums | undefined)[] = at.map(() => undefined);
  const first = at[0] ?? 0;
  for (const point of points) {
    const index = Math.floor((point.at - first) / stepMs);
    if (index < 0 || index >= at.length) continue;
    const known = sums[index] ?? { sum: 0, most: -Infinity, samples: 0 };
    known.sum += point.mean * point.samples;
    known.samples += point.samples;
    known.most = Math.max(known.most, point.most);
    sums[index] = known;
  }
  return {
    mean: sums.map((one) => (one === undefined ? null : round(one.sum / one.samples))),
    most: sums.map((one) => (one === undefined ? null : round(one.most))),
  };
}
