// What is wrong with backups, each with what to do about it.
import type { BackupFailure, BackupRecord, BackupRun, TargetState } from '../../model/backup/backup.ts';
import type { BackupTarget } from '../../model/backup/target.ts';
import type { Issue } from '../../model/issue.ts';
import { futureMs } from './keep.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** After a due time, before it is called overdue: retries and a long run fit into it. */
const graceMs = 6 * hour;
/** Without any proof for so long. */
const provenMs = 21 * day;
const verifiedMs = 21 * day;
/** Of a place, below which it is called nearly full, and bytes that are always enough. */
const leastShare = 0.1;
const enoughBytes = 100e9;
const leastBytes = 2e9;

export interface BackupFacts {
  readonly now: number;
  readonly instance: string;
  /** There is a lab whose loss would hurt. */
  readonly hasLab: boolean;
  readonly targets: readonly BackupTarget[];
  readonly states: readonly TargetState[];
  readonly records: readonly BackupRecord[];
  /** Newest first. */
  readonly runs: readonly BackupRun[];
  /** The newest due time of any schedule that is on, and how it is called; `null`: none was due yet. */
  readonly lastDue: { readonly at: number; readonly words: string } | null;
  /** A schedule is on. */
  readonly isScheduled: boolean;
  /** When the first target was added, as far as that is known. */
  readonly since: number | null;
  readonly sheetKeptAt: number | null;
  /** Why the clock cannot be trusted; `null`: it can. */
  readonly clockDoubt: string | null;
  /** Why a restore that is open goes neither on nor back. */
  readonly halted?: BackupFailure | null;
  /** Rules of the settings that cannot be read, each in a sentence. */
  readonly badRules: readonly { readonly name: string; readonly problem: string }[];
}

type Told = Pick<Issue, 'severity' | 'message' | 'next'>;

function issue(key: string, subject: string, { severity, message, next }: Told): Issue {
  return { key, severity, subject, message, next };
}

