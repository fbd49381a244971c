// Adding, trying and removing places of backups, and changing schedules.
import type { ResticPlace } from '../../backup-ports.ts';
import type { Output, ParsedInput } from '../../contract/contract.ts';
import { AutoGitError, toAutoGitError } from '../../errors.ts';
import { backupPasswordName, placeOf, targetSecretName, targetSecrets } from '../../model/backup/target.ts';
import type { BackupRecord } from '../../model/backup/backup.ts';
import type { BackupTarget } from '../../model/backup/target.ts';
import type { Settings } from '../../model/settings.ts';
import { recordOf } from '../../plan/backups/tags.ts';
import { nextTimes, readWhen, wordsOf } from '../../plan/backups/when.ts';
import { requireSettings } from '../effect.ts';
import { changeSettings } from '../pool-requests.ts';
import type { RequestContext } from '../requests.ts';
import { zoneOf } from './backup-ground.ts';
import type { BackupGround } from './backup-ground.ts';
import {
  forgetSecrets,
  ownPassword,
  placeOfTarget,
  refreshRecords,
  refreshSpace,
  requireTarget,
  setReady,
} from './backup-places.ts';
import { copyOf, patience, shownTimes } from './show-requests.ts';

type Given = Readonly<Record<string, string>> | undefined;

/** Throws `backup.secret-missing`, `backup.secret-unknown`. */
function requireSecrets(
  target: BackupTarget,
  given: Given,
  { secrets }: Pick<BackupGround, 'secrets'>,
): void {
  const needed = targetSecrets[target.kind];
  const unknown = Object.keys(given ?? {}).find((name) => !needed.includes(name));
  if (unknown !== undefined)
    throw new AutoGitError({
      key: 'backup.secret-unknown',
      message: `A place of kind ${target.kind} has no secret "${unknown}".`,
      next: needed.length === 0 ? 'It needs none.' : `It needs: ${needed.join(', ')}.`,
    });
  const missing = needed.find(
    (name) => (given?.[name] ?? secrets.get(targetSecretName(target.name, name)) ?? '') === '',
  );
  if (missing === undefined) return;
  throw new AutoGitError({
    key: 'backup.secret-missing',
    message: `The place ${target.name} asks for its secret "${missing}", and nobody has given it.`,
    next: 'Give it on the standard input as JSON: --secrets -, or at the question of a terminal.',
    fields: { secret: missing },
  });
}

/** The twelve words, made once; nothing is kept yet. */
function passwordOf({ secrets, words }: Pick<BackupGround, 'secrets' | 'words'>): {
  readonly password: string;
  readonly isNew: boolean;
} {
  const known = secrets.get(backupPasswordName);
  return known === null ? { password: words.make(), isNew: true } : { password: known, isNew: false };
}

/** `backup.test-target`. Rejects with `backup.secret-missing`; whatever is wrong with the place is the answer. */
export async function testTarget(
  { target, secrets }: ParsedInput<'backup.test-target'>,
  { backups }: Pick<RequestContext, 'backups'>,
): Promise<Output<'backup.test-target'>> {
  const { ground } = backups.parts();
  const signal = patience();
  const nothing = { freeBytes: null, hostKeys: [] };
  try {
    requireSecrets(target, secrets, ground);
    const place = placeOfTarget(target, ground, { secrets, ...passwordOf(ground) });
    const state = await ground.restic.look(place, signal);
    const { free } = await ground.restic.space(place, signal).catch(() => ({ free: null }));
    const sentence =
      state === 'new'
        ? `${placeOf(target)} can be reached; a repository will be made there.`
        : `${placeOf(target)} has a repository that the password of this home opens.`;
    return { good: true, state, sentence, next: null, freeBytes: free, hostKeys: [] };
  } catch (error) {
    const { key, message, next } = toAutoGitError(error);
    const isAbsent = key === 'backup.target-absent';
    const answer = { good: false, state: isAbsent ? 'absent' : 'failing', sentence: message, next } as const;
    return { ...answer, ...nothing, hostKeys: await shownKeys(target, key, ground, signal) };
  }
}

/** Only where they are what stands against it. */
async function shownKeys(
  target: BackupTarget,
  key: string,
  { restic }: Pick<BackupGround, 'restic'>,
  signal: AbortSignal,
): Promise<Output<'backup.test-target'>['hostKeys']> {
  if (target.kind !== 'sftp' || key !== 'backup.host-key') return [];
  const keys = await restic.hostKeys(target.host, target.port, signal).catch(() => []);
  return keys.map((one) => ({ ...one }));
}

