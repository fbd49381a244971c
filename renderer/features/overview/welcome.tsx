// The first page of an empty home: what AutoGit is about to show, and the way there.
import { engineProblem } from '../../state/engine-problem.ts';
import { useSnapshot } from '../../state/use-live.ts';
import { Command } from '../../ui/copyable.tsx';
import { SignIcon } from '../../ui/sign-icon.tsx';
import styles from './overview.module.css';

const steps = [
  [
    'A small GitLab',
    'The sandbox starts in a container of its own. Nothing else on this machine is touched.',
  ],
  ['A pipeline', 'A demo project is pushed to it, and its jobs begin to wait.'],
  ['Runners that come and go', 'They appear for the waiting jobs, run them, and leave when they are idle.'],
] as const;

export function Welcome() {
  const problem = useSnapshot(engineProblem);
  return (
    <section className={styles.welcome} aria-label="Try AutoGit">
      <h2>See it work before you connect your own GitLab</h2>
      <ol className={styles.steps}>
        {steps.map(([title, words]) => (
          <li key={title}>
            <strong>{title}</strong>
            <span>{words}</span>
          </li>
        ))}
      </ol>
      {problem !== null && (
        <p className={styles.blocked}>
          <SignIcon sign="warning" size={16} /> It cannot start yet. {problem}
        </p>
      )}
      <div className={styles.commands}>
        <Command line="autogit sandbox start" />
        <Command line="autogit sandbox seed --jobs 20" />
      </div>
    </section>
  );
}
