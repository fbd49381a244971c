// rocm-smi's answer, where amd-smi is not installed: its names changed from release to release, and its values are texts.
import { unclearOutput } from './issues.ts';
import { amountOf, bytesOf, fieldsOf, parseJson, textAt } from './json.ts';
import type { Parsed } from './nvidia-csv.ts';
import { bounds, known, parsePciAddress, parseText } from './values.ts';
import type { Amount } from './values.ts';

/** What rocm-smi says of one card. `null`: it does not say, or not clearly. */
export interface RocmSmiCard {
  /** `card0`: its own numbering, which is not that of `/dev/dri`. */
  readonly key: string;
  readonly pciAddress: string | null;
  readonly name: string | null;
  readonly uniqueId: string | null;
  readonly target: string | null;
  readonly memoryMiB: number | null;
  readonly usedMiB: number | null;
  readonly utilization: number | null;
  /** At the edge of the chip. */
  readonly celsius: number | null;
  readonly watts: number | null;
  readonly firmware: string | null;
  /** Of the machine: of AMD's packages or of the kernel. */
  readonly driverVersion: string | null;
}

type Find = (...names: readonly string[]) => unknown;

/** The output of `rocm-smi --json` with any of its flags, ROCm 4.3 to 7. Never throws. */
export function parseRocmSmi(output: unknown): Parsed<RocmSmiCard> {
  const root = fieldsOf(parseJson(output));
  const unclear: string[] = [];
  const driverVersion = textAt(root.get('system'), 'Driver version');
  const found = [...root].flatMap(([key, card]) =>
    /^card\d{1,3}$/.test(key) ? [readCard(key, card, driverVersion, unclear)] : [],
  );
  if (found.length === 0) unclear.push('it is cut off, or no list of cards');
  const said = [...new Set(unclear)].slice(0, 5).join('; ');
  return { found, issues: unclear.length === 0 ? [] : [unclearOutput('rocm-smi', said)] };
}

function readCard(key: string, card: unknown, driverVersion: string | null, unclear: string[]): RocmSmiCard {
  const fields = new Map([...fieldsOf(card)].map(([name, value]) => [name.toLowerCase(), value]));
  const find: Find = (...names) =>
    names.map((name) => fields.get(name.toLowerCase())).find((value) => value !== undefined);
  const read = (name: string, amount: Amount): number | null => {
    if (amount === 'unclear') unclear.push(`${name} is no number`);
    return known(amount);
  };
  const text = (...names: readonly string[]): string | null => {
    const value = find(...names);
    return typeof value === 'string' ? parseText(value) : null;
  };
  const size = (name: string): number | null => toMiB(read(name, bytesOf(find(name))));
  const power = ['Average Graphics Package Power (W)', 'Current Socket Graphics Package Power (W)'];
  return {
    key,
    pciAddress: parsePciAddress(text('PCI Bus') ?? ''),
    name: nameOf(text('Card Series')) ?? nameOf(text('Device Name')),
    uniqueId: /^0x[0-9a-f]{1,16}$/.exec(text('Unique ID') ?? '')?.[0] ?? null,
    target: /^gfx[0-9a-f]{3,5}$/.exec(text('GFX Version') ?? '')?.[0] ?? null,
    memoryMiB: size('VRAM Total Memory (B)'),
    usedMiB: size('VRAM Total Used Memory (B)'),
    utilization: read('GPU use', amountOf(find('GPU use (%)'), bounds.percent)),
    celsius: rounded(read('heat', amountOf(find('Temperature (Sensor edge) (C)'), bounds.celsius))),
    watts: read('power', amountOf(find(...power), bounds.watts)),
    firmware: text('VBIOS version'),
    driverVersion,
  };
}

/** ROCm 4.3 has the number of its maker in the place of every name. */
function nameOf(text: string | null): string | null {
  return text === null || /^0x[0-9a-f]+$/i.test(text) ? null : text;
}

function toMiB(bytes: number | null): number | null {
  return bytes === null ? null : Math.floor(bytes / 1_048_576);
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
