// Why a job has not got a runner from a pool that takes it.
import { isFinished } from '../model/job.ts';
import type { Job } from '../model/job.ts';
import { mismatchesOf } from '../model/matching.ts';
import type { Pool } from '../model/pool.ts';
import type { Instant, PoolFailures } from '../model/world.ts';
import { whyUnavailable } from './architectures.ts';
import type { WhyNoWay } from './architectures.ts';
import { fullFor, sizeOf } from './capacity.ts';
import type { Capacity, Size } from './capacity.ts';
import { explainCards } from './explain-cards.ts';
import type { Explanation, ExplainWorld } from './explanation.ts';
import { freshValue, lastValue } from './freshness.ts';
import { failuresOfPool, imageOf, planRunners, retryAt } from './plan-runners.ts';
import { runnerNetwork } from './runner-network.ts';
import { sortRunners, startKey, startsToCome } from './runners.ts';
import type { Runner } from './runners.ts';
import { quoted, shorten } from './short-names.ts';
import { patienceMs } from './spare-runners.ts';

/** In the order in which the job may hope for a runner. */
const poolReasons = [
  'runner-asks',
  'runner-starting',
  'start-planned',
  'arch-untried',
  'image-missing',
  'network-missing',
  'entry-missing',
  'backing-off',
  'stopped',
  'start-failed',
  'idle-beside',
  'machine-full',
  'gpu-held',
  'gpu-unready',
  'arch-broken',
  'arch-unavailable',
  'arch-gpu',
  'pool-full',
  'runners-away',
  'gpu-impossible',
] as const;
export type PoolReason = (typeof poolReasons)[number];

export interface RankedExplanation {
  readonly rank: number;
  readonly explanation: Explanation<PoolReason>;
}

/** An idle runner asks GitLab every 3 s: after this it has been refused. Milliseconds. */
const askedMs = 15_000;

interface Situation {
  readonly job: Job;
  readonly pool: Pool;
  readonly name: string;
  /** Of this pool. */
  readonly runners: readonly Runner[];
  readonly world: ExplainWorld;
}

/** The pool has to take the job by GitLab's rules. */
export function explainPool(
  job: Job,
  pool: Pool,
  runners: readonly Runner[],
  world: ExplainWorld,
): RankedExplanation {
  const own = runners.filter((runner) => runner.pool === pool.name);
  const situation: Situation = { job, pool, name: quoted(pool.name), runners: own, world };
  const explanation =
    explainComing(situation) ?? explainIdle(situation) ?? explainFull(situation) ?? explainStart(situation);
  return { rank: poolReasons.indexOf(explanation.reason), explanation };
}

/** Jobs that wait for the same pool and came first. */
function aheadOf({ job, pool, world }: Situation): number {
  const jobs = lastValue(world.observed.gitlab)?.jobs ?? [];
  return jobs.filter(
    (other) =>
      other.status === 'pending' &&
      (other.firstSeenAt < job.firstSeenAt || (other.firstSeenAt === job.firstSeenAt && other.id < job.id)) &&
      mismatchesOf(other, pool).length === 0,
  ).length;
}

function besideSince(job: Job, runner: Runner): Instant {
  return Math.max(job.firstSeenAt, runner.freeSince);
}

function isOnItsWay(state: Runner['state']): boolean {
  return state === 'starting' || state === 'prepared' || state === 'warm';
}

/** A runner that is there or coming, and not for a job that came before. */
function explainComing(situation: Situation): Explanation<PoolReason> | null {
  const { job, pool, name, runners, world } = situation;
  const { now, observed } = world;
  const asking = runners.filter(
    (runner) => runner.state === 'idle' && now - besideSince(job, runner) < askedMs,
  );
  const starting = runners.filter(({ state }) => isOnItsWay(state)).length;
  const coming = starting + startsToCome(pool.name, runners, observed.inFlight);
  const ahead = aheadOf(situation);
  const [first] = asking;
  if (first !== undefined && ahead < asking.length) {
    return {
      reason: 'runner-asks',
      sentence: `Runner ${shorten(first.id)} of pool ${name} is free and asks GitLab for a job within seconds.`,
      data: { pool: pool.name, runner: first.id },
      next: 'Nothing to do.',
    };
  }
  if (ahead >= asking.length + coming) return null;
  return {
    reason: 'runner-starting',
    sentence: `A runner of pool ${name} is starting for it.`,
    data: { pool: pool.name },
    next: 'Nothing to do: it takes seconds, and longer where the image is large.',
  };
}

/** GitLab has not given the job to a runner that asks: it keeps to rules that only the project knows. */
function explainIdle({ job, pool, name, runners, world }: Situation): Explanation<PoolReason> | null {
  const since = runners
    .filter(({ state }) => state === 'idle')
    .map((runner) => ({ runner, at: besideSince(job, runner) }))
    .filter(({ at }) => world.now - at >= askedMs)
    .toSorted((a, b) => a.at - b.at)[0];
  if (since === undefined) return null;
  return {
    reason: 'idle-beside',
    sentence: `Runner ${shorten(since.runner.id)} of pool ${name} is idle since ${world.clockTime(since.at)}, and GitLab does not give it the job.`,
    data: { pool: pool.name, runner: since.runner.id, since: since.at },
    next: 'The project may not allow instance runners: see Settings, CI/CD, Runners in its project at GitLab.',
  };
}

