// The journal of backups as everybody reads it: kept in memory until something is written, and counted then.
import type { BackupJournal } from '../../backup-ports.ts';

export interface SeenJournal extends BackupJournal {
  /** Grows with everything that is written. */
  version(): number;
}

/** Runs that issues and pages look at. */
export const shownRuns = 50;

/** Pages and snapshot ask in every pass, and hundreds of rows are not parsed for each. */
export function seenJournal(journal: BackupJournal): SeenJournal {
  let version = 0;
  let runs: ReturnType<BackupJournal['runs']> | null = null;
  let records: ReturnType<BackupJournal['records']> | null = null;
  let targets: ReturnType<BackupJournal['targets']> | null = null;
  const wrote = (): void => {
    version += 1;
    runs = null;
    records = null;
    targets = null;
  };
  const writing = <A extends readonly unknown[], T>(work: (...args: A) => T): ((...args: A) => T) => {
    return (...args) => {
      try {
        return work(...args);
      } finally {
        wrote();
      }
    };
  };
  return {
    version: () => version,
    begin: writing((run) => journal.begin(run)),
    update: writing((id, change) => journal.update(id, change)),
    setRecords: writing((target, found) => journal.setRecords(target, found)),
    setRecord: writing((record) => journal.setRecord(record)),
    setTarget: writing((state) => journal.setTarget(state)),
    removeTarget: writing((name) => journal.removeTarget(name)),
    runs: (limit) =>
      limit > shownRuns ? journal.runs(limit) : (runs ??= journal.runs(shownRuns)).slice(0, limit),
    run: (id) => journal.run(id),
    lastDone: (verb, target) => journal.lastDone(verb, target),
    records: () => (records ??= journal.records()),
    targets: () => (targets ??= journal.targets()),
  };
}
