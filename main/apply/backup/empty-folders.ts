// Empties folders of data whoever owns what is in them: `find` of an image does it, as an administrator of the engine.
import { AutoGitError } from '../../errors.ts';
import type { Engine } from '../../ports.ts';
import { lastWords } from './context.ts';
import type { PartGround } from './context.ts';
import { runHelper } from './helper.ts';

export interface EmptyOptions {
  /** One that has `find`: GitLab's. */
  readonly image: string;
  readonly engine: Engine;
  readonly signal: AbortSignal;
}

/** AutoGit's mark of a folder (`.autogit-data`) stays. Rejects with `backup.restore-failed`. */
export async function emptyFolders(
  paths: readonly string[],
  { image, engine, signal }: EmptyOptions,
  ground: Pick<PartGround, 'instance' | 'log' | 'clock'>,
): Promise<void> {
  const mounts = paths.map((source, index) => ({
    source,
    target: `/autogit-empty/${index}`,
    readOnly: false,
  }));
  const command = [
    ...mounts.map(({ target }) => target),
    '-mindepth',
    '1',
    '!',
    '-name',
    '.autogit-data',
    '-delete',
  ];
  const { exitCode, output } = await runHelper(
    { image, mounts, entrypoint: ['find'], command },
    engine,
    signal,
    ground,
  );
  if (exitCode === 0) return;
  throw new AutoGitError({
    key: 'backup.restore-failed',
    message: `What is in ${paths.join(' and ')} could not be removed to make room for the backup: ${lastWords(output)}`,
    next: 'Look whether something else uses these folders, then begin the restore again: autogit backup restore',
  });
}
