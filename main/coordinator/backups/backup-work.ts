// What the runs do: gather and send, check and read back, prove, forget and make room.
import type { ResticPlace, ResticProgress } from '../../backup-ports.ts';
import { AutoGitError, problemOf, toAutoGitError } from '../../errors.ts';
import type { BackupRecord } from '../../model/backup/backup.ts';
import type { Keep } from '../../model/backup/settings.ts';
import type { BackupTarget } from '../../model/backup/target.ts';
import { clockDoubtOf } from '../../plan/backups/issues.ts';
import { planKeep } from '../../plan/backups/keep.ts';
import type { KeepPlan } from '../../plan/backups/keep.ts';
import { recordOf, tagsOf } from '../../plan/backups/tags.ts';
import { newId, zoneOf } from './backup-ground.ts';
import type { BackupGround, BackupNews } from './backup-ground.ts';
import {
  damagedKey,
  placeOfTarget,
  readShare,
  refreshRecords,
  refreshSpace,
  requireNew,
  setFailed,
  setReady,
  setState,
  stateOf,
} from './backup-places.ts';
import type { RunEnd, RunTools, RunWork, TargetFailure } from './backup-runs.ts';

function newsOf({ bytesDone, bytesTotal, filesDone, filesTotal, secondsLeft }: ResticProgress): BackupNews {
  return {
    bytes: { done: bytesDone, total: bytesTotal },
    files: { done: filesDone, total: filesTotal },
    secondsLeft,
  };
}

/** Does one thing at each target in turn: one that fails does not stop the others. */
async function atEach(
  targets: readonly BackupTarget[],
  ground: BackupGround,
  signal: AbortSignal,
  work: (place: ResticPlace) => Promise<void>,
): Promise<readonly TargetFailure[]> {
  const failures: TargetFailure[] = [];
  for (const target of targets) {
    try {
      await work(placeOfTarget(target, ground));
    } catch (error) {
      signal.throwIfAborted();
      setFailed(target.name, error, ground);
      failures.push({ target: target.name, ...problemOf(error) });
    }
  }
  return failures;
}

/** `nas and usb`. */
export function namesOf(names: readonly string[]): string {
  return names.length <= 1 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

function endOf(
  targets: readonly BackupTarget[],
  failures: readonly TargetFailure[],
  words: (where: string) => string,
  backup: string | null,
): RunEnd {
  const good = targets.filter(({ name }) => !failures.some(({ target }) => target === name));
  const [first] = failures;
  const bad = first === undefined ? '' : `${first.target} failed: ${first.message}`;
  const done = good.length === 0 ? '' : words(namesOf(good.map(({ name }) => name)));
  return { message: [done, bad].filter((part) => part !== '').join(' But '), failures, backup };
}

/** Gathers once, and sends that to each target. */
export function createWork(targets: readonly BackupTarget[], ground: BackupGround): RunWork {
  return async ({ tell, signal }) => {
    const { clock, files } = ground;
    tell({ step: 'dump', message: 'Gathering what belongs to this lab' });
    const id = newId(ground);
    try {
      const staged = await ground.stage({ id, at: clock.now(), tell, signal });
      signal.throwIfAborted();
      const failures = await atEach(targets, ground, signal, (place) =>
        send(place, staged, ground, { tell, signal }),
      );
      return endOf(targets, failures, (where) => `The backup is at ${where}.`, id);
    } finally {
      await files.remove('stage');
    }
  };
}

type Staged = Awaited<ReturnType<BackupGround['stage']>>;
type Telling = Pick<RunTools, 'tell' | 'signal'>;

async function send(
  place: ResticPlace,
  { folder, manifest, sha256 }: Staged,
  ground: BackupGround,
  { tell, signal }: Telling,
): Promise<void> {
  const { restic, journal, clock, machine, log } = ground;
  const { name } = place.target;
  tell({
    step: 'send',
    target: name,
    message: `Sending it to ${name}`,
    bytes: null,
    files: null,
    secondsLeft: null,
  });
  await open(place, ground, signal);
  // A kill may have left a lock of ours; those of others stay.
  await restic.unlock(place, signal);
  const tags = tagsOf(manifest, sha256);
  const sent = await restic.backup(
    place,
    { folder, host: machine, tags, at: manifest.at },
    (progress) => tell(newsOf(progress)),
    signal,
  );
  const snapshot = { id: sent.snapshot, at: manifest.at, host: machine, paths: [], tags };
  const record = recordOf(snapshot, name, undefined);
  if (record !== null) journal.setRecord({ ...record, addedBytes: sent.addedBytes });
  setReady(name, { lastBackupAt: clock.now() }, ground);
  await refreshSpace(place, ground, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    // It is there; that nobody can tell how much room is left takes nothing of that away.
    log.warn('the room at a place of backups could not be read', { error, target: name });
  });
}

