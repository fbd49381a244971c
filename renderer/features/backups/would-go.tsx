// What rules for keeping would remove: by the rules as they are, and by others while they are typed.
import { Scissors } from 'lucide-react';
import { useMemo } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { pruneDeed } from '../../state/backup-deeds.ts';
import { readKeep } from '../../state/backup-rules.ts';
import type { KeepTexts } from '../../state/backup-rules.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useLab } from '../../state/use-live.ts';
import { useSettled } from '../../state/use-settled.ts';
import { useTry } from '../../state/use-try.ts';
import { count, t } from '../../language/strings.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Rich } from '../../ui/rich.tsx';
import { exactTime } from '../../ui/time.tsx';
import styles from './backups.module.css';

type Kept = Output<'backup.preview-keep'>['backups'];

/** More are counted. */
const mostGoing = 12;

/** The backups that would go, and how many stay. */
function Going({ backups }: { readonly backups: Kept }) {
  const going = backups.filter(({ kept }) => kept.length === 0);
  const stay = backups.length - going.length;
  if (going.length === 0)
    return (
      <p>
        {count(
          stay,
          'Nothing would go: the only backup is kept.',
          'Nothing would go: all of {{n}} backups are kept.',
        )}
      </p>
    );
  return (
    <>
      <p>
        <Rich
          text={t('<strong>{{going}}</strong>, {{staying}}.', {
            going: count(going.length, '{{n}} backup would go', '{{n}} backups would go'),
            staying: count(stay, '{{n}} backup stays', '{{n}} backups stay'),
          })}
          parts={{ strong: (text) => <strong>{text}</strong> }}
        />
      </p>
      <ul className={`${styles.rows} ${styles.going}`} aria-label={t('Backups that would go')}>
        {going.slice(0, mostGoing).map(({ backup: { snapshot, target, at } }) => (
          <li key={`${target} ${snapshot}`}>
            {exactTime(at)} <span className={styles.quiet}>{t('at {{target}}', { target })}</span>
          </li>
        ))}
        {going.length > mostGoing && (
          <li className={styles.quiet}>
            {count(going.length - mostGoing, 'and {{n}} other', 'and {{n}} others')}
          </li>
        )}
      </ul>
    </>
  );
}

/** What would go now by the rules as they are, asked for when somebody wants to know. */
export function WouldGo() {
  const { deeds } = useLab();
  const { value, error, isTrying, tryIt } = useTry<Output<'backup.prune'>>();
  return (
    <>
      <div className={styles.buttons}>
        <Button
          icon={Scissors}
          blockedBy={isTrying ? t('It is being looked at') : null}
          onClick={() => void tryIt((client) => client.call('backup.prune', { dryRun: true }))}
        >
          {isTrying ? t('Looking…') : t('Show what would go')}
        </Button>
      </div>
      <div role="status" className={styles.stack}>
        {error !== null && <ErrorNote problem={error} />}
        {value !== null && <Going backups={value.backups} />}
        {value?.backups.some(({ kept }) => kept.length === 0) === true && (
          <div className={styles.buttons}>
            <Button icon={Scissors} onClick={() => deeds.ask(pruneDeed)}>
              {t('Make room now')}
            </Button>
          </div>
        )}
      </div>
    </>
  );
}

/** What would go by rules that are being typed; nothing while they cannot be read. */
export function WouldGoBy({ texts }: { readonly texts: KeepTexts }) {
  const settled = useSettled(texts);
  const ask = useMemo(() => {
    const { keep } = readKeep(settled);
    return keep === null ? null : (client: CoreClient) => client.call('backup.preview-keep', { ...keep });
  }, [settled]);
  const { value, error } = useAnswer(ask);
  return (
    <div role="status" aria-label={t('By these rules')} className={styles.stack}>
      {error !== null && <ErrorNote problem={error} />}
      {value !== null && value.backups.length > 0 && <Going backups={value.backups} />}
    </div>
  );
}
