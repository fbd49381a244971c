// The stack: what was asked for and how far each run came, what AutoGit wrote and started, and which stack stands.
import type { Migration } from '../migrate.ts';

/**
 * `answers`, `wish`, `failure`, `restarts` and `value` are JSON. Of a file, `hash` is of what was written last (`NULL`:
 * nothing yet) and `writing` says that a write has begun. One run at a time is open.
 */
export const stack: Migration = {
  version: 9,
  sql: `
    CREATE TABLE stack_runs (
      id INTEGER PRIMARY KEY,
      verb TEXT NOT NULL,
      answers TEXT NOT NULL,
      wish TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      ended_at INTEGER,
      outcome TEXT,
      failure TEXT,
      restarts TEXT NOT NULL DEFAULT '[]'
    ) STRICT;
    CREATE UNIQUE INDEX stack_runs_open ON stack_runs (ended_at IS NULL) WHERE ended_at IS NULL;
    CREATE TABLE stack_steps (
      run INTEGER NOT NULL REFERENCES stack_runs (id) ON DELETE CASCADE,
      step TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      ended_at INTEGER,
      PRIMARY KEY (run, step)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE stack_files (
      lab TEXT NOT NULL,
      path TEXT NOT NULL,
      hash TEXT,
      writing INTEGER NOT NULL DEFAULT 0 CHECK (writing IN (0, 1)),
      PRIMARY KEY (lab, path)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE stack_services (
      lab TEXT NOT NULL,
      service TEXT NOT NULL,
      hash TEXT NOT NULL,
      PRIMARY KEY (lab, service)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE stack_state (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
};
