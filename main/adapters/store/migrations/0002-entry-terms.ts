// Runner entries: more of what was agreed with GitLab.
import type { Migration } from '../migrate.ts';

/** Entries of before were for the whole instance, for every branch, and never paused. */
export const entryTerms: Migration = {
  version: 2,
  sql: `
    ALTER TABLE entries ADD COLUMN protected_only INTEGER NOT NULL DEFAULT 0 CHECK (protected_only IN (0, 1));
    ALTER TABLE entries ADD COLUMN paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1));
    ALTER TABLE entries ADD COLUMN scope TEXT NOT NULL DEFAULT '{"kind":"instance"}';
  `,
};
