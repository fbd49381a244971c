// Restores: planned before anything is done, each step written down, gone on with or taken back after a kill.
import { restorePlanSchema } from '../../contract/backup-fields.ts';
import { AutoGitError, problemOf } from '../../errors.ts';
import type { BackupFailure, BackupStep } from '../../model/backup/backup.ts';
import type { RestorePlan } from '../../plan/backups/plan-restore.ts';
import { planRestore } from '../../plan/backups/plan-restore.ts';
import type { BackupNews } from './backup-ground.ts';
import { haltOf, unreadable } from './restore-halt.ts';
import { holdsLab, isReadable, readNote, restoreNoteName, writeNote } from './restore-note.ts';
import type { LeftNote, RestoreNote } from './restore-note.ts';
import type { RestoreEnd } from './restore-link.ts';
import type { RestoreGround, RestoreRun, RestoreWish } from './restore-ground.ts';
import { backSteps, restoreSteps } from './restore-steps.ts';
import type { StepContext } from './restore-steps.ts';
import { backedUpStack, isUnread } from './backed-up-stack.ts';
import { forgetPlace, keepPlace } from './restore-place.ts';

/** `reopening`: the core opens the home anew, and its next laboratory goes on with `resume`. */
export type RestoreOutcome =
  { readonly kind: 'ended'; readonly end: RestoreEnd } | { readonly kind: 'reopening' };

export interface Restores {
  /** Rejects with the errors of restic where the backup cannot be looked at. */
  plan(wish: RestoreWish): Promise<RestorePlan>;
  /**
   * Carries out what was planned. Rejects with the first error of the plan, `backup.restore-changed`, and with the signal's reason
   * when the core stops; what fails otherwise is told by the end, after everything was put back.
   */
  carryOut(wish: RestoreWish, hash: string, carrying: Carrying): Promise<RestoreOutcome>;
  /** What a kill or a reopening has left open; `null`: nothing. */
  open(): LeftNote;
  /** Goes on with what is open, or takes it back. Rejects with `backup.restore-halted` where it can do neither. */
  resume(carrying: Carrying): Promise<RestoreOutcome>;
  /** Why what is open goes neither on nor back until the next start; `null`: it does, or nothing is open. */
  halted(): BackupFailure | null;
  /** What is open could not even begin. */
  halt(cause: unknown): BackupFailure;
  /** Whether the laboratory must only look: GitLab's data is not all back. */
  holds(): boolean;
}

export interface Carrying {
  readonly run: RestoreRun;
  readonly tell: (news: BackupNews) => void;
  /** Aborted with `backup.cancelled`, everything is put back; otherwise the core stops, and the next one goes on. */
  readonly signal: AbortSignal;
}

/** By which a run is cancelled: the reason of its signal has it. */
export const cancelledKey = 'backup.cancelled';

/** Nothing runs before it is asked to. */
export function createRestores(ground: RestoreGround): Restores {
  let note = ground.openNote;
  let halted = note === 'unreadable' ? unreadable(ground.files.root) : null;
  const save = async (next: RestoreNote | null): Promise<void> => {
    await ground.files.writeText(restoreNoteName, next === null ? null : writeNote(next));
    const was = holdsLab(note);
    note = next;
    if (was !== holdsLab(next)) ground.onHold();
  };
  const going = async (carrying: Carrying): Promise<RestoreOutcome> => {
    try {
      if (note === 'unreadable') throw new AutoGitError(unreadable(ground.files.root));
      return await drive(carrying, { ground, note: () => (isReadable(note) ? note : null), save });
    } catch (error) {
      if (note === null || isStopping(carrying.signal)) throw error;
      halted = haltOf(error, note);
      throw new AutoGitError({ ...halted, cause: error });
    }
  };
  const plan = async (wish: RestoreWish): Promise<RestorePlan> => {
    const stack = await backedUpStack(wish, ground);
    return planRestore(wish.record, wish, {
      ...(await ground.facts(stack)),
      images: stack?.images ?? null,
      isStackUnread: isUnread(wish, stack),
      freeBytes: await ground.files.free(),
      isRestoring: note !== null,
      isToTaken: wish.to !== null && (await ground.files.isThere(wish.to)),
    });
  };
  return {
    plan,
    carryOut: async (wish, hash, carrying) => {
      const agreed = await plan(wish);
      requirePlan(agreed, hash);
      await keepPlace(wish.place, ground.secrets);
      await save(newNote(wish, agreed, carrying.run, ground));
      return going(carrying);
    },
    open: () => note,
    resume: async (carrying) => {
      // What the core wrote while it opened the home anew counts.
      note = readNote(await ground.files.readText(restoreNoteName));
      return going(carrying);
    },
    halted: () => (note === null ? null : halted),
    halt: (cause) => (halted = haltOf(cause, note)),
    holds: () => holdsLab(note),
  };
}

