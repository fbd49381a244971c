// Places of backups as restic opens them, and what is seen of each: its records, its space, and how it stands.
import type { ResticPlace } from '../../backup-ports.ts';
import { AutoGitError, problemOf, toAutoGitError } from '../../errors.ts';
import type { BackupRecord, TargetState } from '../../model/backup/backup.ts';
import { backupPasswordName, targetSecretName, targetSecrets } from '../../model/backup/target.ts';
import type { BackupSettings } from '../../model/backup/settings.ts';
import type { BackupTarget } from '../../model/backup/target.ts';
import { recordOf } from '../../plan/backups/tags.ts';
import type { BackupGround } from './backup-ground.ts';

/** The secret under which a target keeps a password of its own: its repository was there before. */
export const ownPassword = 'password';

/** In how many parts all data is read back. */
export function readShare({ verifyPercent }: BackupSettings): number {
  return Math.max(1, Math.round(100 / verifyPercent));
}

type Secrets = Pick<BackupGround, 'secrets'>;

/** Throws `backup.unknown-target`. */
export function requireTarget(name: string, { wanted }: Pick<BackupGround, 'wanted'>): BackupTarget {
  const { targets } = wanted();
  const found = targets.find((target) => target.name === name);
  if (found !== undefined) return found;
  throw new AutoGitError({
    key: 'backup.unknown-target',
    message: `There is no target "${name}".`,
    next:
      targets.length === 0
        ? 'Add one: autogit backup add-target'
        : `There are: ${targets.map((target) => target.name).join(', ')}.`,
    fields: { target: name },
  });
}

/** The targets that a request means: all, where it names none. Throws `backup.unknown-target`, `backup.no-target`. */
export function meantTargets(
  names: readonly string[] | undefined,
  ground: Pick<BackupGround, 'wanted'>,
): readonly BackupTarget[] {
  const meant =
    names === undefined || names.length === 0
      ? ground.wanted().targets
      : [...new Set(names)].map((name) => requireTarget(name, ground));
  if (meant.length > 0) return meant;
  throw new AutoGitError({
    key: 'backup.no-target',
    message: 'No place for backups is set, so there is nothing to do.',
    next: 'Add one, such as a folder on another disk: autogit backup add-target',
  });
}

/** A target with what opens it. Throws `backup.no-password`. */
export function placeOfTarget(
  target: BackupTarget,
  { secrets, wanted }: Pick<BackupGround, 'secrets' | 'wanted'>,
  given: {
    readonly password?: string | undefined;
    readonly secrets?: Readonly<Record<string, string>> | undefined;
  } = {},
): ResticPlace {
  const password =
    given.password ??
    secrets.get(targetSecretName(target.name, ownPassword)) ??
    secrets.get(backupPasswordName);
  if (password === null) throw noPassword();
  const own = targetSecrets[target.kind].flatMap((name) => {
    const value = given.secrets?.[name] ?? secrets.get(targetSecretName(target.name, name));
    return value === null ? [] : [[name, value] as const];
  });
  return { target, password, secrets: Object.fromEntries(own), limits: wanted().limits };
}

function noPassword(): AutoGitError {
  return new AutoGitError({
    key: 'backup.no-password',
    message: 'The password of the backups is not among the secrets of this home.',
    next: 'Give the twelve words of the recovery sheet, or add the target again: autogit backup add-target',
  });
}

/** Removes everything secret of a target. */
export async function forgetSecrets(
  { name }: Pick<BackupTarget, 'name'>,
  { secrets }: Secrets,
): Promise<void> {
  const prefix = targetSecretName(name, '');
  for (const secret of secrets.names()) if (secret.startsWith(prefix)) await secrets.remove(secret);
}

/** What is known of a target that nobody has looked at. */
export function stateOf(name: string, { journal }: Pick<BackupGround, 'journal'>): TargetState {
  return (
    journal.targets().find((state) => state.name === name) ?? {
      ...{
        name,
        state: 'unknown',
        at: null,
        failure: null,
        freeBytes: null,
        totalBytes: null,
        usedBytes: null,
      },
      ...{ lastBackupAt: null, lastVerifiedAt: null, lastPrunedAt: null, nextPart: 1 },
    }
  );
}

