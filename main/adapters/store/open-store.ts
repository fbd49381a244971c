// The durable store of a home: one SQLite file, one module per noun.
import type { BackupJournal } from '../../backup-ports.ts';
import type { Log } from '../../log.ts';
import type { Store } from '../../ports.ts';
import type { StackJournal } from '../../stack-ports.ts';
import { archProbesIn } from './arch-probes.ts';
import { auditIn } from './audit.ts';
import { backupsIn } from './backups.ts';
import { openDatabase, type Database } from './database.ts';
import { entriesIn } from './entries.ts';
import { pullBackDates } from './future-dates.ts';
import { historyIn } from './history.ts';
import { identitiesIn } from './identity.ts';
import { jobsIn } from './jobs.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { noticesIn } from './notices.ts';
import { proofsIn } from './proofs.ts';
import { requestsIn } from './requests.ts';
import { runnersIn } from './runners.ts';
import { stackIn } from './stack.ts';
import { usageIn } from './usage.ts';

export interface StoreOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told of rows that cannot be read. */
  readonly log?: Log;
  /** Identity of a home without one, a UUID; random by default. */
  readonly instance?: string;
}

const day = 24 * 3_600_000;
/** Gone runners, finished jobs and what jobs used are kept this long. Milliseconds. */
export const retentionMs = 30 * day;
/** Who asked for what is kept this long. Milliseconds. */
export const auditRetentionMs = 365 * day;
/** However young, no more than so many rows are kept. */
export const mostKept = {
  jobs: 50_000,
  runners: 50_000,
  audit: 50_000,
  requests: 10_000,
  usage: 500,
  /** Of a machine with 8 cards, a little more than 30 days of steps. */
  history: 80_000,
  stackRuns: 100,
  notices: 500,
  backupRuns: 200,
} as const;

/** The store with what is not the core's daily business. */
export type HomeStore = Store & { readonly stack: StackJournal; readonly backups: BackupJournal };

/**
 * Opens the store at `path`, migrated and pruned; `:memory:` for one that nobody needs tomorrow.
 * Raises `store.driver-missing`, `store.corrupt`, `store.locked`, `store.read-only`, `store.full`,
 * `store.cannot-open`, `store.disk-error`, `store.from-future`; each write may raise the ones of the disk.
 */
export function openStore(path: string, options: StoreOptions): HomeStore {
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
export function storeOn(database: Database, { now, log, instance }: StoreOptions): HomeStore {
  const { pruneRunners, ...runners } = runnersIn(database, log);
  const { pruneJobs, forgetJobs, ...jobs } = jobsIn(database, log);
  const { forgetEntries, ...entries } = entriesIn(database, log);
  const { forgetProofs, ...proofs } = proofsIn(database, log);
  const { pruneRequests, ...requests } = requestsIn(database, log, now);
  const { pruneAudit, ...audit } = auditIn(database, log);
  const { pruneUsage, forgetUsage, ...usage } = usageIn(database, log);
  const { pruneHistory, ...history } = historyIn(database, log);
  const { pruneRuns, ...stack } = stackIn(database, log);
  const prune = (): void => {
    const before = now() - retentionMs;
    pruneRunners(before, mostKept.runners);
    pruneJobs(before, mostKept.jobs);
    pruneUsage(before, mostKept.usage);
    pruneHistory(before, mostKept.history);
    pruneRequests(now() - auditRetentionMs, mostKept.requests);
    pruneAudit(now() - auditRetentionMs, mostKept.audit);
    pruneRuns(mostKept.stackRuns);
  };
  // Also the proof, at start, that this database can be written.
  pullBackDates(database, now());
  prune();
  return {
    ...identitiesIn(database, instance),
    ...archProbesIn(database, log),
    ...runners,
    ...jobs,
    ...entries,
    ...proofs,
    ...requests,
    ...audit,
    ...usage,
    ...history,
    ...noticesIn(database, log, mostKept.notices),
    stack,
    backups: backupsIn(database, log, mostKept.backupRuns),
    prune,
    forgetGitlab: () =>
      database.transaction(() => {
        forgetJobs();
        forgetEntries();
        forgetProofs();
        forgetUsage();
      }),
    close: () => database.close(),
  };
}
