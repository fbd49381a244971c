// What everything about backups in the core works with.
import type { RenderQr } from '../../access-ports.ts';
import type {
  BackupFiles,
  BackupJournal,
  BackupWords,
  ConnectContainerFiles,
  Restic,
  ResticPlace,
} from '../../backup-ports.ts';
import type { BackupOrderStep } from '../../apply/backup/order.ts';
import type { Log } from '../../log.ts';
import type { BackupProgress, BackupRecord } from '../../model/backup/backup.ts';
import type { BackupManifest } from '../../model/backup/manifest.ts';
import type { BackupSettings } from '../../model/backup/settings.ts';
import type { Clock, Host, Secrets, Store } from '../../ports.ts';
import type { SettingsAccess } from '../settings-access.ts';
import type { RestoreAdapters } from './restore-ground.ts';
import type { RestoreEnd } from './restore-link.ts';
import type { Restores } from './restores.ts';

/** The edges of backups. */
export interface BackupAdapters {
  readonly restic: Restic;
  readonly files: BackupFiles;
  readonly connectContainers: ConnectContainerFiles;
  readonly journal: BackupJournal;
  readonly words: BackupWords;
  /** The name of this machine, for people. */
  readonly machine: string;
  /** Missing: this core restores nothing. */
  readonly restoring?: RestoreAdapters;
}

/** What a step has to tell; what is missing stays as it was. */
export type BackupNews = Partial<Omit<BackupProgress, 'run' | 'verb' | 'outcome' | 'failure'>>;

export interface StageOptions {
  readonly id: string;
  readonly at: number;
  readonly tell: (news: BackupNews) => void;
  readonly signal: AbortSignal;
}

/** Gathers all that a backup is made of in one sealed folder. */
export type Stage = (options: StageOptions) => Promise<{
  readonly folder: string;
  readonly manifest: BackupManifest;
  readonly sha256: string;
}>;

/** Restores a backup to a scratch folder and proves it; nothing here is changed. */
export type Drill = (
  record: BackupRecord,
  place: ResticPlace,
  options: Pick<StageOptions, 'tell' | 'signal'>,
) => Promise<{
  readonly ms: number;
  readonly findings: readonly string[];
  /** What could not be proven here, in sentences. */
  readonly notes: readonly string[];
}>;

export interface BackupGround extends Omit<BackupAdapters, 'connectContainers' | 'restoring'> {
  readonly store: Pick<Store, 'instance' | 'textOf' | 'setText'>;
  readonly secrets: Secrets;
  readonly host: Pick<Host, 'randomHex'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: SettingsAccess;
  readonly renderQr: RenderQr;
  readonly home: string;
  /** This core only looks: it begins and goes on with nothing. */
  readonly isOnlyLooking?: boolean;
  /** What `backups` of the settings says now. */
  readonly wanted: () => BackupSettings;
  readonly stage: Stage;
  readonly drill: Drill;
  /** Missing: this core restores nothing. */
  readonly restores?: Restores;
  /** In which order a backup is gathered, and what that costs. */
  readonly order: () => readonly BackupOrderStep[];
  /** The next end of a restore, also when the home is opened anew on its way. */
  readonly restoreEnd: () => Promise<RestoreEnd>;
  /** Jobs that run now. */
  readonly runningJobs: () => number;
  /** Which GitLab is backed up now; `none` with nothing else here: there is no lab whose loss would hurt. */
  readonly gitlabKind: () => BackupRecord['gitlab'];
  /** Something that people see has changed. */
  readonly onChange: () => void;
}

/** A UUID of the random kind, https://www.rfc-editor.org/rfc/rfc9562#section-5.4 */
export function newId({ host }: Pick<BackupGround, 'host'>): string {
  const hex = host.randomHex(16);
  return [
    ...[hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`],
    hex.slice(20, 32),
  ].join('-');
}

/** The time zone of all schedules. */
export function zoneOf({ timezone }: Pick<BackupSettings, 'timezone'>): string {
  return timezone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
