// What allocation decides on, put together from what is wished and seen: cards, who has them, how they are.
import { renderGpuLabel } from '../model/gpu.ts';
import type { GpuBearer, GpuHolding, GpuPace } from '../model/gpu.ts';
import type { Job } from '../model/job.ts';
import { mismatchesOf } from '../model/matching.ts';
import type { Desired, Instant, Observed } from '../model/world.ts';
import { freshValue, lastValue } from './freshness.ts';
import { recoverHoldings } from './gpu-holdings.ts';
import type { GpuNodeView, GpuRecord } from './gpu-holdings.ts';
import type { GpuGround } from './gpus.ts';
import { runnerIdOf } from '../model/runner.ts';
import { isUnderWay, jobsByRunner, startKey } from './runners.ts';

/** A runner that holds cards, for a sentence. */
interface Holder {
  readonly by: string;
  readonly since: Instant;
}

/** Of a holder of which no record tells. */
const unknownSince = 0;

interface StartingBearer extends Omit<GpuBearer, 'id'> {
  readonly node: string;
}

/** Everything that decides on cards at this moment. */
export function gpuGround(desired: Desired, observed: Observed, now: Instant): GpuGround {
  const views = observed.nodes.flatMap(({ gpus }) => lastValue(gpus) ?? []);
  return {
    inventory: views.flatMap(({ inventory }) => inventory),
    health: observed.nodes.flatMap(({ gpus }) => freshValue(gpus)?.health ?? []),
    reservations: observed.nodes.flatMap(({ id: node }) =>
      desired.reservedGpus.map((reserved) => ({ ...reserved, node })),
    ),
    ...(desired.exclusiveGpus === undefined ? {} : { exclusive: desired.exclusiveGpus }),
    held: heldOnNodes(observed),
    now,
  };
}

function heldOnNodes(observed: Observed): readonly GpuHolding[] {
  const holderOf = holderFinder(observed);
  const records = observed.records.map((record): GpuRecord => ({
    ...{ node: record.node, name: record.name, grant: record.grant },
    ...holderOf(record.name),
  }));
  const starting = startsUnderWay(observed);
  const views = observed.nodes.map(({ id: node, engine }): GpuNodeView => {
    const seen = freshValue(engine)?.gpuBearers ?? null;
    if (seen === null) return { node, containers: null };
    const all = [...seen, ...starting.filter((bearer) => bearer.node === node)];
    const containers = all.map(({ holder, state, label }) => ({
      ...{ holder, state, label },
      ...holderOf(holder),
    }));
    return { node, containers };
  });
  return recoverHoldings(records, views);
}

/** Starts under way hold their cards whatever is seen of them: as containers that are about to start. */
function startsUnderWay({ inFlight, records }: Observed): readonly StartingBearer[] {
  const keys = new Set(inFlight.map(({ key }) => key));
  // One that was adopted meanwhile may have the slot for which another one is being started.
  const own = records.filter((record) => isUnderWay(record, (key) => keys.has(key)));
  const names = new Map(own.map(({ pool, slot, name }) => [startKey(pool, slot), name]));
  return inFlight.flatMap(({ key, gpu }): readonly StartingBearer[] => {
    if (gpu === undefined || gpu === null) return [];
    const { grant } = gpu;
    const holder = names.get(key) ?? key;
    return [{ node: grant.node, holder, state: 'created', label: renderGpuLabel(grant) }];
  });
}

/** The job of a runner where it has one, since the job began; else the runner itself, since its start. */
function holderFinder({ records, gitlab }: Observed): (name: string) => Holder {
  const jobs = jobsByRunner(lastValue(gitlab)?.jobs ?? []);
  const byName = new Map(records.map((record) => [record.name, record]));
  return (name) => {
    const record = byName.get(name);
    if (record === undefined)
      return { by: isRunner(name) ? name : 'a runner that is starting', since: unknownSince };
    const job = jobs.get(record.systemId);
    const since = record.startedAt ?? record.createdAt;
    if (job === undefined) return { by: `runner ${record.id} of pool ${record.pool}`, since };
    return { by: `job ${job.id} of ${job.project}`, since: job.startedAt ?? since };
  };
}

function isRunner(name: string): boolean {
  return runnerIdOf(name) !== null;
}

/** How much depends on the cards at this moment: most where a job waits that may get one. */
export function gpuPace({ pools }: Desired, { records, gitlab }: Observed): GpuPace {
  const withCards = pools.filter(({ gpu }) => gpu !== null);
  const waits = (job: Job): boolean =>
    job.status === 'pending' && withCards.some((pool) => mismatchesOf(job, pool).length === 0);
  if (withCards.length > 0 && lastValue(gitlab)?.jobs.some(waits) === true) return 'busy';
  return withCards.length > 0 || records.some(({ grant }) => grant !== null) ? 'rest' : 'idle';
}
