// What NVIDIA's cards do, as nvidia-smi tells it: one table, or one after another from a nvidia-smi that stays.
// https://github.com/utkuozdemir/nvidia_gpu_exporter/tree/e656cd8/internal/captures
import type { GpuMetrics, ThrottleReason } from '../../model/gpu-metrics.ts';
import type { Issue } from '../../model/issue.ts';
import type { Probe, Ran } from '../../probe-port.ts';
import { explainNvidiaFailure } from '../nvidia-failure.ts';
import { readTable } from '../nvidia-csv.ts';
import type { Row } from '../nvidia-csv.ts';
import { bounds, known, parseDecimal, parseNvidiaUuid, parseText, parseWhole, textOf } from '../values.ts';
import type { Amount } from '../values.ts';
import { Reasons } from './values-or-why.ts';

/** Understood by every driver since 410; the older words for why a card is slow are understood by the newest, too. */
const baseFields: readonly string[] = [
  ...['count', 'uuid', 'name', 'memory.total', 'memory.used', 'utilization.gpu', 'utilization.memory'],
  ...['temperature.gpu', 'power.draw', 'power.limit', 'clocks.current.graphics', 'clocks.current.memory'],
  ...['fan.speed', 'persistence_mode'],
];
const throttleFields: Readonly<Record<string, ThrottleReason>> = {
  applications_clocks_setting: 'application',
  sw_power_cap: 'power-cap',
  hw_slowdown: 'hardware',
  hw_thermal_slowdown: 'heat',
  sw_thermal_slowdown: 'heat',
  hw_power_brake_slowdown: 'power-brake',
  sync_boost: 'sync',
};
const corrected = 'ecc.errors.corrected.volatile.total';
const uncorrected = 'ecc.errors.uncorrected.volatile.total';
const newerFields: readonly string[] = [
  ...['temperature.memory', corrected, uncorrected],
  ...Object.keys(throttleFields).map((name) => `clocks_throttle_reasons.${name}`),
];

const untold = 'nvidia-smi does not tell it for this card';
const unclear = 'what nvidia-smi says of it is not understood';

const megahertz = { min: 0, max: 20_000 } as const;
/** It may be wanted to turn faster than its full speed. */
const fan = { min: 0, max: 200 } as const;

/** The output of `nvidia-smi --query-gpu=… --format=csv`, with its head line. Cards without a UUID are left out. Never throws. */
export function parseNvidiaMetrics(output: unknown, at: number): readonly GpuMetrics[] {
  const found = readTable(textOf(output)).rows.flatMap((row) => readMetrics(row, at) ?? []);
  // Of two with one UUID, nobody knows which is which.
  return found.filter(({ id }) => found.filter((other) => other.id === id).length === 1);
}

function readMetrics(row: Row, at: number): GpuMetrics | null {
  const id = parseNvidiaUuid(row('uuid', 'gpu_uuid'));
  if (id === null) return null;
  const why = new Reasons();
  const read = (name: string, amount: Amount): number | null =>
    why.of(name, known(amount), amount === 'unclear' ? unclear : untold);
  const whole = (
    name: string,
    unit: string,
    limits: { min: number; max: number },
    ...from: string[]
  ): number | null => read(name, parseWhole(row(...from), unit, limits));
  return {
    id,
    vendor: 'nvidia',
    model: parseText(row('name', 'gpu_name')) ?? 'NVIDIA GPU',
    at,
    utilization: whole('utilization', '%', bounds.percent, 'utilization.gpu'),
    memoryBusy: whole('memoryBusy', '%', bounds.percent, 'utilization.memory'),
    memoryUsedMiB: whole('memoryUsedMiB', 'MiB', bounds.memoryMiB, 'memory.used'),
    memoryTotalMiB: whole('memoryTotalMiB', 'MiB', bounds.memoryMiB, 'memory.total'),
    edgeCelsius: whole('edgeCelsius', 'C', bounds.celsius, 'temperature.gpu'),
    junctionCelsius: why.of('junctionCelsius', null, 'NVIDIA tells one temperature of the chip'),
    memoryCelsius: whole('memoryCelsius', 'C', bounds.celsius, 'temperature.memory'),
    watts: read('watts', parseDecimal(row('power.draw'), 'W', bounds.watts)),
    limitWatts: read('limitWatts', parseDecimal(row('power.limit'), 'W', bounds.watts)),
    graphicsMhz: whole('graphicsMhz', 'MHz', megahertz, 'clocks.current.graphics', 'clocks.gr'),
    memoryMhz: whole('memoryMhz', 'MHz', megahertz, 'clocks.current.memory', 'clocks.mem'),
    fanPercent: whole('fanPercent', '%', fan, 'fan.speed'),
    fanRpm: why.of('fanRpm', null, 'NVIDIA tells the speed of fans in percent'),
    throttle: why.of('throttle', readThrottle(row), untold),
    eccCorrected: whole('eccCorrected', '', bounds.errors, corrected),
    eccUncorrected: whole('eccUncorrected', '', bounds.errors, uncorrected),
    xids: null,
    persistence: why.of('persistence', readSwitch(row('persistence_mode'), 'Enabled', 'Disabled'), untold),
    processes: null,
    unknown: why.all(),
    problem: null,
  };
}

