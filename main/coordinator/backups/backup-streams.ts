// `backup.watch`: what the run in progress does, until it has ended.
import type { Output, StopSignal } from '../../contract/contract.ts';
import type { BackupDesk } from './backup-desk.ts';

/** The present progress and every change; a slow reader misses what was between. */
export async function* watchBackups(
  backups: Pick<BackupDesk, 'watch'>,
  signal: StopSignal,
): AsyncGenerator<Output<'backup.watch'>> {
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  try {
    for await (const progress of backups.watch(stopped.signal)) yield { ...progress };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
