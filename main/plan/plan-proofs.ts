// Which pool is to be proven now: each when it is new, when it has changed, daily, and when somebody asks.
import type { Issue } from '../model/issue.ts';
import { specHash } from '../model/hash.ts';
import { isRunning } from '../model/job.ts';
import type { Job } from '../model/job.ts';
import { mismatchesOf } from '../model/matching.ts';
import type { Pool } from '../model/pool.ts';
import { isProofJob } from '../model/proof.ts';
import type { NoProof, ProofRecord, ProofView } from '../model/proof.ts';
import type { Action, Desired, Instant, Observed, Plan } from '../model/world.ts';
import { freshValue, lastValue } from './freshness.ts';
import { verdictOf } from './judge-proof.ts';
import { renderProofFile } from './proof-script.ts';
import { archOf } from './ready-pools.ts';

/** A proof is believed for so long. Milliseconds. */
const believedMs = 86_400_000;
/** A proof that no runner has taken, or that has not ended, is given up after this. Milliseconds. */
const patienceMs = 1_800_000;
/** Waiting time after 1, 2, 3 … proofs in a row that did not succeed, in milliseconds. */
const againMs: readonly number[] = [600_000, 3_600_000, 21_600_000, believedMs];
/** So long a proof that is due gives way to jobs that wait for its pool. Milliseconds. */
const yieldMs = 3_600_000;

const noProofs: ProofView = { records: [], wishes: {} };

/** The fingerprint of everything that a proof is about: what says only how many runners there are, and when, is not. */
export function proofSpec(pool: Pool, { trustInJobs }: Pick<Desired, 'trustInJobs'>): string {
  const spec = poolSpec(pool);
  return trustInJobs === true ? `${spec}+trust` : spec;
}

function poolSpec(pool: Pool): string {
  const known = specs.get(pool);
  if (known !== undefined) return known;
  const spec = specOf(pool);
  specs.set(pool, spec);
  return spec;
}

const specs = new WeakMap<Pool, string>();

function specOf(pool: Pool): string {
  const { cpus, memoryMiB, gpu, tags, runUntagged, protectedOnly, scope, executor, image } = pool;
  const { arch, diskMiB, pids, shmMiB, env, cache, runnerImage, mounts, devices, capabilities } = pool;
  return specHash({
    ...{ cpus, memoryMiB, gpu, tags: [...tags], runUntagged, protectedOnly, scope, executor, image },
    ...{ arch, diskMiB, pids, shmMiB, env, cache, runnerImage },
    ...{ mounts: [...mounts], devices: [...devices], capabilities: [...capabilities] },
  });
}

/** Why no proof of the pool can be made at all; `null` where one can. */
export function cannotProve({
  name,
  scope,
  paused,
  max,
}: Pick<Pool, 'name' | 'scope' | 'paused' | 'max'>): NoProof | null {
  if (scope.kind === 'project') {
    return {
      message: `It cannot be proven here: it serves the project ${scope.path} alone, and AutoGit puts nothing into people's projects.`,
      next: 'Run a job of that project on it, and read what it prints.',
    };
  }
  if (paused)
    return {
      message: 'It is paused, and is proven when it goes on.',
      next: `Let it go on: autogit pool resume ${name}`,
    };
  if (max === 0)
    return {
      message: 'It may have no runner, so nothing can be proven.',
      next: `Allow it some: autogit pool set ${name} --max 1`,
    };
  return null;
}

/** The newest proof of a pool that has ended. */
export function lastProof(pool: string, { records }: ProofView): ProofRecord | null {
  return records.findLast((one) => one.pool === pool && one.endedAt !== null) ?? null;
}

/** Everything that concerns proofs. At most one is open at a time, over all pools. */
export function planProofs(desired: Desired, observed: Observed, now: Instant): Plan {
  const view = observed.proofs ?? noProofs;
  const open = view.records.filter(({ endedAt }) => endedAt === null);
  const issues = desired.pools.flatMap((pool) => failedIssue(pool, desired, view));
  if (open.length > 0) {
    const ends = open.map((record) => planEnd(record, desired, observed, now));
    const wakeUps = ends.flatMap(({ wakeAt }) => wakeAt ?? []);
    return {
      actions: ends.flatMap(({ actions }) => actions),
      issues,
      wakeAt: wakeUps.length === 0 ? null : Math.min(...wakeUps),
    };
  }
  return { ...planStart(desired, observed, view, now), issues };
}

interface Due {
  readonly pool: Pool;
  readonly at: Instant;
  readonly reason: string;
}

function byUrgency(a: Due, b: Due): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  return a.pool.name < b.pool.name ? -1 : 1;
}

function planStart(
  desired: Desired,
  observed: Observed,
  view: ProofView,
  now: Instant,
): Pick<Plan, 'actions' | 'wakeAt'> {
  const queue = freshValue(observed.gitlab);
  const hasEngine = observed.nodes.some(({ engine }) => freshValue(engine) !== null);
  if (desired.mode !== 'serve' || queue === null || observed.address === null || !hasEngine)
    return { actions: [], wakeAt: null };
  const entries = new Map(
    observed.entries.map((entry) => [
      entry.gitlabUrl === observed.address?.runnerUrl ? entry.pool : '',
      entry,
    ]),
  );
  const dues = desired.pools
    .flatMap((pool): readonly Due[] => {
      const entry = entries.get(pool.name);
      const isKnown = entry !== undefined && pool.tags.every((tag) => entry.tags.includes(tag));
      const due = isKnown && cannotProve(pool) === null ? dueOf(pool, desired, view) : null;
      return due === null ? [] : [due];
    })
    .toSorted(byUrgency);
  const first = dues.find(
    ({ pool, at }) => at <= now && (at + yieldMs <= now || !isWaitedFor(pool, queue.jobs)),
  );
  if (first === undefined) {
    const later = dues.map(({ at }) => (at > now ? at : at + yieldMs));
    return { actions: [], wakeAt: later.length === 0 ? null : Math.min(...later) };
  }
  const { pool, reason } = first;
  const spec = proofSpec(pool, desired);
  const last = lastProof(pool.name, view);
  const tries = last === null || last.spec !== spec || isProven(last, pool) ? 1 : last.tries + 1;
  const group = pool.scope.kind === 'group' ? pool.scope.path : null;
  return {
    actions: [
      {
        ...{ kind: 'start-proof', key: `start-proof:${pool.name}`, target: 'proof', reason },
        ...{ pool: pool.name, group, spec, tries, file: renderProofFile(pool, desired) },
      },
    ],
    wakeAt: null,
  };
}

