// The sampler and its history in the running core: what depends on it, who its programs are, what is wrong with cards.
import { checkGpu } from '../checks/gpu/index.ts';
import { readHostMetrics } from '../detect/metrics/host-metrics.ts';
import type { HostCounters } from '../detect/metrics/host-metrics.ts';
import { lastValue } from '../plan/freshness.ts';
import { jobsByRunner } from '../plan/runners.ts';
import { handedOutAs } from '../model/gpu.ts';
import type { SeenGpu } from '../model/gpu.ts';
import type { GpuMetrics, GpuProcess } from '../model/gpu-metrics.ts';
import type { HardwareSample, HostMetrics } from '../model/host-metrics.ts';
import type { Issue } from '../model/issue.ts';
import type { Desired, Observed } from '../model/world.ts';
import { createHardwareHistory } from '../observe/hardware-history.ts';
import type { HardwareHistoryKeeper } from '../observe/hardware-history.ts';
import { createHardwareSampler } from '../observe/hardware-sampler.ts';
import type { HardwareSampler } from '../observe/hardware-sampler.ts';
import { GuardedSource } from '../observe/hardware-source.ts';
import type { Clock } from '../ports.ts';
import type { OtherSystem, StartLoop } from '../probe-port.ts';
import { gpuSources } from './gpu-sources.ts';
import type { LabOptions } from './lab.ts';
import { createSteadyIssues } from './steady-issues.ts';

export interface HardwareWatch {
  readonly sampler: HardwareSampler;
  readonly history: HardwareHistoryKeeper;
  /** What a pass has seen. */
  see(pass: { readonly desired: Desired; readonly observed: Observed }): void;
  /** What is wrong with cards, as far as somebody looks at them. `said`: what is told of them already. */
  issues(said: readonly Issue[]): readonly Issue[];
  /** The cards that were seen last; none before the first look. */
  cards(): readonly SeenGpu[];
  /** The id of the machine under which its history is kept; `null` before its engine is known. */
  node(): string | null;
  stop(): Promise<void>;
}

type WatchOptions = Pick<LabOptions, 'probe' | 'clock' | 'log' | 'store' | 'act' | 'home'> & {
  readonly startLoop?: StartLoop | undefined;
};

interface SeenPass {
  readonly desired: Desired;
  readonly observed: Observed;
}

/** Nothing is looked at before somebody asks, or a runner is there. */
export function createHardwareWatch(options: WatchOptions): HardwareWatch {
  const { probe, clock, store, act } = options;
  const log = options.log.topic('hardware');
  let pass: SeenPass | null = null;
  const nodeOf = (): Observed['nodes'][number] | null => pass?.observed.nodes[0] ?? null;
  const history = createHardwareHistory({ store, clock, log, act });
  const issues = createSteadyIssues(clock);
  const sources = gpuSources({ probe, clock, startLoop: options.startLoop ?? null });
  const cardsOf = (): readonly SeenGpu[] => lastValue(nodeOf()?.gpus ?? { state: 'never' })?.inventory ?? [];
  const sampler = createHardwareSampler({
    ...{ clock, log },
    host: hostSource(options, () => lastValue(nodeOf()?.engine ?? { state: 'never' })?.info.disk ?? null),
    gpus: () => sources(cardsOf()),
    attribute: (metrics) => (pass === null ? metrics : withHolders(metrics, pass.observed)),
    onSample: (sample) => {
      history.add(nodeOf()?.id ?? '', sample);
      if (pass !== null) issues.see(issuesOf(sample, pass));
    },
  });
  return {
    sampler,
    history,
    see: (next) => {
      pass = next;
      sampler.attend(dependenceOf(next.observed));
    },
    issues: (said) =>
      issues.current(sampler.current() !== null).filter((issue) => !isSaid(issue, said, cardsOf())),
    cards: cardsOf,
    node: () => nodeOf()?.id ?? null,
    stop: async () => {
      await sampler.stop();
      history.flush();
    },
  };
}

/** Between two questions to a system that answers slowly. Milliseconds. */
const otherMs = 30_000;

