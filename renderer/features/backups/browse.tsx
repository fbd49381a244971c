// The files of a backup, folder by folder, as its repository lists them.
import { File, Folder } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { CoreClient } from '../../client.ts';
import type { BackupContents } from '../../state/backups.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { bytesWords } from '../../state/words.ts';
import { count, t } from '../../language/strings.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { Section } from '../../ui/page.tsx';
import styles from './backups.module.css';
import list from './browse.module.css';

interface BrowseProps {
  readonly id: string;
  readonly target: string | undefined;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

interface WayProps {
  readonly path: string;
  onGo(path: string): void;
}

/** Each folder on the way is one to go back to. */
function Way({ path, onGo }: WayProps) {
  const names = path === '' ? [] : path.split('/');
  return (
    <nav className={list.way} aria-label={t('Folder')}>
      <button type="button" aria-current={path === '' || undefined} onClick={() => onGo('')}>
        {t('The backup')}
      </button>
      {names.map((name, at) => (
        <span key={at}>
          /
          <button
            type="button"
            aria-current={at === names.length - 1 || undefined}
            onClick={() => onGo(names.slice(0, at + 1).join('/'))}
          >
            {name}
          </button>
        </span>
      ))}
    </nav>
  );
}

function Entries({ entries, more, onGo }: Pick<BackupContents, 'entries' | 'more'> & Pick<WayProps, 'onGo'>) {
  if (entries.length === 0) return <p className={styles.quiet}>{t('Nothing is in this folder.')}</p>;
  return (
    <>
      <ul className={list.entries} aria-label={t('Files')}>
        {entries.map(({ path, folder, bytes }) => (
          <li key={path}>
            {folder ? <Folder size={16} aria-hidden /> : <File size={16} aria-hidden />}
            {folder ? (
              <button type="button" onClick={() => onGo(path)}>
                {nameOf(path)}
              </button>
            ) : (
              <span>{nameOf(path)}</span>
            )}
            {!folder && <span className={styles.quiet}>{bytesWords(bytes)}</span>}
          </li>
        ))}
      </ul>
      {more && (
        <p className={styles.quiet}>
          {count(
            entries.length,
            'This is the first entry; the folder has more. A restore to a folder to look at brings all of them.',
            'These are the first {{n}} entries; the folder has more. A restore to a folder to look at brings all of them.',
          )}
        </p>
      )}
    </>
  );
}

export function Browse({ id, target }: BrowseProps) {
  const [path, setPath] = useState('');
  const ask = useMemo(
    () => (client: CoreClient) =>
      client.call('backup.inspect', {
        ...{ backup: id, path: path === '' ? '/' : path },
        ...(target === undefined ? {} : { target }),
      }),
    [id, path, target],
  );
  const { value, error, again } = useAnswer(ask);
  return (
    <Section title={t('Files')}>
      <Way path={path} onGo={setPath} />
      {error !== null && (
        <ErrorNote problem={error} action={<Button onClick={again}>{t('Ask again')}</Button>} />
      )}
      {value === null ? (
        error === null && <Skeleton what={t('this folder')} rows={4} />
      ) : (
        <Entries entries={value.entries} more={value.more} onGo={setPath} />
      )}
    </Section>
  );
}
