// Backups: runs, what repositories were seen to have, and how it stands with each target.
import type { Migration } from '../migrate.ts';

/** `targets`, `failures`, `record` and `state` are JSON; a record stands once for each target that has the backup. */
export const backups: Migration = {
  version: 12,
  sql: `
    CREATE TABLE backup_runs (
      id INTEGER PRIMARY KEY,
      verb TEXT NOT NULL,
      cause TEXT NOT NULL,
      schedule TEXT,
      targets TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      ended_at INTEGER,
      outcome TEXT,
      failures TEXT NOT NULL DEFAULT '[]',
      backup TEXT
    ) STRICT;
    CREATE TABLE backup_records (
      target TEXT NOT NULL,
      snapshot TEXT NOT NULL,
      at INTEGER NOT NULL,
      record TEXT NOT NULL,
      PRIMARY KEY (target, snapshot)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE backup_targets (name TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
};
