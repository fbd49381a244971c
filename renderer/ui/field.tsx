// Fields of forms: a label, what is typed or chosen, and below what it takes or what is wrong with it.
import { useId } from 'react';
import type { ReactNode } from 'react';
import styles from './field.module.css';

/** What the control of a field has to carry. */
export interface ControlProps {
  readonly id: string;
  readonly name: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean | undefined;
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly help?: ReactNode;
  readonly error?: string | undefined;
  /** Takes the whole row. */
  readonly isWide?: boolean;
  /** Draws the control. */
  children(control: ControlProps): ReactNode;
}

export function Field({ name, label, help, error, isWide = false, children }: FieldProps) {
  const id = useId();
  const about = `${id}-about`;
  const hasAbout = error !== undefined || help !== undefined;
  return (
    <div className={styles.field} data-wide={isWide || undefined}>
      <label htmlFor={id}>{label}</label>
      {children({
        ...{ id, name, 'aria-invalid': error === undefined ? undefined : true },
        'aria-describedby': hasAbout ? about : undefined,
      })}
      {hasAbout && (
        <span id={about} className={error === undefined ? styles.help : styles.wrong}>
          {error ?? help}
        </span>
      )}
    </div>
  );
}

interface TextFieldProps extends Omit<FieldProps, 'children'> {
  readonly value: string;
  /** `secret`: not shown, and nothing of the browser keeps it. */
  readonly kind?: 'text' | 'email' | 'secret' | 'lines' | 'secret-lines';
  readonly placeholder?: string | undefined;
  /** Names of values that are proposed. */
  readonly list?: string;
  readonly isFirst?: boolean;
  onChange(value: string): void;
}

/** One line, or some. */
export function TextField(props: TextFieldProps) {
  const { value, kind = 'text', placeholder, list, isFirst = false, onChange, ...field } = props;
  const isLines = kind === 'lines' || kind === 'secret-lines';
  return (
    <Field {...field} isWide={field.isWide ?? isLines}>
      {(control) =>
        isLines ? (
          <textarea
            {...control}
            className={kind === 'secret-lines' ? styles.hidden : undefined}
            rows={4}
            autoComplete="off"
            spellCheck={false}
            placeholder={placeholder}
            value={value}
            onChange={({ target }) => onChange(target.value)}
          />
        ) : (
          <input
            {...control}
            type={kind === 'secret' ? 'password' : 'text'}
            inputMode={kind === 'email' ? 'email' : undefined}
            autoComplete={kind === 'secret' ? 'new-password' : 'off'}
            autoCapitalize="none"
            spellCheck={false}
            placeholder={placeholder}
            list={list}
            autoFocus={isFirst}
            value={value}
            onChange={({ target }) => onChange(target.value)}
          />
        )
      }
    </Field>
  );
}

interface SelectFieldProps extends Omit<FieldProps, 'children'> {
  readonly value: string;
  readonly options: readonly (readonly [value: string, words: string])[];
  onChange(value: string): void;
}

/** One of some. */
export function SelectField({ value, options, onChange, ...field }: SelectFieldProps) {
  return (
    <Field {...field}>
      {(control) => (
        <select {...control} value={value} onChange={({ target }) => onChange(target.value)}>
          {options.map(([option, words]) => (
            <option key={option} value={option}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface TickFieldProps {
  readonly name: string;
  readonly label: string;
  readonly help?: string;
  readonly isOn: boolean;
  onChange(isOn: boolean): void;
}

/** Yes or no. */
export function TickField({ name, label, help, isOn, onChange }: TickFieldProps) {
  const id = useId();
  return (
    <div className={styles.tick}>
      <input
        id={id}
        name={name}
        type="checkbox"
        checked={isOn}
        aria-describedby={help === undefined ? undefined : `${id}-about`}
        onChange={({ target }) => onChange(target.checked)}
      />
      <label htmlFor={id}>{label}</label>
      {help !== undefined && (
        <span id={`${id}-about`} className={styles.help}>
          {help}
        </span>
      )}
    </div>
  );
}

interface FieldsProps {
  readonly children: ReactNode;
}

/** Fields side by side where there is room. */
export function Fields({ children }: FieldsProps) {
  return <div className={styles.fields}>{children}</div>;
}
