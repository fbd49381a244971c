// Fields of forms: a label, what is typed or chosen, and below what it takes or what is wrong with it.
import { useId } from 'react';
import type { ReactNode } from 'react';
import { count } from '../language/strings.ts';
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
  /** Differs from what is in force. */
  readonly isChanged?: boolean;
  /** What it takes is only spoken: its words say enough to those who see it. */
  readonly isBrief?: boolean;
  /** Draws the control. */
  children(control: ControlProps): ReactNode;
}

export function Field(props: FieldProps) {
  const { name, label, help, error, isWide = false, isChanged = false, isBrief = false, children } = props;
  const id = useId();
  const about = `${id}-about`;
  const hasAbout = error !== undefined || help !== undefined;
  return (
    <div className={styles.field} data-wide={isWide || undefined} data-changed={isChanged || undefined}>
      <label htmlFor={id}>{label}</label>
      {children({
        ...{ id, name, 'aria-invalid': error === undefined ? undefined : true },
        'aria-describedby': hasAbout ? about : undefined,
      })}
      {hasAbout && (
        <span
          id={about}
          className={error === undefined ? styles.help : styles.wrong}
          data-spoken={(isBrief && error === undefined) || undefined}
        >
          {error ?? help}
        </span>
      )}
    </div>
  );
}

interface TextFieldProps extends Omit<FieldProps, 'children'> {
  readonly value: string;
  /** `secret`: not shown, and nothing of the browser keeps it. */
  readonly kind?: 'text' | 'email' | 'secret' | 'lines' | 'secret-lines' | undefined;
  readonly placeholder?: string | undefined;
  /** Names of values that are proposed. */
  readonly list?: string;
  readonly isFirst?: boolean | undefined;
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

/** What a field of one line, of some, or a choice is, as data. Its name is that of its text. */
export interface FieldRow<Name extends string> extends Pick<
  TextFieldProps,
  'label' | 'help' | 'isWide' | 'kind' | 'placeholder' | 'isFirst'
> {
  readonly name: Name;
  /** Given: one of these. */
  readonly options?: SelectFieldProps['options'];
}

interface FieldRowsProps<Name extends string> {
  readonly rows: readonly FieldRow<Name>[];
  readonly texts: Readonly<Partial<Record<Name, string>>>;
  /** By field. */
  readonly wrong: Readonly<Record<string, string>>;
  onChange(name: Name, text: string): void;
}

/** Fields one after another, inside of `Fields`. */
export function FieldRows<Name extends string>({ rows, texts, wrong, onChange }: FieldRowsProps<Name>) {
  return rows.map(({ options, kind, placeholder, isFirst, ...row }) => {
    const field = { ...row, value: texts[row.name] ?? '', error: wrong[row.name] };
    const change = (text: string): void => onChange(row.name, text);
    return options === undefined ? (
      <TextField key={row.name} {...field} {...{ kind, placeholder, isFirst }} onChange={change} />
    ) : (
      <SelectField key={row.name} {...field} options={options} onChange={change} />
    );
  });
}

/** Says how much has to be mended, once somebody has asked. */
export function FieldsToMend({ wrong }: { readonly wrong: number }) {
  if (wrong === 0) return null;
  return (
    <p role="alert" className={styles.mend}>
      {count(wrong, '{{n}} field to mend first, in red.', '{{n}} fields to mend first, in red.')}
    </p>
  );
}

/** Leads to a field of this form; of no name, to none. */
export function focusField(form: HTMLElement | null, name: string | undefined): void {
  if (name !== undefined) form?.querySelector<HTMLElement>(`[name="${name}"]`)?.focus();
}
