// Waiting jobs of a simulation as GitLab offers them, and as a plan sees them.
import type { Job } from '../model/job.ts';
import { servesProject, takesKind } from '../model/matching.ts';
import type { Pool } from '../model/pool.ts';

/** A job that waits, with the same tags and of the same project as the others of its line; the oldest first. */
interface Line {
  readonly projectId: number;
  readonly takers: ReadonlySet<string>;
  jobs: Job[];
  /** Those before this place are gone. */
  head: number;
}

/** So many lines, and of each so many more jobs than runners may be started, does a plan look at: enough to choose from. */
const widest = 32;
const deepest = 4;

export class SimulatedQueue {
  readonly #pools: readonly Pool[];
  readonly #lines = new Map<string, Line>();
  readonly #running = new Map<number, number>();
  #length = 0;

  constructor(pools: readonly Pool[]) {
    this.#pools = pools;
  }

  get length(): number {
    return this.#length;
  }

  /** Jobs of each project that run. */
  get running(): ReadonlyMap<number, number> {
    return this.#running;
  }

  /** The names of the pools that take it; none: it would wait for ever, and is not taken in. */
  add(job: Job): ReadonlySet<string> {
    const line = this.#lineOf(job);
    if (line.takers.size === 0) return line.takers;
    line.jobs.push(job);
    this.#length += 1;
    return line.takers;
  }

  /**
   * The job that GitLab gives to a runner of this pool: of the project with the fewest running jobs where the pool is for
   * all of them, the oldest. https://docs.gitlab.com/ci/runners/runners_scope/#how-instance-runners-pick-jobs
   */
  take({ name, scope }: Pool): Job | null {
    let best: Line | null = null;
    for (const line of this.#lines.values()) {
      if (line.head >= line.jobs.length || !line.takers.has(name)) continue;
      if (best === null || this.#isBefore(line, best, scope.kind === 'instance')) best = line;
    }
    const job = best?.jobs[best.head];
    if (best === null || job === undefined) return null;
    best.head += 1;
    if (best.head > 64 && best.head * 2 > best.jobs.length) {
      best.jobs = best.jobs.slice(best.head);
      best.head = 0;
    }
    this.#length -= 1;
    this.#running.set(job.projectId, (this.#running.get(job.projectId) ?? 0) + 1);
    return job;
  }

  end({ projectId }: Job): void {
    const left = (this.#running.get(projectId) ?? 0) - 1;
    if (left > 0) this.#running.set(projectId, left);
    else this.#running.delete(projectId);
  }

  /** The part of the queue that a plan which may start so many runners chooses from: waiting jobs seen by now. */
  seen(now: number, starts: number): readonly Job[] {
    const heads = [...this.#lines.values()]
      .filter(({ jobs, head }) => head < jobs.length)
      .sort((a, b) => (a.jobs[a.head]?.firstSeenAt ?? 0) - (b.jobs[b.head]?.firstSeenAt ?? 0));
    return heads
      .slice(0, widest)
      .flatMap(({ jobs, head }) => jobs.slice(head, head + starts + deepest))
      .filter(({ firstSeenAt }) => firstSeenAt <= now);
  }

  /** Names of the pools that some waiting job fits. */
  wanted(): ReadonlySet<string> {
    const wanted = new Set<string>();
    for (const { jobs, head, takers } of this.#lines.values())
      if (head < jobs.length) for (const name of takers) wanted.add(name);
    return wanted;
  }

  #isBefore(a: Line, b: Line, isShared: boolean): boolean {
    const load = (line: Line): number => (isShared ? (this.#running.get(line.projectId) ?? 0) : 0);
    const difference = load(a) - load(b);
    return difference === 0 ? (a.jobs[a.head]?.id ?? 0) < (b.jobs[b.head]?.id ?? 0) : difference < 0;
  }

  #lineOf(job: Job): Line {
    const key = JSON.stringify([job.projectId, job.project, job.tags]);
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    const takers = this.#pools.filter((pool) => takesKind(job, pool) && servesProject(job, pool));
    const line = {
      projectId: job.projectId,
      takers: new Set(takers.map(({ name }) => name)),
      jobs: [],
      head: 0,
    };
    this.#lines.set(key, line);
    return line;
  }
}
