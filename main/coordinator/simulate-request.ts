// `pool.simulate`: the jobs of the last days, as the store has them, replayed with the present and with other settings.
import { setImmediate } from 'node:timers/promises';
import { diffSettings } from '../config/diff-settings.ts';
import type { Output, ParsedInput } from '../contract/contract.ts';
import { AutoGitError } from '../errors.ts';
import type { Job } from '../model/job.ts';
import type { Settings } from '../model/settings.ts';
import type { RunnerRecord } from '../model/runner.ts';
import { percentile, simulate } from '../plan/simulate.ts';
import type { Latencies, RecordedJob, SimulatedOutcome } from '../plan/simulate.ts';
import type { Clock, Store } from '../ports.ts';
import { measurableOf } from './advice-requests.ts';
import { requirePool, withPool } from './pool-requests.ts';
import type { RequestContext } from './requests.ts';

type Simulated = Output<'pool.simulate'>['now'];

const dayMs = 24 * 3_600_000;
/** So many jobs are replayed, the newest. */
const mostJobs = 10_000;
/** Read in parts, since reading stops everything else. */
const partSize = 250;
/** Fewer mean little. */
const enoughJobs = 50;
/** So long does this keep everything else waiting at most. Milliseconds. */
const sliceMs = 8;
/** Where nothing was measured. Milliseconds. */
const usual: Latencies = { seeMs: 1_500, startMs: 1_500 };
/** What took longer had other reasons. Milliseconds. */
const longest = { see: 10_000, start: 120_000 } as const;

/** Rejects with `pool.unknown`, `pool.not-named`, `settings.invalid`. */
export async function simulatePools(
  { pool, days, ...fields }: ParsedInput<'pool.simulate'>,
  context: RequestContext,
): Promise<Output<'pool.simulate'>> {
  const { settings, store, clock, coordinator } = context;
  const present = settings.current();
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const isChanged = Object.keys(given).length > 0;
  const other = isChanged ? withPool(nameOf(pool, present), fields, present) : present;
  if (pool !== undefined) requirePool(pool, present);
  const until = clock.now();
  const recorded = await readJobs(store, until - days * dayMs);
  const latencies = measureLatencies(recorded, store.recentRunners(1_000));
  const jobs = recorded.map(toRecorded);
  const measurable = measurableOf(coordinator.look().observed);
  const host =
    measurable === null ? null : { cpus: measurable.hostCpus, memoryMiB: measurable.hostMemoryMiB };
  const world = { latencies, host, until: jobs.length === 0 ? 0 : until };
  // Plans are remembered by their list of pools: another list leaves the memory of the real plan alone.
  const replay = async ({ pools }: Settings): Promise<Simulated> =>
    toFigures(await drive(simulate(jobs, { ...world, pools: [...pools] }), clock));
  const now = await replay(present);
  const changed = isChanged ? await replay(other) : null;
  const waits = Float64Array.from(recorded, (job) => waitOf(job)).sort();
  const enough = jobs.length >= enoughJobs;
  return {
    ...{ days, jobs: jobs.length, enough, now, changed, latencies },
    sentence: sentenceOf(jobs.length, days, now, changed),
    recorded: { waitP50: percentile(waits, 0.5), waitP95: percentile(waits, 0.95) },
    changes: diffSettings(present, other).map(({ path }) => path),
  };
}

/** The pool that is meant. Throws `pool.not-named` where that is not clear. */
function nameOf(pool: string | undefined, { pools }: Settings): string {
  const [only] = pools;
  if (pool !== undefined) return pool;
  if (only !== undefined && pools.length === 1) return only.name;
  throw new AutoGitError({
    key: 'pool.not-named',
    message: 'It is not said which pool is to have other settings.',
    next: `Name it with --pool. There are: ${pools.map(({ name }) => name).join(', ') || 'none'}.`,
  });
}

/** Jobs that ran on runners of this kind; those of others are nothing that pools could change. */
async function readJobs(store: Pick<Store, 'endedJobs'>, since: number): Promise<readonly Job[]> {
  const jobs: Job[] = [];
  let below: number | null = null;
  while (jobs.length < mostJobs) {
    const part: readonly Job[] = store.endedJobs({ since, below, limit: partSize });
    jobs.push(...part.filter(({ systemId }) => systemId?.startsWith('r_auto') === true));
    below = part.at(-1)?.id ?? null;
    if (part.length < partSize) break;
    await setImmediate();
  }
  return jobs.slice(0, mostJobs);
}

