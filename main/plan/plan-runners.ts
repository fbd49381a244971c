// Starts runners for waiting jobs, lets idle ones go that are not wanted, clears up what has ended.
import type { Issue } from '../model/issue.ts';
import { specHash } from '../model/hash.ts';
import type { Pool } from '../model/pool.ts';
import { ownContainerPart } from '../model/pool-container.ts';
import { interruptedStart } from '../model/runner.ts';
import { wantedWarm } from '../model/warm.ts';
import type {
  Action,
  Desired,
  GitlabAddress,
  HostNode,
  Instant,
  Observed,
  Plan,
  PoolFailures,
} from '../model/world.ts';
import type { GpuHandout } from '../model/gpu.ts';
import { processorIssues, processorOf, processorsOf, waysOf, whyLeaveProcessor } from './architectures.ts';
import { awayIssues } from './away-issues.ts';
import { fitStarts } from './capacity.ts';
import { cardsInTheWay } from './card-room.ts';
import { cardsOf } from './cards.ts';
import type { Cards } from './cards.ts';
import { freshValue, lastValue } from './freshness.ts';
import { officialRunnerImage } from './desire.ts';
import { planDemand } from './plan-demand.ts';
import type { PoolDemand } from './plan-demand.ts';
import { whyLeaveCard } from './gpu-troubles.ts';
import { hasGateway, isOnOldGateway } from './plan-gateway.ts';
import { isHalfBegun, planReleases, releaseOf, removalOf } from './plan-releases.ts';
import { isUnderWay, isUp, runnerKey, sortRunners, startKey } from './runners.ts';
import type { Runner } from './runners.ts';
import { runnerNetwork, stackNetworkIssues, wayOf } from './runner-network.ts';

/** Waiting time after 1, 2, 3 … failures in a row, in milliseconds; the last one goes on for ever. */
const backoffMs: readonly number[] = [1_000, 2_000, 5_000, 15_000, 60_000, 300_000];
/** A pool whose runners end right after their start, so many in a row, starts none until something changes. */
const mostAtOnce = 5;
/** From so many failures in a row on, it is an issue. */
const failuresToTell = 3;

/** The newest fingerprint of each pool: one costs more than all else that is planned for a pool at rest. */
const fingerprints = new WeakMap<Pool, { readonly of: string; readonly hash: string }>();

/** The fingerprint of everything a runner container is made from: a change replaces idle runners. */
export function runnerSpecHash(pool: Pool, image: string, address: GitlabAddress): string {
  const of = JSON.stringify([image, address.runnerUrl, wayOf(address)]);
  const known = fingerprints.get(pool);
  if (known?.of === of) return known.hash;
  const hash = fingerprintOf(pool, image, address);
  fingerprints.set(pool, { of, hash });
  return hash;
}

function fingerprintOf(pool: Pool, image: string, address: GitlabAddress): string {
  const { executor, idleTime, cpus, memoryMiB, gpu, scope, jobsPerRunner } = pool;
  return specHash({
    executor,
    idleTime,
    cpus,
    memoryMiB,
    scope,
    jobsPerRunner,
    image,
    ...(executor === 'image' ? { jobImage: pool.image } : {}),
    // Left out, runners of before are as they should be.
    ...(gpu === null ? {} : { gpu }),
    ...ownContainerPart(pool),
    url: address.runnerUrl,
    ...wayOf(address),
  });
}

/** The image that a pool's runners are made from. */
export function imageOf(pool: Pool, desired: Desired): string {
  return pool.executor === 'image'
    ? (pool.runnerImage ?? officialRunnerImage)
    : (pool.image ?? desired.runnerImage);
}

/** When a pool may try again after its failures; Infinity: not before something changes. */
export function retryAt(failures: PoolFailures): Instant {
  if ((failures.atOnce ?? 0) >= mostAtOnce) return Infinity;
  const step = Math.min(failures.count, backoffMs.length) - 1;
  return failures.lastAt + (backoffMs[step] ?? 0);
}

type StartRunner = Extract<Action, { kind: 'start-runner' }>;

