// What a restore works with.
import type { BackupFiles, BackupProofs, BackupWords, Restic, ResticPlace } from '../../backup-ports.ts';
import type { Log } from '../../log.ts';
import type { BackupRecord } from '../../model/backup/backup.ts';
import type { BackupManifest } from '../../model/backup/manifest.ts';
import type { BackupSettings } from '../../model/backup/settings.ts';
import type { Door } from '../../model/request.ts';
import type {
  GatheredElsewhere,
  ImageFacts,
  RestoreChoice,
  RestoreFacts,
} from '../../plan/backups/restore-facts.ts';
import type { Clock, Host, Secrets, Store } from '../../ports.ts';
import type { BackupNews, Stage } from './backup-ground.ts';
import type { BackedUpStack } from './restore-facts.ts';
import type { RestoreLink } from './restore-link.ts';
import type { LeftNote } from './restore-note.ts';

/** What somebody wants restored, and from where. */
export interface RestoreWish extends RestoreChoice {
  readonly record: BackupRecord;
  readonly place: ResticPlace;
}

/** Puts a part in its place, from the folder of a judged backup. Each may be done again. */
export type Put = (
  folder: string,
  manifest: BackupManifest,
  tell: (news: BackupNews) => void,
  signal: AbortSignal,
) => Promise<void>;

export interface RestorePuts {
  readonly sandbox: Put;
  readonly gitlab: Put;
  readonly services: Put;
  /** Takes down what a restore that failed has started of the stack of its backup. `wasNothing`: there was no data of GitLab before. */
  readonly takeDown: (manifest: BackupManifest, wasNothing: boolean, signal: AbortSignal) => Promise<void>;
}

/** What a laboratory gets besides the edges of backups, so that it can restore. */
export interface RestoreAdapters {
  readonly proofs: BackupProofs;
  readonly link: RestoreLink;
  /** What a kill or a reopening has left open, as it was when this laboratory was made. */
  readonly openNote: LeftNote;
}

export interface RestoreGround extends RestoreAdapters {
  readonly restic: Restic;
  readonly files: BackupFiles;
  readonly words: BackupWords;
  readonly store: Pick<Store, 'audit' | 'setSandboxNode' | 'sandboxNode'>;
  readonly secrets: Secrets;
  readonly host: Pick<Host, 'randomHex'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly wanted: () => BackupSettings;
  readonly machine: string;
  readonly stage: Stage;
  readonly puts: RestorePuts;
  /** What is here now, as a plan needs it. `stack`: of the backup, where it could be read. */
  readonly facts: (stack: BackedUpStack | null) => Promise<Omit<RestoreFacts, GatheredElsewhere>>;
  /** Which images can run here. */
  readonly imageFacts: () => Promise<ImageFacts>;
  /** Whether the laboratory must only look has changed. */
  readonly onHold: () => void;
}

/** The run that carries a restore. */
export interface RestoreRun {
  readonly id: number;
  readonly door: Door;
}
