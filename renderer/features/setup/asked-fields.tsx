// Some of the questions about the stack, with what is wrong with their answers.
import { AnswerField } from '../../ui/stack/answer-field.tsx';
import { isAsked, withValue } from '../../state/stack-draft.ts';
import { placeProblems } from '../../state/stack-form.ts';
import { askedAmong } from '../../state/setup-answers.ts';
import type { Install } from './use-install.ts';
import styles from './setup.module.css';

interface AskedFieldsProps {
  readonly install: Install;
  /** Paths, or beginnings of them: `tls.`. */
  readonly fields: readonly string[];
  /** Somebody wants to go on: now also what is only missing is said. */
  readonly wasAsked: boolean;
}

export function AskedFields({ install, fields, wasAsked }: AskedFieldsProps) {
  const { questions, answers, planned, answer } = install;
  if (questions === null) return null;
  const asked = askedAmong(questions, fields).filter((one) => isAsked(one, answers, questions));
  const paths = asked.map(({ field }) => field);
  const { at } = placeProblems(planned.value?.problems ?? [], paths, wasAsked);
  return (
    <div className={styles.fields}>
      {asked.map((one) => (
        <AnswerField
          key={one.field}
          asked={one}
          draft={answers}
          problem={at[one.field]}
          presets={questions.presets}
          onAnswer={(value) => answer(withValue(answers, one.field, value))}
        />
      ))}
    </div>
  );
}