/**
 * Reads anew what a place has, which opens it; each call of restic costs most of a second. Makes the repository where there is none;
 * one that opens and cannot be listed this minute takes backups all the same. Rejects like `Restic`.
 */
async function open(place: ResticPlace, ground: BackupGround, signal: AbortSignal): Promise<void> {
  const { restic, log } = ground;
  const { name } = place.target;
  try {
    await refreshRecords(place, ground, signal);
  } catch (error) {
    signal.throwIfAborted();
    // Whoever has waited for it once need not wait again.
    if (toAutoGitError(error).key === 'backup.target-unreachable') throw error;
    if ((await restic.look(place, signal)) === 'ready') {
      log.warn('the backups at a place could not be listed', { error, target: name });
      return;
    }
    requireNew(name, ground);
    await restic.init(place, signal);
  }
}

async function refresh(place: ResticPlace, ground: BackupGround, signal: AbortSignal): Promise<void> {
  try {
    await refreshRecords(place, ground, signal);
    await refreshSpace(place, ground, signal);
  } catch (error) {
    signal.throwIfAborted();
    ground.log.warn('a place of backups could not be looked at after a run', {
      error,
      target: place.target.name,
    });
  }
}

/** Checks each repository, and reads a part of its data back, another one each time. */
export function verifyWork(targets: readonly BackupTarget[], all: boolean, ground: BackupGround): RunWork {
  return async ({ tell, signal }) => {
    const failures = await atEach(targets, ground, signal, (place) =>
      verify(place, all, ground, { tell, signal }),
    );
    return endOf(targets, failures, (where) => `What was read back at ${where} is sound.`, null);
  };
}

async function verify(
  place: ResticPlace,
  all: boolean,
  ground: BackupGround,
  { tell, signal }: Telling,
): Promise<void> {
  const { name } = place.target;
  const of = all ? 1 : readShare(ground.wanted());
  const part = all ? 1 : ((stateOf(name, ground).nextPart - 1) % of) + 1;
  const what = of === 1 ? 'all of its data' : `part ${part} of ${of} of its data`;
  tell({ step: 'read', target: name, message: `Checking ${name} and reading back ${what}` });
  await ground.restic.unlock(place, signal);
  const { isSound, findings } = await ground.restic.check(place, { part, of }, signal);
  if (!isSound) throw damaged(name, findings);
  const { failure, nextPart } = stateOf(name, ground);
  // The part in which damage was found is read again until it is sound.
  const isMended = failure?.key === damagedKey;
  setState(
    name,
    {
      ...{ state: 'ready', failure: null, lastVerifiedAt: ground.clock.now() },
      nextPart: all && !isMended ? nextPart : (part % of) + 1,
    },
    ground,
  );
  await refresh(place, ground, signal);
}

function damaged(name: string, findings: readonly string[]): AutoGitError {
  const more = findings.length > 1 ? ` And ${findings.length - 1} more.` : '';
  return new AutoGitError({
    key: damagedKey,
    message: `The repository at ${name} is damaged: ${findings[0] ?? 'its check found errors.'}${more} Nothing is removed there meanwhile.`,
    next: 'Check the disk it lies on, and keep backups at another place as well. What is undamaged can still be restored; how to mend the rest, restic tells: https://restic.readthedocs.io/en/stable/077_troubleshooting.html',
    fields: { target: name },
  });
}

/** Why nothing may be removed at a target; `null`: nothing stands against it. */
export function doubtAt(name: string, ground: BackupGround): string | null {
  const { clock, journal } = ground;
  const { failure } = stateOf(name, ground);
  if (failure?.key === damagedKey) return failure.message;
  return clockDoubtOf({
    ...{ now: clock.now(), aheadMs: clock.aheadMs?.() ?? 0 },
    records: journal.records().filter(({ target }) => target === name),
  });
}

