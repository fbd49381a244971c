// Installing: name and place, certificates, people, then the plan and what became of it.
import type { SetupStep } from '../../state/setup-steps.ts';
import { ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { CertificatesStep } from './certificates-step.tsx';
import { MoreStep } from './more-step.tsx';
import { PeopleStep } from './people-step.tsx';
import { PlaceStep } from './place-step.tsx';
import { ProgressStep } from './progress-step.tsx';
import { ReviewStep } from './review-step.tsx';
import type { StepProps } from './setup-page.tsx';
import { useInstall } from './use-install.ts';
import type { Install } from './use-install.ts';
import { t } from '../../language/strings.ts';

export type InstallStep = Extract<
  SetupStep,
  'place' | 'certificates' | 'people' | 'more' | 'review' | 'progress'
>;

export interface InstallProps extends StepProps {
  readonly install: Install;
}

export function InstallSteps({ step, ...props }: StepProps & { readonly step: InstallStep }) {
  const install = useInstall(props.setup, props.draft);
  if (step === 'progress') return <ProgressStep {...props} />;
  if (install.error !== null) return <ErrorNote problem={install.error} />;
  if (install.questions === null) return <Skeleton what={t('what has to be known')} rows={6} />;
  switch (step) {
    case 'place':
      return <PlaceStep {...props} install={install} />;
    case 'certificates':
      return <CertificatesStep {...props} install={install} />;
    case 'people':
      return <PeopleStep {...props} install={install} />;
    case 'more':
      return <MoreStep {...props} install={install} />;
    case 'review':
      return <ReviewStep {...props} install={install} />;
  }
}
