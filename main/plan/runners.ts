// Sorts what is known of every runner (record, container, job) into one state each.
import type { Job } from '../model/job.ts';
import { runnerIdOf, systemIdOf } from '../model/runner.ts';
import type { Container, RunnerRecord, RunnerState } from '../model/runner.ts';
import type { HostNode, Instant, Observed } from '../model/world.ts';
import { lastValue, sawSince } from './freshness.ts';

/** One runner, put together from all sources. At least one of `record` and `container` is there. */
export interface Runner {
  readonly id: string;
  readonly node: string;
  readonly pool: string;
  readonly specHash: string;
  readonly state: RunnerState;
  readonly record: RunnerRecord | null;
  readonly container: Container | null;
  readonly job: Job | null;
  /** Since when it could have taken a job: its start, or the end of its last job as far as we saw. */
  readonly freeSince: Instant;
}

/** Key of the action that starts the runner of one slot: while it is in flight the record is being made true. */
export function startKey(pool: string, slot: number): string {
  return `start-runner:${pool}:${slot}`;
}

/** Key of any other action on one runner. */
export function runnerKey(kind: string, runnerId: string): string {
  return `${kind}:${runnerId}`;
}

/** Whether its program runs, or may. */
export function isUp(container: Container): boolean {
  return container.state === 'running' || container.state === 'paused' || container.state === 'restarting';
}

function stateWithContainer(
  record: RunnerRecord | null,
  container: Container,
  starting: boolean,
  job: Job | null,
): RunnerState {
  if (starting) return 'starting';
  if (!isUp(container)) return container.state === 'created' && hasAll(record) ? 'prepared' : 'finished';
  if (job !== null) return 'busy';
  switch (record?.phase) {
    case 'warm':
      return 'warm';
    // Until the engine is known to have started it, or given it the go, it only may be asking for jobs.
    case 'prepared':
    case 'released':
      return 'starting';
    case 'leaving':
    case 'draining':
      return 'leaving';
    default:
      return 'idle';
  }
}

/** Everything is in its container that it needs. */
function hasAll(record: RunnerRecord | null): boolean {
  return record?.phase === 'prepared' || record?.phase === 'released';
}

function stateOf(
  node: HostNode,
  record: RunnerRecord,
  container: Container | null,
  starting: boolean,
  job: Job | null,
): RunnerState {
  const seen = sawSince(node.engine, Math.max(record.createdAt, record.startedAt ?? 0));
  if (container === null) return starting || !seen ? 'starting' : 'lost';
  return stateWithContainer(record, container, starting || (!seen && !isUp(container)), job);
}

/** Starts under way that have no record yet: they will be runners of the pool in a moment. */
export function startsToCome(
  pool: string,
  runners: readonly Runner[],
  inFlight: Observed['inFlight'],
): number {
  const recorded = new Set(runners.map((runner) => startKey(runner.pool, runner.record?.slot ?? -1)));
  const prefix = startKey(pool, 0).slice(0, -1);
  return inFlight.filter(({ key }) => key.startsWith(prefix) && !recorded.has(key)).length;
}

const noJobs: readonly Job[] = [];
/** By identity of the queue, which several parts of a plan ask about, and the next plans too. */
const taken = new WeakMap<readonly Job[], ReadonlyMap<string, Job>>();

/** The jobs of a queue that runners have taken, by the runners' system ids. */
export function jobsByRunner(queue: readonly Job[]): ReadonlyMap<string, Job> {
  const known = taken.get(queue);
  if (known !== undefined) return known;
  const jobs = new Map<string, Job>();
  for (const job of queue) if (job.systemId !== null && job.status !== 'pending') jobs.set(job.systemId, job);
  taken.set(queue, jobs);
  return jobs;
}

/** What the queue says about runners, by their system ids. */
interface Work {
  readonly jobs: ReadonlyMap<string, Job>;
  readonly lastBusy: Readonly<Record<string, Instant>>;
  /** Time before this does not count as time in which a runner could have asked for a job. */
  readonly countsFrom: Instant;
}

/** Records of runners on an engine that is not in use: their slots are taken, whatever has become of them. */
export function awayRecords({
  nodes,
  records,
}: Pick<Observed, 'nodes' | 'records'>): readonly RunnerRecord[] {
  const seen = new Set(
    nodes.flatMap((node) => (lastValue(node.engine)?.containers ?? []).map(({ name }) => name)),
  );
  return records.filter(({ node, name }) => !seen.has(name) && !nodes.some(({ id }) => id === node));
}

/** Every runner on every node, each in exactly one state; those that are away are lost from sight. */
export function sortRunners(observed: Observed): readonly Runner[] {
  const queue = lastValue(observed.gitlab);
  const jobs = jobsByRunner(queue?.jobs ?? noJobs);
  const work: Work = { jobs, lastBusy: queue?.lastBusy ?? {}, countsFrom: observed.leaptAt ?? 0 };
  const inFlight = new Set(observed.inFlight.map(({ key }) => key));
  const here = observed.nodes.flatMap((node) => runnersOf(node, observed.records, work, inFlight));
  const isLookedFor = observed.nodes.length > 0;
  const away = awayRecords(observed).map((record): Runner => ({
    ...knownRunner(record, work),
    container: null,
    state: isLookedFor ? 'lost' : 'starting',
  }));
  return [...here, ...away];
}

/** What a record and the queue say of a runner. */
function knownRunner(
  record: RunnerRecord,
  { jobs, lastBusy, countsFrom }: Work,
): Omit<Runner, 'container' | 'state'> {
  const { id, node, pool, specHash, systemId } = record;
  const freeSince = Math.max(record.startedAt ?? record.createdAt, lastBusy[systemId] ?? 0, countsFrom);
  return { id, node, pool, specHash, record, job: jobs.get(systemId) ?? null, freeSince };
}

const begins: readonly RunnerRecord['phase'][] = ['intended', 'prepared', 'released', 'draining'];

/** Whether an action works on it that brings it to ask for jobs; with `draining` that action takes it back by itself. */
export function isUnderWay(
  { id, phase, pool, slot }: RunnerRecord,
  isInFlight: (key: string) => boolean,
): boolean {
  if (!begins.includes(phase)) return false;
  return isInFlight(startKey(pool, slot)) || isInFlight(runnerKey('release-runner', id));
}

function runnersOf(
  node: HostNode,
  records: readonly RunnerRecord[],
  work: Work,
  inFlight: ReadonlySet<string>,
): readonly Runner[] {
  const { jobs, lastBusy } = work;
  const containers = new Map(
    (lastValue(node.engine)?.containers ?? [])
      .filter((container) => container.role === 'runner')
      .map((container) => [container.name, container]),
  );
  const known = records
    .filter((record) => record.node === node.id)
    .map((record): Runner => {
      const container = containers.get(record.name) ?? null;
      containers.delete(record.name);
      const starting = isUnderWay(record, (key) => inFlight.has(key));
      const known = knownRunner(record, work);
      return { ...known, container, state: stateOf(node, record, container, starting, known.job) };
    });
  const unknown = [...containers.values()].map((container): Runner => {
    const id = runnerIdOf(container.name) ?? container.id;
    const job = jobs.get(systemIdOf(id)) ?? null;
    const { pool, specHash } = container;
    return {
      id,
      node: node.id,
      pool: pool ?? '',
      specHash,
      record: null,
      container,
      job,
      freeSince: lastBusy[systemIdOf(id)] ?? 0,
      state: stateWithContainer(null, container, false, job),
    };
  });
  return [...known, ...unknown];
}
