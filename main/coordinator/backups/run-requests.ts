// Commands that begin runs of backups, and the one that breaks them off.
import type { Output, ParsedInput } from '../../contract/contract.ts';
import { AutoGitError } from '../../errors.ts';
import type { BackupRun } from '../../model/backup/backup.ts';
import type { Keep } from '../../model/backup/settings.ts';
import type { BackupTarget } from '../../model/backup/target.ts';
import { placeOf } from '../../model/backup/target.ts';
import type { KeptBackup } from '../../plan/backups/keep.ts';
import { requireSettings } from '../effect.ts';
import { toOutcome } from '../outcome.ts';
import type { RequestContext } from '../requests.ts';
import { beginCreate, beginDrill, beginPrune, beginVerify, byPerson } from './backup-parts.ts';
import type { Begun } from './backup-parts.ts';
import { lookAtTarget, meantTargets, requireTarget } from './backup-places.ts';
import type { EndedRun } from './backup-runs.ts';
import { keepPlanOf } from './backup-work.ts';
import { copyOf, findBackup, patience } from './show-requests.ts';

type Outcome = Output<'backup.create'>;

interface Planned {
  readonly kind: string;
  readonly target: string;
  readonly reason: string;
}

function wouldDo(actions: readonly Planned[], message: string): Outcome {
  return { ...toOutcome([], true, message), actions: actions.map((one) => ({ ...one })), run: null };
}

/**
 * What a run that has begun answers: at once, or when it has ended. Rejects with what ended it; one that failed at some
 * targets is a failure, too, and says what went well.
 */
export async function answerOf({ id, ended }: Begun, wait: boolean, next: string | null): Promise<Outcome> {
  if (!wait) return { ...toOutcome([], false, 'It has begun.', 'Watch it: autogit backup watch'), run: id };
  const end = await ended;
  requireDone(end);
  return { ...toOutcome([], false, end.message, next), run: id };
}

function requireDone({ run, message }: EndedRun): void {
  const { outcome, failures } = run;
  if (outcome === 'done') return;
  const [failure] = failures;
  if (failure !== undefined) throw new AutoGitError({ ...failureOf(failure), message });
  throw brokenOff(run);
}

function failureOf({ key, next }: BackupRun['failures'][number]): {
  readonly key: string;
  readonly next: string;
} {
  return { key, next };
}

function brokenOff({ verb, outcome }: BackupRun): AutoGitError {
  if (outcome === 'cancelled')
    return new AutoGitError({
      key: 'backup.cancelled',
      message: 'It was cancelled before it was done.',
      next: `What was kept before stays. Begin it again when it suits: autogit backup ${verb}`,
    });
  return new AutoGitError({
    key: 'backup.interrupted',
    message: 'AutoGit ended in the middle of it.',
    next: `Nothing that was kept before is lost. Begin it again: autogit backup ${verb}`,
    retry: true,
  });
}

function atTargets(targets: readonly BackupTarget[], kind: string, reason: string): readonly Planned[] {
  return targets.map((target) => ({ kind, target: target.name, reason: `${placeOf(target)}: ${reason}` }));
}

/** `backup.create`. Rejects with `backup.busy`, `backup.no-target`, `backup.unknown-target`, and with what ended it. */
export async function createBackup(
  { targets, wait, dryRun }: ParsedInput<'backup.create'>,
  context: RequestContext,
): Promise<Outcome> {
  requireSettings(context);
  const parts = context.backups.parts();
  const meant = meantTargets(targets, parts.ground);
  if (dryRun)
    return wouldDo(
      atTargets(meant, 'send-backup', 'a new backup is sent there; nothing is stopped for it'),
      'A backup would be made.',
    );
  return answerOf(beginCreate(meant, byPerson, parts), wait, 'See it: autogit backup list');
}

/** `backup.verify`. Rejects like `backup.create`. */
export async function verifyBackups(
  { targets, all, wait, dryRun }: ParsedInput<'backup.verify'>,
  context: RequestContext,
): Promise<Outcome> {
  const parts = context.backups.parts();
  const meant = meantTargets(targets, parts.ground);
  const share = all ? 'all' : `${parts.ground.wanted().verifyPercent} %`;
  if (dryRun)
    return wouldDo(
      atTargets(meant, 'read-back', `${share} of the data is read`),
      'Repositories would be checked.',
    );
  return answerOf(
    beginVerify(meant, all, byPerson, parts),
    wait,
    'Prove one by a restore: autogit backup drill',
  );
}