/** `3 days`, `5 hours`. */
export function spanWords(ms: number): string {
  const [count, unit] =
    ms >= 2 * day
      ? [Math.floor(ms / day), 'day']
      : ms >= 2 * hour
        ? [Math.floor(ms / hour), 'hour']
        : [Math.max(1, Math.floor(ms / 60_000)), 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

const sizeWords = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`;

/** Everything that is wrong now. */
export function backupIssues(facts: BackupFacts): readonly Issue[] {
  const { targets, hasLab } = facts;
  // A restore needs no target: its place may be named with it.
  if (targets.length === 0) return [...halted(facts), ...(hasLab ? [noTarget()] : [])];
  return [
    ...halted(facts),
    ...(facts.sheetKeptAt === null ? [sheetNotKept()] : []),
    ...freshness(facts),
    ...failedRuns(facts),
    ...targets.flatMap((target) => targetIssues(target, facts)),
    ...damaged(facts),
    ...proofs(facts),
    ...clock(facts),
    ...facts.badRules.map(({ name, problem }) => badRule(name, problem)),
  ];
}

function halted({ halted: why }: BackupFacts): readonly Issue[] {
  if (why === null || why === undefined) return [];
  const { key, message, next } = why;
  return [issue(key, 'restore', { severity: 'error', message, next })];
}

function noTarget(): Issue {
  return issue('backup.no-target', 'backups', {
    severity: 'info',
    message: 'Nothing of this lab is backed up: no place for backups is set.',
    next: 'Add one: autogit backup add-target, or in the window under Backups.',
  });
}

function sheetNotKept(): Issue {
  return issue('backup.sheet-not-kept', 'recovery sheet', {
    severity: 'warning',
    message:
      'Nobody has confirmed that the recovery sheet is kept. Without its twelve words no backup can be opened when this machine is lost.',
    next: 'Show it with autogit backup sheet, write it down or print it, then confirm: autogit backup sheet-kept',
  });
}

function newestAt({ records, instance }: BackupFacts): number | null {
  const own = records.filter((record) => record.instance === instance).map(({ at }) => at);
  return own.length === 0 ? null : Math.max(...own);
}

function freshness(facts: BackupFacts): readonly Issue[] {
  const { now, lastDue, isScheduled, since } = facts;
  const newest = newestAt(facts);
  if (newest === null) {
    // Right after a place was added, the first night is still to come.
    const isOld = since !== null && now - since > day + graceMs;
    return [
      issue('backup.none-yet', 'backups', {
        severity: isOld ? 'error' : 'info',
        message: 'There is no backup of this lab yet.',
        next: 'Make the first one: autogit backup create',
      }),
    ];
  }
  if (!isScheduled)
    return [
      issue('backup.no-schedule', 'backups', {
        severity: 'info',
        message: `No schedule is on; the newest backup is ${spanWords(now - newest)} old.`,
        next: 'Set one: autogit backup schedule nightly "daily at 02:00"',
      }),
    ];
  if (lastDue === null || newest >= lastDue.at || now - lastDue.at < graceMs) return [];
  return [
    issue('backup.overdue', 'backups', {
      severity: 'error',
      message: `A backup is overdue: the one of "${lastDue.words}" was not made. The newest is ${spanWords(now - newest)} old.`,
      next: 'Make one now: autogit backup create. Why it failed: autogit backup show',
    }),
  ];
}

const verbWords = {
  create: 'The last backup',
  verify: 'The last check of backups',
  drill: 'The last restore drill',
  prune: 'Making room for backups',
  restore: 'The last restore',
} as const;

/** Of each verb the newest run counts; what a person cancelled is no failure. */
function failedRuns({ runs, targets, halted }: BackupFacts): readonly Issue[] {
  const newest = new Map<BackupRun['verb'], BackupRun>();
  for (const run of runs)
    if (run.outcome !== null && run.outcome !== 'cancelled' && !newest.has(run.verb))
      newest.set(run.verb, run);
  return [...newest.values()].flatMap((run) => {
    if (run.outcome === 'done' || run.outcome === 'interrupted') return [];
    return (
      run.failures
        // Of the one that is open, the issue of its own says more.
        .filter(({ key }) => key !== halted?.key)
        .filter(({ target }) => target === '' || targets.some(({ name }) => name === target))
        .map(({ target, message, next }) =>
          issue('backup.failed', target === '' ? run.verb : `${run.verb} ${target}`, {
            severity: 'error',
            message: `${verbWords[run.verb]}${target === '' ? '' : ` at ${target}`} failed: ${message}`,
            next,
          }),
        )
    );
  });
}

function targetIssues({ name }: BackupTarget, { states, now, since }: BackupFacts): readonly Issue[] {
  const state = states.find((one) => one.name === name);
  if (state === undefined) return [];
  const { freeBytes, totalBytes, lastBackupAt, lastVerifiedAt } = state;
  const found: Issue[] = [];
  const isTight =
    freeBytes !== null &&
    (freeBytes < leastBytes ||
      (totalBytes !== null && freeBytes < enoughBytes && freeBytes < totalBytes * leastShare));
  if (isTight)
    found.push(
      issue('backup.target-nearly-full', name, {
        severity: 'warning',
        message: `The place ${name} is nearly full: ${sizeWords(freeBytes)} are free${totalBytes === null ? '' : ` of ${sizeWords(totalBytes)}`}.`,
        next: 'Keep fewer backups (settings backups.keep) and make room: autogit backup prune. Or add a larger place.',
      }),
    );
  const verifiedSince = lastVerifiedAt ?? since;
  if (lastBackupAt !== null && verifiedSince !== null && now - verifiedSince > verifiedMs)
    found.push(
      issue('backup.unverified', name, {
        severity: 'warning',
        message:
          lastVerifiedAt === null
            ? `The backups at ${name} were never checked.`
            : `The backups at ${name} were last checked ${spanWords(now - lastVerifiedAt)} ago.`,
        next: 'Check them: autogit backup verify',
      }),
    );
  return found;
}

function damaged({ records, instance, targets }: BackupFacts): readonly Issue[] {
  return targets.flatMap(({ name }) => {
    const bad = records.filter(
      (record) => record.target === name && record.instance === instance && record.damage !== null,
    );
    const [first] = bad;
    if (first === undefined) return [];
    const which = bad.length === 1 ? `Backup ${first.id.slice(0, 8)}` : `${bad.length} backups`;
    return [
      issue('backup.damaged', name, {
        severity: 'error',
        message: `${which} at ${name} ${bad.length === 1 ? 'is' : 'are'} damaged: ${first.damage ?? ''} Nothing is removed there meanwhile.`,
        next: 'Check the disk, then make a new backup: autogit backup create. What is undamaged can still be restored.',
      }),
    ];
  });
}

function proofs(facts: BackupFacts): readonly Issue[] {
  const { records, instance, now, since } = facts;
  const own = records.filter((record) => record.instance === instance);
  if (own.length === 0) return [];
  const proven = own.map(({ provenAt }) => provenAt ?? 0).reduce((a, b) => Math.max(a, b), 0);
  const from = proven === 0 ? since : proven;
  if (from === null || now - from <= provenMs) return [];
  return [
    issue('backup.unproven', 'backups', {
      severity: 'warning',
      message:
        proven === 0
          ? 'No backup was ever proven by a restore.'
          : `The last proven restore is ${spanWords(now - proven)} ago.`,
      next: 'Restore the newest to a scratch folder and prove it: autogit backup drill',
    }),
  ];
}

function clock({ clockDoubt }: BackupFacts): readonly Issue[] {
  if (clockDoubt === null) return [];
  return [
    issue('backup.clock', 'clock', {
      severity: 'warning',
      message: `${clockDoubt} No backup is removed until that is settled.`,
      next: "Set this machine's clock right, for example with timedatectl set-ntp true, then start AutoGit again.",
    }),
  ];
}

function badRule(name: string, problem: string): Issue {
  return issue('backup.bad-rule', name, {
    severity: 'error',
    message: `The rule in time of ${name} cannot be followed: ${problem}`,
    next: 'Set another one: autogit backup schedule, or backups in the settings.',
  });
}

/** Why the clock cannot be trusted: it was set back while AutoGit ran, or backups are from its future. */
export function clockDoubtOf({
  now,
  aheadMs,
  records,
}: {
  readonly now: number;
  readonly aheadMs: number;
  readonly records: readonly BackupRecord[];
}): string | null {
  if (aheadMs >= futureMs)
    return `The clock of this machine was set back by ${spanWords(aheadMs)} while AutoGit ran.`;
  const ahead = records.reduce((most, { at }) => Math.max(most, at), 0) - now;
  if (ahead <= futureMs) return null;
  return `The newest backup is ${spanWords(ahead)} ahead of this machine's clock.`;
}
