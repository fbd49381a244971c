// Backups, runs and targets as tests make them.
import type { BackupRecord, BackupRun, TargetState } from '../../main/model/backup/backup.ts';

/** A backup of this home, whole and never proven. */
export function someBackup(change: Partial<BackupRecord> = {}): BackupRecord {
  return {
    ...{ id: '11111111-1111-4111-8111-111111111111', target: 'nas', snapshot: 'a'.repeat(64), at: 1_000 },
    ...{
      machine: 'lab',
      instance: 'home',
      manifestSha256: 'b'.repeat(64),
      autogit: '0.1.0',
      gitlab: 'sandbox',
    },
    ...{
      gitlabVersion: '19.3.3',
      parts: ['home', 'sandbox'],
      bytes: 10,
      addedBytes: 5,
      files: 3,
      counts: {},
    },
    ...{ provenAt: null, provenMs: null, damage: null },
    ...change,
  };
}

/** A nightly one that ended well. */
export function someBackupRun(change: Partial<BackupRun> = {}): BackupRun {
  return {
    ...{ id: 1, verb: 'create', cause: 'schedule', schedule: 'nightly', targets: ['nas'], startedAt: 1_000 },
    ...{ endedAt: 2_000, outcome: 'done', failures: [], backup: null },
    ...change,
  };
}

/** A place that answers and has room. */
export function someTargetState(change: Partial<TargetState> = {}): TargetState {
  return {
    ...{
      name: 'nas',
      state: 'ready',
      at: 1_000,
      failure: null,
      freeBytes: 500e9,
      totalBytes: 1_000e9,
      usedBytes: 1e9,
    },
    ...{ lastBackupAt: 1_000, lastVerifiedAt: 1_000, lastPrunedAt: null, nextPart: 1 },
    ...change,
  };
}
