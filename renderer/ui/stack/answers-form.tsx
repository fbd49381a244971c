// Every answer about a stack: the three decisions, then everything else, which has a default and is found by a search.
import { Search } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Asked } from '../../../main/model/stack/questions.ts';
import { isAsked, withValue } from '../../state/stack-draft.ts';
import type { AnswerProblem, Draft, StackQuestions } from '../../state/stack-draft.ts';
import {
  placeProblems,
  settingSections,
  shownAsked,
  shownFields,
  templateParts,
} from '../../state/stack-form.ts';
import type { PlacedProblems, TemplatePart } from '../../state/stack-form.ts';
import { count, t } from '../../language/strings.ts';
import { listed } from '../../state/words.ts';
import { TickField } from '../field.tsx';
import { NextStep } from '../next-step.tsx';
import { SignIcon } from '../sign-icon.tsx';
import { AnswerField } from './answer-field.tsx';
import spoken from '../spoken.module.css';
import { Spoken } from '../spoken.tsx';
import styles from './answers.module.css';
import { Fold } from './fold.tsx';
import { imageSize } from './sizes.ts';

export interface AnswersFormProps {
  readonly questions: StackQuestions;
  readonly draft: Draft;
  /** The answers that the stack has: what is another now says so. `null`: there is no stack. */
  readonly present?: Draft | null | undefined;
  /** What `stack.plan` says of the draft. */
  readonly problems: readonly AnswerProblem[];
  /** Somebody wants to go on: now also what is only missing is said. */
  readonly wasAsked: boolean;
  /** The wizard asks the decisions by itself. */
  readonly parts?: 'all' | 'decisions' | 'settings';
  onChange(draft: Draft): void;
}

interface FieldsProps extends Pick<AnswersFormProps, 'questions' | 'draft' | 'present' | 'onChange'> {
  readonly asked: readonly Asked[];
  readonly placed: PlacedProblems;
}

function AskedFields({ asked, questions, draft, present, placed, onChange }: FieldsProps) {
  return (
    <div className={styles.fields}>
      {asked.map((one) => (
        <AnswerField
          key={one.field}
          asked={one}
          {...{ draft, present, presets: questions.presets }}
          problem={placed.at[one.field]}
          onAnswer={(value) => onChange(withValue(draft, one.field, value))}
        />
      ))}
    </div>
  );
}

interface PartProps extends Omit<FieldsProps, 'asked'> {
  readonly part: TemplatePart;
}

function TemplateFields({ part, ...props }: PartProps) {
  const { template, isChosen, asked, secrets } = part;
  const { id, title, description, kind, bytes, usualMiB } = template;
  const { draft, onChange } = props;
  const takes = [
    ...(bytes > 0 ? [t('{{size}} to pull', { size: imageSize(bytes) })] : []),
    ...(usualMiB > 0 ? [t('usually {{amount}} MiB of memory', { amount: usualMiB })] : []),
  ];
  const about =
    takes.length === 0
      ? description
      : [description, t('It takes {{resources}}.', { resources: listed(takes) })].join(' ');
  return (
    <div className={styles.template}>
      {kind === 'option' ? (
        <TickField
          name={`templates.${id}`}
          label={title}
          help={about}
          isOn={isChosen}
          onChange={(isOn) => onChange(withValue(draft, `templates.${id}`, isOn ? {} : undefined))}
        />
      ) : (
        <div>
          <h4>{title}</h4>
          <p className={styles.help}>{description}</p>
        </div>
      )}
      {asked.length > 0 && <AskedFields {...props} asked={asked} />}
      {isChosen && secrets.length > 0 && (
        <p className={styles.help}>
          {t('Asked for with the plan, and kept in no answer: {{secrets}}.', { secrets: secrets.join(', ') })}
        </p>
      )}
    </div>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={styles.part} aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

/** Of no field that is shown: such as an answer that nothing asks for. */
function Rest({ problems }: { readonly problems: readonly AnswerProblem[] }) {
  return problems.map(({ field, key, message, next }) => (
    <div key={`${field} ${key} ${message}`} className={styles.rest} role="alert">
      <SignIcon sign="cross" size={16} />
      <div>
        <p>{message}</p>
        <NextStep text={next} />
      </div>
    </div>
  ));
}

type SettingsProps = Omit<FieldsProps, 'asked'>;

function Settings(props: SettingsProps) {
  const { questions, draft, placed } = props;
  const [search, setSearch] = useState('');
  const sections = settingSections(questions)
    .map((section) => ({ title: section.title, asked: shownAsked(section, draft, questions, search) }))
    .filter(({ asked }) => asked.length > 0);
  const parts = templateParts(questions, draft, search);
  const found = sections.reduce((sum, { asked }) => sum + asked.length, 0) + parts.length;
  const wrong = [...questions.settings.map(({ field }) => field), ...templateFields(parts)].filter(
    (field) => placed.at[field] !== undefined,
  ).length;
  return (
    <Fold
      title={t('Advanced')}
      heading="h2"
      about={[
        t('Every other setting. None is needed: each has a default that fits this machine.'),
        ...(wrong === 0
          ? []
          : [count(wrong, '{{n}} answer in here to mend.', '{{n}} answers in here to mend.')]),
      ].join(' ')}
      isWrong={wrong > 0}
    >
      <label className={styles.search}>
        <Search size={16} aria-hidden />
        <Spoken>{t('Search the settings')}</Spoken>
        <input
          type="search"
          placeholder={t('Search the settings')}
          value={search}
          onChange={({ target }) => setSearch(target.value)}
        />
      </label>
      <p role="status" className={search === '' ? spoken.spoken : styles.help}>
        {search === ''
          ? ''
          : found === 0
            ? t('Nothing has to do with "{{search}}".', { search })
            : count(found, '{{n}} setting found.', '{{n}} settings found.')}
      </p>
      {sections.map(({ title, asked }) => (
        <Part key={title} title={title}>
          <AskedFields {...props} asked={asked} />
        </Part>
      ))}
      {parts.length > 0 && (
        <Part title={t('Options')}>
          {parts.map((part) => (
            <TemplateFields key={part.template.id} {...props} part={part} />
          ))}
        </Part>
      )}
    </Fold>
  );
}

function templateFields(parts: readonly TemplatePart[]): readonly string[] {
  return parts.flatMap(({ asked }) => asked.map(({ field }) => field));
}

/** To be put into a `form` of one's own, with its button. */
export function AnswersForm(props: AnswersFormProps) {
  const { questions, draft, present = null, problems, wasAsked, parts = 'all', onChange } = props;
  const placed = placeProblems(problems, shownFields(questions, draft), wasAsked);
  const common = { questions, draft, present, placed, onChange };
  const decisions = questions.decisions.filter((one) => isAsked(one, draft, questions));
  return (
    <div className={styles.form}>
      <Rest problems={placed.rest} />
      {parts !== 'settings' && <AskedFields {...common} asked={decisions} />}
      {parts !== 'decisions' && <Settings {...common} />}
    </div>
  );
}

/** Leads to the first field that is wrong; false: it is on no field. */
export function focusWrong(form: HTMLElement | null): boolean {
  const found = form?.querySelector<HTMLElement>('[aria-invalid="true"], [data-wrong] input');
  if (found === null || found === undefined) return false;
  const fold = found.closest('details');
  if (fold !== null) fold.open = true;
  found.focus();
  return true;
}
