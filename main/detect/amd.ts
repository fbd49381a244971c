// AMD's cards: memory and kind from sysfs, their ability to compute from KFD, their names from the lists of libdrm.
// https://docs.kernel.org/gpu/amdgpu/driver-misc.html
import { bounds, parseKernelLine, parseKernelNumber } from './values.ts';

/** Files below `/sys/bus/pci/devices/<address>/`; `null`: not there, or not readable. */
export interface AmdFiles {
  readonly mem_info_vram_total: string | null;
  readonly mem_info_vram_used: string | null;
  readonly mem_info_gtt_total: string | null;
  readonly mem_info_gtt_used: string | null;
  readonly product_name: string | null;
  /** `hwmon/hwmon<n>/in1_label` */
  readonly in1_label: string | null;
  /** `hwmon/hwmon<n>/temp1_input`: thousandths of a degree, at the edge of the chip. */
  readonly temp1_input: string | null;
}

export interface AmdMemory {
  /** `null`: the driver does not say, or not clearly. */
  readonly memoryMiB: number | null;
  readonly usedMiB: number | null;
  readonly integrated: boolean;
  readonly productName: string | null;
  readonly celsius: number | null;
}

/** Never throws. */
export function parseAmdFiles(files: AmdFiles): AmdMemory {
  // The driver shows this voltage for processors with graphics alone:
  // https://github.com/torvalds/linux/blob/v6.12/drivers/gpu/drm/amd/pm/amdgpu_pm.c
  const integrated = parseKernelLine(files.in1_label) === 'vddnb';
  const vram = toMiB(files.mem_info_vram_total);
  const gtt = toMiB(files.mem_info_gtt_total);
  // What the firmware sets aside for integrated graphics is small; programs get the machine's memory as well.
  const both = (own: number | null, shared: number | null): number | null =>
    own === null || shared === null ? null : own + shared;
  const used = toMiB(files.mem_info_vram_used);
  return {
    memoryMiB: integrated ? both(vram, gtt) : vram,
    usedMiB: integrated ? both(used, toMiB(files.mem_info_gtt_used)) : used,
    integrated,
    productName: parseKernelLine(files.product_name),
    celsius: toCelsius(files.temp1_input),
  };
}

function toMiB(text: string | null): number | null {
  const bytes = parseKernelNumber(text);
  return bytes === null || bytes < 0 ? null : Math.floor(bytes / 1_048_576);
}

function toCelsius(text: string | null): number | null {
  const thousandths = parseKernelNumber(text);
  const celsius = thousandths === null ? null : Math.round(thousandths / 1000);
  return celsius !== null && celsius >= bounds.celsius.min && celsius <= bounds.celsius.max ? celsius : null;
}

/** What KFD says of one card, or of one part of a divided card: what ROCm can use. */
export interface KfdNode {
  /** The number in `/dev/dri/renderD<n>`. */
  readonly renderMinor: number;
  /** `gfx1100` */
  readonly target: string | null;
  /** The card that it is or belongs to: `0000:0a:00.0`; `null`: older kernels do not tell the domain. */
  readonly address: string | null;
  readonly computeUnits: number | null;
}

/** One `properties` file of `/sys/class/kfd/kfd/topology/nodes/<n>/`; `null` for a processor, or what is not clear. Never throws. */
export function parseKfdNode(text: string | null): KfdNode | null {
  const read = propertiesOf(text);
  const renderMinor = read('drm_render_minor');
  const cores = read('simd_count');
  if (renderMinor === null || renderMinor < 128 || renderMinor > 4095 || cores === null || cores < 1)
    return null;
  const perUnit = read('simd_per_cu');
  const computeUnits = perUnit === null || perUnit < 1 ? null : cores / perUnit;
  return {
    renderMinor,
    target: targetOf(read('gfx_target_version')),
    address: addressOf(read('domain'), read('location_id')),
    computeUnits: computeUnits !== null && Number.isInteger(computeUnits) ? computeUnits : null,
  };
}

/** A line without its end was cut. Numbers may be larger than any number here, and are read one by one. */
function propertiesOf(text: string | null): (name: string) => number | null {
  const lines = (text ?? '').split('\n').slice(0, -1);
  return (name) => {
    const found = lines.filter((line) => line.startsWith(`${name} `));
    return found.length === 1 ? parseKernelNumber(`${found[0]?.slice(name.length + 1) ?? ''}\n`) : null;
  };
}

/** Bus, device and, in the place of the function, the part of a divided card: https://github.com/ROCm/k8s-device-plugin */
function addressOf(domain: number | null, location: number | null): string | null {
  if (domain === null || location === null || domain < 0 || location < 0) return null;
  if (domain > 0xffff || location > 0xffff) return null;
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  return `${hex(domain, 4)}:${hex(location >> 8, 2)}:${hex((location >> 3) & 0x1f, 2)}.0`;
}

/**
 * `mem_banks/0/properties` of the same folder: memory that programs get, of a part its share. `null`: none of its own, or
 * not clear. Never throws.
 */
export function parseKfdMemory(text: string | null): number | null {
  const bytes = propertiesOf(text)('size_in_bytes');
  return bytes === null || bytes <= 0 ? null : Math.floor(bytes / 1_048_576);
}

/** Decimal: two digits each for the last two parts, which names have as one hexadecimal digit. 90402 is gfx942, 90010 gfx90a. */
function targetOf(version: number | null): string | null {
  if (version === null || version < 10_000 || version > 999_999) return null;
  const [minor, step] = [Math.floor(version / 100) % 100, version % 100];
  return minor > 15 || step > 15
    ? null
    : `gfx${Math.floor(version / 10_000)}${minor.toString(16)}${step.toString(16)}`;
}

/** The marketing name in `/usr/share/libdrm/amdgpu.ids`: `744C,<tab>C8,<tab>AMD Radeon RX 7900 XTX`. */
export function findAmdName(list: string | null, device: string, revision: string | null): string | null {
  for (const line of (list ?? '').split('\n')) {
    const [, id, rev, name] = /^([0-9A-F]{4}),\s*([0-9A-F]{2}),\s*(.{1,120})$/.exec(line) ?? [];
    if (id?.toLowerCase() === device && rev?.toLowerCase() === revision) return name?.trim() ?? null;
  }
  return null;
}

/** The name in `pci.ids`, whose vendors stand at the margin and their devices behind a tab. */
export function findPciName(list: string | null, vendor: string, device: string): string | null {
  const from = `\n${list ?? ''}`.indexOf(`\n${vendor}  `);
  if (from < 0) return null;
  const rest = (list ?? '').slice(from);
  const end = rest.search(/\n[0-9a-f]{4} {2}/);
  const section = end < 0 ? rest : rest.slice(0, end);
  return new RegExp(`^\\t${device} {2}(.{1,120})$`, 'm').exec(section)?.[1]?.trim() ?? null;
}
