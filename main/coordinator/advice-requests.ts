// What the requests about measured use do: they tell it, and apply what follows from it as a change of settings.
import type { Output, ParsedInput } from '../contract/contract.ts';
import { AutoGitError } from '../errors.ts';
import type { Pool } from '../model/pool.ts';
import { cpuUnits, quantileOf } from '../model/usage.ts';
import type { Histogram, JobUsage } from '../model/usage.ts';
import type { Observed } from '../model/world.ts';
import { planAdvice } from '../plan/advice.ts';
import type { Measurable, PoolAdvice } from '../plan/advice.ts';
import { lastValue } from '../plan/freshness.ts';
import { requirePool, setPool } from './pool-requests.ts';
import type { RequestContext } from './requests.ts';

type ShownUsage = Output<'pool.advice'>[number]['usage'][number];

/** Rows shown of each pool. */
const shownUsages = 20;
const mebibyte = 1024 ** 2;

/** What can be measured on the engine in use; `null` before it was looked at. */
export function measurableOf({ nodes }: Pick<Observed, 'nodes'>): Measurable | null {
  const [node] = nodes;
  const info = node === undefined ? null : (lastValue(node.engine)?.info ?? null);
  if (info === null) return null;
  return { ...info.limits, hostMemoryMiB: Math.floor(info.memoryBytes / mebibyte), hostCpus: info.cpus };
}

/** `pool.advice`. */
export async function showAdvice(
  { name }: ParsedInput<'pool.advice'>,
  { coordinator, settings, store }: RequestContext,
): Promise<Output<'pool.advice'>> {
  const present = settings.current();
  const pools = name === undefined ? present.pools : [requirePool(name, present)];
  const measurable = measurableOf(coordinator.look().observed);
  return pools.map((pool) => {
    const usages = store.usages(pool.name);
    const { items, ...advice } = planAdvice(pool, usages, measurable);
    const largest = usages.toSorted((a, b) => b.memory.most - a.memory.most || b.time.jobs - a.time.jobs);
    return { ...advice, items: [...items], usage: largest.slice(0, shownUsages).map(renderUsage) };
  });
}

function renderUsage({ project, job, memory, cpu, time, outOfMemory }: JobUsage): ShownUsage {
  const figure = (histogram: Histogram, units = 1): ShownUsage['seconds'] =>
    histogram.jobs === 0
      ? null
      : { most: histogram.most / units, usual: quantileOf(histogram, 0.95) / units };
  return {
    ...{ project, job, jobs: Math.max(time.jobs, memory.jobs), outOfMemory },
    ...{ memoryMiB: figure(memory), cpus: figure(cpu, cpuUnits), seconds: figure(time) },
  };
}

/** `pool.apply-advice`. Rejects with `pool.no-advice`. */
export async function applyAdvice(
  { name, dryRun }: ParsedInput<'pool.apply-advice'>,
  context: RequestContext,
): Promise<Output<'pool.apply-advice'>> {
  const pool = requirePool(name, context.settings.current());
  const measurable = measurableOf(context.coordinator.look().observed);
  const { items, sentence } = planAdvice(pool, context.store.usages(name), measurable);
  if (items.length === 0) {
    throw new AutoGitError({
      key: 'pool.no-advice',
      message: `There is no advice for pool "${name}". ${sentence}`,
      next: `See what was measured: autogit pool advice ${name}`,
      fields: { pool: name },
    });
  }
  const fields = Object.fromEntries(items.map(({ setting, to }) => [setting, to]));
  const outcome = await setPool({ name, dryRun, ...fields }, context);
  return { ...outcome, message: `${sentence} ${outcome.message}` };
}

/** The advice as snapshots have it, which are made many times a second. */
export interface AdviceMemory {
  itemsFor(pool: Pool, measurable: Measurable | null): PoolAdvice['items'];
  /** More was measured. */
  changed(): void;
}

/** What was measured is read again so often at most. Milliseconds. */
const readMs = 60_000;

/** Keeps what was measured, and the advice for each pool as it is written now. */
export function createAdviceMemory(
  store: Pick<RequestContext['store'], 'usages'>,
  clock: Pick<RequestContext['clock'], 'monotonic'>,
): AdviceMemory {
  let usages = Map.groupBy(store.usages(), ({ pool }) => pool);
  let readAt = clock.monotonic();
  let isOld = false;
  let known = new WeakMap<Pool, { readonly key: string; readonly items: PoolAdvice['items'] }>();
  const read = (): void => {
    if (!isOld || clock.monotonic() - readAt < readMs) return;
    usages = Map.groupBy(store.usages(), ({ pool }) => pool);
    readAt = clock.monotonic();
    isOld = false;
    known = new WeakMap();
  };
  return {
    itemsFor: (pool, measurable) => {
      read();
      const key = JSON.stringify(measurable);
      const before = known.get(pool);
      if (before?.key === key) return before.items;
      const { items } = planAdvice(pool, usages.get(pool.name) ?? [], measurable);
      known.set(pool, { key, items });
      return items;
    },
    changed: () => {
      isOld = true;
    },
  };
}
