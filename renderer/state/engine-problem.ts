// Whether there is a container engine to run anything on.
import type { Snapshot } from '../../main/contract/snapshot.ts';
import { t } from '../language/strings.ts';

/** Why nothing can be started now, with the way to mend it; `null` when an engine answers. */
export function engineProblem({ nodes }: Snapshot): string | null {
  if (nodes.some(({ engine }) => engine.state === 'fresh')) return null;
  const problem = nodes.find(({ engine }) => engine.problem !== null)?.engine.problem ?? null;
  if (problem !== null) return `${problem.message} ${problem.next}`;
  return t('AutoGit has not found a container engine yet.');
}
