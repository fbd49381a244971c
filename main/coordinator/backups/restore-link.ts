// What outlives the laboratory that a restore closes: the wish to open the home anew, and how the restore ended.
import type { RestorePlan } from '../../plan/backups/plan-restore.ts';
import type { BackupFailure } from '../../model/backup/backup.ts';

/** Folders below `<home>/backups` whose content changes places with the home's. */
export interface HomeSwap {
  readonly from: string;
  readonly to: string;
}

/** How a restore ended. */
export interface RestoreEnd {
  readonly run: number | null;
  readonly plan: RestorePlan;
  readonly outcome: 'done' | 'failed' | 'cancelled' | 'rolled-back';
  readonly failure: BackupFailure | null;
  readonly message: string;
}

/** One for each core; it is handed to every laboratory that the core opens. */
export interface RestoreLink {
  /** Asks the core to close the home, swap it and open it again. Answers at once; the next laboratory goes on. */
  reopen(swap: HomeSwap): void;
  /** The restore has ended, for whoever waits through a reopening. */
  tellEnd(end: RestoreEnd): void;
  /** Resolves with the next end. */
  nextEnd(): Promise<RestoreEnd>;
}

/** `reopen`: what the core does. */
export function createRestoreLink(reopen: (swap: HomeSwap) => void): RestoreLink {
  let next = Promise.withResolvers<RestoreEnd>();
  return {
    reopen,
    tellEnd: (end) => {
      const { resolve } = next;
      next = Promise.withResolvers();
      resolve(end);
    },
    nextEnd: () => next.promise,
  };
}
