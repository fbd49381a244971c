// The durable store of a home: one SQLite file, one module per noun.
import type { Log } from '../../log.ts';
import type { Store } from '../../ports.ts';
import { auditIn } from './audit.ts';
import { openDatabase, type Database } from './database.ts';
import { entriesIn } from './entries.ts';
import { pullBackDates } from './future-dates.ts';
import { identitiesIn } from './identity.ts';
import { jobsIn } from './jobs.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { requestsIn } from './requests.ts';
import { runnersIn } from './runners.ts';

export interface StoreOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told of rows that cannot be read. */
  readonly log?: Log;
  /** Identity of a home without one, a UUID; random by default. */
  readonly instance?: string;
}

/** Gone runners and finished jobs are kept this long. Milliseconds. */
export const retentionMs = 30 * 24 * 3_600_000;

/**
 * Opens the store at `path`, migrated and pruned; `:memory:` for one that nobody needs tomorrow.
 * Raises `store.driver-missing`, `store.corrupt`, `store.locked`, `store.read-only`, `store.full`,
 * `store.cannot-open`, `store.disk-error`, `store.from-future`; each write may raise the ones of the disk.
 */
export function openStore(path: string, options: StoreOptions): Store {
  const database = openDatabase(path);
  try {
    migrate(database, migrations);
    return storeOn(database, options);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The store on an open, migrated database. */
export function storeOn(database: Database, { now, log, instance }: StoreOptions): Store {
  const { pruneRunners, ...runners } = runnersIn(database, log);
  const { pruneJobs, forgetJobs, ...jobs } = jobsIn(database, log);
  const { forgetEntries, ...entries } = entriesIn(database, log);
  // Also the proof, at start, that this database can be written.
  pullBackDates(database, now());
  pruneRunners(now() - retentionMs);
  pruneJobs(now() - retentionMs);
  return {
    ...identitiesIn(database, instance),
    ...runners,
    ...jobs,
    ...entries,
    ...requestsIn(database, log, now),
    ...auditIn(database, log),
    forgetGitlab: () =>
      database.transaction(() => {
        forgetJobs();
        forgetEntries();
      }),
    close: () => database.close(),
  };
}