/** Every place of the pool is taken. */
function explainFull({ pool, name, runners, world }: Situation): Explanation<PoolReason> | null {
  const taken = runners.length + startsToCome(pool.name, runners, world.observed.inFlight);
  if (taken < pool.max) return null;
  const next = `Wait, or allow it more: autogit pool set ${pool.name} --max ${Math.min(pool.max + 1, 1000)}`;
  const [longest] = runners
    .flatMap(({ job }) => (job === null || isFinished(job) ? [] : [job]))
    .toSorted((a, b) => (a.startedAt ?? Infinity) - (b.startedAt ?? Infinity) || a.id - b.id);
  if (longest !== undefined) {
    const since = longest.startedAt === null ? '' : ` since ${world.clockTime(longest.startedAt)}`;
    const holder = `job ${longest.id} of ${shorten(longest.project)}${since}`;
    return {
      reason: 'pool-full',
      sentence: `Pool ${name} is at its max of ${pool.max} (${pool.max === 1 ? 'held by' : 'longest held by'} ${holder}).`,
      data: {
        ...{ pool: pool.name, max: pool.max, job: longest.id, project: longest.project },
        ...(longest.startedAt === null ? {} : { since: longest.startedAt }),
      },
      next,
    };
  }
  const away = runners.filter(({ state }) => state === 'lost').length;
  if (away > 0) {
    return {
      reason: 'runners-away',
      sentence: `Pool ${name} is at its max of ${pool.max}, and ${away} of its runners cannot be seen on the engine in use.`,
      data: { pool: pool.name, max: pool.max, away },
      next: 'See where they are: autogit issue list',
    };
  }
  return {
    reason: 'pool-full',
    sentence: `Pool ${name} is at its max of ${pool.max}, and its runners are starting, leaving, or meant for earlier jobs.`,
    data: { pool: pool.name, max: pool.max },
    next,
  };
}

/** There is room for a runner, and none has been started yet. */
function explainStart(situation: Situation): Explanation<PoolReason> {
  const { pool, name } = situation;
  return (
    explainGround(situation) ??
    explainFailures(situation) ??
    tellKept(explainCards(pool, situation.world), situation) ??
    tellKept(explainRoom(situation), situation) ?? {
      reason: 'start-planned',
      sentence: `A runner of pool ${name} is about to start; a few start at a time.`,
      data: { pool: pool.name },
      next: `Nothing to do. If it stays so: autogit runner list --pool ${pool.name}`,
    }
  );
}

/** Says of runners that are kept ready, and hold what the job needs, when they leave for it. */
function tellKept(
  explanation: Explanation<PoolReason> | null,
  { job, pool, world }: Situation,
): Explanation<PoolReason> | null {
  if (explanation?.reason !== 'gpu-held' && explanation?.reason !== 'machine-full') return explanation;
  const needsCard = explanation.reason === 'gpu-held';
  const kept = sortRunners(world.observed).filter(
    ({ state, pool: other, record }) =>
      state === 'warm' && other !== pool.name && (!needsCard || (record?.grant ?? null) !== null),
  );
  if (kept.length === 0) return explanation;
  const at = job.firstSeenAt + patienceMs;
  const when = at > world.now ? `at ${world.clockTime(at)}` : 'now';
  const next = `Runners that are kept ready leave for it ${when}, where that is enough. ${explanation.next}`;
  return { ...explanation, data: { ...explanation.data, keptReady: kept.length, leaveAt: at }, next };
}

/** The machine's processors or its memory are given to others. */
function explainRoom({ pool, name, world }: Situation): Explanation<PoolReason> | null {
  const { desired, observed, now } = world;
  const runners = sortRunners(observed);
  const roomOf = (one: Pool): Capacity | null => fullFor(one, { pools: desired.pools, runners, observed });
  const room = roomOf(pool);
  if (room === null) {
    if ((pool.cpus ?? pool.memoryMiB) === null || desired.pools.every((one) => roomOf(one) === null))
      return null;
    const isStarted = planRunners(desired, observed, now).actions.some(
      (action) => action.kind === 'start-runner' && action.pool.name === pool.name,
    );
    if (isStarted) return null;
    return {
      reason: 'machine-full',
      sentence: 'What is free of the machine is kept for a larger job, which has waited for longer.',
      data: { pool: pool.name },
      next: 'Wait: it starts after that one.',
    };
  }
  const { whole, left } = room;
  const size = sizeOf(pool, whole);
  return {
    reason: 'machine-full',
    sentence: `The machine is full: pool ${name} needs ${sizeWords(size)}, and ${sizeWords(left)} of ${sizeWords(whole)} are free.`,
    data: {
      ...{ pool: pool.name, cpus: size.cpus, memoryMiB: size.memoryMiB },
      ...{ freeCpus: Math.max(0, left.cpus), freeMemoryMiB: Math.max(0, left.memoryMiB) },
    },
    next: `Wait for a job to end, or give the pool less: autogit pool set ${pool.name} --cpus … --memory-mib …`,
  };
}

