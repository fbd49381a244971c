// A pretended machine for tests of doors and pages: what it is, what it does now, and what it did before.
import type { Output, ParsedInput, StopSignal } from '../../main/contract/contract.ts';
import type { GpuMetrics, GpuProcess } from '../../main/model/gpu-metrics.ts';
import { hostSubject, seriesOf } from '../../main/model/host-metrics.ts';
import type { HardwareHistory, HardwareSample, HostMetrics } from '../../main/model/host-metrics.ts';
import { queueSubject } from '../../main/model/queue-history.ts';

/** A value that goes up and down, the same every time: no test depends on luck. */
export function wave(at: number, periodMs: number, [low, high]: readonly [number, number]): number {
  const turn = (at % periodMs) / periodMs;
  const swing = (Math.sin(turn * 2 * Math.PI) + Math.sin(turn * 14 * Math.PI) / 4 + 1.25) / 2.5;
  return low + (high - low) * swing;
}

const gib = 1024;

export function someHost(at: number): HostMetrics {
  return {
    at,
    cpuPercent: wave(at, 1_700_000, [4, 62]),
    ...{ load1: wave(at, 1_700_000, [0.3, 9.4]), load5: 3.1, load15: 2.2 },
    ...{ memoryUsedMiB: wave(at, 2_900_000, [9 * gib, 17 * gib]), memoryTotalMiB: 32 * gib },
    ...{ swapUsedMiB: 210, swapTotalMiB: 2 * gib },
    ...{ diskUsedBytes: 412e9, diskTotalBytes: 983e9 },
    ...{ diskReadRate: wave(at, 600_000, [0, 41e6]), diskWriteRate: wave(at, 900_000, [2e5, 120e6]) },
    ...{ networkInRate: wave(at, 800_000, [4e4, 31e6]), networkOutRate: wave(at, 1_100_000, [2e4, 6e6]) },
    unknown: {},
  };
}

/** Jobs that ran and waited at a moment, in waves. */
function someQueue(at: number): Readonly<Record<string, number>> {
  return {
    running: Math.round(wave(at, 4_700_000, [0, 9])),
    waiting: Math.max(0, Math.round(wave(at - 400_000, 4_700_000, [-6, 14]))),
  };
}

export function someProcess(change: Partial<GpuProcess> & Pick<GpuProcess, 'pid' | 'name'>): GpuProcess {
  const nobody = { memoryMiB: null, container: null, runner: null, job: null, app: null, title: null };
  return { ...nobody, ...change };
}

/** A card at work, as an RTX 5080 tells of itself. */
export function someMetrics(at: number, change: Partial<GpuMetrics> & Pick<GpuMetrics, 'id'>): GpuMetrics {
  return {
    ...{ vendor: 'nvidia', model: 'RTX 5080', at, utilization: wave(at, 400_000, [20, 99]), memoryBusy: 41 },
    ...{ memoryUsedMiB: wave(at, 900_000, [6_000, 13_500]), memoryTotalMiB: 16_303 },
    ...{ edgeCelsius: wave(at, 900_000, [48, 74]), junctionCelsius: null, memoryCelsius: null },
    ...{ watts: wave(at, 400_000, [60, 340]), limitWatts: 360, graphicsMhz: 2_640, memoryMhz: 15_001 },
    ...{ fanPercent: 46, fanRpm: null, throttle: [], eccCorrected: null, eccUncorrected: null, xids: [] },
    ...{ persistence: true, processes: [], problem: null },
    unknown: { fanRpm: 'the tool of NVIDIA tells no turns of fans' },
    ...change,
  };
}

/** What a pretended machine does at a moment. */
export interface FakeHardware {
  readonly node: string;
  host(at: number): HostMetrics | null;
  gpus(at: number): readonly GpuMetrics[];
  /** Calls back when there is a new look; returns how to leave. */
  subscribe?(listener: () => void): () => void;
}

