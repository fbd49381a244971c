// `backup.plan-restore` and `backup.restore`: from a target, or from a place that no settings know yet.
import type { Output, ParsedInput } from '../../contract/contract.ts';
import { restorePlanSchema } from '../../contract/backup-fields.ts';
import { AutoGitError } from '../../errors.ts';
import type { BackupRun } from '../../model/backup/backup.ts';
import type { RestorePlan } from '../../plan/backups/plan-restore.ts';
import { toOutcome } from '../outcome.ts';
import type { RequestContext } from '../requests.ts';
import type { BackupGround } from './backup-ground.ts';
import { placeOfTarget } from './backup-places.ts';
import type { RestoreEnd } from './restore-link.ts';
import type { RestoreWish } from './restore-ground.ts';
import { beginRestore, requireRestores } from './restore-work.ts';
import { choose, findBackup } from './show-requests.ts';
import { readWords, recordsOfPlace } from './target-requests.ts';

type Wanted = Pick<
  ParsedInput<'backup.plan-restore'>,
  'backup' | 'target' | 'parts' | 'project' | 'to' | 'withoutSafety' | 'place' | 'secrets' | 'password'
>;

/** What somebody wants restored, found. Rejects with `backup.unknown`, and like `Restic` for a place. */
async function wishOf(wanted: Wanted, ground: BackupGround): Promise<RestoreWish> {
  const { backup, target, parts, project, to, withoutSafety, place: given, secrets, password } = wanted;
  const choice = { parts: parts ?? null, project: project ?? null, to: to ?? null, withoutSafety };
  const opens = password === undefined ? {} : { password: readWords(password, ground) };
  if (given === undefined) {
    const found = await findBackup(backup, target, ground);
    return {
      ...choice,
      record: found.record,
      place: placeOfTarget(found.target, ground, { secrets, ...opens }),
    };
  }
  const place = placeOfTarget(given, ground, { secrets, ...opens });
  const records = await recordsOfPlace(place, ground);
  return { ...choice, record: choose(backup, records, [given.name], ground), place };
}

/** `backup.plan-restore`. */
export async function planRestoreRequest(
  input: ParsedInput<'backup.plan-restore'>,
  { backups }: Pick<RequestContext, 'backups'>,
): Promise<Output<'backup.plan-restore'>> {
  const { ground } = backups.parts();
  const restores = requireRestores({ ground });
  return restorePlanSchema.parse(await restores.plan(await wishOf(input, ground)));
}

/**
 * `backup.restore`. Through another door than the command line the plan's hash has to be sent: somebody has seen it. Rejects with
 * `backup.not-agreed`, with the first error of the plan, and with what ended it.
 */
export async function restoreRequest(
  input: ParsedInput<'backup.restore'>,
  context: RequestContext,
): Promise<Output<'backup.restore'>> {
  const { ground, runs } = context.backups.parts();
  const restores = requireRestores({ ground });
  const wish = await wishOf(input, ground);
  const made = await restores.plan(wish);
  const plan = restorePlanSchema.parse(made);
  if (input.dryRun)
    return { ...toOutcome([], true, 'This would be restored:'), actions: actionsOf(made), run: null, plan };
  if (input.plan === undefined) throw notAgreed();
  // Asked before it begins: on its way the home is opened anew, and only this outlives that.
  const end = ground.restoreEnd();
  const { id, ended } = beginRestore(wish, input.plan, context.door, { ground, runs });
  if (!input.wait)
    return { ...toOutcome([], false, 'It has begun.', 'Watch it: autogit backup watch'), run: id, plan };
  const message = await endOf(end, ended);
  return { ...toOutcome([], false, message, 'See how it stands: autogit status'), run: id, plan };
}

interface Ending {
  readonly outcome: BackupRun['outcome'];
}

/** What it was that ended first: the restore, or a run that never became one. */
async function endOf(
  end: Promise<RestoreEnd>,
  ended: ReturnType<typeof beginRestore>['ended'],
): Promise<string> {
  const early = ended.then(
    async ({ run, message }): Promise<Pick<RestoreEnd, 'message' | 'failure'> & Ending> => {
      // The home is opened anew, and the next laboratory goes on with it.
      if (run.outcome === 'interrupted') return end;
      return { outcome: run.outcome, message, failure: run.failures[0] ?? null };
    },
  );
  const { outcome, message, failure } = await Promise.race([end, early]);
  if (outcome === 'done') return message;
  throw new AutoGitError({
    key: failure?.key ?? 'backup.cancelled',
    message,
    next: failure?.next ?? 'Begin it again when it suits: autogit backup restore',
  });
}

function actionsOf({ changes }: RestorePlan): Output<'backup.restore'>['actions'] {
  return changes
    .filter(({ change }) => change === 'create' || change === 'replace')
    .map(({ part, what, now, then, change }) => ({
      kind: change,
      target: `${part}: ${what}`,
      reason: now === '' ? then : `${now} becomes ${then}`,
    }));
}

function notAgreed(): AutoGitError {
  return new AutoGitError({
    key: 'backup.not-agreed',
    message: 'Nobody has agreed to what the restore would replace, so nothing was changed.',
    next: 'Look at it with autogit backup plan-restore, then: autogit backup restore --yes. Over HTTP, send the hash of the plan as `plan`.',
  });
}
