// Starts runners for waiting jobs, lets idle ones go that are not wanted, clears up what has ended.
import type { Issue } from '../model/issue.ts';
import { canonical, specHash } from '../model/hash.ts';
import type { Pool } from '../model/pool.ts';
import { interruptedStart } from '../model/runner.ts';
import type {
  Action,
  Desired,
  FormerNode,
  GitlabAddress,
  HostNode,
  Instant,
  Observed,
  Plan,
  PoolFailures,
} from '../model/world.ts';
import { freshValue, lastValue } from './freshness.ts';
import { officialRunnerImage } from './desire.ts';
import { planDemand } from './plan-demand.ts';
import type { PoolDemand } from './plan-demand.ts';
import { hasGateway } from './plan-gateway.ts';
import { awayRecords, runnerKey, sortRunners, startKey } from './runners.ts';
import type { Runner } from './runners.ts';

/** Waiting time after 1, 2, 3 … failures in a row, in milliseconds; the last one goes on for ever. */
const backoffMs: readonly number[] = [1_000, 2_000, 5_000, 15_000, 60_000, 300_000];
/** From so many failures in a row on, it is an issue. */
const failuresToTell = 3;

/** The newest fingerprint of each pool: one costs more than all else that is planned for a pool at rest. */
const fingerprints = new WeakMap<Pool, { readonly of: string; readonly hash: string }>();

/** The fingerprint of everything a runner container is made from: a change replaces idle runners. */
export function runnerSpecHash(pool: Pool, image: string, address: GitlabAddress): string {
  const of = `${image}\n${address.runnerUrl}`;
  const known = fingerprints.get(pool);
  if (known?.of === of) return known.hash;
  const hash = fingerprintOf(pool, image, address);
  fingerprints.set(pool, { of, hash });
  return hash;
}

function fingerprintOf(pool: Pool, image: string, address: GitlabAddress): string {
  const { executor, idleTime, cpus, memoryMiB, scope, jobsPerRunner } = pool;
  return specHash({
    executor,
    idleTime,
    cpus,
    memoryMiB,
    scope,
    jobsPerRunner,
    image,
    ...(executor === 'image' ? { jobImage: pool.image } : {}),
    url: address.runnerUrl,
  });
}

/** The image that a pool's runners are made from. */
export function imageOf(pool: Pool, desired: Desired): string {
  return pool.executor === 'image' ? officialRunnerImage : (pool.image ?? desired.runnerImage);
}

/** When a pool may try again after its failures. */
export function retryAt(failures: PoolFailures): Instant {
  const step = Math.min(failures.count, backoffMs.length) - 1;
  return failures.lastAt + (backoffMs[step] ?? 0);
}

/** Everything that concerns runners, on all nodes. */
export function planRunners(desired: Desired, observed: Observed, now: Instant): Plan {
  const runners = sortRunners(observed);
  const cleared = runners.flatMap((runner) => planKnown(runner, desired, observed));
  const pools = desired.mode === 'serve' ? desired.pools : [];
  const { jobs = [], recentUse } = freshValue(observed.gitlab) ?? {};
  const demand = planDemand(jobs, pools, runners, observed.inFlight, now, recentUse);
  const starts = demand.pools.map((wish) => planStarts(wish, desired, observed, now));
  const ends = endsOfLife(runners, desired, observed, now);
  const wakeUps = [demand.wakeAt, ...ends, ...starts.map((plan) => plan.wakeAt)].filter((at) => at !== null);
  return {
    actions: [
      ...cleared,
      ...inOrder(
        starts.flatMap((plan) => plan.actions),
        demand.order,
      ),
    ],
    issues: [...awayIssues(observed), ...demand.issues, ...starts.flatMap((plan) => plan.issues)],
    wakeAt: wakeUps.length === 0 ? null : Math.min(...wakeUps),
  };
}

/** Starts as urgent as the jobs that they are for; those that nobody waits for come last. */
function inOrder(actions: readonly Action[], order: readonly string[]): readonly Action[] {
  const byPool = Map.groupBy(actions, (action) => (action.kind === 'start-runner' ? action.pool.name : ''));
  const taken = new Map<string, number>();
  const urgent = order.flatMap((pool) => {
    const index = taken.get(pool) ?? 0;
    taken.set(pool, index + 1);
    return byPool.get(pool)?.[index] ?? [];
  });
  return [...new Set([...urgent, ...actions])];
}

