// intel_gpu_top's stream of samples (`-J`): the only way to see how busy a card on i915 is.
import { unclearOutput } from './issues.ts';
import { amountOf, bytesOf, fieldsOf, numberAt, parseJson, splitObjects, textAt, valueAt } from './json.ts';
import type { Parsed } from './nvidia-csv.ts';
import { bounds, known } from './values.ts';

export interface IntelTopProgram {
  readonly pid: number;
  readonly name: string | null;
  /** Of the card's own memory, or of the machine's where it has none; `null`: older tools do not tell. */
  readonly memoryMiB: number | null;
}

/** One sample. `null`: it does not say, or not clearly. */
export interface IntelTopSample {
  /** What it covers. The first of a stream covers next to nothing, and says nothing. */
  readonly milliseconds: number;
  /** Percent of the time, by kind of engine: `Render/3D`, `Video`; of several of a kind, the busiest. */
  readonly engines: Readonly<Record<string, number>>;
  /** Of the busiest engine, in percent. */
  readonly utilization: number | null;
  readonly mhz: number | null;
  /** Of the card alone, without the processor beside it. */
  readonly watts: number | null;
  readonly programs: readonly IntelTopProgram[];
}

export interface IntelTopRead extends Parsed<IntelTopSample> {
  /** The beginning of the next sample: to be put before what comes next. */
  readonly rest: string;
}

/** Rounding lets a busy engine reach a little more than the whole time. */
const percent = { min: 0, max: 101 } as const;

/** What came so far of `intel_gpu_top -J`, or of one sample alone. Samples that are not whole are left in `rest`. Never throws. */
export function parseIntelTop(output: unknown): IntelTopRead {
  const text = typeof output === 'string' ? output : '';
  const { objects, rest } = splitObjects(text);
  const unclear: string[] = [];
  const found = objects.flatMap((object) => readSample(parseJson(object), unclear) ?? []);
  if (found.length < objects.length) unclear.push('a sample without its length');
  if (objects.length === 0) unclear.push(refusal.exec(text)?.[0] ?? 'it has no whole sample');
  const said = [...new Set(unclear)].slice(0, 5).join('; ');
  return { found, rest, issues: unclear.length === 0 ? [] : [unclearOutput('intel_gpu_top', said)] };
}

/** Without counters of the kernel, as with a card that is a part of another: it dies after these words. */
const refusal = /Failed to detect engines|Failed to initialize PMU|No device filter specified/;

function readSample(sample: unknown, unclear: string[]): IntelTopSample | null {
  const milliseconds = numberAt(sample, { min: 0, max: 3_600_000 }, 'period', 'duration');
  if (milliseconds === null || textAt(sample, 'period', 'unit') !== 'ms') return null;
  const engines = readEngines(valueAt(sample, 'engines'), unclear);
  const inUnit = (unit: string, group: string, name: string, limits: { min: number; max: number }) =>
    textAt(sample, group, 'unit') === unit ? numberAt(sample, limits, group, name) : null;
  return {
    milliseconds,
    engines,
    utilization: Object.values(engines).reduce<number | null>(
      (most, busy) => Math.max(most ?? 0, busy),
      null,
    ),
    mhz: inUnit('MHz', 'frequency', 'actual', { min: 0, max: 20_000 }),
    watts: inUnit('W', 'power', 'GPU', bounds.watts),
    programs: [...fieldsOf(valueAt(sample, 'clients')).values()].flatMap(
      (client) => readProgram(client) ?? [],
    ),
  };
}

/** `Video/0` and `Video/1` are two of a kind; older tools number none. */
function readEngines(engines: unknown, unclear: string[]): Readonly<Record<string, number>> {
  const busiest = new Map<string, number>();
  for (const [name, engine] of fieldsOf(engines)) {
    const kind = name.replace(/\/\d+$/, '').slice(0, 40);
    const busy = amountOf(valueAt(engine, 'busy'), percent);
    if (busy === 'unclear' || textAt(engine, 'unit') !== '%') unclear.push(`${kind} is no share of time`);
    else if (busy !== null) busiest.set(kind, Math.max(busiest.get(kind) ?? 0, Math.min(100, busy)));
  }
  return Object.fromEntries(busiest);
}

function readProgram(client: unknown): IntelTopProgram | null {
  const pid = numberAt(client, { min: 1, max: 4_194_304 }, 'pid');
  if (pid === null || !Number.isInteger(pid)) return null;
  const region = valueAt(client, 'memory', 'local') === undefined ? 'system' : 'local';
  const bytes = known(bytesOf(valueAt(client, 'memory', region, 'resident')));
  const memoryMiB = bytes === null ? null : Math.floor(bytes / 1_048_576);
  return { pid, name: textAt(client, 'name'), memoryMiB };
}
