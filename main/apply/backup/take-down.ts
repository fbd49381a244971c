// What a restore that failed has started is taken down again, so that nothing half restored serves anybody.
import type { BackupManifest } from '../../model/backup/manifest.ts';
import type { Engine } from '../../ports.ts';
import type { ComposeProject, StackFolder } from '../../stack-ports.ts';
import type { PartGround } from './context.ts';
import { emptyFolders } from './empty-folders.ts';
import { gitlabFolders, gitlabService } from './gitlab.ts';

export interface StartedGround extends Pick<PartGround, 'compose' | 'instance' | 'log' | 'clock'> {
  readonly folder: Pick<StackFolder, 'look'>;
  /** The home knows nothing of the stack any more: its containers have its name on them. */
  readonly project: (lab: string) => ComposeProject;
  /** Throws `engine.unreachable`. */
  readonly engine: () => Engine;
}

/**
 * Done again it does nothing more. `wasNothing`: the data of GitLab goes, too, as there was none before; otherwise what was there
 * is put in its place.
 */
export async function takeDownStarted(
  { lab, data, images }: NonNullable<BackupManifest['stack']>,
  { wasNothing, signal }: { readonly wasNothing: boolean; readonly signal: AbortSignal },
  ground: StartedGround,
): Promise<void> {
  await ground.compose.down(ground.project(lab), { volumes: false }, signal);
  if (!wasNothing) return;
  const image = images[gitlabService];
  const engine = ground.engine();
  // Without its image nothing of it was started.
  if (image === undefined || !(await engine.hasImage(image))) return;
  const made: string[] = [];
  for (const path of gitlabFolders(data)) if ((await ground.folder.look(path)).exists) made.push(path);
  if (made.length > 0) await emptyFolders(made, { image, engine, signal }, ground);
}
