// Dates yet to come: they were written while the machine's clock was ahead, and it has been set right since.
import type { Database } from './database.ts';

const dates: readonly (readonly [table: string, column: string])[] = [
  ['runners', 'created_at'],
  ['runners', 'started_at'],
  ['runners', 'gone_at'],
  ['runners', 'out_of_memory_at'],
  ['jobs', 'first_seen_at'],
  ['jobs', 'started_at'],
  ['jobs', 'finished_at'],
  ['requests', 'at'],
  ['proofs', 'started_at'],
  ['proofs', 'ended_at'],
  ['proof_wishes', 'at'],
  ['usage', 'updated_at'],
  ['backup_runs', 'started_at'],
  ['backup_runs', 'ended_at'],
];

/** Makes them `now`, in milliseconds since 1970: a pause or a wait counted from them would last until they come. */
export function pullBackDates(database: Database, now: number): void {
  database.transaction(() => {
    for (const [table, column] of dates) {
      database.prepare(`UPDATE ${table} SET ${column} = @now WHERE ${column} > @now`).run({ now });
    }
  });
}
