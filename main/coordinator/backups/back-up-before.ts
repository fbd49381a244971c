// The backup before an upgrade of the stack: without one that is kept somewhere, nothing is upgraded.
import { AutoGitError } from '../../errors.ts';
import type { BackupGround } from './backup-ground.ts';
import { beginCreate } from './backup-parts.ts';
import type { BackupParts, Begun } from './backup-parts.ts';

type Parts = Pick<BackupParts, 'ground' | 'runs'>;

/** The settings ask for it, and there is a target. */
export function backsUpBefore({ wanted }: Pick<BackupGround, 'wanted'>): boolean {
  const { beforeUpgrades, targets } = wanted();
  return beforeUpgrades && targets.length > 0;
}

/** Resolves once a backup is at one target at least. Rejects with `backup.before-upgrade-failed`, and the signal's reason. */
export async function backUpBefore(
  services: readonly string[],
  signal: AbortSignal,
  parts: Parts,
): Promise<void> {
  if (!backsUpBefore(parts.ground) || services.length === 0) return;
  const { targets } = parts.ground.wanted();
  const stop = (): void => void parts.runs.cancel();
  try {
    const begun = await beginWhenFree(
      () => beginCreate(targets, { cause: 'upgrade', schedule: null }, parts),
      parts,
      signal,
    );
    signal.addEventListener('abort', stop);
    const { run, message } = await begun.ended;
    signal.throwIfAborted();
    const isKept = targets.some(
      ({ name }) => !run.failures.some(({ target }) => target === name || target === ''),
    );
    if (isKept && (run.outcome === 'done' || run.outcome === 'failed')) return;
    throw new AutoGitError({
      key: 'backup.before-upgrade-failed',
      message: `There is no backup of what stands, so ${services.join(', ')} is not upgraded: ${message}`,
      next: 'See why: autogit backup show. To upgrade all the same, this once: autogit stack up --without-backup',
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Waits for the end of what goes on. Rejects with the signal's reason. */
async function beginWhenFree(
  begin: () => Begun,
  { runs }: Pick<Parts, 'runs'>,
  signal: AbortSignal,
): Promise<Begun> {
  while (runs.isBusy()) {
    for await (const { outcome } of runs.watch(signal)) if (outcome !== null) break;
    signal.throwIfAborted();
    // Its end is told right before it is over.
    await Promise.resolve();
  }
  signal.throwIfAborted();
  return begin();
}
