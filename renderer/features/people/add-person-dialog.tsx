// A new person: who they are and what they may; what would be done is shown before it is.
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import type { Deed } from '../../state/deeds.ts';
import { addPersonDeed } from '../../state/people-deeds.ts';
import { groupsIn, newPersonTexts, readPerson, suggestedName } from '../../state/person-form.ts';
import type { PersonField, PersonTexts } from '../../state/person-form.ts';
import { useIsDone } from '../../state/use-deed.ts';
import { useLab } from '../../state/use-live.ts';
import { count } from '../../state/words.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Fields, TextField, TickField } from '../../ui/field.tsx';
import styles from './people.module.css';

interface AddPersonDialogProps {
  /** Names that somebody has. */
  readonly taken: readonly string[];
  /** Groups that there are. */
  readonly groups: readonly string[];
  onClose(): void;
}

/** What stands in the form, what is wrong with it, and asking for it. */
function usePersonForm({ taken, onClose }: Pick<AddPersonDialogProps, 'taken' | 'onClose'>) {
  const { deeds } = useLab();
  const [texts, setTexts] = useState<PersonTexts>(newPersonTexts);
  /** A name that somebody has typed is not made of the other one any more. */
  const [isNamed, setNamed] = useState(false);
  const [wasAsked, setWasAsked] = useState(false);
  const [asked, setAsked] = useState<Deed | null>(null);
  const isDone = useIsDone(asked);
  useEffect(() => {
    if (isDone) onClose();
  }, [isDone, onClose]);
  const { person, errors } = useMemo(() => readPerson(texts, taken), [texts, taken]);
  return {
    texts,
    errors,
    wasAsked,
    /** What nobody has touched yet is not wrong yet. */
    errorOf: (field: PersonField) => (wasAsked || texts[field] !== '' ? errors[field] : undefined),
    change: (change: Partial<PersonTexts>) => {
      if (change.name !== undefined) setNamed(change.name !== '');
      const name =
        change.displayName !== undefined && !isNamed ? { name: suggestedName(change.displayName) } : {};
      setTexts((now) => ({ ...now, ...name, ...change }));
    },
    ask: () => {
      setWasAsked(true);
      if (person === null) return;
      const deed = addPersonDeed(person);
      setAsked(deed);
      deeds.ask(deed);
    },
  };
}

interface KnownGroupsProps {
  readonly groups: readonly string[];
  readonly text: string;
  onChange(text: string): void;
}

/** Groups that there are, to be pressed instead of typed. */
function KnownGroups({ groups, text, onChange }: KnownGroupsProps) {
  const chosen = groupsIn(text);
  if (groups.length === 0) return null;
  return (
    <div className={styles.known} role="group" aria-label="Groups that there are">
      {groups.map((group) => {
        const isIn = chosen.includes(group);
        const next = isIn ? chosen.filter((one) => one !== group) : [...chosen, group];
        return (
          <button key={group} type="button" aria-pressed={isIn} onClick={() => onChange(next.join(', '))}>
            {group}
          </button>
        );
      })}
    </div>
  );
}

/** More than this are not offered, only found by typing. */
const mostGroups = 12;

interface PersonFieldsProps {
  readonly texts: PersonTexts;
  readonly groups: readonly string[];
  errorOf(field: PersonField): string | undefined;
  change(change: Partial<PersonTexts>): void;
}

/** Who it is. */
function Who({ texts, errorOf, change }: Omit<PersonFieldsProps, 'groups'>) {
  return (
    <Fields>
      <TextField
        isFirst
        name="displayName"
        label="Name, as others see it"
        placeholder="Ana Núñez"
        value={texts.displayName}
        error={errorOf('displayName')}
        onChange={(displayName) => change({ displayName })}
      />
      <TextField
        name="name"
        label="Name to sign in with"
        help="Small letters, digits, dots and hyphens; it stays."
        value={texts.name}
        error={errorOf('name')}
        onChange={(name) => change({ name })}
      />
      <TextField
        isWide
        name="email"
        kind="email"
        label="E-mail address"
        placeholder="ana@example.net"
        value={texts.email}
        error={errorOf('email')}
        onChange={(email) => change({ email })}
      />
    </Fields>
  );
}

/** Who it is, and what they may. */
function PersonFields({ texts, groups, errorOf, change }: PersonFieldsProps) {
  return (
    <>
      <p className={styles.quiet}>One login for everything: they are added to Authelia and to GitLab.</p>
      <Who {...{ texts, errorOf, change }} />
      <Fields>
        <TextField
          isWide
          name="groups"
          label="Groups"
          help="With commas between. Whoever is in admins administrates GitLab."
          value={texts.groups}
          error={errorOf('groups')}
          onChange={(text) => change({ groups: text })}
        />
      </Fields>
      <KnownGroups
        groups={groups.slice(0, mostGroups)}
        text={texts.groups}
        onChange={(text) => change({ groups: text })}
      />
      <TickField
        name="totp"
        label="With a one-time password"
        help="Its secret is shown once with the password, as a QR code for their telephone."
        isOn={texts.totp}
        onChange={(totp) => change({ totp })}
      />
    </>
  );
}

export function AddPersonDialog({ taken, groups, onClose }: AddPersonDialogProps) {
  const { texts, errors, wasAsked, errorOf, change, ask } = usePersonForm({ taken, onClose });
  const form = useRef<HTMLFormElement>(null);
  const formId = useId();
  const wrong = Object.keys(errors);
  const askOrShow = (): void => {
    ask();
    form.current?.querySelector<HTMLElement>(`[name="${wrong[0] ?? ''}"]`)?.focus();
  };
  return (
    <Dialog
      title="Add a person"
      isWide
      onClose={onClose}
      actions={
        <>
          {wasAsked && wrong.length > 0 && (
            <p role="alert" className={styles.alert}>
              {count(wrong.length, 'field')} to mend first, in red.
            </p>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" onClick={askOrShow}>
            Show what changes
          </Button>
        </>
      }
    >
      <form
        ref={form}
        id={formId}
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          askOrShow();
        }}
      >
        <PersonFields {...{ texts, groups, errorOf, change }} />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