/** `null` where it tells of not one of them. */
function readThrottle(row: Row): readonly ThrottleReason[] | null {
  const told = Object.entries(throttleFields).map(([name, reason]) => ({
    reason,
    isActive: readSwitch(
      row(`clocks_event_reasons.${name}`, `clocks_throttle_reasons.${name}`),
      'Active',
      'Not Active',
    ),
  }));
  if (told.every(({ isActive }) => isActive === null)) return null;
  return [...new Set(told.flatMap(({ reason, isActive }) => (isActive === true ? [reason] : [])))];
}

function readSwitch(text: string, on: string, off: string): boolean | null {
  const word = text.trim();
  return word === on ? true : word === off ? false : null;
}

/** What one question gave. */
export interface NvidiaAnswer {
  readonly metrics: readonly GpuMetrics[];
  /** Why there are none. */
  readonly issue: Issue | null;
  /** Whether this driver knows all that is asked for. */
  readonly isNew: boolean;
}

/** Arguments of nvidia-smi for one table; `loopMs`: for one table after another. */
export function nvidiaArguments(isNew: boolean, loopMs: number | null): readonly string[] {
  const fields = isNew ? [...baseFields, ...newerFields] : baseFields;
  return [
    `--query-gpu=${fields.join(',')}`,
    '--format=csv,nounits',
    ...(loopMs === null ? [] : [`--loop-ms=${loopMs}`]),
  ];
}

export interface NvidiaQuestion {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly deadlineMs: number;
  /** False: this driver does not know all, as it has said before. */
  readonly isNew: boolean;
}

/** Asks once. Never rejects. */
export async function askNvidiaMetrics(
  probe: Probe,
  tool: string,
  { at, deadlineMs, isNew: mayBeNew }: NvidiaQuestion,
): Promise<NvidiaAnswer> {
  const ask = (isNew: boolean): Promise<Ran> => probe.run(tool, nvidiaArguments(isNew, null), deadlineMs);
  const first = await ask(mayBeNew);
  // Code 2: a field that this driver does not know.
  const isNew = mayBeNew && !(first.outcome === 'ended' && first.code === 2);
  const ran = mayBeNew && !isNew ? await ask(false) : first;
  // Code 14 is a warning beside good data.
  const isGood = ran.outcome === 'ended' && (ran.code === 0 || ran.code === 14);
  if (!isGood) return { metrics: [], issue: explainNvidiaFailure(ran).issue, isNew };
  return { metrics: parseNvidiaMetrics(ran.stdout, at), issue: null, isNew };
}

const longestLine = 65_536;

/**
 * Cuts the output of a nvidia-smi that stays into tables, each with the head line: a table ends with as many lines as it
 * counts cards, or where a card comes again. What follows a line that is far too long is thrown away.
 */
export class NvidiaTables {
  #rest = '';
  #head: string | null = null;
  #lines: string[] = [];

  /** The tables that this text completes. */
  add(text: string): readonly string[] {
    const lines = (this.#rest + text.replaceAll('\r\n', '\n')).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > longestLine) this.#rest = '';
    return lines.flatMap((line) => this.#take(line));
  }

  #take(line: string): readonly string[] {
    if (line.startsWith('count, ')) {
      const ended = this.#end();
      this.#head = line;
      return ended;
    }
    const [count = '', uuid = ''] = line.split(', ', 2);
    // A word of the tool, or of its driver.
    if (!/^\d{1,3}$/.test(count) || this.#lines.length > 256) return [];
    const isAgain = this.#lines.some((other) => other.split(', ', 2)[1] === uuid);
    const ended = isAgain ? this.#end() : [];
    this.#lines.push(line);
    return this.#lines.length >= Number(count) ? [...ended, ...this.#end()] : ended;
  }

  #end(): readonly string[] {
    const lines = this.#lines;
    this.#lines = [];
    return this.#head === null || lines.length === 0 ? [] : [`${[this.#head, ...lines].join('\n')}\n`];
  }
}
