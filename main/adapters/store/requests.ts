// The requests table: what a person asked for and is not done yet.
import { z } from 'zod';
import type { Log } from '../../log.ts';
import type { RequestRecord, Store } from '../../ports.ts';
import type { Database } from './database.ts';
import { rowReader } from './rows.ts';

/** The doors a request comes through, as stored. */
export const doorColumn = z.enum(['cli', 'http', 'desktop', 'core']);

const rowSchema = z.object({
  id: z.int(),
  kind: z.enum(['drain', 'teardown', 'reset-sandbox']),
  at: z.int(),
  door: doorColumn,
});

/** The requests of an open, migrated database. `now` in milliseconds since 1970. */
export function requestsIn(
  database: Database,
  log: Log | undefined,
  now: () => number,
): Pick<Store, 'addRequest' | 'openRequests' | 'finishRequest'> & {
  readonly pruneRequests: (before: number, most: number) => void;
} {
  const read = rowReader<RequestRecord>('requests', rowSchema, log);
  const insert = database.prepare(
    'INSERT INTO requests (kind, at, door) VALUES (@kind, @at, @door) RETURNING id, kind, at, door',
  );
  const open = database.prepare(
    'SELECT id, kind, at, door FROM requests WHERE finished_at IS NULL ORDER BY id',
  );
  const finish = database.prepare(
    'UPDATE requests SET finished_at = @at, outcome = @outcome WHERE id = @id AND finished_at IS NULL',
  );
  const prune = database.prepare(
    `DELETE FROM requests WHERE finished_at IS NOT NULL
       AND (finished_at < @before OR id <= (SELECT max(id) FROM requests) - @most)`,
  );
  return {
    addRequest: (kind, door) => rowSchema.parse(insert.get({ kind, door, at: now() })),
    openRequests: () => read.all(open.all()),
    finishRequest: (id, outcome) => void finish.run({ id, outcome, at: now() }),
    pruneRequests: (before, most) => void prune.run({ before, most }),
  };
}
