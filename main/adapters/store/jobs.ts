// The jobs table: what was last seen of every job.
import { z } from 'zod';
import type { Log } from '../../log.ts';
import { isFinished, lasting } from '../../model/job.ts';
import type { Job, JobStatus } from '../../model/job.ts';
import type { Store } from '../../ports.ts';
import type { Database } from './database.ts';
import { rowReader, tagsColumn, untilWritten } from './rows.ts';

/** One for every status of the model, or this does not compile. */
const statuses: { readonly [S in JobStatus]: S } = {
  created: 'created',
  pending: 'pending',
  running: 'running',
  canceling: 'canceling',
  success: 'success',
  failed: 'failed',
  canceled: 'canceled',
  skipped: 'skipped',
  unknown: 'unknown',
};

const rowSchema = z.object({
  id: z.int(),
  name: z.string(),
  status: z.enum(statuses),
  tags: tagsColumn,
  projectId: z.int(),
  project: z.string(),
  ref: z.string(),
  firstSeenAt: z.int(),
  startedAt: z.int().nullable(),
  finishedAt: z.int().nullable(),
  waitedMs: z.number().nullable(),
  systemId: z.string().nullable(),
  failureReason: z.string().nullable(),
});

const columns = `id, name, status, tags, project_id AS projectId, project, ref, first_seen_at AS firstSeenAt,
  started_at AS startedAt, finished_at AS finishedAt, waited_ms AS waitedMs, system_id AS systemId,
  failure_reason AS failureReason`;

/** As `isFinished` of the model has it, the other way round. */
const open = `status IN ('created', 'pending', 'running', 'canceling')`;

type JobStore = Pick<Store, 'saveJobs' | 'job' | 'jobs' | 'openJobs' | 'finishedJobs' | 'endedJobs'> & {
  /** Removes finished jobs that ended, or were first seen, before `before`, and all but the newest of the others. */
  readonly pruneJobs: (before: number, most: number) => void;
  readonly forgetJobs: () => void;
};

/** The jobs of an open, migrated database. */
export function jobsIn(database: Database, log: Log | undefined): JobStore {
  const read = rowReader<Job>('jobs', rowSchema, log);
  const save = database.prepare(
    `INSERT OR REPLACE INTO jobs VALUES (@id, @name, @status, @tags, @projectId, @project, @ref, @firstSeenAt,
       @startedAt, @finishedAt, @waitedMs, @systemId, @failureReason)`,
  );
  const byId = database.prepare(`SELECT ${columns} FROM jobs WHERE id = @id`);
  const newest = database.prepare(
    `SELECT ${columns} FROM jobs WHERE (@status IS NULL OR status = @status)
       AND (@project IS NULL OR project = @project) ORDER BY id DESC LIMIT @limit`,
  );
  const unfinished = database.prepare(`SELECT ${columns} FROM jobs WHERE ${open} ORDER BY id`);
  const finished = database.prepare(
    `SELECT ${columns} FROM jobs WHERE NOT (${open}) ORDER BY id DESC LIMIT @limit`,
  );
  const prune = database.prepare(
    `DELETE FROM jobs WHERE NOT (${open}) AND (coalesce(finished_at, first_seen_at) < @before
       OR id <= (SELECT id FROM jobs ORDER BY id DESC LIMIT 1 OFFSET @most))`,
  );
  const ended = database.prepare(
    `SELECT ${columns} FROM jobs WHERE id < @below AND finished_at >= @since AND started_at IS NOT NULL
       AND NOT (${open}) ORDER BY id DESC LIMIT @limit`,
  );
  const forget = database.prepare('DELETE FROM jobs');
  const openJobs = keptOpen(() => read.all(unfinished.all()));
  const newestFinished = untilWritten((limit) => read.all(finished.all({ limit })));
  return {
    saveJobs: (jobs) => {
      if (jobs.length === 0) return;
      const rows = jobs.map(lasting);
      newestFinished.forget();
      try {
        database.transaction(() => {
          for (const job of rows) save.run({ ...job, tags: JSON.stringify(job.tags) });
        });
      } catch (error) {
        openJobs.forget();
        throw error;
      }
      openJobs.take(rows);
    },
    job: (id) => read.one(byId.get({ id })),
    jobs: (limit, { status = null, project = null } = {}) => read.all(newest.all({ limit, status, project })),
    openJobs: openJobs.all,
    finishedJobs: newestFinished.read,
    endedJobs: ({ since, below, limit }) =>
      read.all(ended.all({ since, below: below ?? Number.MAX_SAFE_INTEGER, limit })),
    pruneJobs: (before, most) => {
      newestFinished.forget();
      prune.run({ before, most });
    },
    forgetJobs: () => {
      openJobs.forget();
      newestFinished.forget();
      forget.run();
    },
  };
}

/** Open jobs are asked for in every pass, so they are read once and then kept in step with what is written. */
function keptOpen(read: () => readonly Job[]): {
  readonly all: () => readonly Job[];
  readonly take: (saved: readonly Job[]) => void;
  readonly forget: () => void;
} {
  let known: Map<number, Job> | null = null;
  let all: readonly Job[] | null = null;
  return {
    all: () => {
      known ??= new Map(read().map((job) => [job.id, job]));
      all ??= [...known.values()].sort((a, b) => a.id - b.id);
      return all;
    },
    take: (saved) => {
      all = null;
      for (const job of saved) {
        if (isFinished(job)) known?.delete(job.id);
        else known?.set(job.id, job);
      }
    },
    forget: () => {
      known = null;
      all = null;
    },
  };
}
