// nvidia-smi's tables: cards and the programs on them, read by the names in the head line, whatever the order.
// https://github.com/utkuozdemir/nvidia_gpu_exporter/tree/e656cd8/internal/captures
import type { Issue } from '../model/issue.ts';
import { unclearOutput } from './issues.ts';
import {
  bounds,
  known,
  parseDecimal,
  parseNvidiaUuid,
  parsePciAddress,
  parseText,
  parseWhole,
  textOf,
} from './values.ts';
import type { Amount } from './values.ts';

/** What nvidia-smi says of one card. `null`: it does not say, or not clearly. */
export interface NvidiaCard {
  readonly uuid: string;
  readonly pciAddress: string | null;
  readonly name: string | null;
  readonly driver: string | null;
  readonly memoryMiB: number | null;
  readonly usedMiB: number | null;
  readonly utilization: number | null;
  readonly celsius: number | null;
  readonly watts: number | null;
  /** `8.9` */
  readonly computeCapability: string | null;
  /** `null`: the card cannot be divided, or does not say. */
  readonly mig: boolean | null;
  readonly persistence: boolean | null;
  /** Errors of its memory that could not be corrected, since its driver was loaded. */
  readonly memoryErrors: number | null;
}

export interface NvidiaProcess {
  readonly uuid: string;
  readonly pid: number;
  readonly name: string | null;
  readonly memoryMiB: number | null;
}

export interface Parsed<T> {
  readonly found: readonly T[];
  readonly issues: readonly Issue[];
}

/** Understood by every driver since 410. One unknown field makes the whole call fail. */
export const baseFields: readonly string[] = [
  ...['count', 'uuid', 'name', 'pci.bus_id', 'driver_version', 'memory.total', 'memory.used'],
  ...['utilization.gpu', 'temperature.gpu', 'power.draw', 'persistence_mode'],
];
const uncorrected = 'ecc.errors.uncorrected.volatile.total';

/** Of newer drivers. */
export const newerFields: readonly string[] = ['compute_cap', 'mig.mode.current', uncorrected];
export const processFields: readonly string[] = ['gpu_uuid', 'pid', 'process_name', 'used_gpu_memory'];

const tool = 'nvidia-smi';

/** The output of `nvidia-smi --query-gpu=… --format=csv`, with its head line. Never throws. */
export function parseNvidiaCards(output: unknown): Parsed<NvidiaCard> {
  const table = readTable(textOf(output));
  const unclear = [...table.problems];
  const found = table.rows.flatMap((row) => {
    const card = readCard(row, unclear);
    if (card === null) unclear.push('a card without a UUID');
    return card === null ? [] : [card];
  });
  if (new Set(found.map(({ uuid }) => uuid)).size < found.length) unclear.push('two cards with one UUID');
  const counts = table.rows.map((row) => known(parseWhole(row('count'), '', bounds.cards)));
  const count = counts.find((number) => number !== null) ?? null;
  if (table.rows.length === 0) unclear.push('no card is listed');
  else if (count !== null && count !== table.rows.length)
    unclear.push(`${count} cards are counted and ${table.rows.length} listed`);
  return { found, issues: issuesOf(unclear) };
}

/** The output of `nvidia-smi --query-compute-apps=… --format=csv`, with its head line. Never throws. */
export function parseNvidiaProcesses(output: unknown): Parsed<NvidiaProcess> {
  const table = readTable(textOf(output));
  const unclear = [...table.problems];
  const found = table.rows.flatMap((row) => {
    const uuid = parseNvidiaUuid(row('gpu_uuid'));
    const pid = known(parseWhole(row('pid'), '', { min: 1, max: 4_194_304 }));
    const memory = parseWhole(row('used_gpu_memory'), 'MiB', bounds.memoryMiB);
    if (uuid === null || pid === null || memory === 'unclear')
      unclear.push('a program without card, number or size');
    return uuid === null || pid === null
      ? []
      : [{ uuid, pid, name: parseText(row('process_name')), memoryMiB: known(memory) }];
  });
  return { found, issues: issuesOf(unclear) };
}

