// The state as every door shows it, put together from what is wished, seen and planned. Pure.
import type {
  EngineStatus,
  GitlabStatus,
  JobView,
  PoolView,
  RunnerView,
  Snapshot,
  TaskView,
} from '../contract/snapshot.ts';
import type { StackSummary } from '../contract/stack-summary.ts';
import { slowdownSentence } from '../model/emulation.ts';
import type { Issue } from '../model/issue.ts';
import { isFinished } from '../model/job.ts';
import type { Job } from '../model/job.ts';
import type { Pool } from '../model/pool.ts';
import { isProofJob, ownTag } from '../model/proof.ts';
import type { GitlabSettings } from '../model/settings.ts';
import type { Desired, HostNode, Instant, Observed, Plan } from '../model/world.ts';
import type { RunnerRecord } from '../model/runner.ts';
import { processorsOf } from '../plan/architectures.ts';
import { architectureRows } from '../plan/arch-rows.ts';
import type { PoolAdvice } from '../plan/advice.ts';
import { explainFailure } from '../plan/failure-class.ts';
import { lastValue } from '../plan/freshness.ts';
import { isEnding } from '../plan/sandbox-trouble.ts';
import { gpuRows, gpusUnseen } from '../plan/gpu-rows.ts';
import { planDemand } from '../plan/plan-demand.ts';
import { proofStateOf } from '../plan/proof-state.ts';
import { planCards } from '../plan/plan-runners.ts';
import { sortRunners } from '../plan/runners.ts';
import type { Runner } from '../plan/runners.ts';
import { engineFactsOf } from './engine-facts.ts';
import type { NoticeSummary } from './notice-desk.ts';

export interface SnapshotFacts {
  readonly desired: Desired;
  readonly observed: Observed;
  readonly plan: Plan;
  readonly gitlab: GitlabSettings;
  /** Open jobs and the newest finished ones, newest first. */
  readonly jobs: readonly Job[];
  readonly runnerOf: RunnerOf;
  /** What the measured use of its jobs says about a pool's limits. */
  readonly adviceFor: (pool: Pool) => PoolAdvice['items'];
  readonly totals: { readonly created: number; readonly removed: number };
  /** `null`: there is none. */
  readonly stack: StackSummary | null;
  readonly tasks: readonly TaskView[];
  /** When the open drain ends by itself. Missing: there is none, or it has no hour. */
  readonly pausedUntil?: Instant | null;
  /** `null`: this core tells nobody anything. */
  readonly notices?: NoticeSummary | null;
  readonly home: string;
  readonly pid: number;
  readonly now: Instant;
}

/** Everything but the version, which counts changes. */
export function renderSnapshot(facts: SnapshotFacts): Omit<Snapshot, 'version'> {
  const { desired, observed, now } = facts;
  const runners = sortRunners(observed);
  const gitlab = renderGitlab(facts);
  const sandboxStarting = gitlab.state === 'starting';
  const unseen = gpusUnseen(observed);
  return {
    at: now,
    instance: desired.instance,
    home: facts.home,
    pid: facts.pid,
    mode: desired.mode,
    ...(facts.notices == null ? {} : { notices: { ...facts.notices, mutes: [...facts.notices.mutes] } }),
    ...(typeof facts.pausedUntil === 'number' ? { pausedUntil: facts.pausedUntil } : {}),
    sentence: renderSentence(facts, runners, gitlab),
    nodes: observed.nodes.map((node) => ({ id: node.id, name: node.name, engine: renderEngine(node) })),
    gitlab,
    pools: renderPools(facts, runners),
    runners: runners.map(renderRunner),
    jobs: facts.jobs.map((job) => renderJob(job, facts.runnerOf)),
    totals: { runnersCreated: facts.totals.created, runnersRemoved: facts.totals.removed },
    gpus: gpuRows(desired, observed, now).map((row) => ({ ...row, holders: [...row.holders] })),
    ...(unseen === null ? {} : { gpusUnseen: unseen }),
    architectures: architectureRows(desired, observed).map((row) => ({ ...row, pools: [...row.pools] })),
    ...(facts.stack === null ? {} : { stack: facts.stack }),
    tasks: [...facts.tasks],
    issues: facts.plan.issues.filter((issue) => !(sandboxStarting && issue.subject === 'GitLab')),
  };
}

