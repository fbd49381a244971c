// A new person: who they are and what they may; what would be done is shown before it is.
import { useMemo, useState } from 'react';
import { addPersonDeed } from '../../state/people-deeds.ts';
import { groupsIn, newPersonTexts, readPerson, suggestedName } from '../../state/person-form.ts';
import type { PersonField, PersonTexts } from '../../state/person-form.ts';
import { useAsking } from '../../state/use-deed.ts';
import { FieldRows, Fields, TickField } from '../../ui/field.tsx';
import type { FieldRow } from '../../ui/field.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { Presses } from '../../ui/presses.tsx';
import styles from './people.module.css';
import { t } from '../../language/strings.ts';

interface AddPersonDialogProps {
  /** Names that somebody has. */
  readonly taken: readonly string[];
  /** Groups that there are. */
  readonly groups: readonly string[];
  onClose(): void;
}

const whoRows: readonly FieldRow<PersonField>[] = [
  { name: 'displayName', label: t('Name, as others see it'), isFirst: true, placeholder: 'Ana Núñez' },
  {
    ...{ name: 'name', label: t('Name to sign in with') },
    help: t('Small letters, digits, dots and hyphens; it stays.'),
  },
  {
    ...{ name: 'email', kind: 'email', label: t('E-mail address'), isWide: true },
    placeholder: 'ana@example.net',
  },
  {
    ...{ name: 'groups', label: t('Groups'), isWide: true },
    help: t('With commas between. Whoever is in admins administrates GitLab.'),
  },
];

/** What stands in the form, what is wrong with it, and asking for it. */
function usePersonForm({ taken, onClose }: Pick<AddPersonDialogProps, 'taken' | 'onClose'>) {
  const { wasAsked, ask } = useAsking(onClose);
  const [texts, setTexts] = useState<PersonTexts>(newPersonTexts);
  /** A name that somebody has typed is not made of the other one any more. */
  const [isNamed, setNamed] = useState(false);
  const { person, errors } = useMemo(() => readPerson(texts, taken), [texts, taken]);
  return {
    texts,
    wrong: Object.keys(errors),
    wasAsked,
    /** What nobody has touched yet is not wrong yet. */
    shown: Object.fromEntries(
      whoRows.flatMap(({ name }) => {
        const error = wasAsked || texts[name] !== '' ? errors[name] : undefined;
        return error === undefined ? [] : [[name, error]];
      }),
    ),
    change: (change: Partial<PersonTexts>) => {
      if (change.name !== undefined) setNamed(change.name !== '');
      const name =
        change.displayName !== undefined && !isNamed ? { name: suggestedName(change.displayName) } : {};
      setTexts((now) => ({ ...now, ...name, ...change }));
    },
    ask: () => ask(person === null ? null : addPersonDeed(person)),
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
    <Presses
      label={t('Groups that there are')}
      options={groups.map((group) => ({ value: group }))}
      pressed={chosen}
      onPress={(group) => {
        const isIn = chosen.includes(group);
        const next = isIn ? chosen.filter((one) => one !== group) : [...chosen, group];
        onChange(next.join(', '));
      }}
    />
  );
}

/** More than this are not offered, only found by typing. */
const mostGroups = 12;

interface PersonFieldsProps {
  readonly texts: PersonTexts;
  readonly groups: readonly string[];
  /** What is wrong, by field. */
  readonly shown: Readonly<Record<string, string>>;
  change(change: Partial<PersonTexts>): void;
}

/** Who it is, and what they may. */
function PersonFields({ texts, groups, shown, change }: PersonFieldsProps) {
  return (
    <>
      <p className={styles.quiet}>
        {t('One login for everything: they are added to Authelia and to GitLab.')}
      </p>
      <Fields>
        <FieldRows
          rows={whoRows}
          texts={texts}
          wrong={shown}
          onChange={(name, text) => change({ [name]: text })}
        />
      </Fields>
      <KnownGroups
        groups={groups.slice(0, mostGroups)}
        text={texts.groups}
        onChange={(text) => change({ groups: text })}
      />
      <TickField
        name="totp"
        label={t('With a one-time password')}
        help={t('Its secret is shown once with the password, as a QR code for their telephone.')}
        isOn={texts.totp}
        onChange={(totp) => change({ totp })}
      />
    </>
  );
}

export function AddPersonDialog({ taken, groups, onClose }: AddPersonDialogProps) {
  const { texts, wrong, shown, wasAsked, change, ask } = usePersonForm({ taken, onClose });
  return (
    <FormDialog title={t('Add a person')} {...{ wrong, wasAsked, onClose }} onAsk={ask}>
      <PersonFields {...{ texts, groups, shown, change }} />
    </FormDialog>
  );
}
