// xpu-smi's answers about Intel's cards, 1.x and 2.x: the one tool that tells how much memory they have.
// https://intel.github.io/xpumanager/2.0/xpu-smi/discovery.html
import type { Issue } from '../model/issue.ts';
import { unclearOutput } from './issues.ts';
import { amountOf, bytesOf, fieldsOf, itemsOf, parseJson, textAt, valueAt } from './json.ts';
import type { Parsed } from './nvidia-csv.ts';
import { bounds, known, parsePciAddress } from './values.ts';
import type { Amount } from './values.ts';

/** What xpu-smi says of one card. `null`: it does not say, or not clearly. */
export interface XpuSmiCard {
  /** The number that it is asked for by. */
  readonly index: number;
  readonly pciAddress: string | null;
  readonly name: string | null;
  /** Made of its place on the bus: it changes with the slot. */
  readonly uuid: string | null;
  /** False for a part that was made for a virtual machine. */
  readonly isPhysical: boolean;
  readonly memoryMiB: number | null;
  readonly freeMiB: number | null;
  readonly driverVersion: string | null;
  readonly firmware: string | null;
  readonly tiles: number | null;
  readonly ecc: boolean | null;
}

function issuesOf(unclear: readonly string[]): readonly Issue[] {
  return unclear.length === 0 ? [] : [unclearOutput('xpu-smi', [...new Set(unclear)].slice(0, 5).join('; '))];
}

/** The output of `xpu-smi discovery -j`, which lists cards, or `-d 0 -j`, which describes one, or several. Never throws. */
export function parseXpuSmi(output: unknown): Parsed<XpuSmiCard> {
  const root = parseJson(output);
  const list = valueAt(root, 'device_list');
  const entries = Array.isArray(list) ? itemsOf(list) : Array.isArray(root) ? itemsOf(root) : [root];
  const unclear: string[] = [];
  const found = entries.flatMap((entry) => readCard(entry, unclear) ?? []);
  if (found.length < entries.length) unclear.push('it is cut off, or a card has no number');
  if (new Set(found.map(({ index }) => index)).size < found.length) unclear.push('two cards have one number');
  return { found, issues: issuesOf(unclear) };
}

function readCard(entry: unknown, unclear: string[]): XpuSmiCard | null {
  const fields = fieldsOf(entry);
  const read = (name: string, parse: (value: unknown) => Amount): number | null => {
    const amount = parse(fields.get(name));
    if (amount === 'unclear') unclear.push(`${name} is no number`);
    return known(amount);
  };
  const index = read('device_id', (value) => amountOf(value, bounds.cards));
  if (index === null || !Number.isInteger(index)) return null;
  const ecc = textAt(entry, 'memory_ecc_state');
  return {
    index,
    pciAddress: parsePciAddress(textAt(entry, 'pci_bdf_address') ?? ''),
    name: textAt(entry, 'device_name'),
    uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.exec(textAt(entry, 'uuid') ?? '')?.[0] ?? null,
    isPhysical: textAt(entry, 'device_function_type') !== 'virtual',
    memoryMiB: toMiB(read('memory_physical_size_byte', bytesOf)),
    freeMiB: toMiB(read('memory_free_size_byte', bytesOf)),
    driverVersion: textAt(entry, 'driver_version'),
    firmware: textAt(entry, 'gfx_firmware_version'),
    tiles: read('number_of_tiles', (value) => amountOf(value, { min: 1, max: 16 })),
    ecc: ecc === 'enabled' ? true : ecc === 'disabled' ? false : null,
  };
}

/** A card without memory of its own says 0. */
function toMiB(bytes: number | null): number | null {
  return bytes === null || bytes === 0 ? null : Math.floor(bytes / 1_048_576);
}
