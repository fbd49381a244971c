// The entries table: what GitLab gave each pool.
import { z } from 'zod';
import type { Log } from '../../log.ts';
import type { RunnerEntry } from '../../model/pool.ts';
import type { Store } from '../../ports.ts';
import type { Database } from './database.ts';
import { booleanColumn, rowReader, scopeColumn, tagsColumn } from './rows.ts';

const rowSchema = z.object({
  pool: z.string(),
  gitlabUrl: z.string(),
  entryId: z.int(),
  tags: tagsColumn,
  runUntagged: booleanColumn,
  protectedOnly: booleanColumn,
  paused: booleanColumn,
  scope: scopeColumn,
});

type EntryStore = Pick<Store, 'entries' | 'saveEntry' | 'removeEntry'> & {
  readonly forgetEntries: () => void;
};

/** The runner entries of an open, migrated database. */
export function entriesIn(database: Database, log: Log | undefined): EntryStore {
  const read = rowReader<RunnerEntry>('entries', rowSchema, log);
  const all = database.prepare(
    `SELECT pool, gitlab_url AS gitlabUrl, entry_id AS entryId, tags, run_untagged AS runUntagged,
       protected_only AS protectedOnly, paused, scope
     FROM entries ORDER BY pool`,
  );
  const save = database.prepare(
    `INSERT OR REPLACE INTO entries
       (pool, gitlab_url, entry_id, tags, run_untagged, protected_only, paused, scope)
     VALUES (@pool, @gitlabUrl, @entryId, @tags, @runUntagged, @protectedOnly, @paused, @scope)`,
  );
  const remove = database.prepare('DELETE FROM entries WHERE pool = @pool');
  const forget = database.prepare('DELETE FROM entries');
  return {
    entries: () => read.all(all.all()),
    saveEntry: (entry) =>
      void save.run({
        ...entry,
        tags: JSON.stringify(entry.tags),
        scope: JSON.stringify(entry.scope),
        runUntagged: entry.runUntagged ? 1 : 0,
        protectedOnly: entry.protectedOnly ? 1 : 0,
        paused: entry.paused ? 1 : 0,
      }),
    removeEntry: (pool) => void remove.run({ pool }),
    forgetEntries: () => void forget.run(),
  };
}
