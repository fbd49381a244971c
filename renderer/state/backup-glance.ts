// Backups at a glance, for the overview: the last, the next, and whether one was ever shown to restore.
import type { Snapshot } from '../../main/contract/snapshot.ts';
import type { Tone } from './tones.ts';
import { ago, ahead, percentWords } from './words.ts';
import { t } from '../language/strings.ts';

type Backups = NonNullable<Snapshot['backups']>;

export interface BackupGlance {
  readonly value: string;
  readonly note: string;
  readonly tone: Tone | null;
}

/** Without a backup for so long something is wrong, whatever the schedule. Milliseconds. */
const oldMs = 3 * 86_400_000;

function nextWords(nextAt: number | null, now: number): string {
  if (nextAt === null) return t('none is planned');
  return nextAt <= now ? t('the next is due') : t('next {{when}}', { when: ahead(nextAt, now) });
}

function runningWords({ verb, share }: NonNullable<Backups['running']>): string {
  if (share === null) return verb === 'create' ? t('Backing up') : t('At work');
  const percent = percentWords(share * 100);
  return verb === 'create' ? t('Backing up {{percent}}', { percent }) : t('At work {{percent}}', { percent });
}

/** `backups`: of the snapshot; `null`: there is no target. */
export function backupGlance(backups: Backups | null, nextAt: number | null, now: number): BackupGlance {
  if (backups === null) return { value: t('None yet'), note: t('no target for them'), tone: 'waiting' };
  const { running, lastBackupAt, lastProvenAt } = backups;
  const next = nextWords(nextAt, now);
  if (running !== null) {
    return { value: runningWords(running), note: running.message, tone: null };
  }
  if (lastBackupAt === null) return { value: t('None yet'), note: next, tone: 'waiting' };
  const proven =
    lastProvenAt === null ? t('never proven') : t('proven {{ago}}', { ago: ago(lastProvenAt, now) });
  const isOld = now - lastBackupAt > oldMs || lastProvenAt === null;
  return { value: ago(lastBackupAt, now), note: `${next}; ${proven}`, tone: isOld ? 'waiting' : null };
}
