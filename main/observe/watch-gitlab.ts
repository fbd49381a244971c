// Keeps the newest view of GitLab's queue and of our runner entries there: one query for all projects.
import { AutoGitError } from '../errors.ts';
import type { Log } from '../log.ts';
import { isSameJob, isSameLasting } from '../model/job.ts';
import type { Job } from '../model/job.ts';
import { isProofJob } from '../model/proof.ts';
import type { EntryAtGitlab, Instant, QueueView, RecentUse, Seen } from '../model/world.ts';
import type { Clock, Gitlab, QueuedJob, Store } from '../ports.ts';
import { createProtection } from './protection.ts';
import { createLeftReader, mergeJobs } from './read-left.ts';
import type { LeftReader } from './read-left.ts';
import { addUse } from './recent-use.ts';
import { createBudget } from './request-budget.ts';
import { afterFailure } from './watch-engine.ts';

/** While anything waits, runs or has just changed. */
const activeMs = 2_000;
/** At rest: 720 requests an hour. */
const restMs = 5_000;
/** After a failure, doubling. */
const failureMs: readonly number[] = [250, 500, 1_000, 2_000, 5_000, 10_000];
const entriesMs = 300_000;
/** Requests about single projects: half of them for what became of jobs, half for what is protected. */
const usualRequestsPerMinute = 300;
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
  /** The queue was read and is as empty as it was. Missing: that is told as a change is. */
  readonly onSame?: ((readAt: Instant) => void) | undefined;
  /** Most requests a minute about single projects. */
  readonly projectRequestsPerMinute?: number;
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

/** Failures in a row, and how long GitLab has asked to be left alone after the last. Milliseconds. */
interface Trouble {
  readonly failures: number;
  readonly pauseMs: number;
}

const noTrouble: Trouble = { failures: 0, pauseMs: 0 };

function pauseAfter({ failures, pauseMs }: Trouble, isBusy: boolean): number {
  if (failures > 0) return Math.max(failureMs[Math.min(failures, failureMs.length) - 1] ?? restMs, pauseMs);
  return isBusy ? activeMs : restMs;
}

/** How long an error says that GitLab is to be left alone, in milliseconds; 0: it says nothing. */
function pauseIn(error: unknown): number {
  const wanted = error instanceof AutoGitError ? error.fields['retryAfterMs'] : undefined;
  return typeof wanted === 'number' ? wanted : 0;
}

/** A GitLab that is just starting fails a few times; that is no news. */
const quietFailures = 3;

