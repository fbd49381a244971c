// Joins restores and drills with the rest of a laboratory.
import { putGitlab } from '../../apply/backup/put-gitlab.ts';
import { putSandbox } from '../../apply/backup/sandbox.ts';
import { putServices } from '../../apply/backup/services.ts';
import type { PutGround } from '../../apply/backup/context.ts';
import { takeDownStarted } from '../../apply/backup/take-down.ts';
import type { StartedGround } from '../../apply/backup/take-down.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import { AutoGitError } from '../../errors.ts';
import type { BackupManifest } from '../../model/backup/manifest.ts';
import type { StackJournal, Templates } from '../../stack-ports.ts';
import type { Coordinator } from '../coordinator.ts';
import type { BackupAdapters, BackupGround } from './backup-ground.ts';
import { gatherFacts, gatherImageFacts } from './restore-facts.ts';
import type { FactsOptions } from './restore-facts.ts';
import type { RestorePuts } from './restore-ground.ts';
import { createRestores } from './restores.ts';
import type { Restores } from './restores.ts';

export interface LabRestoresOptions {
  readonly backup: BackupAdapters;
  readonly ground: Omit<BackupGround, 'restores'>;
  readonly store: Parameters<typeof createRestores>[0]['store'];
  readonly version: string;
  readonly put: PutGround;
  readonly started: StartedGround;
  readonly journal: StackJournal;
  readonly templates: Templates;
  readonly coordinator: () => Pick<Coordinator, 'gitlab'>;
  readonly snapshot: () => Snapshot;
  readonly wake: () => void;
}

/** `null`: this core restores nothing. */
export function createLabRestores(options: LabRestoresOptions): Restores | null {
  const { backup, ground, store, wake } = options;
  const { restoring } = backup;
  if (restoring === undefined) return null;
  const asked: FactsOptions = { ...options, gitlab: () => options.coordinator().gitlab() };
  return createRestores({
    ...restoring,
    ...{ store, restic: ground.restic, files: ground.files, words: ground.words, secrets: ground.secrets },
    ...{ host: ground.host, clock: ground.clock, log: ground.log, wanted: ground.wanted },
    ...{ machine: backup.machine, stage: ground.stage, puts: putsOf(options) },
    facts: (stack) => gatherFacts(asked, stack),
    imageFacts: () => gatherImageFacts(asked),
    onHold: wake,
  });
}

function putsOf({ put, started }: Pick<LabRestoresOptions, 'put' | 'started'>): RestorePuts {
  return {
    sandbox: (folder, _manifest, _tell, signal) => putSandbox(put, folder, signal),
    gitlab: (folder, manifest, tell, signal) => putGitlab(put, folder, stackOf(manifest), tell, signal),
    services: (folder, manifest, tell, signal) => putServices(put, folder, stackOf(manifest), tell, signal),
    takeDown: (manifest, wasNothing, signal) =>
      takeDownStarted(stackOf(manifest), { wasNothing, signal }, started),
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
