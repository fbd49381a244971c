// The backup tables: runs, what repositories were seen to have, and the state of each target.
import { z } from 'zod';
import type { BackupJournal } from '../../backup-ports.ts';
import type { Log } from '../../log.ts';
import { backupRecordSchema, backupRunSchema, targetStateSchema } from '../../model/backup/backup.ts';
import type { BackupRecord, BackupRun, TargetState } from '../../model/backup/backup.ts';
import type { Database } from './database.ts';
import { jsonColumn, rowReader, tagsColumn } from './rows.ts';

const runRow = backupRunSchema.extend({
  targets: tagsColumn,
  failures: jsonColumn.pipe(backupRunSchema.shape.failures),
}) satisfies z.ZodType<BackupRun>;
const recordRow = z.object({ record: jsonColumn.pipe(backupRecordSchema) });
const stateRow = z.object({ state: jsonColumn.pipe(targetStateSchema) });
const idRow = z.object({ id: z.int() });

const runColumns = `id, verb, cause, schedule, targets, started_at AS startedAt, ended_at AS endedAt, outcome,
  failures, backup`;

type Runs = Pick<BackupJournal, 'begin' | 'update' | 'runs' | 'run' | 'lastDone'>;
type Seen = Omit<BackupJournal, keyof Runs>;

/** The journal of backups in an open, migrated database. At most `mostRuns` runs that have ended are kept. */
export function backupsIn(database: Database, log: Log | undefined, mostRuns: number): BackupJournal {
  return { ...runsIn(database, log, mostRuns), ...seenIn(database, log) };
}

function runsIn(database: Database, log: Log | undefined, mostRuns: number): Runs {
  const reader = rowReader<BackupRun>('backup_runs', runRow, log);
  const insert = database.prepare(
    `INSERT INTO backup_runs (verb, cause, schedule, targets, started_at, backup)
     VALUES (@verb, @cause, @schedule, @targets, @startedAt, @backup) RETURNING id`,
  );
  // The newest of each verb that went well stays, however many have failed since.
  const prune = database.prepare(
    `DELETE FROM backup_runs WHERE ended_at IS NOT NULL
       AND id NOT IN (SELECT id FROM backup_runs ORDER BY id DESC LIMIT @most)
       AND id NOT IN (SELECT max(id) FROM backup_runs WHERE outcome = 'done' GROUP BY verb)`,
  );
  const newest = database.prepare(`SELECT ${runColumns} FROM backup_runs ORDER BY id DESC LIMIT @limit`);
  const one = database.prepare(`SELECT ${runColumns} FROM backup_runs WHERE id = @id`);
  const change = database.prepare(
    `UPDATE backup_runs SET ended_at = @endedAt, outcome = @outcome, failures = @failures, backup = @backup
     WHERE id = @id`,
  );
  // A run that failed at one target has ended well at the others.
  const done = database.prepare(
    `SELECT ${runColumns} FROM backup_runs WHERE verb = @verb AND outcome IN ('done', 'failed') AND (@target IS NULL
       OR EXISTS (SELECT 1 FROM json_each(targets) WHERE value = @target)) ORDER BY id DESC`,
  );
  const run = (id: number): BackupRun | null => reader.one(one.get({ id }));
  return {
    begin: ({ targets, ...begun }) =>
      database.transaction(() => {
        const row = { ...begun, targets: JSON.stringify(targets) };
        const { id } = idRow.parse(insert.get(row));
        prune.run({ most: mostRuns });
        return id;
      }),
    update: (id, changed) => {
      const present = run(id);
      if (present === null) return;
      const { endedAt, outcome, failures, backup } = { ...present, ...changed };
      change.run({ id, endedAt, outcome, backup, failures: JSON.stringify(failures) });
    },
    runs: (limit) => reader.all(newest.all({ limit })),
    run,
    lastDone: (verb, target) => {
      const fits = ({ outcome, failures }: BackupRun): boolean =>
        outcome === 'done' ||
        (target !== null && !failures.some((one) => one.target === target || one.target === ''));
      return reader.all(done.all({ verb, target })).find(fits) ?? null;
    },
  };
}

function seenIn(database: Database, log: Log | undefined): Seen {
  const records = rowReader('backup_records', recordRow, log);
  const states = rowReader('backup_targets', stateRow, log);
  const allRecords = database.prepare('SELECT record FROM backup_records ORDER BY at DESC, target, snapshot');
  const dropRecords = database.prepare('DELETE FROM backup_records WHERE target = @target');
  const putRecord = database.prepare(
    'INSERT OR REPLACE INTO backup_records VALUES (@target, @snapshot, @at, @record)',
  );
  const allStates = database.prepare('SELECT state FROM backup_targets ORDER BY name');
  const putState = database.prepare('INSERT OR REPLACE INTO backup_targets VALUES (@name, @state)');
  const dropState = database.prepare('DELETE FROM backup_targets WHERE name = @name');
  const put = (record: BackupRecord): void => {
    const { target, snapshot, at } = record;
    putRecord.run({ target, snapshot, at, record: JSON.stringify(record) });
  };
  return {
    records: () => records.all(allRecords.all({})).map(({ record }) => record),
    setRecords: (target, found) =>
      database.transaction(() => {
        dropRecords.run({ target });
        for (const record of found) put(record);
      }),
    setRecord: put,
    targets: () => states.all(allStates.all({})).map(({ state }) => state),
    setTarget: (state: TargetState) => void putState.run({ name: state.name, state: JSON.stringify(state) }),
    removeTarget: (name) =>
      database.transaction(() => {
        dropState.run({ name });
        dropRecords.run({ target: name });
      }),
  };
}