function troubleAfter({ failures }: Trouble, error: unknown, log: Log): Trouble {
  log[failures >= quietFailures ? 'warn' : 'info']('reading from GitLab failed', { error });
  return { failures: failures + 1, pauseMs: pauseIn(error) };
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

/** Longer than a proof may wait. Milliseconds. */
const standBackMs = 86_400_000;

/** Gives the queue as it is now, with what is remembered from one reading to the next. */
function queueReader(options: GitlabWatchOptions, signal: AbortSignal): (at: Instant) => Promise<QueueView> {
  const { gitlab, clock, log, onChange, projectRequestsPerMinute = usualRequestsPerMinute } = options;
  const budget = (): ReturnType<typeof createBudget> => createBudget(projectRequestsPerMinute / 2, clock);
  const protection = createProtection(gitlab, log, { clock, budget: budget() });
  const left = createLeftReader({ ...options, budget: budget(), signal, onLate: onChange });
  let isProven = false;
  let last: readonly Job[] = [];
  let lastBusy: QueueView['lastBusy'] = {};
  let recentUse: RecentUse = {};
  let usedUntil = clock.monotonic();
  return async (at) => {
    isProven ||= await proveAdmin(gitlab, log);
    last = keepSame(last, await readJobs(options, at, left, last, signal));
    const jobs = options.asksProtection() ? await protection.annotate(last, at) : last;
    lastBusy = busyRunners(jobs, at, lastBusy);
    const until = clock.monotonic();
    recentUse = addUse(
      recentUse,
      jobs.filter((job) => !isProofJob(job)),
      until - usedUntil,
    );
    usedUntil = until;
    return { jobs, lastBusy, recentUse };
  };
}

/** Whether nobody waits, runs or had a job lately: from one such reading to the next nothing has changed. */
function isRest(seen: Seen<QueueView>, { store }: GitlabWatchOptions): boolean {
  if (seen.state !== 'fresh' || store.openJobs().length > 0) return false;
  return seen.value.jobs.length === 0 && Object.keys(seen.value.lastBusy).length === 0;
}

function hasJobs(queue: Seen<QueueView>): boolean {
  return queue.state === 'fresh' && queue.value.jobs.length > 0;
}

/** Keeps reading the queue until stopped. */
export function watchGitlab(options: GitlabWatchOptions): GitlabWatch {
  const { gitlab, clock, log, onChange, onSame = onChange } = options;
  const stopping = new AbortController();
  let queue: Seen<QueueView> = { state: 'never' };
  let entries: Seen<readonly EntryAtGitlab[]> = { state: 'never' };
  let wake = new AbortController();
  let trouble = noTrouble;
  // A GitLab may take long to answer: nobody waits for that in order to end.
  const { promise: stopped, resolve: stop } = Promise.withResolvers<undefined>();
  const look = queueReader(options, stopping.signal);
  const readQueue = async (at: Instant): Promise<void> => {
    try {
      queue = { state: 'fresh', at, value: await look(at) };
    } catch (error) {
      queue = afterFailure(queue, at, error);
      throw error;
    }
  };
  const readOnce = async (asked: boolean): Promise<void> => {
    const [at, lastEntries] = [clock.now(), entries];
    let isSame = false;
    try {
      const wasRest = isRest(queue, options);
      await readQueue(at);
      if (entries.state !== 'fresh' || at - entries.at > entriesMs) {
        entries = { state: 'fresh', at, value: await gitlab.listEntries(options.entryPrefix) };
      }
      trouble = noTrouble;
      isSame = wasRest && !asked && entries === lastEntries && isRest(queue, options);
    } catch (error) {
      if (stopping.signal.aborted) return;
      trouble = troubleAfter(trouble, error, log);
      entries = afterFailure(entries, at, error);
    }
    (isSame ? onSame : onChange)(at);
  };
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      // Whoever has asked for a look waits for what comes of it.
      const asked = wake.signal.aborted;
      wake = new AbortController();
      await Promise.race([readOnce(asked), stopped]);
      const isBusy = options.isActive() || hasJobs(queue);
      await clock.sleep(pauseAfter(trouble, isBusy), AbortSignal.any([wake.signal, stopping.signal]));
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
      stop(undefined);
      await running;
    },
  };
}

/** The jobs as objects of the last reading where nothing has changed, so that whoever compares or keeps them has no work. */
function keepSame(last: readonly Job[], jobs: readonly Job[]): readonly Job[] {
  const known = new Map(last.map((job) => [job.id, job]));
  const kept = jobs.map((job) => {
    const before = known.get(job.id);
    return before !== undefined && isSameJob(before, job) ? before : job;
  });
  return kept.length === last.length && kept.every((job, index) => job === last[index]) ? last : kept;
}

async function readJobs(
  { gitlab, store }: GitlabWatchOptions,
  at: number,
  leftReader: LeftReader,
  last: readonly Job[],
  signal: AbortSignal,
): Promise<readonly Job[]> {
  const { jobs: found } = await gitlab.queue();
  signal.throwIfAborted();
  const { proofs = [], listed = [] } = Object.groupBy(found, (job) =>
    isProofJob(job) ? 'proofs' : 'listed',
  );
  const known = new Map(store.openJobs().map((job) => [job.id, job]));
  const jobs = mergeJobs(listed, known, at);
  store.saveJobs(
    jobs.filter((job) => {
      const saved = known.get(job.id);
      return saved === undefined || !isSameLasting(saved, job);
    }),
  );
  const ids = new Set(jobs.map((job) => job.id));
  await leftReader.read(
    known,
    [...known.values()].filter((job) => !ids.has(job.id)),
  );
  return proofs.length === 0 ? jobs : [...jobs, ...standBack(proofs, last, at)];
}

/** Proofs are kept in no list, and count as if they came only tomorrow: whoever waits goes before them. */
function standBack(proofs: readonly QueuedJob[], last: readonly Job[], at: Instant): readonly Job[] {
  const known = new Map(last.map((job) => [job.id, job]));
  return mergeJobs(proofs, known, at + standBackMs);
}