function requirePlan(plan: RestorePlan, hash: string): void {
  const against = plan.issues.filter(({ severity }) => severity === 'error');
  const [first] = against;
  if (first !== undefined) {
    const message = against.map((issue) => issue.message).join(' ');
    throw new AutoGitError({ key: first.key, message, next: first.next });
  }
  if (plan.hash === hash) return;
  throw new AutoGitError({
    key: 'backup.restore-changed',
    message:
      'What would be restored is not what was agreed to: something has changed since the plan was made.',
    next: 'Nothing was changed. Look at the plan again: autogit backup plan-restore',
    retry: true,
  });
}

function newNote(
  { place, project }: RestoreWish,
  plan: RestorePlan,
  { door }: RestoreRun,
  { clock, host }: Pick<RestoreGround, 'clock' | 'host'>,
): RestoreNote {
  return {
    ...{ version: 1, id: host.randomHex(8), startedAt: clock.now(), door },
    plan: restorePlanSchema.parse(plan),
    ...{ target: place.target, project, done: [], isHomeTouched: false, isDataTouched: false },
    ...{ safety: null, failure: null, undone: [] },
  };
}

interface Driving {
  readonly ground: RestoreGround;
  readonly note: () => RestoreNote | null;
  readonly save: (note: RestoreNote | null) => Promise<void>;
}

/** Step by step to the end: on as long as nothing fails, and back from there. */
async function drive(carrying: Carrying, driving: Driving): Promise<RestoreOutcome> {
  const { tell, signal } = carrying;
  for (;;) {
    const note = driving.note();
    if (note === null) throw new Error('there is no restore to go on with');
    const next = nextStep(note);
    if (next === null) return { kind: 'ended', end: await finish(note, carrying, driving) };
    tell({ step: next.step, message: next.words });
    const context: StepContext = {
      ground: driving.ground,
      tell,
      save: driving.save,
      signal: wayOf(note, signal),
    };
    try {
      if (note.failure === null) signal.throwIfAborted();
      const result = await (note.failure === null ? restoreSteps : backSteps)[next.step](note, context);
      if (result === 'reopening') return { kind: 'reopening' };
      await driving.save(withStep(result, next.step));
    } catch (error) {
      if (isStopping(signal)) throw error;
      driving.ground.log.warn(`step ${next.step} of a restore failed`, { error });
      const failed = driving.note() ?? note;
      if (failed.failure === null) await driving.save({ ...failed, failure: problemOf(error) });
      else return { kind: 'ended', end: await giveUp(failed, error, carrying, driving) };
    }
  }
}

/** What is cancelled is put back whole; nobody cancels that. */
function wayOf(note: RestoreNote, signal: AbortSignal): AbortSignal {
  return note.failure !== null && signal.aborted ? new AbortController().signal : signal;
}

/** Told to stop, but not to cancel: whoever comes next goes on. */
function isStopping(signal: AbortSignal): boolean {
  const reason: unknown = signal.reason;
  return signal.aborted && !(reason instanceof AutoGitError && reason.key === cancelledKey);
}

interface Next {
  readonly step: BackupStep;
  readonly words: string;
}

/** `null`: all is done, or all is put back. */
export function nextStep(note: RestoreNote): Next | null {
  if (note.failure === null) return note.plan.steps.find(({ step }) => !note.done.includes(step)) ?? null;
  const back: readonly Next[] = [
    ...(note.isHomeTouched
      ? [{ step: 'home' as const, words: "Puts AutoGit's own files back as they were." }]
      : []),
    ...(note.isDataTouched ? [{ step: 'safety' as const, words: backWords(note) }] : []),
  ];
  return back.find(({ step }) => !note.undone.includes(step)) ?? null;
}