/**
 * `backup.add-target`. The repository is made, or opened, before the settings name it. Rejects with `backup.target-exists`,
 * `backup.secret-missing`, like `Restic`, and like a change of settings.
 */
export async function addTarget(
  { target, secrets, password, dryRun }: ParsedInput<'backup.add-target'>,
  context: RequestContext,
): Promise<Output<'backup.add-target'>> {
  requireSettings(context);
  const { ground, memory, loop } = context.backups.parts();
  if (ground.wanted().targets.some(({ name }) => name === target.name)) throw targetExists(target.name);
  requireSecrets(target, secrets, ground);
  const own = password === undefined ? undefined : ownPasswordOf(password, ground);
  const home = passwordOf(ground);
  const place = placeOfTarget(target, ground, { secrets, password: own ?? home.password });
  const signal = patience();
  const state = await ground.restic.look(place, signal);
  const words = {
    done: `Backups are kept at ${target.name} now: ${placeOf(target)}.`,
    would: `Backups would be kept at ${target.name}: ${placeOf(target)}. ${state === 'new' ? 'A repository would be made there.' : 'There is a repository, which opens.'}`,
    next:
      memory.read().sheetKeptAt === null
        ? 'Look at the recovery sheet and keep it: autogit backup sheet. Then make the first backup: autogit backup create'
        : 'Make a backup there now: autogit backup create',
  };
  const edit = (present: Settings): Settings => withTargets(present, (targets) => [...targets, target]);
  if (dryRun) return changeSettings(context, true, words, edit);
  // Secrets first: with a repository whose password is lost nobody could do anything.
  if (home.isNew) await ground.secrets.set(backupPasswordName, home.password);
  if (own !== undefined) await ground.secrets.set(targetSecretName(target.name, ownPassword), own);
  for (const [name, value] of Object.entries(secrets ?? {}))
    await ground.secrets.set(targetSecretName(target.name, name), value);
  try {
    if (state === 'new') await ground.restic.init(place, signal);
    const outcome = await changeSettings(context, false, words, edit);
    memory.change((before) => ({ ...before, since: before.since ?? ground.clock.now() }));
    await seeNew(place, ground, signal);
    loop.wake();
    return outcome;
  } catch (error) {
    if (!ground.wanted().targets.some(({ name }) => name === target.name))
      await forgetSecrets(target, ground);
    throw error;
  }
}

/** It is a target now; that it cannot be looked at this minute changes nothing of that. */
async function seeNew(place: ResticPlace, ground: BackupGround, signal: AbortSignal): Promise<void> {
  try {
    setReady(place.target.name, { failure: null, state: 'ready' }, ground);
    await refreshRecords(place, ground, signal);
    await refreshSpace(place, ground, signal);
  } catch (error) {
    ground.log.info('a new place of backups could not be looked at', { error });
  }
}

/** Of a repository that AutoGit made, its words; of another one, whatever it has. `undefined`: it is the home's own. */
function ownPasswordOf(
  given: string,
  { words, secrets }: Pick<BackupGround, 'words' | 'secrets'>,
): string | undefined {
  const password = words.problem(given) === null ? words.normal(given) : given;
  return password === secrets.get(backupPasswordName) ? undefined : password;
}

function withTargets(
  present: Settings,
  change: (targets: Settings['backups']['targets']) => Settings['backups']['targets'],
): Settings {
  return { ...present, backups: { ...present.backups, targets: change(present.backups.targets) } };
}

function targetExists(name: string): AutoGitError {
  return new AutoGitError({
    key: 'backup.target-exists',
    message: `There is a target "${name}" already.`,
    next: 'Take another name, or remove it first, which leaves its backups where they are: autogit backup remove-target',
    fields: { target: name },
  });
}

/** `backup.remove-target`. What is kept there stays. Rejects with `backup.unknown-target`, `backup.busy`. */
export async function removeTarget(
  { name, dryRun }: ParsedInput<'backup.remove-target'>,
  context: RequestContext,
): Promise<Output<'backup.remove-target'>> {
  requireSettings(context);
  const { ground, runs, loop } = context.backups.parts();
  const target = requireTarget(name, ground);
  if (!dryRun && runs.isBusy())
    throw new AutoGitError({
      key: 'backup.busy',
      message: 'A run of backups goes on, which may need this target.',
      next: 'Wait for its end, or stop it: autogit backup cancel',
      retry: true,
    });
  const words = {
    done: `No more backups are kept at ${name}. What is in ${placeOf(target)} stays there.`,
    would: `No more backups would be kept at ${name}; what is in ${placeOf(target)} would stay.`,
    next: 'The words of the recovery sheet still open what is there.',
  };
  const outcome = await changeSettings(context, dryRun, words, (present) => ({
    ...withTargets(present, (targets) => targets.filter((one) => one.name !== name)),
  }));
  if (dryRun) return outcome;
  await forgetSecrets(target, ground);
  ground.journal.removeTarget(name);
  ground.onChange();
  loop.wake();
  return outcome;
}