/** GitLab's own count where it gives one: it knows when a job could have begun, by the clock that says when it did. */
function waitOf({ startedAt, waitedMs, firstSeenAt }: Job): number {
  return Math.max(0, waitedMs ?? (startedAt ?? firstSeenAt) - firstSeenAt);
}

function toRecorded(job: Job): RecordedJob {
  const { id, tags, projectId, project, firstSeenAt, finishedAt } = job;
  const startedAt = job.startedAt ?? firstSeenAt;
  return {
    ...{ id, tags, projectId, project, arrivedAt: startedAt - waitOf(job) },
    lastedMs: Math.max(0, (finishedAt ?? startedAt) - startedAt),
  };
}

function measureLatencies(jobs: readonly Job[], runners: readonly RunnerRecord[]): Latencies {
  const seen = jobs
    .filter(({ waitedMs }) => waitedMs !== null)
    .map(({ firstSeenAt, startedAt, waitedMs }) => firstSeenAt - (startedAt ?? 0) + (waitedMs ?? 0))
    .filter((ms) => ms >= 0 && ms <= longest.see);
  const first = new Map<string, number>();
  for (const { systemId, startedAt } of jobs)
    if (systemId !== null && startedAt !== null)
      first.set(systemId, Math.min(startedAt, first.get(systemId) ?? Infinity));
  const started = runners
    .map(({ systemId, createdAt }) => (first.get(systemId) ?? Infinity) - createdAt)
    .filter((ms) => ms >= 0 && ms <= longest.start);
  return { seeMs: median(seen) ?? usual.seeMs, startMs: median(started) ?? usual.startMs };
}

function median(values: readonly number[]): number | null {
  return values.length === 0 ? null : percentile(Float64Array.from(values).sort(), 0.5);
}

/** Lets everything else go on in between. */
async function drive(
  running: Generator<undefined, SimulatedOutcome>,
  clock: Pick<Clock, 'monotonic'>,
): Promise<SimulatedOutcome> {
  let began = clock.monotonic();
  for (;;) {
    const { done, value } = running.next();
    if (done === true) return value;
    if (clock.monotonic() - began < sliceMs) continue;
    await setImmediate();
    began = clock.monotonic();
  }
}

function toFigures({ waits, ...rest }: SimulatedOutcome): Simulated {
  const { neverTaken, utilisation, runnerHours, peakRunners, peakMemoryMiB, peakCpus } = rest;
  return {
    waitP50: percentile(waits, 0.5),
    waitP95: percentile(waits, 0.95),
    waitMost: percentile(waits, 1),
    ...{ neverTaken, utilisation, runnerHours, peakRunners, peakMemoryMiB, peakCpus },
  };
}

function sentenceOf(jobs: number, days: number, now: Simulated, changed: Simulated | null): string {
  const span = days === 1 ? 'the last day' : `the last ${days} days`;
  if (jobs === 0) return `No job of ${span} ran on a runner of AutoGit, so there is nothing to replay.`;
  const few =
    jobs < enoughJobs
      ? `Only ${jobs === 1 ? '1 job' : `${jobs} jobs`} ran in ${span}: too few to rely on. `
      : '';
  const { waitP95, runnerHours } = changed ?? now;
  const instead = (other: string, own: string): string =>
    changed === null || own === other ? '' : ` instead of ${other}`;
  const [was, is] = [seconds(now.waitP95), seconds(waitP95)];
  const [cost, costs] = [now.runnerHours.toFixed(1), runnerHours.toFixed(1)];
  const verb = changed === null ? 'began' : 'would have begun';
  return `${few}95 % of ${jobs === 1 ? '1 job' : `${jobs} jobs`} ${verb} within ${is}${instead(was, is)}, for ${costs}${instead(cost, costs)} runner hours.`;
}

function seconds(ms: number): string {
  return ms < 120_000 ? `${(ms / 1000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`;
}
