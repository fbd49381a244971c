// What every measure gives: samples in one unit, and the budgets that they are held against. Pure.

export type Unit = 'ms' | 'MB' | 'per minute' | 'per second' | 'per hour' | 'x' | '%' | 'KB per job';

/** One thing that was measured, in one run, as often as there were rounds. */
export interface Samples {
  readonly what: string;
  readonly unit: Unit;
  readonly values: readonly number[];
}

/** A limit of the design, section 9. Only one in `x`, a ratio of two things measured in this run, may fail a run. */
export interface Budget {
  readonly what: string;
  readonly unit: Unit;
  readonly measured: number;
  readonly limit: number;
  readonly better: 'lower' | 'higher';
  /** Why it is out of reach where it is missed, with the measurement that shows it. */
  readonly because?: string;
}

/** Whether a budget holds; `explained`: it does not, and the page says what stands in the way. */
export type Verdict = 'met' | 'missed' | 'explained';

export interface Outcome {
  readonly samples: readonly Samples[];
  readonly budgets: readonly Budget[];
  /** What a reader must know: how it was measured, what was left out. */
  readonly notes: readonly string[];
}

export interface Measure {
  readonly name: string;
  /** Completes "measures …". */
  readonly about: string;
  readonly needsEngine: boolean;
  run(ground: BenchGround): Promise<Outcome>;
}

/** What measures work with. */
export interface BenchGround {
  readonly rounds: number;
  /** How long something is watched that does nothing. */
  readonly minutes: number;
  /** The bundled command line's main file. */
  readonly program: string;
  /** Address of the machine's engine; throws for a measure that needs none and asks all the same. */
  readonly host: string;
  readonly say: (line: string) => void;
  /** Cleans up when the measure has ended, last one first. */
  readonly afterwards: (clean: () => Promise<void>) => void;
}

export interface Summary {
  readonly what: string;
  readonly unit: Unit;
  readonly median: number;
  readonly p95: number;
  readonly rounds: number;
}

/** The value below which so many of all lie (nearest rank); 0 of no values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);
export const p95 = (values: readonly number[]): number => percentile(values, 0.95);

export function summarize({ what, unit, values }: Samples): Summary {
  return { what, unit, median: round(median(values)), p95: round(p95(values)), rounds: values.length };
}

export function isMet({ measured, limit, better }: Budget): boolean {
  return better === 'lower' ? measured <= limit : measured >= limit;
}

export function verdictOf(budget: Budget): Verdict {
  if (isMet(budget)) return 'met';
  return budget.because === undefined ? 'missed' : 'explained';
}

/** Whether a benchmark may end well: times and sizes depend on the machine, ratios do not. */
export function failsRun(budget: Budget): boolean {
  return budget.unit === 'x' && verdictOf(budget) === 'missed';
}

/** Three digits that count, or whole numbers. */
export function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
