// What gathering and putting back the parts of a backup work with, and how they say what went wrong.
import type { BackupFiles, ConnectContainerFiles, ContainerFiles } from '../../backup-ports.ts';
import { AutoGitError, toAutoGitError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { BackupProgress } from '../../model/backup/backup.ts';
import type { BackupManifest, BackupPart } from '../../model/backup/manifest.ts';
import type { Clock, Engine, Host, Secrets } from '../../ports.ts';
import type { Compose, ComposeProject, StackFolder, StackImages } from '../../stack-ports.ts';

/** What a step has to tell; what is missing stays as it was. */
export type BackupNews = Partial<Omit<BackupProgress, 'run' | 'verb' | 'outcome' | 'failure'>>;
export type Tell = (news: BackupNews) => void;

/** Which GitLab this home serves. */
export type ServedGitlab = BackupManifest['gitlab'];

/** Where the sandbox of this home is, or is to be. */
export interface SandboxSeat {
  /** Our id of the engine. */
  readonly node: string;
  readonly engine: Engine;
  readonly volume: string;
  /** The image as this machine makes it: `autogit-sandbox:…`. */
  readonly image: string;
}

/** The stack whose services and data are backed up or restored. */
export interface StackSeat {
  readonly lab: string;
  /** Absolute folder of all data. */
  readonly data: string;
  readonly project: ComposeProject;
  readonly engine: Engine;
  /** Absolute folders of data that its templates name; those of a restore are read from the restored files. */
  readonly folders: readonly string[];
  /** Image of each service, as `compose.yaml` names it. */
  readonly images: Readonly<Record<string, string>>;
}

/** What every part needs. */
export interface PartGround {
  readonly files: BackupFiles;
  readonly connectContainers: ConnectContainerFiles;
  readonly clock: Clock;
  readonly log: Log;
  /** Identity of the home, and what signs its labels. */
  readonly instance: string;
  readonly secrets: Secrets;
  readonly compose: Compose;
}

/** What a backup is gathered from. */
export interface StageGround extends PartGround {
  /** Name of this machine for people. */
  readonly machine: string;
  /** Version of AutoGit. */
  readonly autogit: string;
  served(): ServedGitlab;
  /** `null`: this home has none on any engine that is here. */
  sandbox(): Promise<SandboxSeat | null>;
  /** The stack that is up; `null`: there is none. */
  stack(): Promise<StackSeat | null>;
  /** How much is in the GitLab that is served, by what people call it; what it does not tell is missing. Never rejects. Missing: nobody counts. */
  counts?(): Promise<Readonly<Record<string, number>>>;
  /** How far programs in containers step back behind what else runs there: 0 to 19, as the settings say now. */
  nice(): number;
}

/** What a restore puts back into. */
export interface PutGround extends PartGround {
  readonly folder: StackFolder;
  readonly images: StackImages;
  readonly host: Pick<Host, 'sandboxRootfs'>;
  /** Where the sandbox is to be. Rejects with `engine.unreachable`. */
  sandbox(): Promise<SandboxSeat>;
  /** By the restored files of this lab; its services need not be up. */
  stack(manifest: NonNullable<BackupManifest['stack']>): Promise<StackSeat>;
}

/** What one part of a backup turned out to be. */
export interface DumpedPart {
  readonly part: BackupPart;
  readonly version: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly awaySeconds: number;
}

export interface DumpContext {
  /** Absolute; the part's own, and empty. */
  readonly folder: string;
  readonly tell: Tell;
  readonly signal: AbortSignal;
}

/** Containers of an engine, as an administrator reaches them. */
export function containersOf(
  engine: Engine,
  { connectContainers }: Pick<PartGround, 'connectContainers'>,
): ContainerFiles {
  return connectContainers(engine.host);
}

/** A command that steps back from its very start. */
export function steppingBack(
  command: readonly string[],
  { nice }: Pick<StageGround, 'nice'>,
): readonly string[] {
  const by = nice();
  return by === 0 ? command : ['nice', '-n', String(by), ...command];
}

/** A part that could not be gathered, with the part's name in front of what was wrong. */
export function dumpFailed(part: BackupPart, error: unknown): AutoGitError {
  const { key, message, next, fields } = toAutoGitError(error);
  if (key.startsWith('backup.')) return toAutoGitError(error);
  return new AutoGitError({
    key: 'backup.dump-failed',
    message: `The part "${part}" could not be backed up: ${message}`,
    ...{ next, fields: { ...fields, part, reason: key }, retry: true, cause: error },
  });
}

/** GitLab's own backup, which the sandbox has, too, ended with an error. `log`: what shows more, in words. */
export function backupRefused(part: BackupPart, output: string, log: string): AutoGitError {
  return new AutoGitError({
    key: 'backup.dump-failed',
    message: `The part "${part}" could not be backed up: gitlab-backup said: ${lastWords(output)}`,
    next: `If another backup goes on there, wait for its end. Otherwise look at ${log}. Then try again.`,
    fields: { part },
    retry: true,
  });
}

/** The end of what a program printed, on one line. */
export function lastWords(output: string): string {
  const words = output
    .replaceAll(/\p{C}+/gu, ' ')
    .trim()
    .slice(-400);
  return words === '' ? 'it said nothing' : words;
}
