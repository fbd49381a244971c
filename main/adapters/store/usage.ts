// The usage table: what the jobs of each name have used.
import { z } from 'zod';
import type { Log } from '../../log.ts';
import { addJob, figuresSchema, usageName } from '../../model/usage.ts';
import type { JobUsage } from '../../model/usage.ts';
import type { Store } from '../../ports.ts';
import type { Database } from './database.ts';
import { jsonColumn, rowReader } from './rows.ts';

const rowSchema = z
  .object({
    projectId: z.int(),
    job: z.string(),
    pool: z.string(),
    updatedAt: z.int(),
    figures: jsonColumn.pipe(figuresSchema),
  })
  .transform(({ figures, ...rest }) => ({ ...rest, ...figures })) satisfies z.ZodType<JobUsage>;

const columns = 'project_id AS projectId, job, pool, updated_at AS updatedAt, figures';

type UsageStore = Pick<Store, 'addUsage' | 'usages'> & {
  /** Keeps the names that were used last, and none that was not used since `before`. */
  readonly pruneUsage: (before: number, most: number) => void;
  readonly forgetUsage: () => void;
};

/** What jobs used, in an open, migrated database. */
export function usageIn(database: Database, log: Log | undefined): UsageStore {
  const read = rowReader<JobUsage>('usage', rowSchema, log);
  const one = database.prepare(
    `SELECT ${columns} FROM usage WHERE project_id = @projectId AND job = @job AND pool = @pool`,
  );
  const all = database.prepare(
    `SELECT ${columns} FROM usage WHERE (@pool IS NULL OR pool = @pool) ORDER BY pool, updated_at DESC, job`,
  );
  const save = database.prepare(
    'INSERT OR REPLACE INTO usage VALUES (@projectId, @job, @pool, @updatedAt, @figures)',
  );
  const prune = database.prepare('DELETE FROM usage WHERE updated_at < @before');
  const pruneMost = database.prepare(
    `DELETE FROM usage WHERE rowid IN (SELECT rowid FROM usage ORDER BY updated_at DESC LIMIT -1 OFFSET @most)`,
  );
  const forget = database.prepare('DELETE FROM usage');
  return {
    addUsage: (used) =>
      database.transaction(() => {
        const key = { projectId: used.projectId, job: usageName(used.job), pool: used.pool };
        const { updatedAt, ...figures } = addJob(read.one(one.get(key)), { ...used, ...key });
        save.run({ ...key, updatedAt, figures: JSON.stringify(figuresSchema.parse(figures)) });
      }),
    usages: (pool) => read.all(all.all({ pool: pool ?? null })),
    pruneUsage: (before, most) => {
      prune.run({ before });
      pruneMost.run({ most });
    },
    forgetUsage: () => void forget.run(),
  };
}
