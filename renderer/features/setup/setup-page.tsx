// The first set-up: three decisions, each on a page of its own, to a lab that has run its first job.
import { Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Route } from '../../state/route.ts';
import { nextStep, stepAt, stepWords } from '../../state/setup-steps.ts';
import type { SetupDraft, SetupStep } from '../../state/setup-steps.ts';
import { goTo } from '../../state/use-route.ts';
import { useSetup } from '../../state/use-setup.ts';
import type { Setup } from '../../state/use-setup.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { Page } from '../../ui/page.tsx';
import { ConnectStep } from './connect-step.tsx';
import { EndStep } from './end-step.tsx';
import { InstallSteps } from './install-steps.tsx';
import { RestoreStep } from './restore-step.tsx';
import { StartStep } from './start-step.tsx';
import { StepList } from './step-frame.tsx';
import { TryStep } from './try-step.tsx';
import { t } from '../../language/strings.ts';

/** What every step gets. */
export interface StepProps {
  readonly setup: Setup;
  readonly draft: SetupDraft;
  /** Somebody has come here from another step, and not by opening the page. */
  readonly isArrival: boolean;
  go(step: SetupStep): void;
  /** The step behind this one. */
  next(): void;
}

function Step({ step, ...props }: StepProps & { readonly step: SetupStep }) {
  switch (step) {
    case 'start':
      return <StartStep {...props} />;
    case 'try':
      return <TryStep {...props} />;
    case 'connect':
      return <ConnectStep {...props} />;
    case 'restore':
      return <RestoreStep {...props} />;
    case 'place':
    case 'certificates':
    case 'people':
    case 'more':
    case 'review':
    case 'progress':
      return <InstallSteps step={step} {...props} />;
    case 'end':
      return <EndStep {...props} />;
  }
}

function Steps({
  route,
  setup,
  draft,
}: {
  readonly route: Route;
  readonly setup: Setup;
  readonly draft: SetupDraft;
}) {
  const step = stepAt(route.id, draft);
  const { change } = setup;
  const [opened, setOpened] = useState<SetupStep | null>(step);
  if (opened !== null && opened !== step) setOpened(null);
  useEffect(() => {
    // The way back of the browser, or a link, leads to another step, too.
    if (draft.step !== step) change({ step });
  }, [draft.step, step, change]);
  const go = (to: SetupStep): void => {
    change({ step: to });
    goTo({ page: 'setup', id: to });
  };
  const next = (): void => {
    const to = nextStep(step, draft.way);
    if (to !== null) go(to);
  };
  return (
    <>
      <StepList step={step} way={draft.way} />
      <Step {...{ step, setup, draft, go, next }} isArrival={opened === null} />
    </>
  );
}

export function SetupPage({ route }: { readonly route: Route }) {
  const setup = useSetup();
  const { draft, error, forget } = setup;
  const sentence = draft === null ? null : stepWords[stepAt(route.id, draft)].sentence;
  const anew = (): void => {
    forget().then(
      () => goTo({ page: 'setup', id: 'start' }),
      // What was not forgotten stays as it is shown.
      () => undefined,
    );
  };
  return (
    <Page
      name={t('Set up AutoGit')}
      sentence={sentence ?? (error === null ? null : t('Your answers cannot be read.'))}
      actions={
        draft !== null &&
        draft.way !== null && (
          <Button look="bare" icon={Trash2} onClick={anew}>
            {t('Begin anew')}
          </Button>
        )
      }
    >
      {error !== null && draft === null && <ErrorNote problem={error} />}
      {draft === null ? (
        error === null && <Skeleton what={t('your answers')} rows={6} />
      ) : (
        <Steps {...{ route, setup, draft }} />
      )}
    </Page>
  );
}
