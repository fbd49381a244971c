// Backups at a glance, for the overview: the last, the next, and whether one was ever shown to restore.
import type { Snapshot } from '../../main/contract/snapshot.ts';
import type { Tone } from './tones.ts';
import { ago, ahead, percentWords } from './words.ts';

export interface BackupGlance {
  readonly value: string;
  readonly note: string;
  readonly tone: Tone | null;
}

/** Without a backup for so long something is wrong, whatever the schedule. Milliseconds. */
const oldMs = 3 * 86_400_000;

function nextWords(nextAt: number | null, now: number): string {
  if (nextAt === null) return 'none is planned';
  return nextAt <= now ? 'the next is due' : `next ${ahead(nextAt, now)}`;
}

/** `backups`: of the snapshot; `null`: there is no target. */
export function backupGlance(
  backups: NonNullable<Snapshot['backups']> | null,
  nextAt: number | null,
  now: number,
): BackupGlance {
  if (backups === null) return { value: 'None yet', note: 'no target for them', tone: 'waiting' };
  const { running, lastBackupAt, lastProvenAt } = backups;
  const next = nextWords(nextAt, now);
  if (running !== null) {
    const share = running.share === null ? '' : ` ${percentWords(running.share * 100)}`;
    const words = running.verb === 'create' ? 'Backing up' : 'At work';
    return { value: `${words}${share}`, note: running.message, tone: null };
  }
  if (lastBackupAt === null) return { value: 'None yet', note: next, tone: 'waiting' };
  const proven = lastProvenAt === null ? 'never proven' : `proven ${ago(lastProvenAt, now)}`;
  const isOld = now - lastBackupAt > oldMs || lastProvenAt === null;
  return { value: ago(lastBackupAt, now), note: `${next}; ${proven}`, tone: isOld ? 'waiting' : null };
}
