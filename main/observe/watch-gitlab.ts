// Keeps the newest view of GitLab's queue and of our runner entries there: one query for all projects.
import { isDeepStrictEqual } from 'node:util';
import { AutoGitError } from '../errors.ts';
import type { Log } from '../log.ts';
import { lasting } from '../model/job.ts';
import type { Job } from '../model/job.ts';
import type { EntryAtGitlab, Instant, QueueView, RecentUse, Seen } from '../model/world.ts';
import type { Clock, Gitlab, QueuedJob, Store } from '../ports.ts';
import { createProtection } from './protection.ts';
import { addUse } from './recent-use.ts';
import { afterFailure } from './watch-engine.ts';

/** While anything waits, runs or has just changed. */
const activeMs = 2_000;
/** At rest: 720 requests an hour. */
const restMs = 5_000;
/** After a failure, doubling. */
const failureMs: readonly number[] = [250, 500, 1_000, 2_000, 5_000, 10_000];
const entriesMs = 300_000;
/** Before a project that did not answer is asked again. */
const refusedMs = 60_000;
/** How long it is remembered that a runner had a job. */
const busyMemoryMs = 600_000;

export interface GitlabWatch {
  queue(): Seen<QueueView>;
  entries(): Seen<readonly EntryAtGitlab[]>;
  /** Read the queue as soon as possible. */
  refresh(): void;
  /** What is known of the entries is outdated: something was written. */
  invalidateEntries(): void;
  stop(): Promise<void>;
}

export interface GitlabWatchOptions {
  readonly gitlab: Gitlab;
  readonly store: Pick<Store, 'openJobs' | 'saveJobs' | 'job'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly entryPrefix: string;
  /** True while runners are alive: the queue is then read at the faster pace. */
  readonly isActive: () => boolean;
  /** True while some pool takes jobs of protected refs only: then it is found out which those are. */
  readonly asksProtection: () => boolean;
  readonly onChange: () => void;
}

/** When each project was last asked for its jobs, and whether it answered. */
type Asked = Map<number, { readonly at: Instant; readonly answered: boolean }>;

/** Joins what GitLab lists with what we knew: our own clock says since when a job has been seen. */
export function mergeJobs(
  listed: readonly QueuedJob[],
  known: ReadonlyMap<number, Job>,
  now: number,
): readonly Job[] {
  return listed.map((job) => {
    const before = known.get(job.id);
    return { ...job, firstSeenAt: before?.firstSeenAt ?? now };
  });
}

/** Runners that have a job now, and those that had one lately. */
export function busyRunners(
  jobs: readonly Job[],
  now: Instant,
  before: QueueView['lastBusy'],
): QueueView['lastBusy'] {
  const busy = jobs.flatMap(({ systemId }) => (systemId === null ? [] : [[systemId, now] as const]));
  const lately = Object.entries(before).filter(([, at]) => now - at < busyMemoryMs);
  return Object.fromEntries([...lately, ...busy]);
}

function pauseAfter(failures: number, isBusy: boolean): number {
  if (failures > 0) return failureMs[Math.min(failures, failureMs.length) - 1] ?? restMs;
  return isBusy ? activeMs : restMs;
}

/** To anybody but an administrator the queue looks empty, which must not pass for "nothing waits". */
async function proveAdmin(gitlab: Gitlab, log: Log): Promise<true> {
  const { version, admin } = await gitlab.version();
  if (!admin) {
    throw new AutoGitError({
      key: 'gitlab.not-admin',
      message: `The token for ${gitlab.url} is not an administrator's: the queue of all projects is hidden from it.`,
      next: 'Give the token of an administrator with the scopes api and admin_mode.',
      fields: { url: gitlab.url },
    });
  }
  log.info('connected', { url: gitlab.url, version });
  return true;
}

/** A GitLab that is just starting fails a few times; that is no news. */
const quietFailures = 3;

/** Gives the queue as it is now, with what is remembered from one reading to the next. */
function queueReader(options: GitlabWatchOptions): (at: Instant) => Promise<QueueView> {
  const { gitlab, clock, log } = options;
  const protection = createProtection(gitlab, log);
  const asked: Asked = new Map();
  let isProven = false;
  let lastBusy: QueueView['lastBusy'] = {};
  let recentUse: RecentUse = {};
  let usedUntil = clock.monotonic();
  return async (at) => {
    isProven ||= await proveAdmin(gitlab, log);
    const listed = await readJobs(options, at, asked);
    const jobs = options.asksProtection() ? await protection.annotate(listed, at) : listed;
    lastBusy = busyRunners(jobs, at, lastBusy);
    const until = clock.monotonic();
    recentUse = addUse(recentUse, jobs, until - usedUntil);
    usedUntil = until;
    return { jobs, lastBusy, recentUse };
  };
}

