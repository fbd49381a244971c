// The first page of an empty home: the way to the set-up, and what is decided there.
import { ArrowRight } from 'lucide-react';
import { engineProblem } from '../../state/engine-problem.ts';
import { useSnapshot } from '../../state/use-live.ts';
import { goTo } from '../../state/use-route.ts';
import { Button } from '../../ui/button.tsx';
import { SignIcon } from '../../ui/sign-icon.tsx';
import styles from './overview.module.css';
import { t } from '../../language/strings.ts';

const decisions = [
  [t('What to work with'), t('Try it in a sandbox, install GitLab here, or use the GitLab that you have.')],
  [t('A name, and a place for data'), t('Everything else has a default that fits this machine.')],
  [
    t('Certificates'),
    t("Of the lab itself, of Let's Encrypt, or your own: each is tested before it is taken."),
  ],
] as const;

export function Welcome() {
  const problem = useSnapshot(engineProblem);
  return (
    <section className={styles.welcome} aria-label={t('Set up AutoGit')}>
      <h2>{t('Three decisions to a working lab')}</h2>
      <ol className={styles.steps}>
        {decisions.map(([title, words]) => (
          <li key={title}>
            <strong>{title}</strong>
            <span>{words}</span>
          </li>
        ))}
      </ol>
      {problem !== null && (
        <p className={styles.blocked}>
          <SignIcon sign="warning" size={16} /> {t('Nothing can start yet. {{problem}}', { problem })}
        </p>
      )}
      <div className={styles.commands}>
        <Button icon={ArrowRight} onClick={() => goTo({ page: 'setup' })}>
          {t('Set up AutoGit')}
        </Button>
      </div>
    </section>
  );
}
