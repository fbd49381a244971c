// Containers of a lab that has another name now.
import type { NeighbourContainer } from '../../model/stack/surroundings.ts';
import { fixBy } from './check.ts';
import type { StackCheck } from './check.ts';

/** Stacks of ours that this home's is not, by their projects. */
export function leftoversOf(
  containers: readonly NeighbourContainer[],
  project: string | null,
): ReadonlyMap<string, readonly NeighbourContainer[]> {
  return Map.groupBy(
    containers.filter((one) => one.isOfStack && one.project !== null && one.project !== project),
    (one) => one.project ?? '',
  );
}

export const checkLeftovers: StackCheck = ({ around: { containers }, present, stack }) => {
  // Without a stack of this home there may be one of another home, which is nobody's leftover.
  if (containers === null || stack === null || present?.answers === null || present === null) return [];
  if (present.answers.lab !== stack.lab) return [];
  return [...leftoversOf(containers, stack.project)].map(([project, all]) => ({
    key: 'stack.leftover-containers',
    severity: 'warning' as const,
    subject: project,
    message: `Containers of ${project} are still there: a lab of that name was renamed, or belongs to another home of AutoGit.`,
    next: `If it is not used any more: docker compose -p ${project} down; its data stays. AutoGit does it with autogit doctor --fix where none of them runs.`,
    evidence: all.map(({ name, isRunning }) => `${name}: ${isRunning ? 'running' : 'ended'}`),
    // One that runs may be another home's, and in use.
    ...(all.some(({ isRunning }) => isRunning)
      ? {}
      : {
          fix: fixBy('remove-leftovers', project, `removes the ended containers of ${project}; data stays`),
        }),
  }));
};
