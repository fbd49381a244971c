// One setting of a pool in the form: its label, its value with its unit, and what it takes or what is wrong with it.
import type { RequestField } from '../../../main/contract/fields.ts';
import {
  choiceWords,
  emptyWords,
  fieldHelp,
  fieldReading,
  fieldUnit,
  fieldWords,
  isOneEachLine,
} from '../../state/pool-form.ts';
import { Field } from '../../ui/field.tsx';
import { GpuInput } from './gpu-input.tsx';
import type { InputProps } from './gpu-input.tsx';
import styles from './pool-dialog.module.css';
import { t } from '../../language/strings.ts';

function Choice({ field, text, common, onChange }: InputProps) {
  const choices = field.type === 'boolean' ? ['true', 'false'] : field.choices;
  return (
    <select {...common} value={text} onChange={(event) => onChange(event.target.value)}>
      {field.nullable && <option value="">{emptyWords(field)}</option>}
      {choices.map((choice) => (
        <option key={choice} value={choice}>
          {choiceWords(field.name, choice)}
        </option>
      ))}
    </select>
  );
}

const scopes = [
  ['instance', t('every project')],
  ['group', t('a group')],
  ['project', t('one project')],
] as const;

/** `instance`, `group:PATH` or `project:PATH`, without its having to be known. */
function Scope({ text, common, onChange }: InputProps) {
  const [kind = '', ...rest] = text.split(':');
  const path = rest.join(':');
  return (
    <div className={styles.scope}>
      <select
        {...common}
        value={kind}
        onChange={({ target: { value } }) => onChange(value === 'instance' ? value : `${value}:${path}`)}
      >
        {scopes.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
      {kind !== 'instance' && (
        <input
          type="text"
          aria-label={t('Path of the {{kind}}', { kind })}
          aria-describedby={common['aria-describedby']}
          aria-invalid={common['aria-invalid']}
          placeholder={kind === 'group' ? 'lab/web' : 'lab/web/site'}
          autoComplete="off"
          spellCheck={false}
          value={path}
          onChange={(event) => onChange(`${kind}:${event.target.value.trim()}`)}
        />
      )}
    </div>
  );
}

function Text({ field, text, common, onChange }: InputProps) {
  const unit = fieldUnit(field);
  const reading = fieldReading(field, text);
  if (isOneEachLine(field)) {
    return (
      <textarea
        {...common}
        rows={Math.min(8, Math.max(2, text.split('\n').length))}
        spellCheck={false}
        value={text}
        onChange={(event) => onChange(event.target.value)}
      />
    );
  }
  const unitId = `${common.id}-unit`;
  const input = (
    <input
      {...common}
      aria-describedby={
        unit === null ? common['aria-describedby'] : `${unitId} ${common['aria-describedby'] ?? ''}`
      }
      type="text"
      inputMode={field.type === 'integer' ? 'numeric' : field.type === 'number' ? 'decimal' : 'text'}
      placeholder={emptyWords(field) ?? undefined}
      autoComplete="off"
      spellCheck={false}
      value={text}
      onChange={(event) => onChange(event.target.value)}
    />
  );
  if (unit === null) return input;
  return (
    <span className={styles.measure}>
      {input}
      <span id={unitId}>{reading === null ? unit : `${unit} = ${reading}`}</span>
    </span>
  );
}

interface PoolFieldProps {
  readonly field: RequestField;
  readonly text: string;
  /** Differs from what is in force. */
  readonly isChanged: boolean;
  readonly error: string | undefined;
  /** Without what it takes, where its words say enough. */
  readonly isBrief?: boolean;
  onChange(text: string): void;
}

export function PoolField({ field, text, isChanged, error, isBrief = false, onChange }: PoolFieldProps) {
  const { name, type, choices } = field;
  const Input =
    name === 'gpu'
      ? GpuInput
      : name === 'scope'
        ? Scope
        : type === 'boolean' || choices.length > 0
          ? Choice
          : Text;
  return (
    <Field
      {...{ name, error, isChanged, isBrief }}
      label={fieldWords(name)}
      help={fieldHelp(field)}
      isWide={type === 'list' || name === 'scope' || name === 'gpu'}
    >
      {(common) => <Input {...{ field, text, common, onChange }} />}
    </Field>
  );
}
