// The runners table: every runner's durable record.
import { z } from 'zod';
import { AutoGitError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { RunnerPhase, RunnerRecord } from '../../model/runner.ts';
import type { Store } from '../../ports.ts';
import type { Database } from './database.ts';
import { codeOf } from './sqlite-error.ts';
import { rowReader } from './rows.ts';

/** One for every phase of the model, or this does not compile. */
const phases: { readonly [P in RunnerPhase]: P } = {
  intended: 'intended',
  started: 'started',
  draining: 'draining',
  leaving: 'leaving',
  gone: 'gone',
};

const rowSchema = z.object({
  id: z.string(),
  node: z.string(),
  pool: z.string(),
  slot: z.int(),
  name: z.string(),
  specHash: z.string(),
  systemId: z.string(),
  phase: z.enum(phases),
  createdAt: z.int(),
  startedAt: z.int().nullable(),
  goneAt: z.int().nullable(),
  failure: z.string().nullable(),
}) satisfies z.ZodType<RunnerRecord>;

const countsSchema = z.object({ created: z.int(), removed: z.int() });

const columns = `id, node, pool, slot, name, spec_hash AS specHash, system_id AS systemId, phase,
  created_at AS createdAt, started_at AS startedAt, gone_at AS goneAt, failure`;

type RunnerStore = Pick<
  Store,
  'liveRunners' | 'runnerTotals' | 'insertRunner' | 'updateRunner' | 'goneRunners' | 'recentRunners'
> & {
  /** Removes records of runners that went before `before`; the totals still count them. */
  readonly pruneRunners: (before: number) => void;
};

/** The runners of an open, migrated database. */
export function runnersIn(database: Database, log: Log | undefined): RunnerStore {
  const read = rowReader('runners', rowSchema, log);
  const live = database.prepare(
    `SELECT ${columns} FROM runners WHERE phase <> 'gone' ORDER BY created_at, id`,
  );
  const gone = database.prepare(
    `SELECT ${columns} FROM runners WHERE pool = @pool AND phase = 'gone' ORDER BY gone_at DESC, rowid DESC LIMIT @limit`,
  );
  const recent = database.prepare(`SELECT ${columns} FROM runners ORDER BY rowid DESC LIMIT @limit`);
  const byId = database.prepare(`SELECT ${columns} FROM runners WHERE id = @id`);
  const insert = database.prepare(
    `INSERT INTO runners VALUES (@id, @node, @pool, @slot, @name, @specHash, @systemId, @phase,
       @createdAt, @startedAt, @goneAt, @failure)`,
  );
  const update = database.prepare(
    `UPDATE runners SET node = @node, pool = @pool, slot = @slot, name = @name, spec_hash = @specHash,
       system_id = @systemId, phase = @phase, created_at = @createdAt, started_at = @startedAt,
       gone_at = @goneAt, failure = @failure
     WHERE id = @id`,
  );
  const remove = database.prepare(`DELETE FROM runners WHERE phase = 'gone' AND gone_at < @before`);
  const counts = database.prepare(
    `SELECT count(*) AS created, count(*) FILTER (WHERE phase = 'gone') AS removed
     FROM runners WHERE started_at IS NOT NULL`,
  );
  const pruned = database.prepare(`SELECT value FROM meta WHERE key = 'pruned-runners'`);
  const addPruned = database.prepare(
    `INSERT INTO meta VALUES ('pruned-runners', (SELECT count(*) FROM runners
       WHERE phase = 'gone' AND gone_at < @before AND started_at IS NOT NULL))
     ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + CAST(excluded.value AS INTEGER)`,
  );

  return {
    liveRunners: () => read.all(live.all()),
    goneRunners: (pool, limit) => read.all(gone.all({ pool, limit })),
    recentRunners: (limit) => read.all(recent.all({ limit })),
    runnerTotals: () => {
      const kept = countsSchema.parse(counts.get());
      const old = z.coerce
        .number()
        .parse(z.object({ value: z.string() }).safeParse(pruned.get()).data?.value ?? 0);
      return { created: kept.created + old, removed: kept.removed + old };
    },
    insertRunner: (record) => writing(record, () => insert.run({ ...record })),
    updateRunner: (id, change) =>
      database.transaction(() => {
        const record = read.one(byId.get({ id }));
        if (record === null) throw new Error(`There is no runner ${id} to update`);
        const next = { ...record, ...change };
        writing(next, () => update.run(next));
      }),
    pruneRunners: (before) =>
      database.transaction(() => {
        addPruned.run({ before });
        remove.run({ before });
      }),
  };
}

/** Turns the collision of two live runners in one slot, or of two names, into an error of its own. */
function writing(record: RunnerRecord, write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!codeOf(error).startsWith('SQLITE_CONSTRAINT')) throw error;
    throw new AutoGitError({
      key: 'store.runner-exists',
      message: `Slot ${String(record.slot)} of pool ${record.pool}, or the name ${record.name}, belongs to another runner.`,
      next: 'Nothing to do: the next plan sees the other runner and chooses a free slot.',
      fields: { pool: record.pool, slot: record.slot, name: record.name },
      cause: error,
    });
  }
}
