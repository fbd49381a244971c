// A directory of people, LDAP or Active Directory: asked as Authelia would ask it, before it is taken.
import { FlaskConical } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import { directoryWays, emptyDirectory, implementations, readDirectory } from '../../state/sign-in-form.ts';
import type { DirectoryTexts, DirectoryWay } from '../../state/sign-in-form.ts';
import { useTry } from '../../state/use-try.ts';
import { count } from '../../state/words.ts';
import { Button } from '../../ui/button.tsx';
import { CheckList } from '../../ui/check-list.tsx';
import { Command } from '../../ui/copyable.tsx';
import { Fields, SelectField, TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Section } from '../../ui/page.tsx';
import styles from './sign-in.module.css';

type Answer = Output<'directory.test'>;

const wayWords: Readonly<Record<DirectoryWay, string>> = {
  ldaps: 'TLS from the start (ldaps)',
  starttls: 'TLS on the plain port (StartTLS)',
  plain: 'not at all: passwords can be read',
};

interface InputsProps {
  readonly texts: DirectoryTexts;
  readonly wrong: Readonly<Record<string, string>>;
  change(change: Partial<DirectoryTexts>): void;
}

function Server({ texts, wrong, change }: InputsProps) {
  return (
    <Fields>
      <SelectField
        name="implementation"
        label="Kind"
        value={texts.implementation}
        options={implementations}
        error={wrong['implementation']}
        onChange={(implementation) => change({ implementation })}
      />
      <SelectField
        name="way"
        label="Encrypted by"
        value={texts.way}
        options={directoryWays.map((way) => [way, wayWords[way]] as const)}
        help={texts.way === 'plain' ? 'Only in a network that nobody else is in.' : undefined}
        onChange={(value) => change({ way: directoryWays.find((way) => way === value) ?? 'ldaps' })}
      />
      <TextField
        name="address"
        label="Server"
        placeholder="ldap.example.net"
        value={texts.host}
        error={wrong['address']}
        onChange={(host) => change({ host })}
      />
      <TextField
        name="baseDn"
        label="Base DN"
        placeholder="dc=example,dc=net"
        value={texts.baseDn}
        error={wrong['baseDn']}
        onChange={(baseDn) => change({ baseDn })}
      />
      <TextField
        name="user"
        label="Who searches"
        placeholder="cn=reader,dc=example,dc=net"
        value={texts.user}
        error={wrong['user']}
        onChange={(user) => change({ user })}
      />
      <TextField
        name="password"
        kind="secret"
        label="Their password"
        help="For the test alone: forgotten with its answer."
        value={texts.password}
        onChange={(password) => change({ password })}
      />
    </Fields>
  );
}

const moreFields = [
  ['usersFilter', 'Filter of people'],
  ['groupsFilter', 'Filter of groups'],
  ['additionalUsersDn', 'Where people are, below the base'],
  ['additionalGroupsDn', 'Where groups are, below the base'],
  ['ca', "File of the root of the server's certificate"],
] as const;

function More({ texts, wrong, change }: InputsProps) {
  return (
    <details className={styles.more}>
      <summary>What is out of the ordinary</summary>
      <Fields>
        {moreFields.map(([name, label]) => (
          <TextField
            key={name}
            name={name}
            label={label}
            placeholder={name === 'ca' ? 'a public one' : 'as its kind has it'}
            value={texts[name]}
            error={wrong[name]}
            onChange={(text) => change({ [name]: text })}
          />
        ))}
      </Fields>
    </details>
  );
}

/** Those that were found, as the lab would know them. */
function Found({ people }: Pick<Answer, 'people'>) {
  if (people.length === 0) return null;
  return (
    <div className={styles.wide} tabIndex={0} role="region" aria-label="People that were found">
      <table className={styles.found}>
        <caption>{count(people.length, 'person', 'people')} found, as the lab would know them</caption>
        <thead>
          <tr>
            <th scope="col">Signs in as</th>
            <th scope="col">Name</th>
            <th scope="col">E-mail</th>
            <th scope="col">Groups</th>
          </tr>
        </thead>
        <tbody>
          {people.map(({ name, displayName, email, groups }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{displayName}</td>
              <td>{email}</td>
              <td>{groups.length === 0 ? 'none' : groups.join(', ')}</td>
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
    const [first] = Object.keys(errors);
    if (first !== undefined) form.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
    if (input === null || test.isTrying) return;
    change({ password: '' });
    void test.tryIt((client) => client.call('directory.test', input));
  };
  return (
    <form
      ref={form}
      className={styles.form}
      aria-label="Try a directory"
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <Server {...{ texts, wrong, change }} />
      <More {...{ texts, wrong, change }} />
      <Fields>
        <TextField
          name="search"
          label="A person to look for"
          placeholder="anybody"
          value={texts.search}
          onChange={(search) => change({ search })}
        />
      </Fields>
      <div className={styles.buttons}>
        <Button type="submit" icon={FlaskConical} blockedBy={test.isTrying ? 'It is being asked' : null}>
          {test.isTrying ? 'Asking…' : 'Test this directory'}
        </Button>
      </div>
      {test.error !== null && <ErrorNote problem={test.error} />}
      {test.value !== null && <CheckList label="What the directory said" checks={test.value.steps} />}
      {test.value !== null && <Found people={test.value.people} />}
      <Command line={line} />
    </form>
  );
}

/** Opened by whoever has one: people in a file need none of this. */
export function DirectoryTest() {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <Section
      title="A directory of people"
      side={
        <Button aria-expanded={isOpen} aria-controls={id} onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Close' : 'Test a directory'}
        </Button>
      }
    >
      <div id={id} className={styles.fold}>
        {isOpen ? (
          <DirectoryForm />
        ) : (
          <p className={styles.quiet}>
            Authelia can ask an LDAP directory or Active Directory instead of the lab&apos;s own file. Nothing
            is changed by a test.
          </p>
        )}
      </div>
    </Section>
  );
}