/** What to do with a runner that exists, by its state. */
function planKnown(runner: Runner, desired: Desired, observed: Observed): readonly Action[] {
  const { id, node, container, record } = runner;
  const engine = observed.nodes.find((candidate) => candidate.id === node)?.engine;
  if (engine === undefined || freshValue(engine) === null) return [];
  const target = `runner ${id}`;
  if (container === null) {
    if (runner.state !== 'lost' || record === null) return [];
    const failure = record.phase === 'intended' ? interruptedStart : null;
    const reason = `${record.name} is not on the engine any more`;
    return [{ kind: 'forget-runner', key: runnerKey('forget-runner', id), target, reason, record, failure }];
  }
  if (runner.state === 'finished') {
    const reason =
      container.state === 'created' ? `${container.name} was never started` : `${container.name} has ended`;
    return [{ kind: 'remove-runner', key: runnerKey('remove-runner', id), target, reason, node, container }];
  }
  if (runner.state === 'starting') return [];
  if (record === null || record.phase === 'intended') {
    const reason = `${container.name} runs and is ours`;
    return [{ kind: 'adopt-runner', key: runnerKey('adopt-runner', id), target, reason, node, container }];
  }
  const reason = unwanted(runner, desired, observed);
  if (reason === null || (runner.state === 'busy' && !isLeaving(runner, desired))) return [];
  return [{ kind: 'stop-runner', key: runnerKey('stop-runner', id), target, reason, node, container }];
}

/** Asked to go even with a job, since it finishes the job first and then takes no other. */
function isLeaving({ record }: Runner, desired: Desired): boolean {
  return desired.mode !== 'serve' || desired.sandbox?.state === 'absent' || record?.phase === 'draining';
}

/**
 * Why a runner should leave before its idle time is over; `null` when it should not. One that was asked and is still
 * there is asked again: it may have lost the signal, and another one does it no harm.
 */
function unwanted(runner: Runner, desired: Desired, observed: Observed): string | null {
  if (desired.mode !== 'serve') return 'runners are being drained';
  if (desired.sandbox?.state === 'absent') return 'the sandbox is being removed';
  if (runner.record?.phase === 'draining') return 'somebody wants it to leave';
  // Without a fresh queue it may have a job. A drain asks it all the same: it finishes what it has.
  if (freshValue(observed.gitlab) === null) return null;
  if (runner.record?.phase === 'leaving') return 'it was asked to leave and is still there';
  const pool = desired.pools.find((candidate) => candidate.name === runner.pool);
  if (pool === undefined) return `pool ${runner.pool} is not in the settings any more`;
  if (hasLived(runner, pool, observed)) return `it has lived for longer than ${pool.maxLifetime ?? 0} s`;
  if (pool.paused) return `pool ${pool.name} is paused`;
  if (runner.record !== null && runner.record.slot >= pool.max)
    return `pool ${pool.name} may have ${pool.max} runners only`;
  const { address } = observed;
  if (address !== null && runner.specHash !== runnerSpecHash(pool, imageOf(pool, desired), address)) {
    return `pool ${pool.name} has changed`;
  }
  return null;
}

/** How long an idle runner may live on, in milliseconds; Infinity: for ever, or it is not known how old it is. */
function lifeLeft({ id }: Runner, pool: Pool, { lived }: Observed): number {
  const age = lived?.[id];
  return pool.maxLifetime === null || age === undefined ? Infinity : pool.maxLifetime * 1000 - age;
}

function hasLived(runner: Runner, pool: Pool, observed: Observed): boolean {
  return lifeLeft(runner, pool, observed) <= 0;
}

/** When the next idle runner will have lived long enough. */
function endsOfLife(
  runners: readonly Runner[],
  { pools }: Desired,
  observed: Observed,
  now: Instant,
): readonly Instant[] {
  const limited = new Map(pools.flatMap((pool) => (pool.maxLifetime === null ? [] : [[pool.name, pool]])));
  return runners.flatMap((runner) => {
    const pool = limited.get(runner.pool);
    const left = pool === undefined || runner.state !== 'idle' ? Infinity : lifeLeft(runner, pool, observed);
    return left > 0 && left < Infinity ? [now + Math.ceil(left)] : [];
  });
}

/** The node that gets a pool's runners: the first whose engine answers and has what they need. */
function nodeFor(pool: Pool, desired: Desired, observed: Observed): HostNode | null {
  return (
    observed.nodes.find((node) => {
      const view = freshValue(node.engine);
      return (
        view !== null &&
        view.images.includes(imageOf(pool, desired)) &&
        view.networks.includes(desired.network) &&
        (pool.executor !== 'image' || hasGateway(view))
      );
    }) ?? null
  );
}

