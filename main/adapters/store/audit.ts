// The audit table: who asked what, through which door, and what became of it.
import { z } from 'zod';
import type { Log } from '../../log.ts';
import type { AuditRecord, Store } from '../../ports.ts';
import type { Database } from './database.ts';
import { doorColumn } from './requests.ts';
import { rowReader } from './rows.ts';

const rowSchema = z.object({ at: z.int(), door: doorColumn, request: z.string(), outcome: z.string() });

/** The audit log of an open, migrated database. */
export function auditIn(
  database: Database,
  log: Log | undefined,
): Pick<Store, 'audit' | 'auditLog'> & { readonly pruneAudit: (before: number, most: number) => void } {
  const read = rowReader<AuditRecord>('audit', rowSchema, log);
  const insert = database.prepare(
    'INSERT INTO audit (at, door, request, outcome) VALUES (@at, @door, @request, @outcome)',
  );
  const newest = database.prepare(
    'SELECT at, door, request, outcome FROM audit ORDER BY id DESC LIMIT @limit',
  );
  const prune = database.prepare(
    'DELETE FROM audit WHERE at < @before OR id <= (SELECT max(id) FROM audit) - @most',
  );
  return {
    audit: (record) => void insert.run({ ...record }),
    auditLog: (limit) => read.all(newest.all({ limit })),
    pruneAudit: (before, most) => void prune.run({ before, most }),
  };
}
