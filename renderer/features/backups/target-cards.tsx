// Where backups are kept: how each place stands, why it does not work, how much room it has, and what was done there last.
import { Cloud, DatabaseBackup, Folder, ListChecks, Server, Trash2, Usb, Waypoints } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { TargetKind } from '../../../main/model/backup/target.ts';
import { backupNowDeed, removeTargetDeed, verifyDeed } from '../../state/backup-deeds.ts';
import { targetKindShort, targetLooks } from '../../state/backups.ts';
import type { BackupsShown, BackupTargetView } from '../../state/backups.ts';
import { useLab, useSeenNow } from '../../state/use-live.ts';
import { bytesWords } from '../../state/words.ts';
import { Badge } from '../../ui/badge.tsx';
import { IconButton } from '../../ui/button.tsx';
import { Button } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { Meter } from '../../ui/meter.tsx';
import { NextStep } from '../../ui/next-step.tsx';
import { Time } from '../../ui/time.tsx';
import styles from './backups.module.css';
import cards from './target-cards.module.css';
import { t } from '../../language/strings.ts';

const icons: Readonly<Record<TargetKind, LucideIcon>> = {
  folder: Folder,
  usb: Usb,
  sftp: Server,
  s3: Cloud,
  rclone: Waypoints,
};

/** A bar only where it is known how much there is. */
function Space({
  target: { name, freeBytes, totalBytes, usedBytes },
}: {
  readonly target: BackupTargetView;
}) {
  const own =
    usedBytes === null
      ? t('How much the backups take is not known.')
      : t('Backups take {{size}}.', { size: bytesWords(usedBytes) });
  if (freeBytes === null || totalBytes === null || totalBytes === 0)
    return (
      <p className={styles.quiet}>
        {own}{' '}
        {freeBytes === null
          ? t('It does not tell how much room is left.')
          : t('{{free}} are free.', { free: bytesWords(freeBytes) })}
      </p>
    );
  const used = totalBytes - freeBytes;
  return (
    <div className={cards.space}>
      <Meter
        label={t('Room at {{name}}', { name })}
        words={t('{{used}} of {{total}} used', { used: bytesWords(used), total: bytesWords(totalBytes) })}
        share={used / totalBytes}
      />
      <p className={styles.quiet}>
        {own}{' '}
        {t('{{free}} of {{total}} are free.', { free: bytesWords(freeBytes), total: bytesWords(totalBytes) })}
      </p>
    </div>
  );
}

interface WhenProps {
  readonly words: string;
  readonly at: number | null;
}

function When({ words, at }: WhenProps) {
  const now = useSeenNow();
  return (
    <div>
      <dt>{words}</dt>
      <dd>{at === null ? t('never') : <Time at={at} now={now} />}</dd>
    </div>
  );
}

interface CardProps {
  readonly target: BackupTargetView;
  readonly order: BackupsShown['order'];
  readonly isBusy: boolean;
}

function TargetCard({ target, order, isBusy }: CardProps) {
  const { deeds } = useLab();
  const { name, place, state, failure, lastBackupAt, lastVerifiedAt } = target;
  const { kind } = target.target;
  const Icon = icons[kind];
  const blocked = isBusy
    ? t('A run goes on; one at a time')
    : state === 'absent'
      ? t('It is not plugged in')
      : null;
  return (
    <li className={cards.target} aria-label={name}>
      <div className={cards.targetHead}>
        <Icon size={20} strokeWidth={1.75} aria-hidden />
        <div className={cards.targetName}>
          <h3>{name}</h3>
          <span className={styles.quiet}>{targetKindShort[kind]}</span>
        </div>
        <Badge look={targetLooks[state]} />
      </div>
      <Copyable text={place} what={t('the place')} />
      {failure !== null && (
        <div className={styles.failure} data-tone={state === 'absent' ? 'waiting' : undefined}>
          <p>{failure.message}</p>
          <NextStep text={failure.next} />
        </div>
      )}
      <Space target={target} />
      <dl className={cards.whens}>
        <When words={t('Last backup')} at={lastBackupAt} />
        <When words={t('Last checked')} at={lastVerifiedAt} />
      </dl>
      <div className={cards.targetFoot}>
        <Button
          icon={DatabaseBackup}
          aria-label={t('Back up here: {{name}}', { name })}
          blockedBy={blocked}
          onClick={() => deeds.ask(backupNowDeed(order, [name]))}
        >
          {t('Back up here')}
        </Button>
        <Button
          icon={ListChecks}
          aria-label={t('Check: {{name}}', { name })}
          blockedBy={blocked}
          onClick={() => deeds.ask(verifyDeed(name))}
        >
          {t('Check')}
        </Button>
        <IconButton
          icon={Trash2}
          label={t('Remove {{name}}', { name })}
          onClick={() => deeds.ask(removeTargetDeed(name))}
        />
      </div>
    </li>
  );
}

interface TargetCardsProps {
  readonly shown: BackupsShown;
  readonly isBusy: boolean;
}

export function TargetCards({ shown: { targets, order }, isBusy }: TargetCardsProps) {
  return (
    <ul className={cards.targets} aria-label={t('Targets')}>
      {targets.map((target) => (
        <TargetCard key={target.name} {...{ target, order, isBusy }} />
      ))}
    </ul>
  );
}
