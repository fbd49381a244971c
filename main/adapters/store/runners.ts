// The runners table: every runner's durable record.
import { z } from 'zod';
import { AutoGitError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { parseGpuLabel, renderGpuLabel } from '../../model/gpu.ts';
import type { RunnerPhase, RunnerRecord } from '../../model/runner.ts';
import type { Store } from '../../ports.ts';
import type { Database } from './database.ts';
import { codeOf } from './sqlite-error.ts';
import { booleanColumn, rowReader, untilWritten } from './rows.ts';
import type { RowReader } from './rows.ts';

/** One for every phase of the model, or this does not compile. */
const phases: { readonly [P in RunnerPhase]: P } = {
  intended: 'intended',
  prepared: 'prepared',
  warm: 'warm',
  released: 'released',
  started: 'started',
  draining: 'draining',
  leaving: 'leaving',
  gone: 'gone',
};

const rowSchema = z
  .object({
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
    gpu: z.string().nullable(),
    outOfMemoryAt: z.int().nullable(),
    vanished: booleanColumn,
    refusal: z.string().nullable(),
    cpus: z.number().nullable(),
    memoryMiB: z.int().nullable(),
  })
  .transform(({ gpu, outOfMemoryAt, vanished, refusal, cpus, memoryMiB, ...rest }, context) => {
    const end = {
      ...(outOfMemoryAt === null ? {} : { outOfMemoryAt }),
      ...(vanished ? { vanished } : {}),
      ...(refusal === null ? {} : { refusal }),
      ...(cpus === null || memoryMiB === null ? {} : { size: { cpus, memoryMiB } }),
    };
    const grant = gpu === null ? null : parseGpuLabel(rest.node, gpu);
    if (gpu === null || grant !== null) return { ...rest, grant, ...end };
    context.addIssue('its cards are not told clearly');
    return z.NEVER;
  }) satisfies z.ZodType<RunnerRecord>;

/** A record as the columns have it. */
function toRow({ grant, outOfMemoryAt, vanished, refusal, size, ...rest }: RunnerRecord) {
  const gpu = grant === null ? null : renderGpuLabel(grant);
  const end = { outOfMemoryAt: outOfMemoryAt ?? null, vanished: vanished === true ? 1 : 0 };
  const limits = { cpus: size?.cpus ?? null, memoryMiB: size?.memoryMiB ?? null };
  return { ...rest, gpu, ...end, refusal: refusal ?? null, ...limits };
}

const countsSchema = z.object({ created: z.int(), removed: z.int() });

const columns = `id, node, pool, slot, name, spec_hash AS specHash, system_id AS systemId, phase,
  created_at AS createdAt, started_at AS startedAt, gone_at AS goneAt, failure, gpu,
  out_of_memory_at AS outOfMemoryAt, vanished, refusal, cpus, memory_mib AS memoryMiB`;

type RunnerStore = Pick<
  Store,
  | 'liveRunners'
  | 'runnerTotals'
  | 'insertRunner'
  | 'updateRunner'
  | 'moveRunner'
  | 'goneRunners'
  | 'recentRunners'
> & {
  /** Removes records of runners that went before `before`, and of all but the newest; the totals still count them. */
  readonly pruneRunners: (before: number, most: number) => void;
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
  const insert = database.prepare(
    `INSERT INTO runners VALUES (@id, @node, @pool, @slot, @name, @specHash, @systemId, @phase,
       @createdAt, @startedAt, @goneAt, @failure, @gpu, @outOfMemoryAt, @vanished, @refusal,
       @cpus, @memoryMiB)`,
  );
  const old = `phase = 'gone' AND (gone_at < @before
    OR rowid <= (SELECT rowid FROM runners ORDER BY rowid DESC LIMIT 1 OFFSET @most))`;
  const remove = database.prepare(`DELETE FROM runners WHERE ${old}`);
  const counts = database.prepare(
    `SELECT count(*) AS created, count(*) FILTER (WHERE phase = 'gone') AS removed
     FROM runners WHERE started_at IS NOT NULL`,
  );
  const pruned = database.prepare(`SELECT value FROM meta WHERE key = 'pruned-runners'`);
  const addPruned = database.prepare(
    `INSERT INTO meta VALUES ('pruned-runners', (SELECT count(*) FROM runners
       WHERE ${old} AND started_at IS NOT NULL))
     ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + CAST(excluded.value AS INTEGER)`,
  );

  return keepAnswers({
    liveRunners: () => read.all(live.all()),
    goneRunners: (pool, limit) => read.all(gone.all({ pool, limit })),
    recentRunners: (limit) => read.all(recent.all({ limit })),
    runnerTotals: () => {
      const kept = countsSchema.parse(counts.get());
      const removed = z.coerce
        .number()
        .parse(z.object({ value: z.string() }).safeParse(pruned.get()).data?.value ?? 0);
      return { created: kept.created + removed, removed: kept.removed + removed };
    },
    insertRunner: (record) => writing(record, () => insert.run(toRow(record))),
    ...changesIn(database, read),
    pruneRunners: (before, most) =>
      database.transaction(() => {
        addPruned.run({ before, most });
        remove.run({ before, most });
      }),
  });
}

/** Changes to single records, each of them as a whole or not at all. */
function changesIn(
  database: Database,
  read: RowReader<RunnerRecord>,
): Pick<Store, 'updateRunner' | 'moveRunner'> {
  const byId = database.prepare(`SELECT ${columns} FROM runners WHERE id = @id`);
  const update = database.prepare(
    `UPDATE runners SET node = @node, pool = @pool, slot = @slot, name = @name, spec_hash = @specHash,
       system_id = @systemId, phase = @phase, created_at = @createdAt, started_at = @startedAt,
       gone_at = @goneAt, failure = @failure, gpu = @gpu, out_of_memory_at = @outOfMemoryAt,
       vanished = @vanished, refusal = @refusal, cpus = @cpus, memory_mib = @memoryMiB
     WHERE id = @id`,
  );
  const change: Store['updateRunner'] = (id, changed) => {
    const record = read.one(byId.get({ id }));
    if (record === null) throw new Error(`There is no runner ${id} to update`);
    const next = { ...record, ...changed };
    writing(next, () => update.run(toRow(next)));
  };
  return {
    updateRunner: (id, changed) => database.transaction(() => change(id, changed)),
    moveRunner: (id, from, changed) =>
      database.transaction(() => {
        const phase = read.one(byId.get({ id }))?.phase;
        if (phase === undefined || !from.includes(phase)) return false;
        change(id, changed);
        return true;
      }),
  };
}

/** The same, but what is asked in every pass is read again only after something was written. */
function keepAnswers(runners: RunnerStore): RunnerStore {
  const live = untilWritten(() => runners.liveRunners());
  const totals = untilWritten(() => runners.runnerTotals());
  const recent = untilWritten((limit: number) => runners.recentRunners(limit));
  const gone = untilWritten((pool: string) =>
    untilWritten((limit: number) => runners.goneRunners(pool, limit)),
  );
  const forget = (): void => {
    for (const kept of [live, totals, recent, gone]) kept.forget();
  };
  return {
    liveRunners: () => live.read(''),
    runnerTotals: () => totals.read(''),
    recentRunners: recent.read,
    goneRunners: (pool, limit) => gone.read(pool).read(limit),
    insertRunner: (record) => {
      forget();
      runners.insertRunner(record);
    },
    updateRunner: (id, change) => {
      forget();
      runners.updateRunner(id, change);
    },
    moveRunner: (id, from, change) => {
      forget();
      return runners.moveRunner(id, from, change);
    },
    pruneRunners: (before, most) => {
      forget();
      runners.pruneRunners(before, most);
    },
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