function hostSource(
  { probe, clock, home }: Pick<WatchOptions, 'probe' | 'clock' | 'home'>,
  disk: () => { readonly free: number; readonly total: number } | null,
): GuardedSource<HostMetrics> {
  let before: HostCounters | null = null;
  let other: { readonly value: OtherSystem | null; readonly at: number } | null = null;
  const read = async (): Promise<HostMetrics> => {
    const now = { at: clock.now(), monotonic: clock.monotonic() };
    const space = disk() ?? (await probe.disk(home));
    // Asking another system than Linux takes a second.
    if (probe.self().platform !== 'linux' && now.monotonic - (other?.at ?? -Infinity) >= otherMs)
      other = { value: await probe.otherSystem(), at: now.monotonic };
    const { metrics, counters } = await readHostMetrics(probe, {
      ...{ ...now, before, disk: space, other: other?.value ?? null },
    });
    before = counters;
    return metrics;
  };
  const rest = (): void => {
    before = null;
  };
  return new GuardedSource({ read, rest }, clock, () => unreadHost(clock));
}

function unreadHost(clock: Pick<Clock, 'now'>): HostMetrics {
  const nothing = {
    ...{ cpuPercent: null, load1: null, load5: null, load15: null, memoryUsedMiB: null },
    ...{ memoryTotalMiB: null, swapUsedMiB: null, swapTotalMiB: null, diskUsedBytes: null },
    ...{ diskTotalBytes: null, diskReadRate: null, diskWriteRate: null },
    ...{ networkInRate: null, networkOutRate: null },
  };
  const unknown = Object.fromEntries(
    Object.keys(nothing).map((name) => [name, 'the kernel does not answer']),
  );
  return { at: clock.now(), ...nothing, unknown };
}

function dependenceOf({ nodes, records }: Observed) {
  const [node] = nodes;
  const info = lastValue(node?.engine ?? { state: 'never' })?.info;
  return {
    node: node?.name ?? '',
    isHere: info?.isHere ?? true,
    hasCard: records.some(({ grant }) => grant !== null),
    hasRunner: records.length > 0,
  };
}

/** Programs in containers of ours get the name of their runner, and its job. */
function withHolders(metrics: GpuMetrics, observed: Observed): GpuMetrics {
  const { processes } = metrics;
  if (processes === null || processes.every(({ container }) => container === null)) return metrics;
  const views = observed.nodes.flatMap(({ engine }) => lastValue(engine) ?? []);
  const holders = new Map([
    ...views.flatMap(({ containers }) => containers.map(({ id, name }) => [id, name] as const)),
    ...views.flatMap(({ gpuBearers }) => gpuBearers.map(({ id, holder }) => [id, holder] as const)),
  ]);
  const jobs = jobsByRunner(lastValue(observed.gitlab)?.jobs ?? []);
  const named = processes.map((one): GpuProcess => {
    const runner = one.container === null ? null : (holders.get(one.container) ?? null);
    const record = observed.records.find(({ name }) => name === runner);
    return { ...one, runner, job: record === undefined ? null : (jobs.get(record.systemId)?.id ?? null) };
  });
  return { ...metrics, processes: named };
}

function issuesOf(sample: HardwareSample, { desired, observed }: SeenPass): readonly Issue[] {
  const views = observed.nodes.flatMap(({ gpus }) => lastValue(gpus) ?? []);
  const isWanted = desired.pools.some(({ gpu, max }) => gpu !== null && max > 0);
  return sample.gpus.flatMap((metrics) => {
    const card = handedOutAs(
      views.flatMap(({ inventory }) => inventory),
      metrics.id,
    );
    const unit = card?.id ?? metrics.id;
    const files = views.flatMap(({ engine }) => engine.files);
    return checkGpu({
      metrics,
      unit,
      reservedFor: desired.reservedGpus.find(({ id }) => id === unit)?.by ?? null,
      isWanted,
      renderFile: files.find(({ path }) => path === card?.renderNode) ?? null,
      now: sample.at,
    });
  });
}

/** The planner says the same of a card that it does not hand out, and of a tool that does not answer. */
function isSaid({ key, subject }: Issue, said: readonly Issue[], cards: readonly SeenGpu[]): boolean {
  const unit = handedOutAs(cards, subject)?.id ?? subject;
  const drains: readonly string[] = ['gpu.hot', 'gpu.memory-errors', 'gpu.lost'];
  return said.some(
    (other) =>
      (other.key === key && key !== 'gpu.foreign') ||
      (other.key === 'gpu.drained' && other.subject === unit && drains.includes(key)),
  );
}