/** What a pool has failed at as it is now: what runners of other settings did says nothing. */
export function failuresOfPool(pool: Pool, desired: Desired, observed: Observed): PoolFailures | undefined {
  const found = observed.failures.find((candidate) => candidate.pool === pool.name);
  const { address } = observed;
  if (found?.specHash === undefined || address === null) return found;
  return found.specHash === runnerSpecHash(pool, imageOf(pool, desired), address) ? found : undefined;
}

/** One value for every plan: what is known of a queue is remembered by its pools. */
const noPools: readonly Pool[] = [];

/** Everything that concerns runners, on all nodes. */
export function planRunners(desired: Desired, observed: Observed, now: Instant): Plan {
  const runners = sortRunners(observed);
  const cleared = runners.flatMap((runner) => planKnown(runner, desired, observed, now));
  const serves = desired.mode === 'serve';
  const pools = serves ? desired.pools : noPools;
  const { jobs = [], recentUse } = (serves ? freshValue(observed.gitlab) : null) ?? {};
  const cards = planCards(desired, observed, now);
  const processors = processorsOf(pools, observed.nodes);
  const demand = planDemand(jobs, pools, runners, observed.inFlight, now, recentUse, cards, processors);
  const starts = demand.pools.map((wish) =>
    planStarts(wish, cards.handouts(wish.pool), desired, observed, now),
  );
  const ends = endsOfLife(runners, desired, observed, now);
  const wakeUps = [demand.wakeAt, ...ends, ...starts.map((plan) => plan.wakeAt)].filter((at) => at !== null);
  const ordered = inOrder(
    starts.flatMap((plan) => plan.actions.filter((action) => action.kind === 'start-runner')),
    demand.order,
  );
  const wanting = demand.pools.map((wish) => ({ ...wish, warm: wantedWarm(wish.pool, now) }));
  const inCardsWay = cardsInTheWay(wanting, runners, cards, now);
  const fitting = fitStarts(ordered, wanting, { pools: desired.pools, runners, observed, now });
  const inTheWay = new Set([...fitting.inTheWay, ...inCardsWay]);
  const released =
    freshValue(observed.gitlab) === null ? [] : planReleases(demand.pools, runners, observed, cleared);
  return {
    actions: [...cleared, ...released, ...[...inTheWay].flatMap(makeRoom), ...fitting.starts],
    issues: [
      ...awayIssues(observed),
      ...stackNetworkIssues(desired, observed),
      ...processorIssues(pools, observed.nodes),
      ...demand.issues,
      ...starts.flatMap((plan) => plan.issues),
    ],
    wakeAt: wakeUps.length === 0 ? null : Math.min(...wakeUps),
  };
}

/** Starts as urgent as the jobs that they are for; those that nobody waits for come last. */
function inOrder(actions: readonly StartRunner[], order: readonly string[]): readonly StartRunner[] {
  const byPool = Map.groupBy(actions, ({ pool }) => pool.name);
  const taken = new Map<string, number>();
  const urgent = order.flatMap((pool) => {
    const index = taken.get(pool) ?? 0;
    taken.set(pool, index + 1);
    return byPool.get(pool)?.[index] ?? [];
  });
  return [...new Set([...urgent, ...actions])];
}

/** Lets a runner without a job go for the sake of another one; should it get a job meanwhile, it finishes that first. */
function makeRoom({ id, node, container }: Runner): readonly Action[] {
  if (container === null) return [];
  const reason = 'a job needs the room that it takes';
  return [
    {
      ...{ kind: 'stop-runner', key: runnerKey('stop-runner', id), target: `runner ${id}` },
      ...{ reason, node, container },
    },
  ];
}