/** `backup.drill`. Rejects with `backup.unknown`, and like `backup.create`. */
export async function drillBackups(
  { backup, target, wait, dryRun }: ParsedInput<'backup.drill'>,
  context: RequestContext,
): Promise<Outcome> {
  const parts = context.backups.parts();
  meantTargets(undefined, parts.ground);
  const found = await findBackup(backup, target, parts.ground);
  if (dryRun) {
    const reason = `backup ${found.record.id.slice(0, 8)} is restored to a scratch folder and judged`;
    return wouldDo(
      atTargets([found.target], 'prove', reason),
      'A backup would be proven. Nothing here changes.',
    );
  }
  return answerOf(beginDrill(found.record, found.target, byPerson, parts), wait, null);
}

/** `backup.prune`. Rejects like `backup.create`, and with `backup.prune-doubt`. */
export async function pruneBackups(
  { targets, wait, dryRun }: ParsedInput<'backup.prune'>,
  context: RequestContext,
): Promise<Output<'backup.prune'>> {
  const parts = context.backups.parts();
  const { ground } = parts;
  const meant = meantTargets(targets, ground);
  // What is shown is what the repositories have now, where they can be asked.
  if (!parts.runs.isBusy()) for (const target of meant) await lookAtTarget(target, ground, patience());
  const plans = meant.map(({ name }) => keepPlanOf(name, ground));
  const rows = plans.flatMap(({ backups }) => backups);
  const backups = rows.map(({ backup, kept }) => ({ backup: copyOf(backup), kept: [...kept] }));
  if (!dryRun) {
    const answer = await answerOf(beginPrune(meant, byPerson, parts), wait, null);
    return { ...answer, backups };
  }
  const doubts = plans.flatMap(({ doubt }) => doubt ?? []);
  const going = rows.filter(({ kept }) => kept.length === 0);
  return { ...wouldDo(goingOf(going, doubts), pruneWords(going.length, doubts)), backups };
}

/** `backup.preview-keep`: by what was seen last, so that it answers while somebody types. Rejects with `backup.unknown-target`. */
export async function previewKeep(
  { targets, last, days, daily, weekly, monthly, yearly }: ParsedInput<'backup.preview-keep'>,
  { backups: desk }: Pick<RequestContext, 'backups'>,
): Promise<Output<'backup.preview-keep'>> {
  const { ground } = desk.parts();
  const { keep: saved, targets: all } = ground.wanted();
  const keep: Keep = {
    ...{ last: last ?? saved.last, days: days ?? saved.days, daily: daily ?? saved.daily },
    ...{ weekly: weekly ?? saved.weekly, monthly: monthly ?? saved.monthly, yearly: yearly ?? saved.yearly },
  };
  const meant = targets?.map((name) => requireTarget(name, ground)) ?? all;
  const plans = meant.map(({ name }) => keepPlanOf(name, ground, keep));
  const rows = plans.flatMap(({ backups }) => backups);
  const doubts = plans.flatMap(({ doubt }) => doubt ?? []);
  return {
    sentence: pruneWords(rows.filter(({ kept }) => kept.length === 0).length, doubts),
    backups: rows.map(({ backup, kept }) => ({ backup: copyOf(backup), kept: [...kept] })),
  };
}

function goingOf(going: readonly KeptBackup[], doubts: readonly string[]): readonly Planned[] {
  if (doubts.length > 0) return [];
  return going.map(({ backup: { id, target } }) => ({
    kind: 'forget',
    target: `${id.slice(0, 8)} at ${target}`,
    reason: 'nothing in backups.keep keeps it',
  }));
}

function pruneWords(count: number, [doubt]: readonly string[]): string {
  if (doubt !== undefined) return `Nothing would be removed: ${doubt}`;
  return count === 0
    ? 'Every backup is kept; room would be made of what belongs to none.'
    : `${count} ${count === 1 ? 'backup' : 'backups'} would be removed for ever.`;
}

/** `backup.cancel`. */
export async function cancelBackup(
  { dryRun }: ParsedInput<'backup.cancel'>,
  context: RequestContext,
): Promise<Output<'backup.cancel'>> {
  const { runs } = context.backups.parts();
  const progress = runs.isBusy() ? runs.progress() : null;
  if (progress === null) return toOutcome([], dryRun, 'Nothing goes on.');
  if (dryRun) return toOutcome([], true, `\`backup ${progress.verb}\` would be stopped.`);
  await runs.cancel();
  return toOutcome(
    [],
    false,
    'It is stopped. What was kept before stays.',
    'See how it stands: autogit backup show',
  );
}
