// Joins restores and drills with the rest of a laboratory.
import { putGitlab } from '../../apply/backup/put-gitlab.ts';
import { putSandbox } from '../../apply/backup/sandbox.ts';
import { putServices } from '../../apply/backup/services.ts';
import type { PutGround } from '../../apply/backup/context.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import { AutoGitError } from '../../errors.ts';
import type { BackupManifest } from '../../model/backup/manifest.ts';
import type { RestoreFacts } from '../../plan/backups/plan-restore.ts';
import type { StackJournal } from '../../stack-ports.ts';
import type { BackupAdapters, BackupGround } from './backup-ground.ts';
import type { RestorePuts } from './restore-ground.ts';
import { createRestores } from './restores.ts';
import type { Restores } from './restores.ts';

export interface LabRestoresOptions {
  readonly backup: BackupAdapters;
  readonly ground: Omit<BackupGround, 'restores'>;
  readonly store: Parameters<typeof createRestores>[0]['store'];
  readonly version: string;
  readonly put: PutGround;
  readonly journal: StackJournal;
  readonly snapshot: () => Snapshot;
  readonly wake: () => void;
}

/** `null`: this core restores nothing. */
export function createLabRestores(options: LabRestoresOptions): Restores | null {
  const { backup, ground, store, put, wake } = options;
  const { restoring } = backup;
  if (restoring === undefined) return null;
  return createRestores({
    ...restoring,
    ...{ store, restic: ground.restic, files: ground.files, words: ground.words, secrets: ground.secrets },
    ...{ host: ground.host, clock: ground.clock, log: ground.log, wanted: ground.wanted },
    ...{ machine: backup.machine, stage: ground.stage, puts: putsOf(put) },
    facts: () => factsOf(options),
    onHold: wake,
  });
}

function putsOf(put: PutGround): RestorePuts {
  return {
    sandbox: (folder, _manifest, _tell, signal) => putSandbox(put, folder, signal),
    gitlab: (folder, manifest, tell, signal) => putGitlab(put, folder, stackOf(manifest), tell, signal),
    services: (folder, manifest, tell, signal) => putServices(put, folder, stackOf(manifest), tell, signal),
  };
}

function stackOf({ stack }: BackupManifest): NonNullable<BackupManifest['stack']> {
  if (stack !== null) return stack;
  throw new AutoGitError({
    key: 'backup.manifest-hostile',
    message: 'This backup has data of a stack, and its manifest names none.',
    next: 'Choose another backup.',
  });
}

async function factsOf({
  ground,
  version,
  journal,
  snapshot,
  put,
}: LabRestoresOptions): Promise<Omit<RestoreFacts, 'freeBytes' | 'isRestoring' | 'isToTaken'>> {
  const { nodes, pools, jobs } = snapshot();
  const kind = ground.gitlabKind();
  const targets = ground.wanted().targets.length;
  return {
    ...{ autogit: version, instance: ground.store.instance, gitlab: kind },
    gitlabVersion: '',
    counts: { pools: pools.length, targets },
    // Pools that AutoGit wrote by itself are no reason to keep anything.
    isEmpty: kind === 'none' && targets === 0,
    hasEngine: nodes.some(({ engine }) => engine.state === 'fresh'),
    hasCompose: await put.compose.version().then(
      () => true,
      () => false,
    ),
    jobsRunning: jobs.filter(({ status }) => status === 'running').length,
    isStackBusy: journal.open() !== null,
    later: [],
  };
}
