// The second decision: what the lab is called, and where its data lives.
import { useRef } from 'react';
import { valueAt } from '../../state/stack-draft.ts';
import { FieldsToMend } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Facts } from '../../ui/page.tsx';
import { AskedFields } from './asked-fields.tsx';
import type { InstallProps } from './install-steps.tsx';
import styles from './setup.module.css';
import { StepFrame } from './step-frame.tsx';
import { goOnButton, useGoOn } from './use-go-on.ts';
import { t } from '../../language/strings.ts';

const fields = ['lab', 'data', 'domain'] as const;

/** What follows from the answers, before anything is made. */
function Follows({ install: { planned, answers } }: Pick<InstallProps, 'install'>) {
  const plan = planned.value?.plan ?? null;
  const data = valueAt(answers, 'data');
  return (
    <div className={styles.box}>
      <Facts
        isRoomy
        rows={[
          [t('GitLab will be at'), plan?.gitlabUrl ?? t('said as soon as the answers are good')],
          [
            t('Its data'),
            typeof data === 'string' && data !== ''
              ? t('below {{data}}; nothing else is written there', { data })
              : t('where you say'),
          ],
          [t('The folder that runs'), plan?.folder ?? t('inside AutoGit’s home')],
        ]}
      />
    </div>
  );
}

export function PlaceStep({ isArrival, install, setup, next }: InstallProps) {
  const element = useRef<HTMLDivElement>(null);
  const going = useGoOn({ install, fields, element, next });
  return (
    <StepFrame
      isArrival={isArrival}
      step="place"
      setup={setup}
      on={goOnButton(going, t('Next'))}
      onNext={going.goOn}
    >
      <div ref={element} className={styles.stack}>
        <p className={styles.quiet}>
          {t(
            'The domain is the only thing here that is hard to change later: clones and links have it in them.',
          )}
        </p>
        <AskedFields install={install} fields={fields} wasAsked={going.wasAsked} />
        {going.wasAsked && <FieldsToMend wrong={going.wrong} />}
        {going.error !== null && <ErrorNote problem={going.error} />}
        <Follows install={install} />
      </div>
    </StepFrame>
  );
}