/** Keeps reading the queue until stopped. */
export function watchGitlab(options: GitlabWatchOptions): GitlabWatch {
  const { gitlab, clock, log, onChange } = options;
  const stopping = new AbortController();
  let queue: Seen<QueueView> = { state: 'never' };
  let entries: Seen<readonly EntryAtGitlab[]> = { state: 'never' };
  let wake = new AbortController();
  let failures = 0;
  const look = queueReader(options);
  const readQueue = async (at: Instant): Promise<void> => {
    try {
      queue = { state: 'fresh', at, value: await look(at) };
    } catch (error) {
      queue = afterFailure(queue, at, error);
      throw error;
    }
  };
  const readOnce = async (): Promise<void> => {
    const at = clock.now();
    try {
      await readQueue(at);
      if (entries.state !== 'fresh' || at - entries.at > entriesMs) {
        entries = { state: 'fresh', at, value: await gitlab.listEntries(options.entryPrefix) };
      }
      failures = 0;
    } catch (error) {
      failures += 1;
      entries = afterFailure(entries, at, error);
      log[failures > quietFailures ? 'warn' : 'info']('reading from GitLab failed', { error });
    }
    onChange();
  };
  const isBusy = (): boolean =>
    options.isActive() || (queue.state === 'fresh' && queue.value.jobs.length > 0);
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      wake = new AbortController();
      await readOnce();
      await clock.sleep(pauseAfter(failures, isBusy()), AbortSignal.any([wake.signal, stopping.signal]));
    }
  };
  const running = loop();
  return {
    queue: () => queue,
    entries: () => entries,
    refresh: () => wake.abort(),
    invalidateEntries: () => {
      entries = { state: 'never' };
      wake.abort();
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

async function readJobs(options: GitlabWatchOptions, at: number, asked: Asked): Promise<readonly Job[]> {
  const { gitlab, store } = options;
  const known = new Map(store.openJobs().map((job) => [job.id, job]));
  const { jobs: listed } = await gitlab.queue();
  const jobs = mergeJobs(listed, known, at);
  store.saveJobs(jobs.map(lasting).filter((job) => !isDeepStrictEqual(known.get(job.id), job)));
  const ids = new Set(jobs.map((job) => job.id));
  const left = [...known.values()].filter((job) => !ids.has(job.id));
  await readLeft(options, known, left, asked);
  return jobs;
}

/** A job that is not in the queue yet is asked for again after a quarter of its age, 5 s to 5 min. */
function isDue(job: Job, last: { readonly at: Instant; readonly answered: boolean }, now: Instant): boolean {
  if (!last.answered) return now - last.at >= refusedMs;
  if (job.status !== 'created') return true;
  return now - last.at >= Math.min(Math.max((now - job.firstSeenAt) / 4, 5_000), 300_000);
}

/**
 * Jobs that have left the queue, or are not in it yet: their projects are asked once each. This also finds jobs
 * that came and went between two readings of the queue. A project that does not answer, because its CI was
 * switched off (403) or otherwise, is left for later: the queue has been read all the same.
 */
async function readLeft(
  options: GitlabWatchOptions,
  known: ReadonlyMap<number, Job>,
  left: readonly Job[],
  asked: Asked,
): Promise<void> {
  const { clock, log } = options;
  for (const projectId of new Set(left.map((job) => job.projectId))) {
    const missing = left.filter((job) => job.projectId === projectId);
    const now = clock.now();
    const last = asked.get(projectId) ?? { at: 0, answered: true };
    if (!missing.some((job) => isDue(job, last, now))) continue;
    try {
      await readProject(options, projectId, known, missing);
      asked.set(projectId, { at: now, answered: true });
    } catch (error) {
      asked.set(projectId, { at: now, answered: false });
      log.info('the jobs of a project could not be read', { projectId, error });
    }
  }
}

async function readProject(
  { gitlab, store, clock }: GitlabWatchOptions,
  projectId: number,
  known: ReadonlyMap<number, Job>,
  missing: readonly Job[],
): Promise<void> {
  const oldest = Math.min(...missing.map((job) => job.id));
  const listed = (await gitlab.projectJobs(projectId)).filter((job) => job.id >= oldest);
  const found = new Set(listed.map((job) => job.id));
  const single = await Promise.all(
    missing.filter((job) => !found.has(job.id)).map((job) => readSingle(gitlab, job)),
  );
  const project = missing[0]?.project ?? '';
  store.saveJobs([...mergeJobs(listed, known, clock.now()), ...single].map((job) => ({ ...job, project })));
}

async function readSingle(gitlab: Gitlab, job: Job): Promise<Job> {
  const answer = await gitlab.job(job.projectId, job.id);
  return { ...job, ...(answer ?? { status: 'unknown' }) };
}
