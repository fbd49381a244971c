// Proofs of pools.
import type { Migration } from '../migrate.ts';

/** At most one proof of a pool is open at a time; what one has left is JSON. */
export const proofs: Migration = {
  version: 5,
  sql: `
    CREATE TABLE proofs (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      pool TEXT NOT NULL,
      spec TEXT NOT NULL,
      nonce TEXT NOT NULL,
      tries INTEGER NOT NULL,
      started_at INTEGER NOT NULL,
      project_id INTEGER,
      job_id INTEGER,
      ended_at INTEGER,
      evidence TEXT
    ) STRICT;
    CREATE UNIQUE INDEX proofs_open ON proofs (pool) WHERE ended_at IS NULL;

    CREATE TABLE proof_wishes (
      pool TEXT PRIMARY KEY,
      at INTEGER NOT NULL
    ) STRICT;
  `,
};
