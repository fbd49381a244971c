// Jobs that failed since somebody looked: one matter for all of them, which grows until it is read.
import type { FailedJob, NoticeMemory } from '../../model/notice-memory.ts';
import { plainLine } from '../../model/plain-line.ts';
import { isProofJob } from '../../model/proof.ts';
import { muteAction, openAt } from './lasting-matters.ts';
import type { Matter, NoticeJob, NoticeWorld } from './world.ts';

type FailedState = NoticeMemory['failed'];

/** What failed longer ago than that while nobody watched is no news. Milliseconds. */
const newsMs = 12 * 3_600_000;
/** Who has been told of one is not disturbed by the next for so long. Milliseconds. */
const againMs = 10 * 60_000;
/** Entries that are kept. */
const mostUnread = 50;
const mostKnown = 500;

/** Whose jobs are told: `null`: all; otherwise what is known of each, by its id. */
export type OwnJobs = ReadonlyMap<number, boolean> | null;

function isNews(job: NoticeJob, now: number): boolean {
  return (job.finishedAt === null || now - job.finishedAt < newsMs) && !isProofJob(job);
}

function keyOf({ project, ref, name }: Pick<NoticeJob, 'project' | 'ref' | 'name'>): string {
  return JSON.stringify([project, ref, name]);
}

function kept(job: NoticeJob): FailedJob {
  return {
    id: job.id,
    name: plainLine(job.name, 40),
    project: plainLine(job.project, 60),
    ref: plainLine(job.ref, 40),
    reason: plainLine(job.failure?.sentence ?? '', 160),
  };
}

export interface FailedStep {
  readonly state: FailedState;
  /** Jobs that failed and of which it is not known yet whose they are. */
  readonly undecided: readonly number[];
}

/** Takes in what has failed since, and lets go of what was run again with success. */
export function stepFailed(
  state: FailedState,
  { jobs }: Pick<NoticeWorld, 'jobs'>,
  own: OwnJobs,
  now: number,
): FailedStep {
  const failed = jobs.filter(({ status }) => status === 'failed');
  if (state.known === null) {
    return { state: { ...state, known: failed.slice(0, mostKnown).map(({ id }) => id) }, undecided: [] };
  }
  const before = new Set(state.known);
  const fresh = failed.filter((job) => !before.has(job.id));
  if (fresh.length === 0 && state.unread.length === 0) return { state, undecided: [] };
  const undecided = fresh.filter((job) => isNews(job, now) && own !== null && !own.has(job.id));
  const open = new Set(undecided.map(({ id }) => id));
  const decided = fresh.filter(({ id }) => !open.has(id));
  const told = decided.filter((job) => isNews(job, now) && own?.get(job.id) !== false);
  const added = told.toSorted((a, b) => a.id - b.id).map(kept);
  const { unread, mended } = withoutMended([...state.unread, ...added], jobs);
  const known = [...decided.map(({ id }) => id), ...state.known].slice(0, mostKnown);
  const count = unread.length === 0 ? 0 : Math.max(unread.length, state.count + added.length - mended);
  return { state: { known, unread: unread.slice(-mostUnread), count }, undecided: [...open] };
}

/** Jobs are the same objects in look after look. */
const wellKeys = new WeakMap<NoticeJob, string>();

function wellKey(job: NoticeJob): string {
  const known = wellKeys.get(job);
  if (known !== undefined) return known;
  const { project, ref, name } = kept(job);
  const key = keyOf({ project, ref, name });
  wellKeys.set(job, key);
  return key;
}

function withoutMended(
  unread: readonly FailedJob[],
  jobs: readonly NoticeJob[],
): { readonly unread: FailedJob[]; readonly mended: number } {
  if (unread.length === 0) return { unread: [], mended: 0 };
  const oldest = Math.min(...unread.map(({ id }) => id));
  const well = new Map<string, number>();
  for (const job of jobs) {
    // Most have ended well, and long before: they need no closer look.
    if (job.status !== 'success' || job.id < oldest) continue;
    const key = wellKey(job);
    well.set(key, Math.max(well.get(key) ?? 0, job.id));
  }
  const left = unread.filter((job) => (well.get(keyOf(job)) ?? 0) < job.id);
  return { unread: left, mended: unread.length - left.length };
}

/** `home/website (3), lab/firmware` */
function projectsOf(jobs: readonly FailedJob[]): string {
  const counts = new Map<string, number>();
  for (const { project } of jobs) counts.set(project, (counts.get(project) ?? 0) + 1);
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([project, count]) => (count === 1 ? project : `${project} (${count})`))
    .join(', ');
}

/** `null`: nothing has failed that nobody has seen. */
export function failedMatter({ unread, count }: FailedState): Matter | null {
  const last = unread.at(-1);
  if (last === undefined) return null;
  const common = {
    ...({ matter: 'job-failed', kind: 'job-failed', severity: 'warning' } as const),
    ...{ holdMs: 0, againMs },
  };
  if (count === 1) {
    return {
      ...common,
      subject: last.project,
      title: `Job ${last.name} failed`,
      body: plainLine(`${last.project} at ${last.ref}. ${last.reason}`, 280),
      actions: [openAt(`/jobs/${last.id}`), muteAction],
    };
  }
  return {
    ...common,
    subject: last.project,
    title: `${count} jobs failed`,
    body: plainLine(`${projectsOf(unread)}. The last one is ${last.name} of ${last.project}.`, 280),
    actions: [openAt('/jobs?status=failed'), muteAction],
  };
}
