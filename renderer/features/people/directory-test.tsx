// A directory of people, LDAP or Active Directory: asked as Authelia would ask it, before it is taken.
import { FlaskConical } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import { emptyDirectory, readDirectory } from '../../state/sign-in-form.ts';
import type { DirectoryTexts } from '../../state/sign-in-form.ts';
import { useTry } from '../../state/use-try.ts';
import { count, t } from '../../language/strings.ts';
import { DirectoryFields } from '../../ui/access/directory-fields.tsx';
import { Button } from '../../ui/button.tsx';
import { CheckList } from '../../ui/check-list.tsx';
import { Command } from '../../ui/copyable.tsx';
import { Fields, focusField, TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { ChangeButton } from '../../ui/stack/change-button.tsx';
import { FoldSection } from './fold-section.tsx';
import styles from './sign-in.module.css';

type Answer = Output<'directory.test'>;

/** Those that were found, as the lab would know them. */
function Found({ people }: Pick<Answer, 'people'>) {
  if (people.length === 0) return null;
  return (
    <div className={styles.wide} tabIndex={0} role="region" aria-label={t('People that were found')}>
      <table className={styles.found}>
        <caption>
          {count(
            people.length,
            '{{n}} person found, as the lab would know them',
            '{{n}} people found, as the lab would know them',
          )}
        </caption>
        <thead>
          <tr>
            <th scope="col">{t('Signs in as')}</th>
            <th scope="col">{t('Name')}</th>
            <th scope="col">{t('E-mail')}</th>
            <th scope="col">{t('Groups')}</th>
          </tr>
        </thead>
        <tbody>
          {people.map(({ name, displayName, email, groups }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{displayName}</td>
              <td>{email}</td>
              <td>{groups.length === 0 ? t('none') : groups.join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function DirectoryForm() {
  const [texts, setTexts] = useState<DirectoryTexts>(emptyDirectory);
  const [wasAsked, setWasAsked] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const test = useTry<Answer>();
  const { input, errors, line } = readDirectory(texts);
  const wrong = wasAsked ? errors : {};
  const change = (next: Partial<DirectoryTexts>): void => setTexts((now) => ({ ...now, ...next }));
  const start = (): void => {
    setWasAsked(true);
    focusField(form.current, Object.keys(errors)[0]);
    if (input === null || test.isTrying) return;
    change({ password: '' });
    void test.tryIt((client) => client.call('directory.test', input));
  };
  return (
    <form
      ref={form}
      className={styles.form}
      aria-label={t('Try a directory')}
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <DirectoryFields {...{ texts, wrong, change }} />
      <Fields>
        <TextField
          name="search"
          label={t('A person to look for')}
          placeholder={t('anybody')}
          value={texts.search}
          onChange={(search) => change({ search })}
        />
      </Fields>
      <div className={styles.buttons}>
        <Button type="submit" icon={FlaskConical} blockedBy={test.isTrying ? t('It is being asked') : null}>
          {test.isTrying ? t('Asking…') : t('Test this directory')}
        </Button>
      </div>
      {test.error !== null && <ErrorNote problem={test.error} />}
      {test.value !== null && <CheckList label={t('What the directory said')} checks={test.value.steps} />}
      {test.value !== null && <Found people={test.value.people} />}
      <Command line={line} />
      <ChangeButton answers={input === null ? null : { sso: 'authelia', directory: input.directory }}>
        {t('Let it keep the people')}
      </ChangeButton>
    </form>
  );
}

/** Opened by whoever has one: people in a file need none of this. */
export function DirectoryTest() {
  const [isOpen, setOpen] = useState(false);
  return (
    <FoldSection
      title={t('A directory of people')}
      opens={t('Test a directory')}
      about={t(
        "Authelia can ask an LDAP directory or Active Directory instead of the lab's own file. Nothing is changed by a test.",
      )}
      isOpen={isOpen}
      onTurn={setOpen}
    >
      <DirectoryForm />
    </FoldSection>
  );
}
