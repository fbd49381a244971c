// What opens the repository of a restore, kept among the secrets while it goes on: a killed core comes back to it.
import { z } from 'zod';
import type { ResticPlace } from '../../backup-ports.ts';
import { AutoGitError } from '../../errors.ts';
import type { BackupSettings } from '../../model/backup/settings.ts';
import type { BackupTarget } from '../../model/backup/target.ts';
import type { Secrets } from '../../ports.ts';

const placeName = 'backup/restore';
const keptSchema = z.strictObject({ password: z.string(), secrets: z.record(z.string(), z.string()) });

/** What uses the network, and how much of it. A restore steps back behind nothing: somebody waits for it. */
export function limitsOf({ limits }: BackupSettings): ResticPlace['limits'] {
  return { uploadKiB: limits.uploadKiB, downloadKiB: limits.downloadKiB, nice: 0 };
}

export async function keepPlace({ password, secrets: own }: ResticPlace, secrets: Secrets): Promise<void> {
  await secrets.set(placeName, JSON.stringify({ password, secrets: own }));
}

/** Gone already is success. */
export async function forgetPlace(secrets: Secrets): Promise<void> {
  if (secrets.get(placeName) !== null) await secrets.remove(placeName);
}

/** Rejects with `backup.restore-unopened` when nothing is kept. */
export function keptPlace(target: BackupTarget, secrets: Secrets, settings: BackupSettings): ResticPlace {
  const kept = secrets.get(placeName);
  if (kept === null)
    throw new AutoGitError({
      key: 'backup.restore-unopened',
      message: 'What opens the repository of this restore is not kept any more.',
      next: 'Begin it again: autogit backup restore',
    });
  return { target, ...keptSchema.parse(JSON.parse(kept)), limits: limitsOf(settings) };
}
