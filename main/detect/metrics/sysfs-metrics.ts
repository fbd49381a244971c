// What AMD's and Intel's cards do, from the files of their kernel drivers: no tool, no start-up, no root.
// https://docs.kernel.org/gpu/amdgpu/thermal.html https://docs.kernel.org/hwmon/ (xe and i915: Documentation/ABI/testing)
import type { GpuVendor } from '../../model/gpu.ts';
import { hangingGpu, unreadGpu } from '../../model/gpu-metrics.ts';
import type { GpuMetrics } from '../../model/gpu-metrics.ts';
import type { Probe } from '../../probe-port.ts';
import { bounds, parseKernelLine, parseKernelNumber } from '../values.ts';
import { describeProgram, readKfdPrograms } from './gpu-programs.ts';
import { Reasons } from './values-or-why.ts';

/** A card to read. */
export interface SysfsCard {
  readonly id: string;
  readonly vendor: Exclude<GpuVendor, 'nvidia'>;
  readonly model: string;
  readonly pciAddress: string;
  readonly integrated: boolean;
}

/** What the reading after this one needs of it: power is the growth of energy over time. */
export interface Energy {
  readonly microjoules: number;
  /** By the monotonic clock, milliseconds. */
  readonly at: number;
}

export interface SysfsReading {
  readonly metrics: GpuMetrics;
  readonly energy: Energy | null;
  /** False for a card that is lost, or asleep: nothing else is to look at it either. */
  readonly isAwake: boolean;
}

export interface Moment {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly monotonic: number;
}

const noFile = 'its driver has no file with it';
const notClear = 'what its driver says of it is not understood';

type Read = (name: string) => Promise<string | null>;

/**
 * Never rejects. A card that sleeps is left asleep: reading it would wake it. Of one whose driver hangs nothing is told:
 * what its files lack is not what they would have said.
 */
export async function readSysfsMetrics(
  probe: Probe,
  card: SysfsCard,
  now: Moment,
  before: Energy | null,
): Promise<SysfsReading> {
  const folder = `/sys/bus/pci/devices/${card.pciAddress}`;
  const read: Read = (name) => probe.readFile(`${folder}/${name}`);
  const bus = await probe.list('/sys/bus/pci/devices');
  const unread = (metrics: GpuMetrics): SysfsReading => ({ metrics, energy: null, isAwake: false });
  // Where not even the list can be read, the card may well be there.
  if (bus === null) return unread(unreadGpu(card, now.at, 'the kernel does not answer'));
  if (!bus.includes(card.pciAddress)) return unread(lost(card, now.at));
  if (await isAsleep(probe, card.pciAddress))
    return unread(unreadGpu(card, now.at, 'it sleeps, and a look at it would wake it'));
  const [sensors] = (await probe.list(`${folder}/hwmon`)) ?? [];
  const sensor: Read = (name) =>
    sensors === undefined ? Promise.resolve(null) : read(`hwmon/${sensors}/${name}`);
  const why = new Reasons();
  const energy = card.vendor === 'intel' ? await readEnergy(sensor, now.monotonic) : null;
  const common = await readCommon(sensor, why, powerOf(energy, before));
  const own =
    card.vendor === 'amd'
      ? await readAmd(probe, card, read, sensor, why)
      : await readIntel(probe, folder, read, why);
  if (probe.hangs(folder))
    return unread(unreadGpu(card, now.at, 'its driver does not answer', hangingGpu(card)));
  const metrics = { ...unreadGpu(card, now.at, noFile), ...common, ...own, unknown: why.all() };
  return { metrics, energy, isAwake: true };
}

async function isAsleep(probe: Probe, address: string): Promise<boolean> {
  const status = await probe.readFile(`/sys/bus/pci/devices/${address}/power/runtime_status`);
  return parseKernelLine(status) === 'suspended';
}

/** The address of a card that sleeps: a maker's tool would wake it, for it looks at all cards of the maker. */
export async function findSleeper(
  probe: Probe,
  cards: readonly Pick<SysfsCard, 'pciAddress'>[],
): Promise<string | null> {
  for (const { pciAddress } of cards) if (await isAsleep(probe, pciAddress)) return pciAddress;
  return null;
}

function lost(card: SysfsCard, at: number): GpuMetrics {
  return unreadGpu(card, at, 'the kernel does not list it any more', {
    key: 'gpu.lost',
    message: `${card.model} at ${card.id} is gone from the bus.`,
    next: 'Look for its address in the kernel log. Mostly a restart of the machine brings it back.',
  });
}

function within(value: number | null, { min, max }: { min: number; max: number }): number | null {
  return value !== null && value >= min && value <= max ? value : null;
}

async function number(read: Read, name: string): Promise<number | null> {
  return parseKernelNumber(await read(name));
}