function renderEngine({ engine }: HostNode): EngineStatus {
  const info = lastValue(engine)?.info ?? null;
  return {
    state: engine.state,
    ...engineFactsOf(info),
    host: info?.host ?? null,
    problem: engine.state === 'failed' || engine.state === 'stale' ? engine.error : null,
  };
}

/** How long a sandbox that has just been started may take to answer, in milliseconds. */
const sandboxGraceMs = 15_000;

/** The issue that no GitLab can be asked: the sandbox is elsewhere or does not start, or there is no token. */
function blocking({ gitlab, plan }: SnapshotFacts): Issue | null {
  const keys: readonly string[] = ['sandbox.elsewhere', 'sandbox.token-lost', 'gitlab.token-missing'];
  const found = plan.issues.find(({ key }) => keys.includes(key) || isEnding(key));
  return gitlab.kind === 'none' ? null : (found ?? null);
}

function gitlabState(facts: SnapshotFacts): GitlabStatus['state'] {
  const { gitlab, observed, now } = facts;
  if (gitlab.kind === 'none') return 'none';
  if (gitlab.kind === 'sandbox' && gitlab.state === 'stopped') return 'stopped';
  if (blocking(facts) !== null) return 'failed';
  const seen = observed.gitlab;
  switch (seen.state) {
    case 'fresh':
      return 'ready';
    case 'stale':
      return 'stale';
    case 'never':
      return 'starting';
    case 'failed':
      return gitlab.kind === 'sandbox' && now - seen.since < sandboxGraceMs ? 'starting' : 'failed';
  }
}

function renderGitlab(facts: SnapshotFacts): GitlabStatus {
  const { observed, gitlab } = facts;
  const seen = observed.gitlab;
  const state = gitlabState(facts);
  return {
    kind: gitlab.kind,
    url: observed.address?.url ?? null,
    state,
    readAt: seen.state === 'fresh' || seen.state === 'stale' ? seen.at : null,
    problem: gitlabProblem(facts, state),
  };
}

function gitlabProblem(facts: SnapshotFacts, state: GitlabStatus['state']): GitlabStatus['problem'] {
  const seen = facts.observed.gitlab;
  const issue = blocking(facts);
  if (issue !== null && state === 'failed') {
    const { key, message, next } = issue;
    return { key, message, next };
  }
  return state !== 'starting' && (seen.state === 'failed' || seen.state === 'stale') ? seen.error : null;
}

function renderPools(
  { desired, observed, now, adviceFor }: SnapshotFacts,
  runners: readonly Runner[],
): PoolView[] {
  const { jobs = [], recentUse } = lastValue(observed.gitlab) ?? {};
  const cards = planCards(desired, observed, now);
  const processors = processorsOf(desired.pools, observed.nodes);
  const demand = planDemand(
    ...([jobs, desired.pools, runners, observed.inFlight] as const),
    ...([now, recentUse, cards, processors] as const),
  );
  const waitingFor = (name: string): number =>
    (demand.pools.find((wish) => wish.pool.name === name)?.jobs ?? []).filter((job) => !isProofJob(job))
      .length;
  return desired.pools.map((pool) => {
    const own = runners.filter((runner) => runner.pool === pool.name);
    const count = (state: Runner['state']): number => own.filter((runner) => runner.state === state).length;
    const { name, tags, runUntagged, protectedOnly, scope, paused, priority } = pool;
    const { executor, max, idleTime, cpus, memoryMiB } = pool;
    const advice = adviceFor(pool);
    const proof = proofStateOf(pool, desired, observed);
    return {
      name,
      // Its own tag is there for its proof alone.
      tags: tags.filter((tag) => tag !== ownTag(name)),
      runUntagged,
      protectedOnly,
      scope: scope.kind === 'instance' ? scope.kind : `${scope.kind}:${scope.path}`,
      paused,
      priority,
      executor,
      max,
      idleTime,
      cpus,
      memoryMiB,
      ready: observed.entries.some(
        (entry) => entry.pool === name && entry.gitlabUrl === observed.address?.runnerUrl,
      ),
      waiting: waitingFor(name),
      runners: {
        starting: count('starting') + count('prepared'),
        idle: count('idle') + count('warm'),
        busy: count('busy'),
        leaving: count('leaving'),
      },
      ...(proof === null ? {} : { proof: { ...proof, claims: [...proof.claims] } }),
      ...(pool.arch === null ? {} : { arch: pool.arch }),
      ...(processors.emulated.has(name) ? { emulated: slowdownSentence } : {}),
      ...(advice.length === 0 ? {} : { advice: [...advice] }),
    };
  });
}

