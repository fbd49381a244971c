// Notices: what a person was told, and what was learned about what is usual.
import type { Migration } from '../migrate.ts';

/** `actions` and `memory` are JSON; there is one memory. */
export const notices: Migration = {
  version: 10,
  sql: `
    CREATE TABLE notices (
      id INTEGER PRIMARY KEY,
      kind TEXT NOT NULL,
      subject TEXT NOT NULL,
      title TEXT NOT NULL,
      body TEXT NOT NULL,
      severity TEXT NOT NULL,
      at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      ended_at INTEGER,
      read_at INTEGER,
      silent TEXT,
      actions TEXT NOT NULL
    ) STRICT;
    CREATE TABLE notice_memory (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      memory TEXT NOT NULL
    ) STRICT;
  `,
};
