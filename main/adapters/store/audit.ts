// The audit table: who asked what, through which door, and what became of it.
import { z } from 'zod';
import type { Log } from '../../log.ts';
import type { AuditRecord, Store } from '../../ports.ts';
import type { Database } from './database.ts';
import { doorColumn } from './requests.ts';
import { rowReader } from './rows.ts';

const rowSchema = z
  .object({
    ...{ at: z.int(), door: doorColumn, request: z.string(), outcome: z.string() },
    ...{ subject: z.string().nullable(), dryRun: z.int() },
  })
  .transform(({ subject, dryRun, ...record }): AuditRecord => ({
    ...record,
    ...(subject === null ? {} : { subject }),
    ...(dryRun === 0 ? {} : { dryRun: true }),
  }));

/** The audit log of an open, migrated database. */
export function auditIn(
  database: Database,
  log: Log | undefined,
): Pick<Store, 'audit' | 'auditLog'> & { readonly pruneAudit: (before: number, most: number) => void } {
  const read = rowReader<AuditRecord>('audit', rowSchema, log);
  const insert = database.prepare(
    `INSERT INTO audit (at, door, request, outcome, subject, dry_run)
     VALUES (@at, @door, @request, @outcome, @subject, @dryRun)`,
  );
  const newest = database.prepare(
    `SELECT at, door, request, outcome, subject, dry_run AS dryRun
     FROM audit ORDER BY id DESC LIMIT @limit`,
  );
  const prune = database.prepare(
    'DELETE FROM audit WHERE at < @before OR id <= (SELECT max(id) FROM audit) - @most',
  );
  return {
    audit: ({ subject = null, dryRun, ...record }) =>
      void insert.run({ ...record, subject, dryRun: dryRun === true ? 1 : 0 }),
    auditLog: (limit) => read.all(newest.all({ limit })),
    pruneAudit: (before, most) => void prune.run({ before, most }),
  };
}
