// The plan before the deed: what would be made, pulled and started, agreed to by its hash.
import { Hammer, SlidersHorizontal, Trash2 } from 'lucide-react';
import type { Output } from '../../../main/contract/contract.ts';
import { resetSandbox } from '../../state/deeds.ts';
import { formatRoute } from '../../state/route.ts';
import { withValue } from '../../state/stack-draft.ts';
import { blockedBy, decidedFiles } from '../../state/stack-plan.ts';
import { useAfterDeeds } from '../../state/use-deed.ts';
import { useLab, useSnapshot } from '../../state/use-live.ts';
import { useTry } from '../../state/use-try.ts';
import { Button } from '../../ui/button.tsx';
import { Command } from '../../ui/copyable.tsx';
import { ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { SignIcon } from '../../ui/sign-icon.tsx';
import { PlanView } from '../../ui/stack/plan-view.tsx';
import type { InstallProps } from './install-steps.tsx';
import styles from './setup.module.css';
import { StepFrame } from './step-frame.tsx';
import { t } from '../../language/strings.ts';

type Up = Output<'stack.up'>;

/** A home serves one GitLab; another one makes room only when somebody says so. */
function Room() {
  const { deeds } = useLab();
  const gitlab = useSnapshot((snapshot) => snapshot.gitlab);
  const stack = useSnapshot((snapshot) => snapshot.stack ?? null);
  if (gitlab === null || gitlab.kind === 'none' || stack !== null) return null;
  const isSandbox = gitlab.kind === 'sandbox';
  return (
    <div className={styles.note}>
      <SignIcon sign="warning" size={16} />
      <span>
        {isSandbox ? (
          t('This home serves the sandbox now. It has to go first: one home has one GitLab.')
        ) : (
          <>
            {gitlab.url === null
              ? t('This home serves the GitLab at its address.')
              : t('This home serves the GitLab at {{url}}.', { url: gitlab.url })}{' '}
            {t('Give the new one a home of its own: {{variable}}.', {
              variable: 'AUTOGIT_HOME=~/autogit-lab',
            })}
          </>
        )}
      </span>
      {isSandbox && (
        <Button look="grave" icon={Trash2} onClick={() => deeds.ask(resetSandbox)}>
          {t('Delete the sandbox')}
        </Button>
      )}
    </div>
  );
}

function useAgree({ install, go }: Pick<InstallProps, 'install' | 'go'>) {
  const agreeing = useTry<Up>();
  const { planned, given, decisions } = install;
  const plan = planned.value?.plan ?? null;
  const isOther = useSnapshot(({ gitlab, stack }) => gitlab.kind !== 'none' && stack === undefined) ?? false;
  const blocked = planned.isAsking
    ? t('The plan is being made.')
    : plan === null
      ? t('Some answers have to be mended first.')
      : isOther
        ? t('The GitLab that this home serves has to go first.')
        : agreeing.isTrying
          ? t('It begins.')
          : blockedBy(plan);
  return {
    ...{ plan, blocked, agreeing },
    agree: () => {
      if (plan === null || agreeing.isTrying) return;
      void agreeing.tryIt(async (client) => {
        const answers = { ...given };
        const begun = await client.call('stack.up', {
          ...{ answers, ...decidedFiles(decisions), plan: plan.hash, wait: false },
        });
        go('progress');
        return begun;
      });
    },
  };
}

export function ReviewStep({ isArrival, install, setup, go }: InstallProps) {
  const { planned, answers, answer } = install;
  const { plan, blocked, agreeing, agree } = useAgree({ install, go });
  useAfterDeeds(planned.again);
  const grants = (plan?.grants ?? []).filter(({ given }) => given).map(({ grant }) => grant);
  return (
    <StepFrame
      isArrival={isArrival}
      hasForms
      step="review"
      setup={setup}
      side={
        <a className={styles.back} href={formatRoute({ page: 'setup', id: 'more' })}>
          <SlidersHorizontal size={16} aria-hidden />
          {t('Advanced')}
        </a>
      }
      on={{
        words: agreeing.isTrying ? t('It begins…') : t('Agree, and install it'),
        icon: Hammer,
        blockedBy: blocked,
      }}
      onNext={agree}
    >
      <Room />
      {planned.error !== null && (
        <ErrorNote
          problem={planned.error}
          action={<Button onClick={planned.again}>{t('Ask again')}</Button>}
        />
      )}
      {agreeing.error !== null && <ErrorNote problem={agreeing.error} />}
      {planned.value === null ? (
        planned.error === null && <Skeleton what={t('the plan')} rows={8} />
      ) : (
        <PlanView
          planned={planned.value}
          decisions={install.decisions}
          onDecide={install.decide}
          onGrant={(grant, isGiven) =>
            answer(
              withValue(
                answers,
                'grants',
                isGiven ? [...grants, grant] : grants.filter((one) => one !== grant),
              ),
            )
          }
          onSecret={planned.again}
        />
      )}
      <Command line="autogit stack plan" />
    </StepFrame>
  );
}
