// Backups at a glance, for the overview: the last, the next, and whether one was ever shown to restore.
import type { Snapshot } from '../../main/contract/snapshot.ts';
import type { Tone } from './tones.ts';
import { ago, ahead, percentWords } from './words.ts';
import { t } from './strings.ts';

export interface BackupGlance {
  readonly value: string;
  readonly note: string;
  readonly tone: Tone | null;
}

/** Without a backup for so long something is wrong, whatever the schedule. Milliseconds. */
const oldMs = 3 * 86_400_000;

function nextWords(nextAt: number | null, now: number): string {
  if (nextAt === null) return t('none is planned');
  return nextAt <= now ? t('the next is due') : t('next {{ahead}}', { ahead: ahead(nextAt, now) });
}

/** `backups`: of the snapshot; `null`: there is no target. */
export function backupGlance(
  backups: NonNullable<Snapshot['backups']> | null,
  nextAt: number | null,
  now: number,
): BackupGlance {
  if (backups === null) return { value: t('None yet'), note: t('no target for them'), tone: 'waiting' };
  const { running, lastBackupAt, lastProvenAt } = backups;
  const next = nextWords(nextAt, now);
  if (running !== null) {
    const share = running.share === null ? '' : ` ${percentWords(running.share * 100)}`;
    const words = running.verb === 'create' ? t('Backing up') : t('At work');
    return { value: `${words}${share}`, note: running.message, tone: null };
  }
  if (lastBackupAt === null) return { value: t('None yet'), note: next, tone: 'waiting' };
  const proven =
    lastProvenAt === null ? t('never proven') : t('proven {{ago}}', { ago: ago(lastProvenAt, now) });
  const isOld = now - lastBackupAt > oldMs || lastProvenAt === null;
  return { value: ago(lastBackupAt, now), note: `${next}; ${proven}`, tone: isOld ? 'waiting' : null };
}