/** `4 CPUs and 6 GiB`. */
function sizeWords({ cpus, memoryMiB }: Size): string {
  const gib = Math.max(0, memoryMiB) / 1024;
  return `${Number(Math.max(0, cpus).toFixed(1))} CPUs and ${Number(gib.toFixed(1))} GiB`;
}

const archReasons = {
  unavailable: 'arch-unavailable',
  broken: 'arch-broken',
  untried: 'arch-untried',
  gpu: 'arch-gpu',
} as const satisfies Readonly<Record<WhyNoWay['kind'], PoolReason>>;

/** What has to be there before a runner can start. */
function explainGround({ pool, name, world }: Situation): Explanation<PoolReason> | null {
  const { desired, observed } = world;
  const image = imageOf(pool, desired);
  const why = whyUnavailable(pool, observed.nodes);
  if (why !== null) {
    return {
      reason: archReasons[why.kind],
      sentence: `Pool ${name} is for ${pool.arch ?? ''}: ${shorten(why.sentence, 110)}`,
      data: { pool: pool.name, arch: pool.arch ?? '', why: why.sentence },
      next: why.fix,
    };
  }
  const views = observed.nodes.flatMap(({ engine }) => freshValue(engine) ?? []);
  if (!views.some(({ images }) => images.includes(image))) {
    const problem = observed.backoff.find(
      ({ key, problem: why }) => why !== null && key.includes('image:') && key.includes(image),
    )?.problem;
    return {
      reason: 'image-missing',
      sentence: problem
        ? `Image ${quoted(image)} of pool ${name} cannot be got: ${shorten(problem.message, 60)}`
        : `The engine has not image ${quoted(image)} of pool ${name} yet; it is being got.`,
      data: { pool: pool.name, image, ...(problem ? { key: problem.key } : {}) },
      next: problem?.next ?? 'See how far it is: autogit status',
    };
  }
  if (!views.some(({ networks }) => networks.includes(runnerNetwork(desired)))) {
    if (desired.stackNetwork !== undefined)
      return {
        reason: 'network-missing',
        sentence: `The stack’s network ${shorten(desired.stackNetwork, 60)}, on which runners find GitLab, is not there.`,
        data: { pool: pool.name, network: desired.stackNetwork },
        next: 'Start the stack: autogit stack up',
      };
    return {
      reason: 'network-missing',
      sentence: 'The network for runners is being made on the engine.',
      data: { pool: pool.name },
      next: 'Nothing to do: it takes seconds.',
    };
  }
  const { address, entries } = observed;
  if (entries.some((entry) => entry.pool === pool.name && entry.gitlabUrl === address?.runnerUrl))
    return null;
  return {
    reason: 'entry-missing',
    sentence: `Pool ${name} has no runner entry at GitLab yet, so its runners cannot ask for jobs.`,
    data: { pool: pool.name },
    next: 'AutoGit makes one by itself. If it stays so, see why: autogit issue list',
  };
}

/** Its runners ended right after their start, so often that it tries no more. */
function explainStop(
  pool: string,
  name: string,
  { count, lastReason }: PoolFailures,
): Explanation<PoolReason> {
  return {
    reason: 'stopped',
    sentence: `Pool ${name} starts no more runners: the last ${count} ended right after their start (${shorten(lastReason, 50)}).`,
    data: { pool, failures: count },
    next: `Mend the reason, then: autogit pool recover ${pool}`,
  };
}

/** Runners of the pool have failed lately. */
function explainFailures({ pool, name, world }: Situation): Explanation<PoolReason> | null {
  const { desired, observed, now, clockTime } = world;
  const failures = failuresOfPool(pool, desired, observed);
  if (failures !== undefined && retryAt(failures) > now) {
    if (retryAt(failures) === Infinity) return explainStop(pool.name, name, failures);
    const why = failures.lastReason === '' ? '' : ` (${shorten(failures.lastReason, 50)})`;
    return {
      reason: 'backing-off',
      sentence: `The last ${failures.count === 1 ? 'runner' : `${failures.count} runners`} of pool ${name} failed${why}; next try at ${clockTime(retryAt(failures))}.`,
      data: { pool: pool.name, failures: failures.count, until: retryAt(failures) },
      next: `Nothing to do but look at the reason: autogit runner list --pool ${pool.name}`,
    };
  }
  const prefix = startKey(pool.name, 0).slice(0, -1);
  const held = observed.backoff.find(
    ({ key, retryAt: at, problem }) => key.startsWith(prefix) && at > now && problem !== null,
  );
  if (held === undefined || held.problem === null) return null;
  return {
    reason: 'start-failed',
    sentence: `A runner of pool ${name} could not start: ${shorten(held.problem.message, 80)}`,
    data: { pool: pool.name, key: held.problem.key, until: held.retryAt },
    next: held.problem.next,
  };
}