/** What stays at a target and what goes, by what is known of it; `keep`: by these rules in place of those of the settings. */
export function keepPlanOf(name: string, ground: BackupGround, keep: Keep = ground.wanted().keep): KeepPlan {
  const { clock, store, journal, wanted } = ground;
  const records = journal.records().filter(({ target }) => target === name);
  const facts = { now: clock.now(), zone: zoneOf(wanted()), instance: store.instance };
  return planKeep(records, keep, { ...facts, doubt: doubtAt(name, ground) });
}

/** Forgets what is no longer kept, and makes room of it. */
export function pruneWork(targets: readonly BackupTarget[], ground: BackupGround): RunWork {
  return async ({ tell, signal }) => {
    let gone = 0;
    const failures = await atEach(targets, ground, signal, async (place) => {
      gone += await prune(place, ground, { tell, signal });
    });
    const what = gone === 1 ? 'One backup is' : `${gone === 0 ? 'No' : gone} backups are`;
    return endOf(targets, failures, (where) => `${what} gone at ${where}, and room is made.`, null);
  };
}

/** How many are gone. */
async function prune(place: ResticPlace, ground: BackupGround, { tell, signal }: Telling): Promise<number> {
  const { name } = place.target;
  const { restic } = ground;
  tell({ step: 'forget', target: name, message: `Looking at what ${name} keeps` });
  await restic.unlock(place, signal);
  await refreshRecords(place, ground, signal);
  const { backups, doubt } = keepPlanOf(name, ground);
  if (doubt !== null) throw inDoubt(name, doubt);
  const going = backups.filter(({ kept }) => kept.length === 0).map(({ backup }) => backup);
  if (going.length > 0) {
    tell({ message: `Forgetting ${going.length} at ${name}` });
    await restic.forget(
      place,
      going.map(({ snapshot }) => snapshot),
      signal,
    );
  }
  tell({ step: 'prune', target: name, message: `Making room at ${name}` });
  await restic.prune(place, (progress) => tell(newsOf(progress)), signal);
  setReady(name, { lastPrunedAt: ground.clock.now() }, ground);
  await refresh(place, ground, signal);
  return going.length;
}

function inDoubt(name: string, doubt: string): AutoGitError {
  return new AutoGitError({
    key: 'backup.prune-doubt',
    message: `Nothing was removed at ${name}: ${doubt}`,
    next: 'Settle that first: autogit backup verify checks the repository, and a wrong clock is set right by the system. Then: autogit backup prune',
    fields: { target: name },
  });
}

/** Restores a backup to a scratch folder, and remembers what that proved. */
export function drillWork(record: BackupRecord, target: BackupTarget, ground: BackupGround): RunWork {
  return async ({ tell, signal }) => {
    const { journal, clock } = ground;
    tell({
      step: 'fetch',
      target: target.name,
      message: `Restoring ${record.id.slice(0, 8)} to a scratch folder`,
    });
    const place = placeOfTarget(target, ground);
    const failures: TargetFailure[] = [];
    try {
      const { ms, findings, notes } = await ground.drill(record, place, { tell, signal });
      const [first] = findings;
      if (first !== undefined) throw notProven(record, findings);
      journal.setRecord({ ...record, provenAt: clock.now(), provenMs: Math.round(ms), damage: null });
      ground.onChange();
      const seconds = Math.max(1, Math.round(ms / 1000));
      const message = `Backup ${record.id.slice(0, 8)} at ${target.name} is proven: it was restored whole in ${seconds} s.${notes.map((note) => ` ${note}`).join('')}`;
      return { message, failures, backup: record.id };
    } catch (error) {
      signal.throwIfAborted();
      const problem = problemOf(error);
      if (showsDamage(problem.key)) {
        journal.setRecord({ ...record, damage: problem.message });
        ground.onChange();
      } else setFailed(target.name, error, ground);
      return { message: problem.message, failures: [{ target: target.name, ...problem }], backup: record.id };
    }
  };
}

/** Whether a backup itself is at fault, not the way to it. */
function showsDamage(key: string): boolean {
  return (
    key === 'backup.not-proven' || key === 'backup.restore-damaged' || key.startsWith('backup.manifest-')
  );
}

function notProven({ id, target }: BackupRecord, findings: readonly string[]): AutoGitError {
  const more = findings.length > 1 ? ` And ${findings.length - 1} more.` : '';
  return new AutoGitError({
    key: 'backup.not-proven',
    message: `Backup ${id.slice(0, 8)} at ${target} does not restore whole: ${findings[0] ?? ''}${more}`,
    next: 'Make a new backup now: autogit backup create. Then check the place: autogit backup verify --all',
    fields: { backup: id, target },
  });
}
