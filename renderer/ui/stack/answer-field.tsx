// One answer about the stack: a field of the kind that is asked for, what it is for, its default, and what is wrong with it.
import { useId } from 'react';
import type { ReactNode } from 'react';
import type { Asked, AskedPreset } from '../../../main/model/stack/questions.ts';
import { effective, textOf, valueAt } from '../../state/stack-draft.ts';
import type { AnswerProblem, Draft, DraftValue } from '../../state/stack-draft.ts';
import { defaultWords, presentWords } from '../../state/stack-form.ts';
import { SelectField, TextField, TickField } from '../field.tsx';
import { NextStep } from '../next-step.tsx';
import styles from './answers.module.css';
import { count, t } from '../../language/strings.ts';

/** With more choices than this they are in a list that opens. */
const mostCards = 6;

export interface AnswerFieldProps {
  readonly asked: Asked;
  readonly draft: Draft;
  /** The answers that the stack has; `null`: there is none. */
  readonly present?: Draft | null | undefined;
  readonly problem?: AnswerProblem | undefined;
  /** For the size: what each takes of this machine. */
  readonly presets?: readonly AskedPreset[];
  onAnswer(value: DraftValue | undefined): void;
}

/** What it is for, what is taken without an answer, and what the stack has now. */
function About({ asked, draft, present = null }: Pick<AnswerFieldProps, 'asked' | 'draft' | 'present'>) {
  const standard = defaultWords(asked);
  const before = presentWords(asked, draft, present);
  return (
    <>
      {asked.help}
      {standard !== null && (
        <>
          {' '}
          <span className={styles.standard}>{t('Default: {{answer}}', { answer: standard })}</span>
        </>
      )}
      {before !== null && (
        <>
          {' '}
          <span className={styles.before}>{t('Now: {{answer}}', { answer: before })}</span>
        </>
      )}
    </>
  );
}

function Wrong({ id, problem }: { readonly id?: string; readonly problem: AnswerProblem }) {
  return (
    <span id={id} className={styles.wrong}>
      {problem.message}
      <NextStep text={problem.next} />
    </span>
  );
}

function presetWords({ usualGb, mostGb, cpus, fits }: AskedPreset): string {
  const size = t('Usually {{usual}} GB, at most {{most}} GB and {{cores}}.', {
    usual: usualGb,
    most: mostGb,
    cores: count(cpus, '{{n}} core', '{{n}} cores'),
  });
  return fits === false ? [size, t('This machine has not that much.')].join(' ') : size;
}

/** A few choices, each with what it means. */
function Cards(props: AnswerFieldProps) {
  const { asked, draft, problem, presets = [], onAnswer } = props;
  const id = useId();
  const name = useId();
  const value = effective(asked, draft);
  return (
    <fieldset
      className={styles.cards}
      aria-describedby={problem === undefined ? `${id}-about` : `${id}-about ${id}-wrong`}
    >
      <legend>{asked.label}</legend>
      <p id={`${id}-about`} className={styles.help}>
        <About {...props} />
      </p>
      <div className={styles.choices} data-wrong={problem !== undefined || undefined}>
        {asked.choices.map((choice) => {
          const size =
            asked.field === 'preset' ? presets.find((one) => one.name === choice.value) : undefined;
          return (
            <label key={choice.value} className={styles.choice}>
              <input
                type="radio"
                name={name}
                data-field={asked.field}
                checked={value === choice.value}
                onChange={() => onAnswer(choice.value)}
              />
              <span>
                <strong>{choice.label}</strong>
                {choice.value === asked.suggested && <em>{t('default')}</em>}
                {choice.help !== '' && <span className={styles.help}>{choice.help}</span>}
                {size !== undefined && (
                  <span className={styles.help} data-tight={size.fits === false || undefined}>
                    {presetWords(size)}
                  </span>
                )}
              </span>
            </label>
          );
        })}
      </div>
      {problem !== undefined && <Wrong id={`${id}-wrong`} problem={problem} />}
    </fieldset>
  );
}

function Plain(props: AnswerFieldProps & { readonly about: ReactNode }) {
  const { asked, draft, problem, about, onAnswer } = props;
  const { field, label, type, choices, suggested } = asked;
  const value = valueAt(draft, field);
  // The field shows either; what is wrong stands with what to do about it.
  const error = problem === undefined ? undefined : `${problem.message} ${problem.next}`;
  if (type === 'choice') {
    const options = choices.map((one) => [one.value, one.label] as const);
    const none =
      suggested === null ? t('Choose one') : t('Default: {{answer}}', { answer: defaultWords(asked) ?? '' });
    return (
      <SelectField
        {...{ name: field, label, help: about, error }}
        value={textOf(value)}
        options={[['', none], ...options]}
        onChange={(text) => onAnswer(text === '' ? undefined : text)}
      />
    );
  }
  return (
    <TextField
      {...{ name: field, label, help: about, error }}
      isWide={/^(?:\/|https:)|[Pp]ath|[Ff]older|[Ff]ilter/.test(`${label} ${asked.help}`)}
      value={textOf(value)}
      placeholder={suggested === null ? undefined : String(suggested)}
      onChange={(text) => onAnswer(text === '' ? undefined : text)}
    />
  );
}

export function AnswerField(props: AnswerFieldProps) {
  const { asked, draft, present = null, problem, onAnswer } = props;
  const { field, label, type, choices } = asked;
  if (type === 'choice' && choices.length <= mostCards) return <Cards {...props} />;
  if (type !== 'boolean') return <Plain {...props} about={<About {...props} />} />;
  const before = presentWords(asked, draft, present);
  const words = [
    ...[asked.help, t('Default: {{answer}}.', { answer: defaultWords(asked) ?? t('off') })],
    ...(before === null ? [] : [t('Now: {{answer}}.', { answer: before })]),
  ];
  return (
    <div className={styles.tick}>
      <TickField
        name={field}
        label={label}
        help={words.join(' ')}
        isOn={effective(asked, draft) === true}
        onChange={onAnswer}
      />
      {problem !== undefined && <Wrong problem={problem} />}
    </div>
  );
}
