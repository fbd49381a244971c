// The audit log says what each request was about, and whether it was only asked what it would do.
import type { Migration } from '../migrate.ts';

export const auditSubjects: Migration = {
  version: 11,
  sql: `
    ALTER TABLE audit ADD COLUMN subject TEXT;
    ALTER TABLE audit ADD COLUMN dry_run INTEGER NOT NULL DEFAULT 0;
  `,
};
