// Restores as runs of the desk: begun by a person, gone on with after a kill or a reopening of the home.
import { AutoGitError } from '../../errors.ts';
import type { Door } from '../../model/request.ts';
import type { BackupParts, Begun } from './backup-parts.ts';
import type { RunEnd, RunTools } from './backup-runs.ts';
import type { RestoreWish } from './restore-ground.ts';
import type { RestoreOutcome } from './restores.ts';

type Runner = Pick<BackupParts, 'ground' | 'runs'>;

/** Throws `backup.busy`, `backup.unavailable`. */
export function beginRestore(wish: RestoreWish, hash: string, door: Door, { ground, runs }: Runner): Begun {
  const restores = requireRestores({ ground });
  const { record } = wish;
  const begun = {
    verb: 'restore',
    cause: 'person',
    schedule: null,
    targets: [record.target],
    backup: record.id,
  } as const;
  return runs.begin(begun, async (tools) =>
    endOf(await restores.carryOut(wish, hash, carryingOf(tools, door)), tools),
  );
}

/** Goes on with what a kill, or a reopening, has left open; what cannot be gone on with is told. Never throws. */
export function resumeRestore({ ground, runs }: Runner): void {
  const { restores, log } = ground;
  const open = restores?.open() ?? null;
  if (restores === undefined || open === null) return;
  if (open === 'unreadable') {
    const problem = restores.halted() ?? restores.halt(new Error('its note cannot be read'));
    log.error('a restore is open, and its note cannot be read', { problem: problem.message });
    runs.cannotBegin('restore', problem);
    return;
  }
  try {
    const { backup } = open.plan;
    const begun = {
      verb: 'restore',
      cause: 'person',
      schedule: null,
      targets: [backup.target],
      backup: backup.id,
    } as const;
    runs.begin(begun, async (tools) => endOf(await restores.resume(carryingOf(tools, open.door)), tools));
  } catch (error) {
    log.error('a restore that is open could not be gone on with', { error });
    runs.cannotBegin('restore', restores.halt(error));
  }
}

export function requireRestores({
  ground,
}: Pick<Runner, 'ground'>): NonNullable<Runner['ground']['restores']> {
  if (ground.restores !== undefined) return ground.restores;
  throw new AutoGitError({
    key: 'backup.unavailable',
    message: 'This core restores nothing: it runs without the parts that are needed for that.',
    next: 'Use the AutoGit that is installed here: autogit serve',
  });
}

function carryingOf({ run, tell, signal }: RunTools, door: Door) {
  return { run: { id: run, door }, tell, signal };
}

/** While the home is opened anew, this run waits for the end of its laboratory; the next one has a run of its own. */
async function endOf(outcome: RestoreOutcome, { signal }: RunTools): Promise<RunEnd> {
  if (outcome.kind === 'reopening') {
    await aborted(signal);
    signal.throwIfAborted();
    throw new Error('the home was opened anew');
  }
  const { end } = outcome;
  const failures = end.failure === null ? [] : [{ target: '', ...end.failure }];
  return {
    message: end.message,
    failures,
    backup: end.plan.backup.id,
    isRolledBack: end.outcome === 'rolled-back',
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
