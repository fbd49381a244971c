// The first decision: try it, install GitLab here, use the one that is there, or bring a lab back; the machine is looked at meanwhile.
import { ArchiveRestore, FlaskConical, HardDriveDownload, Link2 } from 'lucide-react';
import { engineProblem } from '../../state/engine-problem.ts';
import { formatRoute } from '../../state/route.ts';
import type { SetupWay } from '../../state/setup-steps.ts';
import { useSnapshot } from '../../state/use-live.ts';
import { SignIcon } from '../../ui/sign-icon.tsx';
import { ChoiceCards } from './choice-cards.tsx';
import type { Card } from './choice-cards.tsx';
import { MachineCheck } from './machine-check.tsx';
import type { StepProps } from './setup-page.tsx';
import styles from './setup.module.css';
import { StepFrame } from './step-frame.tsx';
import { t } from '../../language/strings.ts';

const cards: readonly Card<SetupWay>[] = [
  {
    ...{ value: 'try', icon: FlaskConical, title: t('Try it') },
    about: t(
      'A small stand-in for GitLab in a container of its own, with a demo pipeline. Nothing is installed, and it can be deleted without a trace.',
    ),
    needs: t('A minute. Nothing else.'),
  },
  {
    ...{ value: 'install', icon: HardDriveDownload, title: t('Install GitLab here') },
    about: t(
      'GitLab with certificates that your devices trust, one sign-in for everything, names for your network, and runners.',
    ),
    needs: t('A name, a folder with room, 6 GB of memory, and a download of some GB.'),
  },
  {
    ...{ value: 'connect', icon: Link2, title: t('Use a GitLab that I have') },
    about: t('AutoGit brings runners for it: they appear when a job waits, and vanish when none does.'),
    needs: t('Its address, and an access token of an administrator.'),
  },
  {
    ...{ value: 'restore', icon: ArchiveRestore, title: t('Restore from a backup') },
    about: t(
      'The lab as a backup has it, on this machine: GitLab, people, certificates and AutoGit with its settings.',
    ),
    needs: t('The place of the backups, and the twelve words of the recovery sheet.'),
  },
];

/** What this home has already; a set-up takes nothing away by itself. */
function Present() {
  const gitlab = useSnapshot((snapshot) => snapshot.gitlab);
  const stack = useSnapshot((snapshot) => snapshot.stack ?? null);
  if (stack?.state === 'busy')
    return (
      <p className={styles.note}>
        <SignIcon sign="starting" size={16} />
        <span>
          {stack.sentence} <a href={formatRoute({ page: 'stack' })}>{t('Watch it')}</a>
        </span>
      </p>
    );
  if (gitlab === null || gitlab.kind === 'none') return null;
  return (
    <p className={styles.note}>
      <SignIcon sign="question" size={16} />
      <span>
        {gitlab.kind === 'sandbox'
          ? t('This home serves the sandbox already.')
          : gitlab.url === null
            ? t('This home serves the GitLab at its address already.')
            : t('This home serves the GitLab at {{url}} already.', { url: gitlab.url })}{' '}
        {t('It goes on until you say otherwise.')}
      </span>
    </p>
  );
}

export function StartStep({ isArrival, setup, draft: { way }, next }: StepProps) {
  const problem = useSnapshot(engineProblem);
  const hasEngine = problem === null || way === 'connect' || way === 'restore';
  const blockedBy =
    way === null
      ? t('Choose one of them first.')
      : hasEngine
        ? null
        : t('It needs a container engine first: what is missing stands under "This machine".');
  return (
    <StepFrame
      isArrival={isArrival}
      step="start"
      setup={setup}
      on={{ words: t('Next'), blockedBy }}
      onNext={next}
    >
      <Present />
      <ChoiceCards
        label={t('What to do')}
        cards={cards}
        value={way}
        onChoose={(one) => setup.change({ way: one })}
      />
      <MachineCheck />
    </StepFrame>
  );
}