function backWords({ safety, plan }: RestoreNote): string {
  if (safety !== null) return 'Puts back what was there before, from the backup of it.';
  return plan.withoutSafety
    ? 'Takes down what it has started.'
    : 'Takes down what it has started; nothing was there before.';
}

function withStep(note: RestoreNote, step: BackupStep): RestoreNote {
  return note.failure === null
    ? { ...note, done: [...new Set([...note.done, step])] }
    : { ...note, undone: [...new Set([...note.undone, step])] };
}

async function finish(note: RestoreNote, { run }: Carrying, driving: Driving): Promise<RestoreEnd> {
  const { failure, plan } = note;
  if (failure !== null && note.isDataTouched && note.safety === null && plan.withoutSafety) {
    const lost = lostWith(failure.message);
    return close(
      { run: run.id, plan, outcome: 'failed', failure: lost, message: lost.message },
      note,
      driving,
    );
  }
  const isBack = failure !== null && (note.isHomeTouched || note.isDataTouched);
  const outcome =
    failure === null
      ? ('done' as const)
      : isBack
        ? ('rolled-back' as const)
        : failure.key === cancelledKey
          ? ('cancelled' as const)
          : ('failed' as const);
  const message =
    failure === null
      ? doneWords(note)
      : isBack
        ? `The restore did not succeed, and everything is as it was before: ${failure.message}`
        : `Nothing was changed: ${failure.message}`;
  return close({ run: run.id, plan, outcome, failure, message }, note, driving);
}

function doneWords({ plan, project }: RestoreNote): string {
  const of = new Date(plan.backup.at).toISOString().slice(0, 16).replace('T', ' ');
  if (project !== null) return `The repository of ${project} lies in ${plan.to ?? ''}, as of ${of} UTC.`;
  if (plan.to !== null) return `The backup of ${of} UTC lies in ${plan.to}.`;
  return `Restored: everything is as of ${of} UTC.`;
}

/** As somebody wanted it: there is no backup of what was there. */
function lostWith(why: string): NonNullable<RestoreEnd['failure']> {
  return {
    key: 'backup.restore-lost',
    message: `The restore did not succeed (${why}), and what was there before cannot be put back: it was not backed up first. AutoGit's own files are as they were; the data of GitLab and its services is not whole.`,
    next: 'Mend what it names, then begin the restore again: autogit backup restore',
  };
}

/** Neither on nor back: what is there is said, and nothing that could still help is removed. */
async function giveUp(
  note: RestoreNote,
  error: unknown,
  { run }: Carrying,
  driving: Driving,
): Promise<RestoreEnd> {
  const { message, next } = problemOf(error);
  const kept =
    note.safety === null
      ? 'Then begin the restore again: autogit backup restore'
      : `Then restore the backup of what was there: it lies in ${driving.ground.files.root}/safety and opens with the words of this home.`;
  const failure = {
    key: 'backup.restore-stuck',
    message: `The restore failed (${note.failure?.message ?? ''}), and what was there before could not be put back: ${message}`,
    next: `${next} ${kept}`,
  };
  return close(
    { run: run.id, plan: note.plan, outcome: 'failed', failure, message: failure.message },
    note,
    driving,
  );
}

async function close(end: RestoreEnd, note: RestoreNote, { ground, save }: Driving): Promise<RestoreEnd> {
  const { files, store, clock, log, link, secrets } = ground;
  // Of a restore that is stuck, all that could still help stays.
  const leftovers = end.failure?.key === 'backup.restore-stuck' ? [] : ['scratch', 'undone', 'before'];
  for (const folder of leftovers) {
    await files.remove(`${folder}/${note.id}`).catch((error: unknown) => {
      log.warn('a folder of a restore could not be removed', { folder, error });
    });
  }
  await forgetPlace(secrets);
  await save(null);
  const subject = note.plan.backup.id;
  store.audit({ at: clock.now(), door: note.door, request: 'backup.restore', outcome: end.outcome, subject });
  log.info('a restore has ended', { outcome: end.outcome, backup: subject });
  link.tellEnd(end);
  return end;
}