/** A runner as doors show it. */
export function renderRunner({ id, pool, node, state, record, container, job }: Runner): RunnerView {
  return {
    id,
    name: record?.name ?? container?.name ?? id,
    pool,
    node,
    state,
    createdAt: record?.createdAt ?? 0,
    startedAt: record?.startedAt ?? null,
    jobId: job?.id ?? null,
    ...(record?.grant ? { gpus: [...record.grant.ids] } : {}),
  };
}

/** A job as doors show it. */
export function renderJob(job: Job, runnerOf: RunnerOf): JobView {
  const { runner = null, pool = null } = (job.systemId === null ? null : runnerOf(job.systemId)) ?? {};
  const before = views.get(job);
  if (before !== undefined && before.runner === runner && before.pool === pool) return before.view;
  const view = makeView(job, runner, pool);
  views.set(job, { runner, pool, view });
  return view;
}

/** The newest view of each job, and from what it was made: jobs are the same objects in pass after pass. */
const views = new WeakMap<
  Job,
  { readonly runner: RunnerRecord | null; readonly pool: Pool | null; readonly view: JobView }
>();

function makeView(job: Job, runner: RunnerRecord | null, pool: Pool | null): JobView {
  const { id, name, status, tags, projectId, project, ref, firstSeenAt } = job;
  const { startedAt, finishedAt, waitedMs, failureReason } = job;
  const failure = explainFailure({ job, runner, pool });
  return {
    ...{ id, name, status, tags: [...tags], projectId, project, ref, firstSeenAt },
    ...{ startedAt, finishedAt, waitedMs, failureReason, runner: runner?.name ?? null },
    ...(failure === null ? {} : { failure }),
  };
}

/** The runner that has or had a job, by its identity at GitLab; `null`: it is not ours, or long gone. */
export type RunnerOf = (
  systemId: string,
) => { readonly runner: RunnerRecord; readonly pool: Pool | null } | null;

/** Finds runners among these records, and their pools as they are now. */
export function runnersBySystemId(records: readonly RunnerRecord[], pools: readonly Pool[]): RunnerOf {
  const runners = new Map(records.map((record) => [record.systemId, record]));
  return (systemId) => {
    const runner = runners.get(systemId);
    if (runner === undefined) return null;
    return { runner, pool: pools.find(({ name }) => name === runner.pool) ?? null };
  };
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

function renderSentence(facts: SnapshotFacts, runners: readonly Runner[], gitlab: GitlabStatus): string {
  const { desired, observed, plan, jobs } = facts;
  for (const { name, engine } of observed.nodes) {
    if (engine.state !== 'failed' && engine.state !== 'stale') continue;
    const does = engine.error.key === 'engine.unreachable' ? 'does not answer' : 'cannot be used';
    return `The container engine on ${name} ${does}; running jobs go on, no new one can start.`;
  }
  if (gitlab.state === 'none') return 'No GitLab is connected yet; the sandbox is a way to try.';
  if (gitlab.state === 'stopped') return 'The sandbox is stopped.';
  if (gitlab.state === 'starting')
    return gitlab.kind === 'sandbox' ? 'The sandbox is starting.' : 'Connecting to GitLab.';
  if (gitlab.state === 'failed' && blocking(facts) !== null) return gitlab.problem?.message ?? '';
  if (gitlab.state !== 'ready') return 'GitLab does not answer; runners go on, no new job can start.';
  const open = jobs.filter((job) => !isFinished(job));
  const running = open.filter((job) => job.status === 'running' || job.status === 'canceling').length;
  const waiting = open.filter((job) => job.status === 'pending').length;
  const work = `${count(running, 'job')} running, ${waiting} waiting`;
  const fleet = runners.length === 0 ? 'no runners' : count(runners.length, 'runner');
  const mode = desired.mode === 'serve' ? '' : ' Draining: no new runners start.';
  const issues = plan.issues.filter(({ severity }) => severity !== 'info').length;
  const trouble = issues === 0 ? '' : ` ${count(issues, 'issue')} to look at.`;
  return `${work}, ${fleet}.${mode}${trouble}`;
}