function freeSlots(pool: Pool, { records, inFlight }: Observed): readonly number[] {
  const taken = new Set(records.filter((record) => record.pool === pool.name).map(({ slot }) => slot));
  return Array.from({ length: pool.max }, (_, slot) => slot).filter(
    (slot) => !taken.has(slot) && !inFlight.some(({ key }) => key === startKey(pool.name, slot)),
  );
}

function planStarts(
  { pool, start: count, jobs: { length: jobs } }: PoolDemand,
  desired: Desired,
  observed: Observed,
  now: Instant,
): Plan {
  const failures = observed.failures.find((candidate) => candidate.pool === pool.name);
  const issues =
    failures === undefined || failures.count < failuresToTell ? [] : [failingIssue(pool, failures)];
  const nothing: Plan = { actions: [], issues, wakeAt: null };
  const { address } = observed;
  const node = nodeFor(pool, desired, observed);
  const hasEntry = observed.entries.some(
    (entry) => entry.pool === pool.name && entry.gitlabUrl === address?.runnerUrl,
  );
  // Without a fresh queue nobody knows what waits, and a runner that is kept ready would find no job either.
  if (freshValue(observed.gitlab) === null) return nothing;
  if (count === 0 || node === null || address === null || !hasEntry) return nothing;
  if (failures !== undefined && retryAt(failures) > now) return { ...nothing, wakeAt: retryAt(failures) };
  const image = imageOf(pool, desired);
  const specHash = runnerSpecHash(pool, image, address);
  const actions = freeSlots(pool, observed)
    .slice(0, count)
    .map((slot): Action => ({
      kind: 'start-runner',
      key: startKey(pool.name, slot),
      target: `slot ${pool.name}/${slot}`,
      reason:
        jobs === 0
          ? `pool ${pool.name} keeps ${count} ready`
          : `${jobs === 1 ? 'a job waits' : `${jobs} jobs wait`} for pool ${pool.name}`,
      node: node.id,
      pool,
      slot,
      image,
      network: desired.network,
      specHash,
      address,
    }));
  return { actions, issues, wakeAt: null };
}

/** One issue for each engine that has runners of ours and is not in use. */
function awayIssues(observed: Observed): readonly Issue[] {
  const { nodes, formerNodes } = observed;
  // Before the first look they may be at home all the same.
  if (nodes.length === 0 || nodes.some((node) => lastValue(node.engine) === null)) return [];
  const away = awayRecords(observed);
  return [...new Set(away.map(({ node }) => node))].map((id) => {
    const { length } = away.filter(({ node }) => node === id);
    return awayIssue(length, formerNodes.find((node) => node.id === id) ?? null);
  });
}

function awayIssue(runners: number, node: FormerNode | null): Issue {
  const what = runners === 1 ? '1 runner is' : `${runners} runners are`;
  const where = node === null ? 'another container engine' : `another container engine, ${node.host}`;
  const state =
    node?.answers === true ? ', which answers' : node?.answers === false ? ', which does not answer' : '';
  const use = node === null ? 'engine list' : `engine use ${node.host}`;
  const start = node?.answers === false ? 'Start that engine, go back to it' : 'Go back to that engine';
  return {
    key: 'runner.node-away',
    severity: 'warning',
    subject: node === null ? 'runners' : `runners on ${node.host}`,
    message: `${what} on ${where}${state}: AutoGit has used it before, and counts them still.`,
    next: `${start} with \`autogit ${use}\` and let them finish with \`autogit lab drain\`. If it is gone for good, stop AutoGit and move state.db out of its home.`,
  };
}

function failingIssue(pool: Pool, failures: PoolFailures): Issue {
  return {
    key: 'pool.runners-fail',
    severity: 'error',
    subject: `pool ${pool.name}`,
    message: `The last ${failures.count} runners of pool "${pool.name}" failed to come up: ${failures.lastReason}.`,
    next: `Jobs go on waiting and are tried again by themselves. Look at the reason, then at: autogit runner list --pool ${pool.name}`,
  };
}

/** True while anything of a pool or a runner is left: what a teardown waits for. */
export function runnersLeft(observed: Observed): boolean {
  return (
    observed.records.length > 0 ||
    observed.nodes.some((node) =>
      (lastValue(node.engine)?.containers ?? []).some(({ role }) => role === 'runner'),
    )
  );
}

/** Equal data, whatever the order of its keys. */
export function sameTags(a: readonly string[], b: readonly string[]): boolean {
  return canonical([...a].sort()) === canonical([...b].sort());
}