/** By the labels of the sensors; i915 has one without a label. */
async function readCelsius(sensor: Read): Promise<Readonly<Record<string, number>>> {
  const found = await Promise.all(
    [1, 2, 3].map(async (index) => {
      const label = parseKernelLine(await sensor(`temp${index}_label`)) ?? (index === 1 ? 'edge' : '');
      const thousandths = await number(sensor, `temp${index}_input`);
      const celsius = within(thousandths === null ? null : Math.round(thousandths / 1_000), bounds.celsius);
      return celsius === null ? [] : [[label, celsius] as const];
    }),
  );
  return Object.fromEntries(found.flat());
}

async function readCommon(sensor: Read, why: Reasons, energyWatts: number | null) {
  const heat = await readCelsius(sensor);
  const micro = (await number(sensor, 'power1_average')) ?? (await number(sensor, 'power1_input'));
  const watts = micro === null ? energyWatts : micro / 1e6;
  const cap = (await number(sensor, 'power1_cap')) ?? (await number(sensor, 'power1_max'));
  // Some of a card's fans stand still, and its driver has a file for each that there could be.
  const fans = await Promise.all([1, 2, 3].map((index) => number(sensor, `fan${index}_input`)));
  const turning = fans.filter((rpm) => rpm !== null);
  const [pwm, most] = [await number(sensor, 'pwm1'), await number(sensor, 'pwm1_max')];
  const percent = pwm === null || most === null || most <= 0 ? null : Math.round((pwm / most) * 100);
  return {
    edgeCelsius: why.of('edgeCelsius', heat['edge'] ?? heat['pkg'] ?? null, noFile),
    junctionCelsius: why.of('junctionCelsius', heat['junction'] ?? null, noFile),
    memoryCelsius: why.of('memoryCelsius', heat['mem'] ?? heat['vram'] ?? null, noFile),
    watts: why.of('watts', within(watts === null ? null : round(watts), bounds.watts), noFile),
    limitWatts: why.of('limitWatts', within(cap === null ? null : round(cap / 1e6), bounds.watts), noFile),
    fanRpm: why.of('fanRpm', turning.length === 0 ? null : Math.max(...turning), noFile),
    fanPercent: why.of('fanPercent', within(percent, bounds.percent), noFile),
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

async function mebibytes(read: Read, name: string): Promise<number | null> {
  const bytes = await number(read, name);
  return bytes === null || bytes < 0 ? null : Math.floor(bytes / 1_048_576);
}

async function readAmd(probe: Probe, card: SysfsCard, read: Read, sensor: Read, why: Reasons) {
  const [vram, gtt] = [
    await mebibytes(read, 'mem_info_vram_used'),
    await mebibytes(read, 'mem_info_gtt_used'),
  ];
  const [vramAll, gttAll] = [
    await mebibytes(read, 'mem_info_vram_total'),
    await mebibytes(read, 'mem_info_gtt_total'),
  ];
  const sum = (a: number | null, b: number | null): number | null =>
    a === null || b === null ? null : a + b;
  const ras = await read('ras/umc_err_count');
  const programs = await readPrograms(probe, card);
  const hertz = async (name: string): Promise<number | null> => {
    const value = await number(sensor, name);
    return within(value === null ? null : Math.round(value / 1e6), { min: 0, max: 20_000 });
  };
  const percent = async (name: string): Promise<number | null> =>
    within(await number(read, name), bounds.percent);
  return {
    utilization: why.of('utilization', await percent('gpu_busy_percent'), noFile),
    memoryBusy: why.of('memoryBusy', await percent('mem_busy_percent'), noFile),
    // Integrated ones use the machine's memory besides the little that is set aside for them.
    memoryUsedMiB: why.of('memoryUsedMiB', card.integrated ? sum(vram, gtt) : vram, noFile),
    memoryTotalMiB: why.of('memoryTotalMiB', card.integrated ? sum(vramAll, gttAll) : vramAll, noFile),
    graphicsMhz: why.of('graphicsMhz', await hertz('freq1_input'), noFile),
    memoryMhz: why.of('memoryMhz', await hertz('freq2_input'), noFile),
    throttle: why.of('throttle', null, 'amdgpu tells it in a table without a fixed form alone'),
    eccCorrected: why.of('eccCorrected', countIn(ras, 'ce'), noFile),
    eccUncorrected: why.of('eccUncorrected', countIn(ras, 'ue'), noFile),
    xids: why.of('xids', null, 'only cards of NVIDIA have them'),
    persistence: why.of('persistence', null, 'only cards of NVIDIA have it'),
    processes: why.of('processes', programs, 'the kernel does not list programs that compute (KFD)'),
  };
}

/** `ue: 0` and `ce: 0`, a line each. */
function countIn(text: string | null, name: string): number | null {
  const digits = new RegExp(`^${name}: (\\d{1,15})$`, 'm').exec(text ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}

async function readPrograms(probe: Probe, card: SysfsCard): Promise<GpuMetrics['processes']> {
  const kfdId = await findKfdId(probe, card.pciAddress);
  const found = kfdId === null ? null : await readKfdPrograms(probe, card.id, kfdId);
  return found === null ? null : Promise.all(found.map((program) => describeProgram(probe, program)));
}

const nodes = '/sys/class/kfd/kfd/topology/nodes';

/** KFD's own number of a card, by the number of its render node. */
async function findKfdId(probe: Probe, address: string): Promise<string | null> {
  const minor = ((await probe.list(`/sys/bus/pci/devices/${address}/drm`)) ?? [])
    .map((name) => /^renderD(\d{3,4})$/.exec(name)?.[1])
    .find((digits) => digits !== undefined);
  if (minor === undefined) return null;
  for (const node of (await probe.list(nodes)) ?? []) {
    const properties = (await probe.readFile(`${nodes}/${node}/properties`)) ?? '';
    if (!new RegExp(`^drm_render_minor ${minor}$`, 'm').test(properties)) continue;
    return (
      /^[1-9]\d{0,9}$/.exec(parseKernelLine(await probe.readFile(`${nodes}/${node}/gpu_id`)) ?? '')?.[0] ??
      null
    );
  }
  return null;
}

/** `energy1` of a B580 stays at 0 while `energy2` counts. */
async function readEnergy(sensor: Read, at: number): Promise<Energy | null> {
  const counted = [await number(sensor, 'energy1_input'), await number(sensor, 'energy2_input')];
  const microjoules = counted.find((value) => value !== null && value > 0);
  return microjoules === undefined || microjoules === null ? null : { microjoules, at };
}

/** Watts between two readings; `null` for less than a tenth of a second, and where the counter began anew. */
function powerOf(now: Energy | null, before: Energy | null): number | null {
  if (now === null || before === null || now.at - before.at < 100) return null;
  const joules = (now.microjoules - before.microjoules) / 1e6;
  return joules < 0 ? null : joules / ((now.at - before.at) / 1_000);
}

const needsTool = "Intel's drivers have no file with it, and no tool was asked";

async function readIntel(probe: Probe, folder: string, read: Read, why: Reasons) {
  const cards = ((await probe.list(`${folder}/drm`)) ?? []).filter((name) => /^card\d+$/.test(name));
  const i915 = cards[0] === undefined ? null : await number(read, `drm/${cards[0]}/gt_act_freq_mhz`);
  const mhz = i915 ?? (await number(read, 'tile0/gt0/freq0/act_freq'));
  return {
    utilization: why.of('utilization', null, needsTool),
    memoryBusy: why.of('memoryBusy', null, noFile),
    memoryUsedMiB: why.of('memoryUsedMiB', null, needsTool),
    memoryTotalMiB: why.of('memoryTotalMiB', null, needsTool),
    graphicsMhz: why.of(
      'graphicsMhz',
      within(mhz, { min: 0, max: 20_000 }),
      i915 === null ? noFile : notClear,
    ),
    memoryMhz: why.of('memoryMhz', null, noFile),
    throttle: why.of('throttle', await readThrottle(read, cards[0]), noFile),
    eccCorrected: why.of('eccCorrected', null, noFile),
    eccUncorrected: why.of('eccUncorrected', null, noFile),
    xids: why.of('xids', null, 'only cards of NVIDIA have them'),
    persistence: why.of('persistence', null, 'only cards of NVIDIA have it'),
    processes: why.of('processes', null, needsTool),
  };
}

/** A file for each reason with 0 or 1. Below `drm/card<n>/gt/gt0` with i915, `tile0/gt0/freq0/throttle` with xe. */
async function readThrottle(read: Read, card: string | undefined): Promise<GpuMetrics['throttle']> {
  const flag = async (name: string): Promise<number | null> =>
    (await number(read, `tile0/gt0/freq0/throttle/${name.replace('throttle_', '')}`)) ??
    (card === undefined ? null : number(read, `drm/${card}/gt/gt0/${name}`));
  const told = [
    { reason: 'heat', value: await flag('throttle_reason_thermal') },
    { reason: 'heat', value: await flag('throttle_reason_prochot') },
    { reason: 'power-cap', value: await flag('throttle_reason_pl1') },
    { reason: 'power-cap', value: await flag('throttle_reason_pl2') },
    { reason: 'hardware', value: await flag('throttle_reason_vr_thermalert') },
  ] as const;
  if (told.every(({ value }) => value === null)) return null;
  return [...new Set(told.flatMap(({ reason, value }) => (value === 1 ? [reason] : [])))];
}
