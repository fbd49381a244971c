// The history table: what the machine and its graphics cards did.
import { z } from 'zod';
import type { Log } from '../../log.ts';
import { figureSchema } from '../../model/host-metrics.ts';
import type { HistoryRow } from '../../model/host-metrics.ts';
import type { Store } from '../../ports.ts';
import type { Database } from './database.ts';
import { jsonColumn, rowReader } from './rows.ts';

const rowSchema = z.object({
  node: z.string(),
  subject: z.string(),
  at: z.int(),
  samples: z.int(),
  figures: jsonColumn.pipe(z.record(z.string(), figureSchema)),
}) satisfies z.ZodType<HistoryRow>;

type HistoryStore = Pick<Store, 'saveHistory' | 'history'> & {
  /** Keeps the newest rows, and none of before `before`. */
  readonly pruneHistory: (before: number, most: number) => void;
};

/** What hardware did, in an open, migrated database. */
export function historyIn(database: Database, log: Log | undefined): HistoryStore {
  const read = rowReader<HistoryRow>('hardware_history', rowSchema, log);
  const some = database.prepare(
    `SELECT node, subject, at, samples, figures FROM hardware_history
     WHERE node = @node AND subject = @subject AND at >= @from AND at < @to ORDER BY at`,
  );
  const save = database.prepare(
    `INSERT INTO hardware_history VALUES (@node, @subject, @at, @samples, @figures)
     ON CONFLICT (node, subject, at) DO UPDATE SET samples = excluded.samples, figures = excluded.figures
     WHERE excluded.samples > hardware_history.samples`,
  );
  const prune = database.prepare('DELETE FROM hardware_history WHERE at < @before');
  const pruneMost = database.prepare(
    `DELETE FROM hardware_history
     WHERE at < (SELECT at FROM hardware_history ORDER BY at DESC LIMIT 1 OFFSET @most)`,
  );
  return {
    saveHistory: (rows) =>
      database.transaction(() => {
        for (const { figures, ...row } of rows) save.run({ ...row, figures: JSON.stringify(figures) });
      }),
    history: (part) => read.all(some.all(part)),
    pruneHistory: (before, most) => {
      prune.run({ before });
      pruneMost.run({ most });
    },
  };
}
