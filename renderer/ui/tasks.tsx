// What is being done at the moment, in words, and how far it is.
import type { TaskView } from '../../main/contract/snapshot.ts';
import { useSeenNow } from '../state/use-live.ts';
import { capital, elapsed } from '../state/words.ts';
import { Card } from './card.tsx';
import { Section } from './page.tsx';
import styles from './tasks.module.css';
import { t } from '../language/strings.ts';

function Task({ task, now }: { readonly task: TaskView; readonly now: number }) {
  const { progress } = task;
  const isMeasured = progress !== null && progress.total > 0;
  return (
    <li className={styles.task}>
      <div className={styles.words}>
        <span>
          {capital(task.reason)}
          {progress !== null && progress.status !== '' && (
            <span className={styles.quiet}> · {progress.status}</span>
          )}
        </span>
        <span className={styles.quiet}>{elapsed(now - task.startedAt)}</span>
      </div>
      {isMeasured && (
        <progress
          className={styles.bar}
          value={progress.current}
          max={progress.total}
          aria-label={task.reason}
        />
      )}
    </li>
  );
}

export function Tasks({ tasks }: { readonly tasks: readonly TaskView[] }) {
  const now = useSeenNow();
  return (
    <ul className={styles.tasks}>
      {tasks.map((task) => (
        <Task key={task.key} task={task} now={now} />
      ))}
    </ul>
  );
}

/** The same as a part of a page; none where nothing is being done. */
export function BeingDone({ tasks }: { readonly tasks: readonly TaskView[] }) {
  if (tasks.length === 0) return null;
  return (
    <Section title={t('Being done')}>
      <Card>
        <li>
          <Tasks tasks={tasks} />
        </li>
      </Card>
    </Section>
  );
}