/** What to do with a runner that exists, by its state. */
function planKnown(runner: Runner, desired: Desired, observed: Observed, now: Instant): readonly Action[] {
  const { id, node, container, record } = runner;
  const engine = observed.nodes.find((candidate) => candidate.id === node)?.engine;
  if (engine === undefined || freshValue(engine) === null) return [];
  const target = `runner ${id}`;
  if (container === null) {
    if (runner.state !== 'lost' || record === null) return [];
    const failure = record.phase === 'intended' || record.phase === 'prepared' ? interruptedStart : null;
    const reason = `${record.name} is not on the engine any more`;
    return [{ kind: 'forget-runner', key: runnerKey('forget-runner', id), target, reason, record, failure }];
  }
  if (record !== null && isUnderWay(record, (key) => observed.inFlight.some((other) => other.key === key)))
    return [];
  if (runner.state === 'starting' && !isUp(container)) return [];
  if (runner.state === 'prepared' && unwanted(runner, desired, observed) === null) return [];
  if (runner.state === 'finished' || runner.state === 'prepared') return [removalOf(runner, container)];
  if (record === null || record.phase === 'intended') {
    const reason = `${container.name} runs and is ours`;
    return [{ kind: 'adopt-runner', key: runnerKey('adopt-runner', id), target, reason, node, container }];
  }
  const reason = unwanted(runner, desired, observed);
  const stays = reason === null || (runner.state === 'busy' && !isLeaving(runner, desired, observed));
  if (stays) {
    const isInDoubt = isHalfBegun(record) || isOverdue(runner, desired, observed, now);
    return isInDoubt ? [releaseOf(runner, container, 'it may not have begun')] : [];
  }
  return [{ kind: 'stop-runner', key: runnerKey('stop-runner', id), target, reason, node, container }];
}

/** Idle for so much longer than its idle time that it should have ended: it may never have heard the go. */
const overdueMs = 30_000;

function isOverdue(runner: Runner, { pools }: Desired, { gitlab }: Observed, now: Instant): boolean {
  if (runner.state !== 'idle' || runner.record?.phase !== 'started' || freshValue(gitlab) === null)
    return false;
  const pool = pools.find(({ name }) => name === runner.pool);
  return pool !== undefined && now - runner.freeSince >= pool.idleTime * 1000 + overdueMs;
}

/** Asked to go even with a job, since it finishes the job first and then takes no other. */
function isLeaving(runner: Runner, desired: Desired, observed: Observed): boolean {
  if (desired.mode !== 'serve' || desired.sandbox?.state === 'absent') return true;
  return runner.record?.phase === 'draining' || isLeftBehind(runner, desired, observed);
}

