// amd-smi's answers: what AMD's cards are, and what they do. Tools before 26.0 have an array where later ones have
// `gpu_data`: https://github.com/ROCm/rocm-systems/issues/223
import type { Issue } from '../model/issue.ts';
import { unclearOutput } from './issues.ts';
import { amountOf, bytesOf, itemsOf, numberAt, parseJson, textAt, valueAt, wordsOf } from './json.ts';
import type { Parsed } from './nvidia-csv.ts';
import { bounds, known, parsePciAddress } from './values.ts';
import type { Amount } from './values.ts';

/** What amd-smi says of one card. `null`: it does not say, or not clearly. */
export interface AmdSmiCard {
  /** Its own numbering, which is nobody else's. */
  readonly index: number;
  readonly pciAddress: string | null;
  readonly name: string | null;
  /** Maker and device: `1002:740f`. */
  readonly device: string | null;
  readonly uuid: string | null;
  readonly target: string | null;
  readonly memoryMiB: number | null;
  readonly computeUnits: number | null;
  /** Of AMD's own packages; `null` with the kernel's own driver. */
  readonly driverVersion: string | null;
  readonly firmware: string | null;
  readonly computePartition: string | null;
  readonly memoryPartition: string | null;
}

export interface AmdSmiReading {
  readonly index: number;
  readonly watts: number | null;
  readonly hotspotCelsius: number | null;
  readonly memoryCelsius: number | null;
  readonly utilization: number | null;
  readonly usedMiB: number | null;
  readonly memoryMiB: number | null;
}

const tool = 'amd-smi';

function issuesOf(unclear: readonly string[]): readonly Issue[] {
  return unclear.length === 0 ? [] : [unclearOutput(tool, [...new Set(unclear)].slice(0, 5).join('; '))];
}

/** One of its values: `{"value": 65520, "unit": "MB"}`, or `"N/A"` in the place of either. A number in another unit is none. */
function amountIn(leaf: unknown, unit: string, limits: { min: number; max: number }): Amount {
  const said = wordsOf(leaf);
  if (leaf === undefined || leaf === null || said === 'N/A') return null;
  const value = valueAt(leaf, 'value');
  const amount = unit === 'B' ? bytesOf(value) : amountOf(value, limits);
  if (amount === null) return value === undefined ? 'unclear' : null;
  return valueAt(leaf, 'unit') === unit ? amount : 'unclear';
}

interface Entries<T> {
  readonly read: (entry: unknown, index: number, unclear: string[]) => T;
}

/** Reads each card's part of an answer; cards without a number of their own are left out. */
function readEntries<T>(output: unknown, { read }: Entries<T>): Parsed<T> {
  const root = parseJson(output);
  const list = Array.isArray(root) ? root : valueAt(root, 'gpu_data');
  if (!Array.isArray(list)) return { found: [], issues: issuesOf(['it is cut off, or no list of cards']) };
  const unclear: string[] = [];
  const indices = new Set<number>();
  const found = itemsOf(list).flatMap((entry) => {
    const index = numberAt(entry, bounds.cards, 'gpu');
    if (index === null || !Number.isInteger(index) || indices.has(index)) {
      unclear.push('a card has no number of its own');
      return [];
    }
    indices.add(index);
    return [read(entry, index, unclear)];
  });
  return { found, issues: issuesOf(unclear) };
}

function reader(unclear: string[]): (name: string, amount: Amount) => number | null {
  return (name, amount) => {
    if (amount === 'unclear') unclear.push(`${name} is no number`);
    return known(amount);
  };
}

/** The output of `amd-smi static --json`, and of `amd-smi list --json`, which has less. Never throws. */
export function parseAmdSmiStatic(output: unknown): Parsed<AmdSmiCard> {
  return readEntries(output, {
    read: (entry, index, unclear) => {
      const read = reader(unclear);
      const bdf = textAt(entry, 'bus', 'bdf') ?? textAt(entry, 'bdf');
      const vendor = hexAt(entry, 'asic', 'vendor_id');
      const device = hexAt(entry, 'asic', 'device_id');
      const part = valueAt(entry, 'partition');
      return {
        index,
        pciAddress: bdf === null ? null : parsePciAddress(bdf),
        name: textAt(entry, 'asic', 'market_name'),
        device: vendor === null || device === null ? null : `${vendor}:${device}`,
        uuid: formed(textAt(entry, 'uuid'), /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i),
        target: formed(textAt(entry, 'asic', 'target_graphics_version'), /^gfx[0-9a-f]{3,5}$/),
        memoryMiB: read(
          'size of its memory',
          amountIn(valueAt(entry, 'vram', 'size'), 'MB', bounds.memoryMiB),
        ),
        computeUnits: numberAt(entry, { min: 1, max: 4096 }, 'asic', 'num_compute_units'),
        driverVersion: driverVersionOf(valueAt(entry, 'driver')),
        firmware: textAt(entry, 'vbios', 'version') ?? textAt(entry, 'vbios', 'name'),
        computePartition: formed(
          textAt(part, 'accelerator_partition') ?? textAt(part, 'compute_partition'),
          /^[A-Z]{3}$/,
        ),
        memoryPartition: formed(textAt(part, 'memory_partition'), /^NPS\d$/),
      };
    },
  });
}

function hexAt(entry: unknown, ...path: readonly string[]): string | null {
  return /^0x([0-9a-f]{4})$/i.exec(wordsOf(valueAt(entry, ...path)))?.[1]?.toLowerCase() ?? null;
}

function formed(text: string | null, form: RegExp): string | null {
  return text !== null && form.test(text) ? text : null;
}

/** Its names were in capitals once. With the kernel's own driver, the kernel's banner stands there without its spaces. */
function driverVersionOf(driver: unknown): string | null {
  const names = ['version', 'driver_version', 'VERSION', 'DRIVER_VERSION'];
  const texts = names.map((name) => textAt(driver, name));
  return formed(texts.find((text) => text !== null) ?? null, /^\d{1,4}(?:\.\d{1,6}){1,3}(?:-[\w.]{1,40})?$/);
}

/** The output of `amd-smi metric --json`, and of `amd-smi monitor --json`. Never throws. */
export function parseAmdSmiMetrics(output: unknown): Parsed<AmdSmiReading> {
  return readEntries(output, {
    read: (entry, index, unclear) => {
      const read = reader(unclear);
      const first = (...paths: readonly (readonly string[])[]): unknown =>
        paths.map((path) => valueAt(entry, ...path)).find((leaf) => leaf !== undefined);
      const size = (...paths: readonly (readonly string[])[]): Amount =>
        amountIn(first(...paths), 'MB', bounds.memoryMiB);
      const heat = (...paths: readonly (readonly string[])[]): Amount =>
        amountIn(first(...paths), 'C', bounds.celsius);
      return {
        index,
        watts: read('power', amountIn(first(['power', 'socket_power'], ['power_usage']), 'W', bounds.watts)),
        hotspotCelsius: read('heat', heat(['temperature', 'hotspot'], ['hotspot_temperature'])),
        memoryCelsius: read('heat', heat(['temperature', 'mem'], ['memory_temperature'])),
        utilization: read('use', amountIn(first(['usage', 'gfx_activity'], ['gfx']), '%', bounds.percent)),
        usedMiB: read('used memory', size(['mem_usage', 'used_vram'], ['vram_used'])),
        memoryMiB: read('memory', size(['mem_usage', 'total_vram'], ['vram_total'])),
      };
    },
  });
}
