// Fetches a backup to a scratch folder and judges it; nothing of it is used, or lies anywhere else, before that is through.
import type { BackupFiles, Restic, ResticNode, ResticPlace, ResticProgress } from '../../backup-ports.ts';
import { AutoGitError } from '../../errors.ts';
import type { BackupRecord } from '../../model/backup/backup.ts';
import { filesName, hostility, manifestName } from '../../model/backup/hostility.ts';
import { mostFiles } from '../../model/backup/manifest.ts';
import type { BackupManifest } from '../../model/backup/manifest.ts';
import type { BackupNews } from './backup-ground.ts';

export interface FetchTools {
  readonly restic: Pick<Restic, 'list' | 'restore'>;
  readonly files: Pick<BackupFiles, 'fresh' | 'judge'>;
}

export interface Fetching {
  readonly record: Pick<BackupRecord, 'snapshot' | 'target' | 'manifestSha256'>;
  readonly place: ResticPlace;
  /** Name of the folder below `backups/`, which is made anew. */
  readonly into: string;
  readonly tell: (news: BackupNews) => void;
  readonly signal: AbortSignal;
}

/**
 * Its folder, with all that restic could restore; what it could not is missing there, and found by `judgeFetched`. Rejects with
 * `backup.manifest-hostile`, `backup.manifest-missing` before anything is written, and with the errors of restic.
 */
export async function fetchBackup(fetching: Fetching, { restic, files }: FetchTools): Promise<string> {
  const { record, place, into, tell, signal } = fetching;
  tell({ message: `Looking at what ${record.target} has`, target: record.target });
  const bytes = await refuseHostile(restic.list(place, record.snapshot, null, signal), signal);
  const folder = await files.fresh(into);
  tell({ message: `Fetching the backup from ${record.target}` });
  const onProgress = (progress: ResticProgress): void => tell(newsOf(progress));
  const what = { snapshot: record.snapshot, into: folder, paths: null, bytes };
  await restic.restore(place, what, onProgress, signal);
  return folder;
}

/** The judged manifest. Rejects with `backup.manifest-*`, `backup.restore-damaged`. */
export async function judgeFetched(
  folder: string,
  { record, tell, signal }: Pick<Fetching, 'record' | 'tell' | 'signal'>,
  { files }: Pick<FetchTools, 'files'>,
): Promise<BackupManifest> {
  tell({ message: 'Comparing every file with the manifest', bytes: null, files: null });
  const { manifest, damaged } = await files.judge(folder, record.manifestSha256, signal);
  if (damaged.length === 0) return manifest;
  const more = damaged.length > 3 ? `; and ${String(damaged.length - 3)} more` : '';
  throw new AutoGitError({
    key: 'backup.restore-damaged',
    message: `This backup is damaged: ${damaged.slice(0, 3).join('; ')}${more}.`,
    next: 'Choose another backup, or another target that has this one. What of it is whole can be had with `restic restore`.',
    fields: { damaged: damaged.length },
  });
}

/** Bytes and files, as everybody who watches sees them. */
export function newsOf(progress: ResticProgress): BackupNews {
  return {
    bytes: { done: progress.bytesDone, total: progress.bytesTotal },
    files: { done: progress.filesDone, total: progress.filesTotal },
    secondsLeft: progress.secondsLeft,
  };
}

/** restic restores links and devices where a repository has them; so nothing is restored from one that has any. The bytes of its files. */
async function refuseHostile(nodes: AsyncIterable<ResticNode>, signal: AbortSignal): Promise<number> {
  let count = 0;
  let sum = 0;
  const has = { [manifestName]: false, [filesName]: false };
  for await (const { path, type, bytes } of nodes) {
    signal.throwIfAborted();
    count += 1;
    sum += bytes;
    const problem = hostility(path, type === 'dir' ? 'folder' : type === 'file' ? 'file' : 'other');
    if (problem !== null) throw hostile(`${JSON.stringify(path.slice(0, 300))} in it ${problem}`);
    if (count > 2 * mostFiles) throw hostile(`it has more than ${String(2 * mostFiles)} files and folders`);
    if (path === manifestName || path === filesName) has[path] = true;
  }
  if (has[manifestName] && has[filesName]) return sum;
  throw new AutoGitError({
    key: 'backup.manifest-missing',
    message: 'There is no manifest in this backup, so nobody can tell what belongs to it.',
    next: 'Choose another backup: this one was not made by AutoGit, or not to its end. `restic restore` still gets its files.',
  });
}

function hostile(why: string): AutoGitError {
  return new AutoGitError({
    key: 'backup.manifest-hostile',
    message: `This is no backup of AutoGit: ${why}.`,
    next: 'Choose another backup. Find out who else can write to this repository and knows its password; nothing of this one was restored.',
  });
}
