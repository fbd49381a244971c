// Runners, jobs, runner entries, requests, audit log, nodes.
import type { Migration } from '../migrate.ts';

/** The first schema. Times are milliseconds since 1970, tags are JSON arrays. */
export const initial: Migration = {
  version: 1,
  sql: `
    CREATE TABLE meta (
      key TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT;

    CREATE TABLE nodes (
      id TEXT PRIMARY KEY,
      host TEXT NOT NULL UNIQUE
    ) STRICT;

    CREATE TABLE runners (
      id TEXT PRIMARY KEY,
      node TEXT NOT NULL,
      pool TEXT NOT NULL,
      slot INTEGER NOT NULL,
      name TEXT NOT NULL UNIQUE,
      spec_hash TEXT NOT NULL,
      system_id TEXT NOT NULL,
      phase TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      started_at INTEGER,
      gone_at INTEGER,
      failure TEXT
    ) STRICT;
    CREATE UNIQUE INDEX runners_live_slot ON runners (pool, slot) WHERE phase <> 'gone';
    CREATE INDEX runners_gone ON runners (pool, gone_at) WHERE phase = 'gone';

    CREATE TABLE jobs (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      status TEXT NOT NULL,
      tags TEXT NOT NULL,
      project_id INTEGER NOT NULL,
      project TEXT NOT NULL,
      ref TEXT NOT NULL,
      first_seen_at INTEGER NOT NULL,
      started_at INTEGER,
      finished_at INTEGER,
      waited_ms REAL,
      system_id TEXT,
      failure_reason TEXT
    ) STRICT;
    CREATE INDEX jobs_open ON jobs (id) WHERE status IN ('created', 'pending', 'running', 'canceling');

    CREATE TABLE entries (
      pool TEXT PRIMARY KEY,
      gitlab_url TEXT NOT NULL,
      entry_id INTEGER NOT NULL,
      tags TEXT NOT NULL,
      run_untagged INTEGER NOT NULL CHECK (run_untagged IN (0, 1))
    ) STRICT;

    CREATE TABLE requests (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      kind TEXT NOT NULL,
      at INTEGER NOT NULL,
      door TEXT NOT NULL,
      finished_at INTEGER,
      outcome TEXT
    ) STRICT;
    CREATE INDEX requests_open ON requests (id) WHERE finished_at IS NULL;

    CREATE TABLE audit (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at INTEGER NOT NULL,
      door TEXT NOT NULL,
      request TEXT NOT NULL,
      outcome TEXT NOT NULL
    ) STRICT;
  `,
};
