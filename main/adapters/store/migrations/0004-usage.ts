// What jobs use, and how runners ended.
import type { Migration } from '../migrate.ts';

/** Of runners of before nobody knows how they ended. The figures of `usage` are JSON: histograms of `model/usage.ts`. */
export const usage: Migration = {
  version: 4,
  sql: `
    ALTER TABLE runners ADD COLUMN out_of_memory_at INTEGER;
    ALTER TABLE runners ADD COLUMN vanished INTEGER NOT NULL DEFAULT 0 CHECK (vanished IN (0, 1));

    CREATE TABLE usage (
      project_id INTEGER NOT NULL,
      job TEXT NOT NULL,
      pool TEXT NOT NULL,
      updated_at INTEGER NOT NULL,
      figures TEXT NOT NULL,
      PRIMARY KEY (project_id, job, pool)
    ) STRICT;
    CREATE INDEX usage_updated ON usage (updated_at);
  `,
};
