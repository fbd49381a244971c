// Runners: the graphics cards that they have.
import type { Migration } from '../migrate.ts';

/** Written as in the label `autogit.gpu`; runners of before had none. */
export const runnerGpus: Migration = {
  version: 3,
  sql: `ALTER TABLE runners ADD COLUMN gpu TEXT;`,
};
