// The settings of a pool as a form; what they would change is shown before it is done.
import { useMemo, useState } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { poolFieldGroups, readForm, textsOf } from '../../state/pool-form.ts';
import type { FieldGroup, PoolTexts } from '../../state/pool-form.ts';
import { addPoolDeed, setPoolDeed } from '../../state/row-deeds.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useAsking } from '../../state/use-deed.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Fields } from '../../ui/field.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { PoolField } from './pool-field.tsx';
import styles from './pool-dialog.module.css';
import { t } from '../../language/strings.ts';

interface GroupProps {
  readonly group: FieldGroup;
  readonly texts: PoolTexts;
  /** What is in force; `null` for a new pool, in which everything is new. */
  readonly before: PoolTexts | null;
  /** What is wrong, by field. */
  readonly errors: Readonly<Record<string, string>>;
  onChange(name: string, text: string): void;
}

function Group({ group, texts, before, errors, onChange }: GroupProps) {
  return (
    <fieldset className={styles.group}>
      <legend>
        {group.title} <span>{group.about}</span>
      </legend>
      <Fields>
        {group.fields.map((field) => (
          <PoolField
            key={field.name}
            field={field}
            text={texts[field.name] ?? ''}
            isChanged={before !== null && texts[field.name] !== before[field.name]}
            error={errors[field.name]}
            onChange={(text) => onChange(field.name, text)}
          />
        ))}
      </Fields>
    </fieldset>
  );
}

/** Its groups, without the name of a pool that has one. */
function groupsFor(isNew: boolean): readonly FieldGroup[] {
  return isNew
    ? poolFieldGroups
    : poolFieldGroups.map((group) => ({
        ...group,
        fields: group.fields.filter(({ name }) => name !== 'name'),
      }));
}

interface FormProps {
  /** `null`: a new pool. */
  readonly settings: Output<'pool.show'>['settings'] | null;
  onClose(): void;
}

/** What stands in the form, what it would change, and asking for that. */
function usePoolForm({ settings, onClose }: FormProps) {
  const asking = useAsking(onClose);
  const { wasAsked } = asking;
  const before = useMemo(() => textsOf(settings), [settings]);
  const [texts, setTexts] = useState(before);
  const form = useMemo(() => readForm(texts, before), [texts, before]);
  const isNew = settings === null;
  const wrong = Object.keys(form.errors);
  return {
    texts,
    before: isNew ? null : before,
    wrong,
    wasAsked,
    /** What nobody has touched yet is not wrong yet. */
    errors: Object.fromEntries(
      Object.entries(form.errors).filter(([name]) => wasAsked || texts[name] !== before[name]),
    ),
    isSame: !isNew && form.options === '',
    change: (name: string, text: string) => setTexts((now) => ({ ...now, [name]: text })),
    /** Shows what would change, as soon as nothing is wrong. */
    ask: () => {
      const isNothing = wrong.length > 0 || (!isNew && form.options === '');
      const deed = isNew ? addPoolDeed : setPoolDeed;
      asking.ask(isNothing ? null : deed(form.name, form.change, form.canBeTyped ? form.options : null));
    },
  };
}

function PoolForm(props: FormProps) {
  const { settings, onClose } = props;
  const { texts, before, wrong, wasAsked, errors, isSame, change, ask } = usePoolForm(props);
  return (
    <FormDialog
      title={settings === null ? t('Add a pool') : t('Settings of pool {{name}}', { name: settings.name })}
      blockedBy={isSame ? t('Nothing is changed yet') : null}
      {...{ wrong, wasAsked, onClose }}
      onAsk={ask}
    >
      {groupsFor(settings === null).map((group) => (
        <Group key={group.title} {...{ group, texts, before, errors }} onChange={change} />
      ))}
    </FormDialog>
  );
}

interface PoolDialogProps {
  /** `null`: a new one. */
  readonly name: string | null;
  onClose(): void;
}

export function PoolDialog({ name, onClose }: PoolDialogProps) {
  const ask = useMemo(
    () => (name === null ? null : (client: CoreClient) => client.call('pool.show', { name })),
    [name],
  );
  const { value, error } = useAnswer(ask);
  if (name === null) return <PoolForm settings={null} onClose={onClose} />;
  if (value !== null) return <PoolForm settings={value.settings} onClose={onClose} />;
  return (
    <Dialog
      title={t('Settings of pool {{name}}', { name })}
      onClose={onClose}
      actions={<Button onClick={onClose}>{t('Close')}</Button>}
    >
      {error === null ? (
        <p role="status">{t('Reading the settings of the pool…')}</p>
      ) : (
        <ErrorNote problem={error} />
      )}
    </Dialog>
  );
}
