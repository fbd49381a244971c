import { describe, expect, it } from 'vitest';
import { backupIssues, clockDoubtOf } from '../../../../main/plan/backups/issues.ts';
import type { BackupFacts } from '../../../../main/plan/backups/issues.ts';
import { someBackup, someBackupRun, someTargetState } from '../../../fakes/backup-records.ts';

const hour = 3_600_000;
const day = 24 * hour;
const now = 100 * day;
const nas = { name: 'nas', kind: 'folder', path: '/mnt/nas' } as const;

function facts(change: Partial<BackupFacts> = {}): BackupFacts {
  return {
    ...{
      now,
      instance: 'home',
      hasLab: true,
      targets: [nas],
      runs: [],
      isScheduled: true,
      since: now - 50 * day,
    },
    states: [someTargetState({ lastVerifiedAt: now - day, lastBackupAt: now - day })],
    records: [someBackup({ at: now - hour, provenAt: now - day })],
    lastDue: { at: now - 2 * hour, words: 'daily at 02:00' },
    ...{ sheetKeptAt: 1, clockDoubt: null, badRules: [] },
    ...change,
  };
}

const keys = (change: Partial<BackupFacts>): readonly string[] =>
  backupIssues(facts(change)).map(({ key }) => key);

describe('issues of backups', () => {
  it('are none where all is well, and none where nothing would be lost', () => {
    expect(keys({})).toEqual([]);
    expect(keys({ targets: [], hasLab: false })).toEqual([]);
  });

  it.each<[string, Partial<BackupFacts>]>([
    ['backup.no-target', { targets: [] }],
    ['backup.sheet-not-kept', { sheetKeptAt: null }],
    ['backup.none-yet', { records: [] }],
    ['backup.no-schedule', { isScheduled: false }],
    [
      'backup.overdue',
      {
        lastDue: { at: now - 7 * hour, words: 'w' },
        records: [someBackup({ at: now - 9 * hour, provenAt: now })],
      },
    ],
    ['backup.unverified', { states: [someTargetState({ lastVerifiedAt: now - 22 * day })] }],
    ['backup.unproven', { records: [someBackup({ at: now, provenAt: null })] }],
    [
      'backup.target-nearly-full',
      { states: [someTargetState({ freeBytes: 5e9, totalBytes: 500e9, lastVerifiedAt: now })] },
    ],
    ['backup.damaged', { records: [someBackup({ at: now, provenAt: now, damage: 'a pack is gone.' })] }],
    ['backup.clock', { clockDoubt: 'The clock is off.' }],
    ['backup.bad-rule', { badRules: [{ name: 'nightly', problem: 'What?' }] }],
  ])('%s is said, alone, with what to do', (key, change) => {
    expect(keys(change)).toEqual([key]);
    for (const { message, next } of backupIssues(facts(change)))
      expect([message, next].join(' ')).toMatch(/[.:?] \S/);
  });

  it('a failed run is one until a newer one of its kind went well; one that was cancelled is none', () => {
    const failure = { target: 'nas', key: 'backup.target-full', message: 'It is full.', next: 'Make room.' };
    const failed = someBackupRun({ outcome: 'failed', failures: [failure] });
    expect(keys({ runs: [failed] })).toEqual(['backup.failed']);
    expect(keys({ runs: [someBackupRun({ id: 2 }), failed] })).toEqual([]);
    expect(keys({ runs: [someBackupRun({ id: 2, outcome: 'cancelled' }), failed] })).toEqual([
      'backup.failed',
    ]);
    const [issue] = backupIssues(facts({ runs: [failed] }));
    expect(issue).toMatchObject({ subject: 'create nas', next: 'Make room.' });
  });

  it('the first backup is urgent only after a night without it', () => {
    expect(backupIssues(facts({ records: [], since: now - hour }))[0]?.severity).toBe('info');
    expect(backupIssues(facts({ records: [] }))[0]?.severity).toBe('error');
  });
});

describe('a clock in doubt', () => {
  it('was set back, or is behind the newest backup', () => {
    const records = [someBackup({ at: now + 2 * hour })];
    expect(clockDoubtOf({ now, aheadMs: 0, records })).toMatch(/2 hours ahead/);
    expect(clockDoubtOf({ now, aheadMs: 2 * hour, records: [] })).toMatch(/set back by 2 hours/);
    expect(clockDoubtOf({ now, aheadMs: 0, records: [someBackup({ at: now + 60_000 })] })).toBeNull();
  });
});
