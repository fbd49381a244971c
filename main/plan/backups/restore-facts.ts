// What a plan of a restore is made from: what somebody wants, and what is here.
import type { BackupRecord } from '../../model/backup/backup.ts';
import type { BackupPart } from '../../model/backup/manifest.ts';

/** What somebody wants restored. */
export interface RestoreChoice {
  /** `null`: all that the backup has. */
  readonly parts: readonly BackupPart[] | null;
  /** Only the repository of this project; `null`: no. */
  readonly project: string | null;
  /** Into this new folder; `null`: here. */
  readonly to: string | null;
  /** What is here is not backed up first: there is no way back then. */
  readonly withoutSafety: boolean;
}

/** The GitLab that this AutoGit would install now. */
export interface InstalledGitlab {
  /** `19.3.3` */
  readonly version: string;
  readonly isEnterprise: boolean;
  /** Versions, oldest first, at which an upgrade has to stop on its way: `18.5`. */
  readonly stops: readonly string[];
}

/** Which images can run here. */
export interface ImageFacts {
  /** Of the engine, in Go's words; `null`: not known. */
  readonly architecture: string | null;
  /** Architectures that images are made for, by their names without host, tag and digest; missing: not known. */
  readonly madeFor: Readonly<Record<string, readonly string[]>>;
}

/** What is here now. */
export interface RestoreFacts extends ImageFacts {
  /** Version of this program. */
  readonly autogit: string;
  readonly instance: string;
  readonly gitlab: BackupRecord['gitlab'];
  /** '' for none, or not known. */
  readonly gitlabVersion: string;
  /** Whether the GitLab or the sandbox that is here has answered; false too where there is none. */
  readonly hasAnswered: boolean;
  /** Of this home: pools and targets; of its GitLab: projects, users, … as backups count them. Missing: not known. */
  readonly counts: Readonly<Record<string, number>>;
  /** Nothing here would be missed: no GitLab, no targets, no pools of a person. */
  readonly isEmpty: boolean;
  /** Folder of data of a GitLab that is in nobody's use, and would be emptied; `null`: there is none, or it is not known. */
  readonly unusedData: string | null;
  /** The backup has a stack, and nobody could read yet which: where its data goes, and of which images. */
  readonly isStackUnread: boolean;
  /** `null`: not known. */
  readonly installs: InstalledGitlab | null;
  /** Images of the backup's stack by service; `null`: it has none, or they could not be read yet. */
  readonly images: Readonly<Record<string, string>> | null;
  /** A container engine that answers. */
  readonly hasEngine: boolean;
  readonly hasCompose: boolean;
  /** Free bytes where the home lies; `null`: nobody knows. */
  readonly freeBytes: number | null;
  readonly jobsRunning: number;
  /** A run of the stack goes on. */
  readonly isStackBusy: boolean;
  /** Another restore has not ended. */
  readonly isRestoring: boolean;
  /** Whether something is at `to` already. */
  readonly isToTaken: boolean;
}

/** Of the facts those that are known where the backup and the files of restores are. */
export type GatheredElsewhere = 'freeBytes' | 'isRestoring' | 'isToTaken' | 'images' | 'isStackUnread';

/** Parts in words. */
export const partWords: Readonly<Record<BackupPart, string>> = {
  home: "AutoGit's settings, state and secrets",
  sandbox: 'the sandbox',
  gitlab: 'GitLab',
  services: 'data of the other services',
};

/** `40.0 GB`, `12 MB`. */
export function sizeWords(bytes: number): string {
  return bytes >= 1e9
    ? `${(bytes / 1e9).toFixed(1)} GB`
    : `${String(Math.max(1, Math.round(bytes / 1e6)))} MB`;
}

/** Whether a restore to here would replace something, or remove data, as far as anybody knows. */
export function replaces(
  { to, project }: Pick<RestoreChoice, 'to' | 'project'>,
  { isEmpty, unusedData, isStackUnread }: Pick<RestoreFacts, 'isEmpty' | 'unusedData' | 'isStackUnread'>,
): boolean {
  return to === null && project === null && (!isEmpty || unusedData !== null || isStackUnread);
}
