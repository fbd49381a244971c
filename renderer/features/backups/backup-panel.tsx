// One backup beside the list: whether it restores, what is in it, where it is kept, and the way back.
import { History, ShieldCheck } from 'lucide-react';
import { useMemo } from 'react';
import type { CoreClient } from '../../client.ts';
import { proveDeed, shortId } from '../../state/backup-deeds.ts';
import { countsWords, gitlabWords, partWords, proofLooks } from '../../state/backups.ts';
import type { Backup, BackupContents } from '../../state/backups.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useLab, useSeenNow } from '../../state/use-live.ts';
import { goTo } from '../../state/use-route.ts';
import { bytesWords, duration } from '../../state/words.ts';
import { count, t } from '../../language/strings.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Command, Copyable } from '../../ui/copyable.tsx';
import { NextStep } from '../../ui/next-step.tsx';
import { EmptyState, ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { Facts, Panel, PanelBody, PanelFoot, Section } from '../../ui/page.tsx';
import { Rich } from '../../ui/rich.tsx';
import { exactTime, Time } from '../../ui/time.tsx';
import styles from './backups.module.css';
import { Browse } from './browse.tsx';

interface PanelProps {
  readonly backup: Backup;
  readonly isBusy: boolean;
  onClose(): void;
}

/** Green is a proof alone, and that has a date. */
function ProofNote({ backup }: { readonly backup: Backup }) {
  const now = useSeenNow();
  const { proof, provenAt, provenMs, damages } = backup;
  if (proof === 'damaged')
    return (
      <div className={styles.failure}>
        {damages.map(({ target, why }) => (
          <p key={target}>
            {target}: {why}
          </p>
        ))}
        <NextStep
          text={t(
            'What is undamaged of it can still be restored. See what else is there: autogit backup verify',
          )}
        />
      </div>
    );
  if (provenAt !== null)
    return (
      <p className={styles.quiet}>
        <Rich
          text={
            provenMs === null
              ? t('Restored whole, <ago/>.')
              : t('Restored whole in {{duration}}, <ago/>.', { duration: duration(provenMs) })
          }
          parts={{ ago: <Time at={provenAt} now={now} /> }}
        />
      </p>
    );
  return (
    <p className={styles.quiet}>
      {proof === 'foreign'
        ? t('Another program has made it: AutoGit shows it, and never restores or removes it.')
        : t('It was written, and nobody has restored it yet. A proof does that, to a scratch folder.')}
    </p>
  );
}

function Parts({ contents }: { readonly contents: BackupContents }) {
  return (
    <Section title={t('In it')}>
      <ul className={styles.rows}>
        {contents.parts.map(({ part, version, bytes, files, counts }) => (
          <li key={part} className={styles.part}>
            <strong>{partWords[part]}</strong>
            <span className={styles.quiet}>
              {[version, countsWords(counts)].filter((one) => one !== '').join(', ')}
            </span>
            <span className={styles.quiet}>
              {t('{{size}} in {{files}}', {
                size: bytesWords(bytes),
                files: count(Math.round(files), '{{n}} file', '{{n}} files'),
              })}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Contents({ backup }: { readonly backup: Backup }) {
  const { id } = backup;
  const target = backup.records[0]?.target;
  const ask = useMemo(
    () => (client: CoreClient) =>
      client.call('backup.inspect', { backup: id, ...(target === undefined ? {} : { target }) }),
    [id, target],
  );
  const { value, error, again } = useAnswer(ask);
  if (value === null)
    return error === null ? (
      <Skeleton what={t('what is in it')} rows={4} />
    ) : (
      <ErrorNote problem={error} action={<Button onClick={again}>{t('Ask again')}</Button>} />
    );
  return (
    <>
      <Parts contents={value} />
      <Browse id={id} target={target} />
    </>
  );
}

function Buttons({ backup, isBusy }: Omit<PanelProps, 'onClose'>) {
  const { deeds } = useLab();
  const { id, proof } = backup;
  const busy = isBusy ? t('A run goes on; one at a time') : null;
  const blocked = proof === 'foreign' ? t('Another program has made it') : busy;
  return (
    <PanelFoot>
      <Button
        icon={History}
        blockedBy={blocked}
        onClick={() => goTo({ page: 'backups', id, query: { do: 'restore' } })}
      >
        {t('Restore…')}
      </Button>
      <Button icon={ShieldCheck} blockedBy={blocked} onClick={() => deeds.ask(proveDeed(backup))}>
        {t('Prove now')}
      </Button>
    </PanelFoot>
  );
}

export function BackupPanel({ backup, isBusy, onClose }: PanelProps) {
  const { id, at, machine, records, targets, bytes, files, addedBytes, autogit, proof } = backup;
  const size = bytes === null ? t('unknown') : bytesWords(bytes);
  return (
    <Panel
      label={t('Backup {{id}}', { id: shortId(id) })}
      title={
        <>
          {exactTime(at)} <Badge look={proofLooks[proof]} />
        </>
      }
      onClose={onClose}
    >
      <PanelBody isAll>
        <ProofNote backup={backup} />
        <Buttons backup={backup} isBusy={isBusy} />
        <Facts
          rows={[
            [t('Kept at'), targets.join(', ')],
            [
              t('Size'),
              files === null
                ? size
                : t('{{size}} in {{files}}', { size, files: count(files, '{{n}} file', '{{n}} files') }),
            ],
            [t('New in it'), addedBytes === null ? t('unknown') : bytesWords(addedBytes)],
            [t('Of'), machine],
            ['AutoGit', autogit],
            ['GitLab', gitlabWords(backup)],
            [t('Id'), <Copyable key="id" text={id} what={t('the id')} />],
            ...records.map(
              ({ target, snapshot }) =>
                [
                  t('At {{target}}', { target }),
                  <Copyable
                    key={target}
                    text={snapshot}
                    shown={snapshot.slice(0, 8)}
                    what={t('restic’s name of it at {{target}}', { target })}
                  />,
                ] as const,
            ),
          ]}
        />
        {proof !== 'foreign' && <Contents backup={backup} />}
        <Command line={`autogit backup inspect ${shortId(id)}`} />
      </PanelBody>
    </Panel>
  );
}

interface MissingProps {
  readonly id: string;
  onClose(): void;
}

export function MissingBackup({ id, onClose }: MissingProps) {
  return (
    <Panel label={t('Backup')} title={t('No such backup')} onClose={onClose}>
      <PanelBody isAll>
        <EmptyState icon={History} title={t('It is not there (any more)')} command="autogit backup list">
          {t('No target lists a backup {{id}}. What no rule keeps is removed when room is made.', {
            id: id.slice(0, 40),
          })}
        </EmptyState>
      </PanelBody>
    </Panel>
  );
}
