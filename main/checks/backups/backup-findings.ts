// What is wrong with backups: what their desk states already, restic itself, places that do not answer, and what nobody has tried yet.
import type { BackupFailure, TargetState } from '../../model/backup/backup.ts';
import { placeOf } from '../../model/backup/target.ts';
import type { BackupTarget } from '../../model/backup/target.ts';
import type { Issue } from '../../model/issue.ts';
import type { Finding } from '../hardware/check.ts';

/** What is looked at. */
export interface BackupSubject {
  /** What the desk of backups states. */
  readonly issues: readonly Issue[];
  readonly targets: readonly BackupTarget[];
  /** How it stands with each, as it was just seen. */
  readonly states: readonly TargetState[];
  /** Why restic cannot be run; `null`: it can, as far as anybody knows. */
  readonly engineProblem: BackupFailure | null;
  /** Newest backup of this home, and when one was last proven. */
  readonly lastBackupAt: number | null;
  readonly lastProvenAt: number | null;
}

/** Pure; nothing when all is well or nothing is known. */
export type BackupCheck = (subject: BackupSubject) => readonly Finding[];

const seenAt = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');

/** Keys of the desk that are about how old the newest backup is. */
const ofAge: readonly string[] = ['backup.overdue', 'backup.none-yet', 'backup.no-schedule'];

function stated({ issues, lastBackupAt }: BackupSubject): readonly Finding[] {
  const newest = lastBackupAt === null ? [] : [`Newest backup: ${seenAt(lastBackupAt)} UTC`];
  return issues.map((issue) => ({ ...issue, evidence: ofAge.includes(issue.key) ? newest : [] }));
}

/** Without a target nothing needs it yet. */
function restic({ engineProblem, targets }: BackupSubject): readonly Finding[] {
  if (engineProblem === null || targets.length === 0) return [];
  return [{ ...engineProblem, severity: 'error', subject: 'restic', evidence: [] }];
}

function places({ targets, states, engineProblem }: BackupSubject): readonly Finding[] {
  return targets.flatMap((target): readonly Finding[] => {
    const { failure, state, at } = states.find(({ name }) => name === target.name) ?? { failure: null };
    // Without restic no place can be asked, which is said once.
    if (failure === null || failure.key === engineProblem?.key) return [];
    // A disk that comes and goes may be away.
    const severity = state === 'absent' && target.kind === 'usb' ? 'info' : 'error';
    const seen = at == null ? [] : [`Looked at: ${seenAt(at)} UTC`];
    const evidence = [`Place: ${placeOf(target)}`, ...seen];
    return [{ ...failure, severity, subject: target.name, evidence }];
  });
}

/** The desk warns when that has lasted for weeks; who asks the doctor is told at once. */
function untried({ issues, targets, states, lastBackupAt, lastProvenAt }: BackupSubject): readonly Finding[] {
  const isSaid = (key: string, subject: string): boolean =>
    issues.some((issue) => issue.key === key && issue.subject === subject);
  const unread = targets.filter(({ name }) => {
    const state = states.find((one) => one.name === name);
    const isNeverRead = (state?.lastBackupAt ?? null) !== null && state?.lastVerifiedAt === null;
    return isNeverRead && !isSaid('backup.unverified', name);
  });
  const isUnproven = lastBackupAt !== null && lastProvenAt === null && !isSaid('backup.unproven', 'backups');
  return [
    ...unread.map(({ name }): Finding => ({
      ...{ key: 'backup.unverified', severity: 'info', subject: name, evidence: [] },
      message: `The backups at ${name} were never checked.`,
      next: 'Check them: autogit backup verify',
    })),
    ...(isUnproven
      ? [
          {
            ...({ key: 'backup.unproven', severity: 'info', subject: 'backups', evidence: [] } as const),
            message: 'No backup was ever proven by a restore.',
            next: 'Restore the newest to a scratch folder and prove it: autogit backup drill',
          },
        ]
      : []),
  ];
}

/** Of findings that are equally urgent, those of the first come first. */
export const backupChecks: readonly BackupCheck[] = [restic, places, stated, untried];

/** Everything that is wrong now. */
export function checkBackups(subject: BackupSubject): readonly Finding[] {
  return backupChecks.flatMap((check) => check(subject));
}