/** Gives way to no job: what is wrong with a pool that is new or has changed is wrong for those that wait, too. */
const atOnce = -Infinity;

/** When the pool's next proof is due, and why; `null`: never by itself. */
function dueOf(pool: Pool, desired: Desired, view: ProofView): Due | null {
  const { proofs = 'off' } = desired;
  const last = lastProof(pool.name, view);
  const wish = view.wishes[pool.name];
  if (proofs === 'off') return null;
  if (wish !== undefined && (last === null || wish > last.startedAt))
    return { pool, at: wish, reason: `somebody asked for a proof of pool ${pool.name}` };
  if (proofs === 'asked') return null;
  if (last === null) return { pool, at: atOnce, reason: `pool ${pool.name} has not been proven yet` };
  if (last.spec !== proofSpec(pool, desired))
    return { pool, at: atOnce, reason: `pool ${pool.name} has changed` };
  if (isProven(last, pool)) {
    const at = last.startedAt + believedMs;
    return { pool, at, reason: `pool ${pool.name} was proven a day ago` };
  }
  const step = againMs[Math.min(last.tries, againMs.length) - 1] ?? believedMs;
  return { pool, at: (last.endedAt ?? last.startedAt) + step, reason: `pool ${pool.name} was not proven` };
}

function isProven(record: ProofRecord, pool: Pool): boolean {
  return verdictOf(record, pool)?.outcome === 'proven';
}

function isWaitedFor(pool: Pool, jobs: readonly Job[]): boolean {
  return jobs.some(
    (job) => job.status === 'pending' && !isProofJob(job) && mismatchesOf(job, pool).length === 0,
  );
}

/** Reads the outcome once the job has left the queue; gives up what nobody wants or nobody takes. */
function planEnd(
  record: ProofRecord,
  desired: Desired,
  observed: Observed,
  now: Instant,
): Pick<Plan, 'actions' | 'wakeAt'> {
  const givenUpAt = record.startedAt + patienceMs;
  const nothing = { actions: [], wakeAt: givenUpAt > now ? givenUpAt : null };
  const isStarting = observed.inFlight.some(({ key }) => key === `start-proof:${record.pool}`);
  const queue = freshValue(observed.gitlab);
  if (isStarting || queue === null) return nothing;
  const pool = desired.pools.find(({ name }) => name === record.pool) ?? null;
  const job = queue.jobs.find(({ id }) => id === record.jobId);
  const end = (how: EndProof['how'], reason: string): Pick<Plan, 'actions' | 'wakeAt'> => ({
    actions: [endAction(record, pool, observed, how, reason)],
    wakeAt: null,
  });
  if (record.jobId === null) return end('interrupted', 'its start was cut off');
  if (job === undefined) return end('read', `the proof of pool ${record.pool} has left the queue`);
  if (now >= givenUpAt) return end('late', 'nothing has come of it in half an hour');
  if (!isRunning(job) && isUnwanted(pool, record, desired))
    return end('withdrawn', `the pool ${record.pool} is not to be proven now`);
  return nothing;
}

type EndProof = Extract<Action, { kind: 'end-proof' }>;

function isUnwanted(pool: Pool | null, { spec }: ProofRecord, desired: Desired): boolean {
  const { mode, proofs = 'off' } = desired;
  return (
    mode !== 'serve' ||
    proofs === 'off' ||
    pool === null ||
    cannotProve(pool) !== null ||
    proofSpec(pool, desired) !== spec
  );
}

function endAction(
  record: ProofRecord,
  pool: Pool | null,
  observed: Observed,
  how: EndProof['how'],
  reason: string,
): Action {
  const infos = observed.nodes.flatMap(({ engine }) => lastValue(engine)?.info ?? []);
  const arch = pool?.arch ?? archOf(infos[0]?.architecture ?? '');
  return { kind: 'end-proof', key: `end-proof:${record.id}`, target: 'proof', reason, record, arch, how };
}

function failedIssue(pool: Pool, desired: Desired, view: ProofView): readonly Issue[] {
  const { proofs = 'off' } = desired;
  const last = lastProof(pool.name, view);
  if (proofs === 'off' || last === null || last.spec !== proofSpec(pool, desired)) return [];
  const verdict = verdictOf(last, pool);
  if (verdict?.outcome !== 'failed') return [];
  const failed = verdict.claims.filter(({ state }) => state === 'failed');
  return [
    {
      key: 'pool.proof-failed',
      severity: 'warning',
      subject: `pool ${pool.name}`,
      message: `Pool "${pool.name}" does not give its jobs what it promises. ${failed.map(({ sentence }) => sentence).join(' ')}`,
      next: `${failed.find(({ fix }) => fix !== null)?.fix ?? 'Read the log of its proof at GitLab.'} Prove it again: autogit pool prove ${pool.name}`,
    },
  ];
}
