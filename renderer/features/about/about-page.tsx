// What this AutoGit is: versions, licences of everything inside, and what a helper needs to see.
import { useCallback, useMemo, useState } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { hasWords } from '../../state/settings.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { numeral } from '../../language/locale.ts';
import { useTry } from '../../state/use-try.ts';
import { Button } from '../../ui/button.tsx';
import { Command, Copyable } from '../../ui/copyable.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { Facts, Page, Section } from '../../ui/page.tsx';
import styles from './about.module.css';
import { Diagnosis } from './diagnosis.tsx';
import { Updates } from './updates.tsx';
import { t } from '../../language/strings.ts';

type Licence = Output<'about.licences'>['packages'][number];

function askAbout(client: CoreClient): Promise<Output<'about.show'>> {
  return client.call('about.show', {});
}

function askLicences(client: CoreClient): Promise<Output<'about.licences'>> {
  return client.call('about.licences', {});
}

/** Commands that explain more; each prints to a terminal what the guides say. */
const guides = [
  [t('First steps and every command'), 'autogit --help'],
  [t('What is wrong with this machine, and how to mend it'), 'autogit doctor'],
  [t('Every setting'), 'autogit settings list'],
  [t('Why a job waits'), 'autogit job explain NUMBER'],
] as const;

function LicenceDialog({ one, onClose }: { readonly one: Licence; onClose(): void }) {
  const ask = useCallback(
    (client: CoreClient) => client.call('about.licences', { name: one.name }),
    [one.name],
  );
  const { value, error } = useAnswer(ask);
  const text = value?.texts.find(({ version }) => version === one.version)?.text ?? null;
  return (
    <Dialog
      title={`${one.name} ${one.version}, ${one.licence}`}
      isWide
      onClose={onClose}
      actions={<Button onClick={onClose}>{t('Close')}</Button>}
    >
      {error !== null && <ErrorNote problem={error} />}
      {value === null && error === null && <p role="status">{t('Reading the licence…')}</p>}
      {text !== null && (
        <pre className={styles.text} tabIndex={0}>
          {text}
        </pre>
      )}
    </Dialog>
  );
}

function Licences() {
  const { value, error, again } = useAnswer(askLicences);
  const [words, setWords] = useState('');
  const [open, setOpen] = useState<Licence | null>(null);
  const rows = useMemo(
    () => (value?.packages ?? []).filter((one) => hasWords(`${one.name} ${one.licence}`, words.trim())),
    [value, words],
  );
  if (error !== null)
    return <ErrorNote problem={error} action={<Button onClick={again}>{t('Ask again')}</Button>} />;
  if (value === null) return <Skeleton what={t('the licences')} rows={4} />;
  return (
    <>
      {open !== null && <LicenceDialog one={open} onClose={() => setOpen(null)} />}
      <input
        type="search"
        className={styles.search}
        aria-label={t('Words to look for in the licences')}
        placeholder={t('Name or licence')}
        value={words}
        onChange={({ target }) => setWords(target.value)}
      />
      <ul className={styles.packages}>
        {rows.map((one) => (
          <li key={`${one.name} ${one.version}`}>
            <button type="button" onClick={() => setOpen(one)}>
              <span className={styles.name}>{one.name}</span>{' '}
              <span className={styles.quiet}>{one.version}</span>
              <span className={styles.licence}>{one.licence}</span>
            </button>
          </li>
        ))}
        {rows.length === 0 && <li className={styles.none}>{t('None of them has these words.')}</li>}
      </ul>
      <p className={styles.quiet} role="status">
        {t('{{shown}} of {{all}}', {
          shown: numeral(rows.length),
          all: numeral(value.packages.length),
        })}
      </p>
    </>
  );
}

function Versions({ about }: { readonly about: Output<'about.show'> }) {
  const all = about.versions.map(({ name, version }) => `${name} ${version}`).join('\n');
  return (
    <>
      <Facts
        isRoomy
        rows={[
          ...about.versions.map(({ name, version }) => [name, version] as const),
          [t('Home'), <Copyable key="home" text={about.home} what={t('the path of the home')} />],
          [t('Instance'), <Copyable key="instance" text={about.instance} what={t('the id of this home')} />],
          [t('Licence'), t('AutoGit itself: {{licence}}', { licence: about.licence })],
        ]}
      />
      <Copyable text={all} shown={t('All versions, for a report')} what={t('all versions')} />
    </>
  );
}

export function AboutPage() {
  const { value: about, error, again } = useAnswer(askAbout);
  const bundle = useTry<Output<'diagnose.collect'>>();
  const failed = error === null ? null : t('What this AutoGit is cannot be told.');
  return (
    <Page name={t('About')} sentence={about === null ? failed : `AutoGit ${about.version}`}>
      <div className={styles.page}>
        {error !== null && (
          <ErrorNote problem={error} action={<Button onClick={again}>{t('Ask again')}</Button>} />
        )}
        <Section title={t('Updates')}>
          <Updates />
        </Section>
        <Section title={t('Versions')}>
          {about === null ? (
            error === null && <Skeleton what={t('the versions')} rows={4} />
          ) : (
            <Versions about={about} />
          )}
        </Section>
        <Section title={t('For a helper')}>
          <Diagnosis bundle={bundle} />
        </Section>
        <Section title={t('Guides')}>
          <ul className={styles.guides}>
            {guides.map(([words, line]) => (
              <li key={line}>
                {words}
                <Command line={line} />
              </li>
            ))}
          </ul>
        </Section>
        <Section title={t('Software of others in here, and its licences')}>
          <Licences />
        </Section>
      </div>
    </Page>
  );
}
