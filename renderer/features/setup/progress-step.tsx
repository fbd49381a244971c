// The installation as it goes on: left and come back to, and gone on with by the core whatever happens to this page.
import { RotateCcw } from 'lucide-react';
import { isOver } from '../../state/stack-run.ts';
import { useStackRun } from '../../state/use-stack-run.ts';
import { Button } from '../../ui/button.tsx';
import { ProgressView } from '../../ui/stack/progress-view.tsx';
import type { StepProps } from './setup-page.tsx';
import { StepFrame } from './step-frame.tsx';
import { t } from '../../language/strings.ts';

export function ProgressStep({ isArrival, setup, next, go }: StepProps) {
  const followed = useStackRun('any');
  const { progress } = followed;
  const hasEnded = progress !== null && isOver(progress);
  const isGood = hasEnded && progress.outcome === 'done';
  const blockedBy = isGood
    ? null
    : hasEnded
      ? t('It has ended before it was done: what to do stands above.')
      : t('It goes on by itself; you may leave.');
  return (
    <StepFrame
      isArrival={isArrival}
      step="progress"
      setup={setup}
      hasBack={false}
      side={
        hasEnded &&
        !isGood && (
          <Button icon={RotateCcw} onClick={() => go('review')}>
            {t('Back to the plan')}
          </Button>
        )
      }
      on={{ words: t('Next'), blockedBy }}
      onNext={next}
    >
      <ProgressView followed={followed} />
    </StepFrame>
  );
}
