// Before there is any target: what is in a backup, what it costs, what losing the words means, and the first thing to do.
import { ArchiveRestore, Plus } from 'lucide-react';
import { backupParts } from '../../../main/model/backup/manifest.ts';
import { awaySentence, partAbout, partWords } from '../../state/backups.ts';
import type { BackupsShown } from '../../state/backups.ts';
import { lossSentence } from '../../state/backup-sheet.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/notes.tsx';
import { Section } from '../../ui/page.tsx';
import styles from './backups.module.css';
import { t } from '../../language/strings.ts';

interface FirstTargetProps {
  readonly shown: BackupsShown;
  onAdd(): void;
}

export function FirstTarget({ shown, onAdd }: FirstTargetProps) {
  const { order } = shown;
  const inIt =
    order.length === 0 ? backupParts : backupParts.filter((part) => order.some((one) => one.part === part));
  return (
    <>
      <EmptyState
        icon={ArchiveRestore}
        title={t('Nothing is backed up yet')}
        command="autogit backup add-target --kind folder --name nas --path /mnt/nas/lab"
        action={
          <Button icon={Plus} onClick={onAdd}>
            {t('Add the first target')}
          </Button>
        }
      >
        {t(
          'A target is a place for backups: a folder on another disk, a disk in a drawer, another machine, or a service. From then on everything is backed up each night, and proven each week by restoring it.',
        )}
      </EmptyState>
      <div className={styles.columns}>
        <Section title={t('What is in a backup')}>
          <ul className={styles.rows}>
            {inIt.map((part) => (
              <li key={part}>
                <strong>{partWords[part]}</strong>
                <span className={styles.quiet}>{partAbout[part]}</span>
              </li>
            ))}
          </ul>
        </Section>
        <Section title={t('What it costs, and what it asks of you')}>
          <ul className={styles.rows}>
            <li>
              <strong>{awaySentence(order)}</strong>
              <span className={styles.quiet}>
                {t('What was sent once is not sent again: after the first, backups are short.')}
              </span>
            </li>
            <li>
              <strong>{t('Keep twelve words.')}</strong>
              <span className={styles.quiet}>
                {lossSentence} {t('They are shown once there is a target, as a sheet to print.')}
              </span>
            </li>
          </ul>
        </Section>
      </div>
    </>
  );
}
