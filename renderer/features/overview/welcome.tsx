// The first page of an empty home: the way to the set-up, and what is decided there.
import { ArrowRight } from 'lucide-react';
import { engineProblem } from '../../state/engine-problem.ts';
import { useSnapshot } from '../../state/use-live.ts';
import { goTo } from '../../state/use-route.ts';
import { Button } from '../../ui/button.tsx';
import { SignIcon } from '../../ui/sign-icon.tsx';
import styles from './overview.module.css';

const decisions = [
  ['What to work with', 'Try it in a sandbox, install GitLab here, or use the GitLab that you have.'],
  ['A name, and a place for data', 'Everything else has a default that fits this machine.'],
  ['Certificates', "Of the lab itself, of Let's Encrypt, or your own: each is tested before it is taken."],
] as const;

export function Welcome() {
  const problem = useSnapshot(engineProblem);
  return (
    <section className={styles.welcome} aria-label="Set up AutoGit">
      <h2>Three decisions to a working lab</h2>
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
          <SignIcon sign="warning" size={16} /> Nothing can start yet. {problem}
        </p>
      )}
      <div className={styles.commands}>
        <Button icon={ArrowRight} onClick={() => goTo({ page: 'setup' })}>
          Set up AutoGit
        </Button>
      </div>
    </section>
  );
}
