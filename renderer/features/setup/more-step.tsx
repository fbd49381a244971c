// Everything that has a default: nobody needs it, and whoever wants it finds it here.
import { Section } from '../../ui/page.tsx';
import { AnswersForm } from '../../ui/stack/answers-form.tsx';
import type { InstallProps } from './install-steps.tsx';
import styles from './setup.module.css';
import { StepFrame } from './step-frame.tsx';
import { t } from '../../language/strings.ts';

export function MoreStep({ isArrival, install, setup, go }: InstallProps) {
  const { questions, answers, planned, answer } = install;
  if (questions === null) return null;
  return (
    <StepFrame
      isArrival={isArrival}
      step="more"
      setup={setup}
      on={{ words: t('To the plan') }}
      onNext={() => go('review')}
    >
      <div className={styles.stack}>
        <p className={styles.quiet}>
          {t('Each has a default that fits this machine; what you leave alone stays so.')}
        </p>
        <Section title={t('Settings')}>
          <AnswersForm
            parts="settings"
            wasAsked={false}
            {...{ questions, draft: answers, problems: planned.value?.problems ?? [] }}
            onChange={answer}
          />
        </Section>
      </div>
    </StepFrame>
  );
}
