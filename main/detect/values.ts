// Single values out of what tools and the kernel print: a number is read whole and in its unit, or not at all.

/** A number; `null` where the tool says that it has none; `unclear` for anything else, which is no number. */
export type Amount = number | null | 'unclear';

interface Bounds {
  readonly min: number;
  readonly max: number;
}

const placeholder =
  /^(?:\[.*\]|N\/A.*|n\/a|ERR!|Unknown Error|unknown|None|Requested functionality has been deprecated)?$/;

/** True for what tools print where they have no value: nothing, `N/A`, `[Unknown Error]`, `ERR!`. */
export function isPlaceholder(text: string): boolean {
  return placeholder.test(text.trim());
}

/** Whole numbers, with or without their unit: `81559 MiB`. A point or comma between digits is of another locale. */
export function parseWhole(text: string, unit: string, { min, max }: Bounds): Amount {
  return bounded(text, unit, /^-?\d{1,15}$/, { min, max });
}

/** At most two decimals, as tools print power: `26.84 W`. Three would be thousands of another locale. */
export function parseDecimal(text: string, unit: string, bounds: Bounds): Amount {
  return bounded(text, unit, /^-?\d{1,9}(?:\.\d{1,2})?$/, bounds);
}

function bounded(text: string, unit: string, form: RegExp, { min, max }: Bounds): Amount {
  const trimmed = text.trim();
  if (isPlaceholder(trimmed)) return null;
  const digits = trimmed.endsWith(` ${unit}`) ? trimmed.slice(0, -unit.length - 1).trimEnd() : trimmed;
  const value = form.test(digits) ? Number(digits) : NaN;
  return value >= min && value <= max ? value : 'unclear';
}

/** The number, where it is one. */
export function known(amount: Amount): number | null {
  return amount === 'unclear' ? null : amount;
}

/** A text that a tool prints; `null` for a placeholder, and for what no tool means: control characters, a page of it. */
export function parseText(text: string): string | null {
  const trimmed = text.trim();
  return isPlaceholder(trimmed) || trimmed.length > 200 || /[\p{Cc}\uFFFD]/u.test(trimmed) ? null : trimmed;
}

/** One value of the kernel, whole: its files end with a newline, and one that does not was cut. */
export function parseKernelLine(text: string | null): string | null {
  const line = text === null ? undefined : /^([^\n\0]{0,4096})\n$/.exec(text)?.[1];
  return line === undefined || line.trim() === '' ? null : line.trim();
}

/** A whole number in a file of the kernel; `null` for anything else. Above 2^53 it is none. */
export function parseKernelNumber(text: string | null): number | null {
  const line = parseKernelLine(text);
  if (line === null || !/^-?\d{1,16}$/.test(line)) return null;
  const value = Number(line);
  return Number.isSafeInteger(value) ? value : null;
}

const mostMiB = 16_777_216;
/** Bounds beyond which a value is no value. */
export const bounds = {
  memoryMiB: { min: 0, max: mostMiB },
  bytes: { min: 0, max: mostMiB * 1_048_576 },
  percent: { min: 0, max: 100 },
  celsius: { min: -50, max: 200 },
  watts: { min: 0, max: 10_000 },
  cards: { min: 0, max: 256 },
  errors: { min: 0, max: Number.MAX_SAFE_INTEGER },
} as const;

/** `0000:01:00.0` in lower case, of `00000000:01:00.0` and `0000:01:00.0`: sysfs has four digits of domain. */
export function parsePciAddress(text: string): string | null {
  const [, high = '', domain, rest] =
    /^([0-9a-f]{4})?([0-9a-f]{4})(:[0-9a-f]{2}:[01][0-9a-f]\.[0-7])$/.exec(text.trim().toLowerCase()) ?? [];
  if (domain === undefined || rest === undefined) return null;
  return `${/^0*$/.test(high) ? '' : high}${domain}${rest}`;
}

const nvidiaUuid = /^(?:GPU|MIG)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const olderSliceUuid = /^MIG-GPU-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/\d{1,2}\/\d{1,2}$/;

/** NVIDIA's UUID of a card or a slice. */
export function parseNvidiaUuid(text: string): string | null {
  const trimmed = text.trim();
  return nvidiaUuid.test(trimmed) || olderSliceUuid.test(trimmed) ? trimmed : null;
}

/** What an unknown value says if it is a text, without the byte order mark of Windows and its line ends. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n') : '';
}
