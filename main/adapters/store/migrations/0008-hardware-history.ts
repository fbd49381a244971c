// What the machine and its graphics cards did, in steps of five minutes.
import type { Migration } from '../migrate.ts';

/** `figures` is JSON: the average and the most of each value, by its name in `model/host-metrics.ts`. */
export const hardwareHistory: Migration = {
  version: 8,
  sql: `
    CREATE TABLE hardware_history (
      node TEXT NOT NULL,
      subject TEXT NOT NULL,
      at INTEGER NOT NULL,
      samples INTEGER NOT NULL CHECK (samples > 0),
      figures TEXT NOT NULL,
      PRIMARY KEY (node, subject, at)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX hardware_history_at ON hardware_history (at);
  `,
};
