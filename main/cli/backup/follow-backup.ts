// Shows a run of backups until it has ended: drawn in place on a terminal, in plain lines elsewhere.
import type { CoreDoor } from '../../contract/contract.ts';
import { AutoGitError } from '../../errors.ts';
import type { CliWorld } from '../access.ts';
import { backupLines, renderBackupProgress } from '../render/backup-progress.ts';
import type { BackupNow } from '../render/backup-progress.ts';
import { viewOf } from '../view.ts';

interface Show {
  update(progress: BackupNow): void;
  end(): void;
}

/** Progress goes to standard error, where it never mixes with an answer. */
async function openShow(world: CliWorld, json: boolean): Promise<Show> {
  if (json || !world.err.isTTY || world.env.TERM === 'dumb') {
    let before: BackupNow | null = null;
    return {
      update: (progress) => {
        for (const line of backupLines(before, progress)) world.err.write(`${line}\n`);
        before = progress;
      },
      end: () => undefined,
    };
  }
  const area = await world.openLive('err');
  return {
    update: (progress) => area.draw(renderBackupProgress(progress, viewOf(world.err, world)).trimEnd()),
    end: () => area.end(),
  };
}

/**
 * The last that is told of a run, or with `null` of whatever restore goes on; `null` when a person interrupted. Rejects with what
 * ended the run, and with `backup.interrupted` when the core has ended before it.
 */
export async function followBackup(
  run: number | null,
  door: CoreDoor,
  world: CliWorld,
  json: boolean,
): Promise<BackupNow | null> {
  const show = await openShow(world, json);
  let last: BackupNow | null = null;
  try {
    for await (const progress of door.stream('backup.watch', {}, world.interrupt)) {
      const isOurs = run === null ? progress.verb === 'restore' : progress.run === run;
      if (!isOurs) continue;
      last = progress;
      // What ends is the answer, which comes by itself.
      if (progress.outcome === null) show.update(progress);
      else if (progress.outcome !== 'interrupted' || run !== null) break;
    }
  } finally {
    show.end();
  }
  if (last?.outcome === 'done') return last;
  if (world.interrupt.aborted && last?.outcome == null) return null;
  throw endOf(last);
}

function endOf(last: BackupNow | null): AutoGitError {
  if (last?.failure) return new AutoGitError({ ...last.failure, message: last.message });
  if (last?.outcome === 'cancelled')
    return new AutoGitError({
      key: 'backup.cancelled',
      message: 'It was cancelled before it was done.',
      next: `What was kept before stays. Begin it again when it suits: autogit backup ${last.verb}`,
    });
  return new AutoGitError({
    key: 'backup.interrupted',
    message: 'AutoGit ended in the middle of it.',
    next: 'Nothing that was kept before is lost. How it stands: autogit backup show',
    retry: true,
  });
}
