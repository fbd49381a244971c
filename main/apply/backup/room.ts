// Whether there is room for what is about to be fetched, before anything is.
import type { ContainerFiles } from '../../backup-ports.ts';
import { AutoGitError } from '../../errors.ts';
import type { BackupPart } from '../../model/backup/manifest.ts';
import type { PartGround } from './context.ts';

/** What the home needs for itself while a backup is made. Bytes. */
const reserve = 256 * 1024 * 1024;
const lookMs = 120_000;

/** Rejects with `backup.no-space` where the folders in a container are larger than what is free. Nobody can tell: it goes on. */
export async function needRoom(
  part: BackupPart,
  what: {
    readonly containers: ContainerFiles;
    readonly container: string;
    readonly paths: readonly string[];
    readonly signal: AbortSignal;
  },
  { files, log }: Pick<PartGround, 'files' | 'log'>,
): Promise<void> {
  const bytes = await sizeOf(what).catch((error: unknown) => {
    what.signal.throwIfAborted();
    log.debug('nobody can tell how much a backup takes', { error, part });
    return null;
  });
  if (bytes === null) return;
  const free = await files.free();
  if (bytes + reserve <= free) return;
  throw new AutoGitError({
    key: 'backup.no-space',
    message: `There is no space left for ${files.root}: the part "${part}" takes ${inGiB(bytes)}, and ${inGiB(free)} are free.`,
    next: 'Free some space on that disk, then try again. Nothing that runs was changed.',
    fields: { part, bytes, free },
    retry: true,
  });
}

async function sizeOf({
  containers,
  container,
  paths,
  signal,
}: Parameters<typeof needRoom>[1]): Promise<number | null> {
  const command = ['du', '-skc', ...paths];
  const { output } = await containers.exec(container, command, { deadlineMs: lookMs }, signal);
  const total = /^(\d+)\s+total$/m.exec(output)?.[1];
  return total === undefined ? null : Number(total) * 1024;
}

function inGiB(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
