// Backups of a running core: everything that requests, snapshot and stack need of them, behind one door.
import type { Snapshot } from '../../contract/snapshot.ts';
import { AutoGitError } from '../../errors.ts';
import type { BackupProgress } from '../../model/backup/backup.ts';
import type { Issue } from '../../model/issue.ts';
import type { BackupParts } from './backup-parts.ts';

export interface BackupDesk {
  /** Closes runs that a kill has left open, and follows the schedules from now on. */
  start(): Promise<void>;
  /** Breaks off what goes on, as a kill would; nothing that is kept is lost. */
  stop(): Promise<void>;
  /** What requests work with. Throws `backup.unavailable` where this core has no backups. */
  parts(): BackupParts;
  issues(): readonly Issue[];
  /** A restore goes on that has not put all data back: until then nothing may act. */
  holds(): boolean;
  /** What the snapshot shows; missing values are left out of it. */
  summary(): Pick<Snapshot, 'backups' | 'nextBackupAt'>;
  /** Of the run that goes on or of the last one, and every change of it. */
  watch(signal: AbortSignal): AsyncIterable<BackupProgress>;
  /**
   * Backs up before services of the stack that keep data are upgraded, where the settings ask for that and there is a
   * target. Rejects with `backup.before-upgrade-failed`.
   */
  beforeUpgrade(services: readonly string[], signal: AbortSignal): Promise<void>;
  /** Whether `beforeUpgrade` would back up: the settings ask for that, and there is a target. */
  backsUpBefore(): boolean;
}

/** Of a core that has none: on a system or in a test without restic's adapters. */
export function noBackups(): BackupDesk {
  return {
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    parts: () => {
      throw unavailable();
    },
    issues: () => [],
    holds: () => false,
    summary: () => ({}),
    // Nothing goes on.
    watch: async function* () {
      yield* [];
    },
    beforeUpgrade: () => Promise.resolve(),
    backsUpBefore: () => false,
  };
}

function unavailable(): AutoGitError {
  return new AutoGitError({
    key: 'backup.unavailable',
    message: 'This core makes no backups: it runs without the parts that are needed for them.',
    next: 'Use the AutoGit that is installed here: autogit serve',
  });
}
