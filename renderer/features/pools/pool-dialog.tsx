// The settings of a pool as a form; what they would change is shown before it is done.
import { useId, useMemo, useState } from 'react';
import type { RequestField } from '../../../main/contract/fields.ts';
import type { Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { addPoolDeed, setPoolDeed } from '../../state/row-deeds.ts';
import { fieldHelp, fieldWords, poolFormFields, readForm, textsOf } from '../../state/pool-form.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useLab } from '../../state/use-live.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import styles from './pools.module.css';

interface FieldProps {
  readonly field: RequestField;
  readonly text: string;
  /** What is wrong with it. */
  readonly error: string | undefined;
  onChange(text: string): void;
}

function Field({ field, text, error, onChange }: FieldProps) {
  const { name, type, choices } = field;
  const id = useId();
  const about = `${id}-about`;
  const common = { id, name, 'aria-describedby': about, 'aria-invalid': error !== undefined };
  return (
    <div className={styles.field} data-wide={type === 'list' || name === 'image' || undefined}>
      <label htmlFor={id}>{fieldWords(name)}</label>
      {type === 'boolean' || choices.length > 0 ? (
        <select {...common} value={text} onChange={(event) => onChange(event.target.value)}>
          {text === '' && <option value="">default</option>}
          {(type === 'boolean' ? ['true', 'false'] : choices).map((choice) => (
            <option key={choice} value={choice}>
              {choice === 'true' ? 'yes' : choice === 'false' ? 'no' : choice}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...common}
          type="text"
          inputMode={type === 'integer' ? 'numeric' : type === 'number' ? 'decimal' : 'text'}
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
      <span id={about} className={error === undefined ? styles.help : styles.wrong}>
        {error ?? fieldHelp(field)}
      </span>
    </div>
  );
}

interface FormProps {
  /** `null`: a new pool. */
  readonly settings: Output<'pool.show'>['settings'] | null;
  onClose(): void;
}

function PoolForm({ settings, onClose }: FormProps) {
  const { deeds } = useLab();
  const before = useMemo(() => textsOf(settings), [settings]);
  const [texts, setTexts] = useState(before);
  const [wasAsked, setAsked] = useState(false);
  const form = useMemo(() => readForm(texts, before), [texts, before]);
  const isNew = settings === null;
  const isWrong = Object.keys(form.errors).length > 0;
  const isSame = !isNew && form.options === '';
  const ask = (): void => {
    setAsked(true);
    if (isWrong || isSame) return;
    const deed = isNew ? addPoolDeed : setPoolDeed;
    onClose();
    deeds.ask(deed(form.name, form.change, form.options));
  };
  const shown = poolFormFields.filter(({ name }) => isNew || name !== 'name');
  const isTouched = (name: string): boolean => wasAsked || texts[name] !== before[name];
  return (
    <Dialog
      title={isNew ? 'Add a pool' : `Settings of pool ${settings.name}`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" blockedBy={isSame ? 'Nothing is changed yet' : null} onClick={ask}>
            Show what changes
          </Button>
        </>
      }
    >
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          ask();
        }}
      >
        {shown.map((field) => (
          <Field
            key={field.name}
            field={field}
            text={texts[field.name] ?? ''}
            error={isTouched(field.name) ? form.errors[field.name] : undefined}
            onChange={(text) => setTexts({ ...texts, [field.name]: text })}
          />
        ))}
        <button type="submit" hidden />
      </form>
      {wasAsked && isWrong && <p role="alert">Nothing is changed yet: see the fields in red.</p>}
    </Dialog>
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
      title={`Settings of pool ${name}`}
      onClose={onClose}
      actions={<Button onClick={onClose}>Close</Button>}
    >
      {error === null ? (
        <p role="status">Reading the settings of the pool…</p>
      ) : (
        <ErrorNote problem={error} />
      )}
    </Dialog>
  );
}