/** `backup.schedule`. Rejects with `backup.when-wrong`, `backup.unknown-schedule`, `backup.unknown-target`. */
export async function changeSchedule(
  { name, when, targets, on, remove, dryRun }: ParsedInput<'backup.schedule'>,
  context: RequestContext,
): Promise<Output<'backup.schedule'>> {
  const { ground, loop } = context.backups.parts();
  const { schedules } = ground.wanted();
  const known = schedules.find((one) => one.name === name);
  if (known === undefined && (remove || when === undefined))
    throw unknownSchedule(
      name,
      schedules.map((one) => one.name),
    );
  for (const target of targets ?? []) requireTarget(target, ground);
  const text = when ?? known?.when ?? '';
  const read = readWhen(text);
  if (!read.ok && !remove)
    throw new AutoGitError({
      key: 'backup.when-wrong',
      message: read.problem,
      next: 'Try it first: autogit backup preview-when',
    });
  const next = {
    ...{ name, when: text, on: on ?? known?.on ?? true },
    targets: [...(targets ?? known?.targets ?? [])],
  };
  const edited = remove
    ? schedules.filter((one) => one.name !== name)
    : known === undefined
      ? [...schedules, next]
      : schedules.map((one) => (one === known ? next : one));
  const words = read.ok ? read.when.words : wordsOf(text);
  const [done, would] = remove
    ? [`The schedule ${name} is gone.`, `The schedule ${name} would go.`]
    : [
        `${name}: ${words}${next.on ? '' : ', switched off'}.`,
        `${name} would be: ${words}${next.on ? '' : ', switched off'}.`,
      ];
  const outcome = await changeSettings(context, dryRun, { done, would }, (present) => ({
    ...present,
    backups: { ...present.backups, schedules: edited },
  }));
  if (!dryRun) loop.wake();
  const zone = zoneOf(ground.wanted());
  const isFollowed = read.ok && !remove && next.on;
  const nextRuns = isFollowed ? [...nextTimes(read.when, zone, ground.clock.now(), shownTimes)] : [];
  return { ...outcome, words: remove ? '' : words, nextRuns };
}

function unknownSchedule(name: string, names: readonly string[]): AutoGitError {
  return new AutoGitError({
    key: 'backup.unknown-schedule',
    message: `There is no schedule "${name}".`,
    next: `Say when, to add it: autogit backup schedule ${name} "daily at 02:00".${names.length === 0 ? '' : ` There are: ${names.join(', ')}.`}`,
  });
}

/** `backup.find`: what a place has that no settings know. Rejects like `Restic`. */
export async function findBackups(
  { place: target, secrets, password }: ParsedInput<'backup.find'>,
  { backups }: Pick<RequestContext, 'backups'>,
): Promise<Output<'backup.find'>> {
  const { ground } = backups.parts();
  requireSecrets(target, secrets, ground);
  const given = password === undefined ? {} : { password: readWords(password, ground) };
  const place = placeOfTarget(target, ground, { secrets, ...given });
  return { backups: (await recordsOfPlace(place, ground)).map(copyOf) };
}

/** Backups of a place that need not be a target, newest first. Rejects like `Restic`. */
export async function recordsOfPlace(
  place: ResticPlace,
  { restic }: Pick<BackupGround, 'restic'>,
): Promise<readonly BackupRecord[]> {
  const snapshots = await restic.snapshots(place, patience());
  const found = snapshots.flatMap((snapshot) => recordOf(snapshot, place.target.name, undefined) ?? []);
  return found.toSorted((a, b) => b.at - a.at);
}

/** Words as a person writes them. Rejects with `backup.words-wrong` for some that look like words and are none. */
export function readWords(text: string, { words }: Pick<BackupGround, 'words'>): string {
  const problem = words.problem(text);
  if (problem === null) return words.normal(text);
  // Somebody's own password is no twelve words.
  if (text.trim().split(/\s+/).length < 6) return text;
  throw new AutoGitError({
    key: 'backup.words-wrong',
    message: problem,
    next: 'Compare them with the recovery sheet, word by word.',
  });
}