export const quietHardware: FakeHardware = { node: 'local', host: someHost, gpus: () => [] };

export function sampleOf({ node, host, gpus }: FakeHardware, at: number): HardwareSample {
  return { at, node, pace: 'fast', host: host(at), gpus: gpus(at) };
}

interface Span {
  readonly minutes: number;
  readonly points: number;
  readonly now: number;
}

/** What it did, with one time in which nobody looked. `subject`: the machine or the id of a card. */
export function historyOf(
  hardware: FakeHardware,
  subject: string,
  { minutes, points, now }: Span,
): HardwareHistory {
  const stepMs = Math.ceil((minutes * 60_000) / points);
  const end = Math.floor(now / stepMs) * stepMs;
  const at = Array.from({ length: points }, (_, index) => end - (points - 1 - index) * stepMs);
  const names = seriesOf(subject);
  const looks = at.map((moment, index): Readonly<Record<string, unknown>> => {
    const isGap = index > points * 0.22 && index < points * 0.27;
    if (isGap) return {};
    if (subject === queueSubject) return someQueue(moment);
    const found =
      subject === hostSubject
        ? hardware.host(moment)
        : hardware.gpus(moment).find(({ id }) => id === subject);
    return found ?? {};
  });
  const valueAt = (look: Readonly<Record<string, unknown>>, name: string): number | null => {
    const value = look[name];
    return typeof value === 'number' ? value : null;
  };
  const series = names.map((name) => {
    const mean = looks.map((look) => valueAt(look, name));
    return [name, { mean, most: mean }] as const;
  });
  return { subject, stepMs, at, series: Object.fromEntries(series) };
}

type History = Output<'gpu.history'>;
interface HardwareCalls {
  readonly 'gpu.history': (input: ParsedInput<'gpu.history'>) => History;
  readonly 'machine.history': (input: ParsedInput<'machine.history'>) => History;
  readonly 'queue.history': (input: ParsedInput<'queue.history'>) => History;
}

export function hardwareCalls(hardware: FakeHardware): HardwareCalls {
  const spanOf = ({ minutes, points, to = Date.now() }: ParsedInput<'machine.history'>): Span => ({
    ...{ minutes, points, now: to },
  });
  return {
    'gpu.history': (input) => historyOf(hardware, input.id, spanOf(input)),
    'machine.history': (input) => historyOf(hardware, hostSubject, spanOf(input)),
    'queue.history': (input) => historyOf(hardware, queueSubject, spanOf(input)),
  };
}

type Watched<N extends 'gpu.watch' | 'machine.watch'> = (
  input: ParsedInput<N>,
  stop: StopSignal,
) => AsyncIterable<Output<N>>;

/** Waits for a second, for a new look that is pushed, or for `stop`. */
function nextLook({ subscribe }: FakeHardware, stop: StopSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(finish, 1_000);
    const leave = subscribe?.(finish);
    function finish(): void {
      clearTimeout(timer);
      leave?.();
      stop.removeEventListener('abort', finish);
      resolve();
    }
    stop.addEventListener('abort', finish);
    if (stop.aborted) finish();
  });
}

export function hardwareStreams(hardware: FakeHardware): {
  readonly 'gpu.watch': Watched<'gpu.watch'>;
  readonly 'machine.watch': Watched<'machine.watch'>;
} {
  const follow = async function* (stop: StopSignal): AsyncIterable<HardwareSample> {
    while (!stop.aborted) {
      const next = nextLook(hardware, stop);
      yield sampleOf(hardware, Date.now());
      await next;
    }
  };
  return {
    'gpu.watch': async function* ({ id }, stop) {
      for await (const { at, node, pace, gpus } of follow(stop))
        yield { at, node, pace, gpus: gpus.filter((gpu) => gpu.id === (id ?? gpu.id)) };
    },
    'machine.watch': (_input, stop) => follow(stop),
  };
}
