// Runners: what of the machine they were given.
import type { Migration } from '../migrate.ts';

/** 0: no limit. Of runners of before it is not known. */
export const runnerSizes: Migration = {
  version: 7,
  sql: `ALTER TABLE runners ADD COLUMN cpus REAL;
    ALTER TABLE runners ADD COLUMN memory_mib INTEGER;`,
};
