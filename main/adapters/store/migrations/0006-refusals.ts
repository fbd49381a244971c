// Runners: what the gateway has refused them.
import type { Migration } from '../migrate.ts';

/** Runners of before were refused nothing that was written down. */
export const refusals: Migration = {
  version: 6,
  sql: `ALTER TABLE runners ADD COLUMN refusal TEXT;`,
};
