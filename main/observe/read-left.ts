// Jobs that have left the queue, or are not in it yet: their projects are asked, in turn and within a budget.
import type { Log } from '../log.ts';
import type { Job } from '../model/job.ts';
import type { Instant } from '../model/world.ts';
import type { Clock, Gitlab, QueuedJob, Store } from '../ports.ts';
import { waitBriefly } from './request-budget.ts';
import type { RequestBudget } from './request-budget.ts';

/** Before a project that did not answer is asked again. */
const refusedMs = 60_000;
/** Projects that are asked at the same time. */
const lanes = 4;
/** The queue does not wait for longer than this for what projects answer. */
const graceMs = 1_000;
/** Jobs of one project that are asked for one by one in one go, because its list does not reach back to them. */
const mostSingle = 20;

export interface LeftOptions {
  readonly gitlab: Pick<Gitlab, 'projectJobs' | 'job'>;
  readonly store: Pick<Store, 'saveJobs'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly budget: RequestBudget;
  readonly signal: AbortSignal;
  /** Something was learned after the reading of the queue that began it had gone on. */
  readonly onLate: () => void;
}

/** When a project was last asked for its jobs, and whether it answered. */
interface Asked {
  readonly at: Instant;
  readonly answered: boolean;
}

export interface LeftReader {
  /**
   * Asks the projects of `left` that are due, those first that were not asked for the longest time. Resolves when they
   * have answered, the budget is spent, or a second is over: a GitLab that hangs keeps nobody from reading the queue.
   */
  read(known: ReadonlyMap<number, Job>, left: readonly Job[]): Promise<void>;
}

/**
 * Joins what GitLab lists with what we knew: our own clock says since when a job has been seen to wait. The time before,
 * in which earlier jobs of its pipeline ran, is none in which a runner could have taken it.
 */
export function mergeJobs(
  listed: readonly QueuedJob[],
  known: ReadonlyMap<number, Job>,
  now: number,
): readonly Job[] {
  return listed.map((job) => {
    const before = known.get(job.id);
    const isKnown = before !== undefined && (before.status !== 'created' || job.status === 'created');
    // GitLab forgets who had a job with the runner; who it was is known all the same.
    const systemId = job.systemId ?? before?.systemId ?? null;
    return { ...job, systemId, firstSeenAt: isKnown ? before.firstSeenAt : now };
  });
}

/** A job that is not in the queue yet is asked for again after a quarter of its age, 5 s to 5 min. */
function isDue(job: Job, last: Asked, now: Instant): boolean {
  if (!last.answered) return now - last.at >= refusedMs;
  if (job.status !== 'created') return true;
  return now - last.at >= Math.min(Math.max((now - job.firstSeenAt) / 4, 5_000), 300_000);
}

const never: Asked = { at: 0, answered: true };

/** Remembers whom it has asked. */
export function createLeftReader(options: LeftOptions): LeftReader {
  const { clock, log, budget, signal, onLate } = options;
  const asked = new Map<number, Asked>();
  let running: Promise<void> | null = null;

  const ask = async (projectId: number, known: ReadonlyMap<number, Job>, missing: readonly Job[]) => {
    const at = clock.now();
    try {
      await readProject(options, projectId, known, missing);
      asked.set(projectId, { at, answered: true });
    } catch (error) {
      if (signal.aborted) return;
      asked.set(projectId, { at, answered: false });
      log.info('the jobs of a project could not be read', { projectId, error });
    }
  };
  const begin = async (known: ReadonlyMap<number, Job>, left: readonly Job[]): Promise<void> => {
    const now = clock.now();
    const byProject = Map.groupBy(left, ({ projectId }) => projectId);
    const lastOf = (id: number): Asked => asked.get(id) ?? never;
    const due = [...byProject]
      .filter(([id, missing]) => missing.some((job) => isDue(job, lastOf(id), now)))
      .sort(([a], [b]) => lastOf(a).at - lastOf(b).at || a - b);
    const work = async (): Promise<void> => {
      while (!signal.aborted && due.length > 0 && budget.take(1)) {
        const [next] = due.splice(0, 1);
        if (next !== undefined) await ask(next[0], known, next[1]);
      }
    };
    await Promise.all(Array.from({ length: Math.min(lanes, due.length) }, work));
  };
  return {
    read: async (known, left) => {
      // At rest there is nobody to ask, and nothing to wait for.
      if (left.length === 0 && running === null) return;
      const startedHere = running === null;
      const work = (running ??= begin(known, left).finally(() => (running = null)));
      let isLate = false;
      if (startedHere)
        work.then(
          () => (isLate && !signal.aborted ? onLate() : undefined),
          (error: unknown) => log.warn('what became of jobs could not be kept', { error }),
        );
      await waitBriefly(work, graceMs, clock);
      isLate = true;
    },
  };
}

/** This also finds jobs that came and went between two readings of the queue. */
async function readProject(
  { gitlab, store, clock, budget, signal }: LeftOptions,
  projectId: number,
  known: ReadonlyMap<number, Job>,
  missing: readonly Job[],
): Promise<void> {
  const oldest = Math.min(...missing.map((job) => job.id));
  const listed = (await gitlab.projectJobs(projectId)).filter((job) => job.id >= oldest);
  const found = new Set(listed.map((job) => job.id));
  const old = missing.filter((job) => !found.has(job.id)).slice(0, mostSingle);
  const single = await Promise.all(old.filter(() => budget.take(1)).map((job) => readSingle(gitlab, job)));
  if (signal.aborted) return;
  const project = missing[0]?.project ?? '';
  store.saveJobs([...mergeJobs(listed, known, clock.now()), ...single].map((job) => ({ ...job, project })));
}

async function readSingle(gitlab: Pick<Gitlab, 'job'>, job: Job): Promise<Job> {
  const answer = await gitlab.job(job.projectId, job.id);
  return { ...job, ...(answer ?? { status: 'unknown' }), systemId: answer?.systemId ?? job.systemId };
}