function issuesOf(unclear: readonly string[]): readonly Issue[] {
  return unclear.length === 0 ? [] : [unclearOutput(tool, [...new Set(unclear)].slice(0, 5).join('; '))];
}

/** The value of a line under the first of these names; empty where it has none. */
export type Row = (...names: readonly string[]) => string;

function readCard(row: Row, unclear: string[]): NvidiaCard | null {
  const read = (name: string, amount: Amount): number | null => {
    if (amount === 'unclear') unclear.push(`${name} is ${JSON.stringify(row(name).slice(0, 40))}`);
    return known(amount);
  };
  const uuid = parseNvidiaUuid(row('uuid', 'gpu_uuid'));
  if (uuid === null) return null;
  const computeCapability = /^\d{1,2}\.\d$/.exec(row('compute_cap').trim())?.[0] ?? null;
  return {
    uuid,
    pciAddress: parsePciAddress(row('pci.bus_id', 'gpu_bus_id')),
    name: parseText(row('name', 'gpu_name')),
    // Since 610 the older name is to go: https://github.com/utkuozdemir/nvidia_gpu_exporter/tree/e656cd8/internal/captures
    driver: parseDriver(row('driver_version')) ?? parseDriver(row('kmd_version')),
    memoryMiB: read('memory.total', parseWhole(row('memory.total'), 'MiB', bounds.memoryMiB)),
    usedMiB: read('memory.used', parseWhole(row('memory.used'), 'MiB', bounds.memoryMiB)),
    utilization: read('utilization.gpu', parseWhole(row('utilization.gpu'), '%', bounds.percent)),
    celsius: read('temperature.gpu', parseWhole(row('temperature.gpu'), 'C', bounds.celsius)),
    watts: read('power.draw', parseDecimal(row('power.draw'), 'W', bounds.watts)),
    computeCapability,
    mig: parseSwitch(row('mig.mode.current')),
    persistence: parseSwitch(row('persistence_mode')),
    memoryErrors: read(uncorrected, parseWhole(row(uncorrected), '', bounds.errors)),
  };
}

/** `595.71.05` */
export function parseDriver(text: string): string | null {
  return /^\d{2,4}(?:\.\d{1,4}){1,2}$/.exec(text.trim())?.[0] ?? null;
}

/** `Enabled`, `Disabled`; anything else is not known. */
export function parseSwitch(text: string): boolean | null {
  const word = text.trim();
  return word === 'Enabled' ? true : word === 'Disabled' ? false : null;
}

export interface Table {
  readonly rows: readonly Row[];
  readonly problems: readonly string[];
}

/** A comma between values is followed by a space, one inside a number is not. Values are never quoted. */
const separator = ', ';

/** Whole lines alone, with as many values as the head has names; a name that stands twice means nothing. */
export function readTable(text: string): Table {
  const lines = text.split('\n');
  const problems = lines.pop() === '' ? [] : ['its last line is cut off'];
  if (lines.length === 0) problems.push('it has no head');
  const names = (lines.shift() ?? '').split(separator).map((name) => name.replace(/ \[[^\]]*\]$/, '').trim());
  const at = new Map(
    names
      .filter((name) => names.indexOf(name) === names.lastIndexOf(name))
      .map((name) => [name, names.indexOf(name)]),
  );
  const rows = lines.flatMap((line) => {
    const values = line.split(separator);
    if (values.length !== names.length) {
      problems.push('a line has more or fewer values than the head');
      return [];
    }
    return [
      (...wanted: readonly string[]): string =>
        wanted.flatMap((name) => values[at.get(name) ?? -1] ?? [])[0] ?? '',
    ];
  });
  return { rows, problems };
}
