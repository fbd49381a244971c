// NVIDIA's divided cards (MIG): `nvidia-smi -L` has the slices' UUIDs, `nvidia-smi -q -x` their memory.
import type { Issue } from '../model/issue.ts';
import { unclearOutput } from './issues.ts';
import type { NvidiaCard, Parsed } from './nvidia-csv.ts';
import { parseDriver, parseSwitch } from './nvidia-csv.ts';
import { readNvidiaMore } from './nvidia-report.ts';
import type { NvidiaMore } from './nvidia-report.ts';
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
import { childAt, parseXml, textAt } from './xml.ts';
import type { XmlElement } from './xml.ts';

/** A slice as it is listed: `index` is its number on its card. */
export interface ListedSlice {
  readonly card: string;
  readonly uuid: string;
  readonly index: number;
  /** `3g.40gb` */
  readonly profile: string;
}

const cardLine = /^GPU \d{1,3}: .{1,200} \(UUID: ([^ ()]+)\)$/;
const sliceLine = /^ {2}MIG (\S{1,32}) +Device +(\d{1,2}): \(UUID: ([^ ()]+)\)$/;

/** The output of `nvidia-smi -L`. Never throws. */
export function parseNvidiaSlices(output: unknown): Parsed<ListedSlice> {
  const lines = textOf(output).split('\n');
  const found: ListedSlice[] = [];
  let isClear = lines.pop() === '' && lines.length > 0;
  let card: string | null = null;
  for (const line of lines) {
    const [, profile = '', index = '', slice = ''] = sliceLine.exec(line) ?? [];
    const uuid = parseNvidiaUuid(slice);
    if (uuid !== null && card !== null) found.push({ card, uuid, index: Number(index), profile });
    else card = parseNvidiaUuid(cardLine.exec(line)?.[1] ?? '');
    // After a card that is not understood, nobody knows whose slices follow.
    if (card === null) isClear = false;
  }
  return {
    found,
    issues: isClear ? [] : [unclearOutput('nvidia-smi -L', 'a line is cut off or of another form')],
  };
}

/** A card of the XML: what the table has too, more of it, and the memory of its slices by their index. */
export interface NvidiaXmlCard extends NvidiaCard {
  readonly more: NvidiaMore;
  readonly slices: readonly { readonly index: number; readonly memoryMiB: number | null }[];
}

/** The output of `nvidia-smi -q -x`, schemas 10 to 13. Never throws. */
export function parseNvidiaXml(output: unknown): Parsed<NvidiaXmlCard> {
  const { root, complete } = parseXml(textOf(output));
  const unclear: string[] = complete ? [] : ['it is cut off or not well formed'];
  if (root?.name !== 'nvidia_smi_log')
    return { found: [], issues: issuesOf([...unclear, 'it is no report of cards']) };
  const elements = root.children.filter(({ name }) => name === 'gpu');
  const found = elements.flatMap((element) => readCard(element, root, unclear) ?? []);
  if (found.length < elements.length) unclear.push('a card has no UUID');
  const attached = known(parseWhole(textAt(root, 'attached_gpus'), '', bounds.cards));
  if (attached !== null && attached !== elements.length)
    unclear.push(`${attached} cards are counted and ${elements.length} described`);
  return { found, issues: issuesOf(unclear) };
}

function issuesOf(unclear: readonly string[]): readonly Issue[] {
  return unclear.length === 0
    ? []
    : [unclearOutput('nvidia-smi -q -x', [...new Set(unclear)].slice(0, 5).join('; '))];
}

function readCard(gpu: XmlElement, root: XmlElement, unclear: string[]): NvidiaXmlCard | null {
  const uuid = parseNvidiaUuid(textAt(gpu, 'uuid'));
  if (uuid === null) return null;
  const read = (name: string, amount: Amount): number | null => {
    if (amount === 'unclear') unclear.push(`${name} is no number`);
    return known(amount);
  };
  const slices = childAt(gpu, 'mig_devices')?.children.filter(({ name }) => name === 'mig_device') ?? [];
  return {
    uuid,
    pciAddress: parsePciAddress(textAt(gpu, 'pci', 'pci_bus_id') || (gpu.attributes['id'] ?? '')),
    name: parseText(textAt(gpu, 'product_name')),
    // Since 610 it may stand under a newer name alone.
    driver: parseDriver(textAt(root, 'driver_version')) ?? parseDriver(textAt(root, 'kmd_version')),
    memoryMiB: read('memory', readMiB(gpu, 'total')),
    usedMiB: read('used memory', readMiB(gpu, 'used')),
    utilization: read('utilization', parseWhole(textAt(gpu, 'utilization', 'gpu_util'), '%', bounds.percent)),
    celsius: read('temperature', parseWhole(textAt(gpu, 'temperature', 'gpu_temp'), 'C', bounds.celsius)),
    watts: read('power', readPower(gpu)),
    computeCapability: null,
    mig: parseSwitch(textAt(gpu, 'mig_mode', 'current_mig')),
    persistence: parseSwitch(textAt(gpu, 'persistence_mode')),
    // The table tells them of every card.
    memoryErrors: null,
    more: readNvidiaMore(gpu, root),
    slices: slices.flatMap((slice) => {
      const index = known(parseWhole(textAt(slice, 'index'), '', bounds.cards));
      return index === null ? [] : [{ index, memoryMiB: read('memory of a slice', readMiB(slice, 'total')) }];
    }),
  };
}

function readMiB(element: XmlElement, which: 'total' | 'used'): Amount {
  return parseWhole(textAt(element, 'fb_memory_usage', which), 'MiB', bounds.memoryMiB);
}

/** Schema 13 has `instant` and `average`, the others one of two names of the group. */
function readPower(gpu: XmlElement): Amount {
  const group = childAt(gpu, 'gpu_power_readings') ?? childAt(gpu, 'power_readings');
  if (group === null) return null;
  const texts = ['instant_power_draw', 'average_power_draw', 'power_draw'].map((name) => textAt(group, name));
  const amounts = texts.map((text) => parseDecimal(text, 'W', bounds.watts));
  return amounts.find((amount) => amount !== null) ?? null;
}