/** Under steady load it may never be seen without a job, and the old gateway would stay for ever. */
function isLeftBehind({ node, container }: Runner, desired: Desired, { nodes }: Observed): boolean {
  const engine = nodes.find(({ id }) => id === node)?.engine;
  return container !== null && engine !== undefined && isOnOldGateway(container, freshValue(engine), desired);
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
  if (address !== null && runner.specHash !== runnerSpecHash(pool, imageOf(pool, desired), address))
    return `pool ${pool.name} has changed`;
  if (isLeftBehind(runner, desired, observed)) return 'the gateway has changed';
  const grant = runner.record?.grant ?? null;
  return whyLeaveCard(grant, desired, observed) ?? whyLeaveProcessor(pool, observed.nodes);
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

/** The nodes that can get a pool's runners: their engines answer and have what these need. */
export function nodesFor(pool: Pool, desired: Desired, observed: Observed): readonly HostNode[] {
  return observed.nodes.filter((node) => {
    const view = freshValue(node.engine);
    return (
      view !== null &&
      view.images.includes(imageOf(pool, desired)) &&
      view.networks.includes(runnerNetwork(desired)) &&
      (pool.executor !== 'image' || hasGateway(view, desired)) &&
      waysOf(pool, processorOf(node, view.info)) !== null
    );
  });
}

function freeSlots(pool: Pool, { records, inFlight }: Observed): readonly number[] {
  const taken = new Set(records.filter((record) => record.pool === pool.name).map(({ slot }) => slot));
  return Array.from({ length: pool.max }, (_, slot) => slot).filter(
    (slot) => !taken.has(slot) && !inFlight.some(({ key }) => key === startKey(pool.name, slot)),
  );
}

/** The graphics cards of one plan: a pool that can start nothing now takes none from others. */
export function planCards(desired: Desired, observed: Observed, now: Instant): Cards {
  return cardsOf(desired, observed, now, (pool) => {
    const failures = failuresOfPool(pool, desired, observed);
    const waits = failures !== undefined && retryAt(failures) > now;
    return waits || !hasEntry(pool, observed) ? [] : nodesFor(pool, desired, observed);
  });
}

function hasEntry(pool: Pool, { entries, address }: Observed): boolean {
  return entries.some((entry) => entry.pool === pool.name && entry.gitlabUrl === address?.runnerUrl);
}

/** A runner is being tried: the next comes when this one has shown what becomes of it. */
function hasNewer({ name }: Pool, { records, inFlight }: Observed, than: Instant): boolean {
  const prefix = startKey(name, 0).slice(0, -1);
  return (
    records.some(({ pool, createdAt }) => pool === name && createdAt > than) ||
    inFlight.some(({ key }) => key.startsWith(prefix))
  );
}

function planStarts(
  { pool, start, refill, jobs: { length: jobs } }: PoolDemand,
  gpus: readonly GpuHandout[],
  desired: Desired,
  observed: Observed,
  now: Instant,
): Plan {
  const failures = failuresOfPool(pool, desired, observed);
  const issues =
    failures === undefined || failures.count < failuresToTell ? [] : [failingIssue(pool, failures)];
  const nothing: Plan = { actions: [], issues, wakeAt: null };
  const { address } = observed;
  // Without a fresh queue nobody knows what waits, and a runner that is kept ready would find no job either.
  const count = start + refill;
  if (count === 0 || freshValue(observed.gitlab) === null) return nothing;
  const [node] = nodesFor(pool, desired, observed);
  if (node === undefined || address === null || !hasEntry(pool, observed)) return nothing;
  if (failures !== undefined && retryAt(failures) > now) return { ...nothing, wakeAt: wakeFor(failures) };
  const isTrying = failures?.atOnce !== undefined;
  if (isTrying && hasNewer(pool, observed, failures.lastAt)) return nothing;
  const image = imageOf(pool, desired);
  const specHash = runnerSpecHash(pool, image, address);
  const most = isTrying ? 1 : count;
  const slots = freeSlots(pool, observed).slice(0, pool.gpu === null ? most : Math.min(most, gpus.length));
  const actions = slots.map((slot, index): Action => {
    const gpu = gpus[index] ?? null;
    return {
      kind: 'start-runner',
      key: startKey(pool.name, slot),
      target: `slot ${pool.name}/${slot}`,
      reason:
        index >= start
          ? `pool ${pool.name} keeps runners ready for jobs to come`
          : `${jobs === 1 ? 'a job waits' : `${jobs} jobs wait`} for pool ${pool.name}`,
      node: gpu?.grant.node ?? node.id,
      pool,
      slot,
      image,
      network: runnerNetwork(desired),
      specHash,
      address,
      gpu,
      ...(index >= start ? { waits: true } : {}),
    };
  });
  return { actions, issues, wakeAt: null };
}

function wakeFor(failures: PoolFailures): Instant | null {
  const at = retryAt(failures);
  return at === Infinity ? null : at;
}

function failingIssue(pool: Pool, failures: PoolFailures): Issue {
  if (retryAt(failures) === Infinity) {
    return {
      key: 'pool.stopped',
      severity: 'error',
      subject: `pool ${pool.name}`,
      message: `Pool "${pool.name}" starts no more runners: the last ${failures.count} ended right after their start, ${failures.lastReason}.`,
      next: `Its jobs go on waiting. Mend the reason, then: autogit pool recover ${pool.name}`,
    };
  }
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

/** The same tags, whatever their order. */
export function sameTags(a: readonly string[], b: readonly string[]): boolean {
  const isSame = (tags: readonly string[], others: readonly string[]): boolean =>
    tags.length === others.length && tags.every((tag, index) => tag === others[index]);
  return isSame(a, b) || isSame(a.toSorted(), b.toSorted());
}
