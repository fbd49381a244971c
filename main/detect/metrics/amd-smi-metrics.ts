// What amd-smi tells of AMD's cards where the files of amdgpu do not. Programs it is not asked for: it reads them where the
// kernel tells them (KFD), told one of every card, and none of other users: https://github.com/ROCm/rocm-systems/pull/8396
import type { Probe } from '../../probe-port.ts';
import { parseAmdSmiMetrics, parseAmdSmiStatic } from '../amd-smi.ts';
import type { AmdSmiCard, AmdSmiReading } from '../amd-smi.ts';
import { askTool } from '../tool-answer.ts';
import { findSleeper } from './sysfs-metrics.ts';
import type { SysfsCard } from './sysfs-metrics.ts';
import type { ToolReadings, ToolValues } from './tool-readings.ts';

const sections = ['--usage', '--mem-usage', '--power', '--temperature'];

/** Asks for all cards at once, if all of them are awake. Never rejects. */
export async function askAmdSmi(probe: Probe, asked: readonly SysfsCard[]): Promise<ToolReadings> {
  const nothing = (why: string): ToolReadings => ({ byAddress: new Map(), why });
  const sleeper = await findSleeper(probe, asked);
  if (sleeper !== null) return nothing(`amd-smi is not asked while ${sleeper} sleeps: it would wake it`);
  const list = await askTool(probe, 'amd-smi', ['list', '--json']);
  if (list.text === null) return nothing(list.why);
  const metric = await askTool(probe, 'amd-smi', ['metric', ...sections, '--json']);
  if (metric.text === null) return nothing(metric.why);
  const cards = parseAmdSmiStatic(list.text).found;
  const readings = parseAmdSmiMetrics(metric.text).found;
  // Its numbers are nobody else's, and change when a card is lost.
  if (cards.length === 0 || numbersOf(cards) !== numbersOf(readings))
    return nothing('what amd-smi says is not understood');
  return { byAddress: new Map(asked.flatMap((one) => valuesOf(one, cards, readings))), why: metric.why };
}

function numbersOf(found: readonly { readonly index: number }[]): string {
  return JSON.stringify(found.map(({ index }) => index).toSorted((a, b) => a - b));
}

/** Parts of a divided card have its address, too: then it is not said whose values they are. */
function valuesOf(
  { pciAddress, integrated }: SysfsCard,
  cards: readonly AmdSmiCard[],
  readings: readonly AmdSmiReading[],
): readonly (readonly [string, ToolValues])[] {
  const [card, ...others] = cards.filter((one) => one.pciAddress === pciAddress);
  const reading = readings.find(({ index }) => index === card?.index);
  if (reading === undefined || others.length > 0) return [];
  const { utilization, watts, hotspotCelsius, memoryCelsius, usedMiB, memoryMiB } = reading;
  // An integrated card's memory is more than the part that it tells of.
  const memory = integrated ? {} : { memoryUsedMiB: usedMiB, memoryTotalMiB: memoryMiB };
  return [[pciAddress, { utilization, watts, junctionCelsius: hotspotCelsius, memoryCelsius, ...memory }]];
}