type Seeing = Pick<BackupGround, 'journal' | 'restic' | 'clock' | 'onChange'>;

/** Changes what is known of a target. */
export function setState(
  name: string,
  change: Partial<Omit<TargetState, 'name'>>,
  ground: Pick<BackupGround, 'journal' | 'clock' | 'onChange'>,
): TargetState {
  const next = { ...stateOf(name, ground), ...change, at: ground.clock.now() };
  ground.journal.setTarget(next);
  ground.onChange();
  return next;
}

/** What a look that failed says about a target. Damage that was found stays until it is mended. */
export function setFailed(name: string, error: unknown, ground: Seeing): void {
  const { key } = toAutoGitError(error);
  const isAbsent = key === 'backup.target-absent';
  setState(name, { state: isAbsent ? 'absent' : 'failing', failure: problemOf(error) }, ground);
}

/** The failure that says that a repository is damaged. */
export const damagedKey = 'backup.repository-damaged';

/** It answers: all is well, but for damage, which only a check that finds none takes back. */
export function setReady(
  name: string,
  change: Partial<Omit<TargetState, 'name'>>,
  ground: Pick<BackupGround, 'journal' | 'clock' | 'onChange'>,
): void {
  const { failure } = stateOf(name, ground);
  const stays = failure?.key === damagedKey ? failure : null;
  setState(name, { state: stays === null ? 'ready' : 'failing', failure: stays, ...change }, ground);
}

/** Reads anew which backups a repository has. Rejects like `Restic`. */
export async function refreshRecords(
  place: ResticPlace,
  ground: Seeing,
  signal: AbortSignal,
): Promise<readonly BackupRecord[]> {
  const { name } = place.target;
  const { journal, restic, onChange } = ground;
  const known = new Map(
    journal.records().flatMap((record) => (record.target === name ? [[record.snapshot, record]] : [])),
  );
  const snapshots = await restic.snapshots(place, signal);
  const records = snapshots.flatMap((snapshot) => recordOf(snapshot, name, known.get(snapshot.id)) ?? []);
  journal.setRecords(name, records);
  onChange();
  return records;
}

/** Reads space anew; what cannot be told stays unknown. Rejects like `Restic`. */
export async function refreshSpace(place: ResticPlace, ground: Seeing, signal: AbortSignal): Promise<void> {
  const { free, total, used } = await ground.restic.space(place, signal);
  setReady(place.target.name, { freeBytes: free, totalBytes: total, usedBytes: used }, ground);
}

/** An empty mount point looks like a new place: what is not there would fill the disk beneath it. Throws `backup.no-repository`. */
export function requireNew(name: string, ground: Pick<BackupGround, 'journal'>): void {
  if (stateOf(name, ground).lastBackupAt === null) return;
  throw new AutoGitError({
    key: 'backup.no-repository',
    message: `There were backups at ${name}, and now there is no repository. Nothing was written there.`,
    next: 'Look whether its disk is mounted. To begin anew there: `autogit backup remove-target`, then add it again.',
    fields: { target: name },
  });
}

/** Looks at a target anew, whatever that shows. Rejects only with the signal's reason. */
export async function lookAtTarget(
  target: BackupTarget,
  ground: BackupGround,
  signal: AbortSignal,
): Promise<void> {
  try {
    const place = placeOfTarget(target, ground);
    if ((await ground.restic.look(place, signal)) === 'new') {
      requireNew(target.name, ground);
      setState(target.name, { state: 'new', failure: null }, ground);
      ground.journal.setRecords(target.name, []);
      return;
    }
    await refreshRecords(place, ground, signal);
    await refreshSpace(place, ground, signal);
  } catch (error) {
    signal.throwIfAborted();
    setFailed(target.name, error, ground);
  }
}
