// What the doctor makes of backups: each thing once, the desk's words where it has some.
import { describe, expect, it } from 'vitest';
import { checkBackups } from '../../../main/checks/backups/backup-findings.ts';
import type { BackupSubject } from '../../../main/checks/backups/backup-findings.ts';
import type { BackupTarget } from '../../../main/model/backup/target.ts';
import type { Issue } from '../../../main/model/issue.ts';
import { someTargetState } from '../../fakes/backup-records.ts';

const nas: BackupTarget = { name: 'nas', kind: 'folder', path: '/mnt/nas' };
const usb: BackupTarget = { name: 'usb', kind: 'usb', label: 'BACKUP', path: 'lab', onPlugIn: false };
const well: BackupSubject = {
  ...{ issues: [], targets: [nas], states: [someTargetState()], engineProblem: null },
  ...{ lastBackupAt: 1_000, lastProvenAt: 2_000 },
};
const keys = (change: Partial<BackupSubject>): readonly string[] =>
  checkBackups({ ...well, ...change }).map(({ key, severity, subject }) => `${severity} ${key} ${subject}`);

const problem = (key: string) => ({ key, message: 'It is so.', next: 'Do something.' });
const issue = (key: string, subject: string): Issue => ({ ...problem(key), severity: 'warning', subject });

describe('the doctor says of backups', () => {
  it('nothing where all is well', () => {
    expect(keys({})).toEqual([]);
  });

  it.each(['backup.restic-missing', 'backup.restic-old'])('%s, once and not for each place', (key) => {
    const states = [someTargetState({ state: 'failing', failure: problem(key) })];
    expect(keys({ engineProblem: problem(key), states })).toEqual([`error ${key} restic`]);
    expect(keys({ engineProblem: problem(key), states: [], targets: [] })).toEqual([]);
  });

  it('which place does not answer, and where it is', () => {
    const failure = problem('backup.target-unreachable');
    const states = [someTargetState({ state: 'failing', failure, at: Date.UTC(2026, 4, 3, 2, 1) })];
    expect(keys({ states })).toEqual(['error backup.target-unreachable nas']);
    const [finding] = checkBackups({ ...well, states });
    expect(finding?.evidence).toEqual(['Place: /mnt/nas', 'Looked at: 2026-05-03 02:01 UTC']);
  });

  it('a disk that is not plugged in as a remark', () => {
    const failure = problem('backup.target-absent');
    const states = [someTargetState({ name: 'usb', state: 'absent', failure })];
    expect(keys({ targets: [usb], states })).toEqual(['info backup.target-absent usb']);
  });

  it('what the desk states, with when the newest backup was made', () => {
    const issues = [issue('backup.overdue', 'backups'), issue('backup.sheet-not-kept', 'recovery sheet')];
    const found = checkBackups({ ...well, issues, lastBackupAt: Date.UTC(2026, 4, 3, 2, 1) });
    expect(found.map(({ key }) => key)).toEqual(['backup.overdue', 'backup.sheet-not-kept']);
    expect(found.map(({ evidence }) => evidence)).toEqual([['Newest backup: 2026-05-03 02:01 UTC'], []]);
  });

  it('that nothing was ever checked or proven, before that has lasted for weeks', () => {
    const states = [someTargetState({ lastVerifiedAt: null })];
    expect(keys({ states, lastProvenAt: null })).toEqual([
      'info backup.unverified nas',
      'info backup.unproven backups',
    ]);
    const issues = [issue('backup.unverified', 'nas'), issue('backup.unproven', 'backups')];
    expect(keys({ states, lastProvenAt: null, issues })).toEqual([
      'warning backup.unverified nas',
      'warning backup.unproven backups',
    ]);
  });

  it('nothing of checks and proofs where there is no backup yet', () => {
    const states = [someTargetState({ lastBackupAt: null, lastVerifiedAt: null })];
    expect(keys({ states, lastBackupAt: null, lastProvenAt: null })).toEqual([]);
  });
});
