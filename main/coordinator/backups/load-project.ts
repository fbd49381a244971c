// Restores one repository of a backup as a bare one, from which everything can be fetched or pushed.
import { AutoGitError } from '../../errors.ts';
import type { StepContext } from './restore-steps.ts';

export interface ProjectWish {
  /** Of the judged backup. */
  readonly folder: string;
  /** `group/name`. */
  readonly project: string;
  /** Folder that is made; `null`: one below AutoGit's own. */
  readonly to: string | null;
}

/** Rejects with `backup.restore-no-project`, `backup.restore-folder-there`, `backup.repository-unusable`. */
export async function loadProject(
  { folder, project, to }: ProjectWish,
  { ground, tell, signal }: Pick<StepContext, 'ground' | 'tell' | 'signal'>,
): Promise<void> {
  const { proofs } = ground;
  const all = await proofs.repositories(folder);
  const found = all.find((one) => one.project === project);
  if (found === undefined)
    throw noProject(
      project,
      all.flatMap((one) => one.project ?? []),
    );
  if (to === null) throw new Error('there is no folder for the repository');
  tell({ message: `Writing the repository of ${project} to ${to}` });
  await proofs.takeRepository(found.path, found.kind, to, signal);
}

function noProject(project: string, known: readonly string[]): AutoGitError {
  const some = known.slice(0, 10).join(', ');
  return new AutoGitError({
    key: 'backup.restore-no-project',
    message: `There is no repository of ${project} in this backup.`,
    next:
      known.length === 0
        ? 'Look at what is in it: autogit backup inspect'
        : `It has: ${some}${known.length > 10 ? ', …' : ''}.`,
    fields: { project },
  });
}
