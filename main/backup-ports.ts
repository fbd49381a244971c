// The edges of backups as small interfaces: restic, what is dumped and put back, the home's files, and the journal.
import type { BackupRecord, BackupRun, ResticSnapshot, TargetState } from './model/backup/backup.ts';
import type { BackupManifest, BackupPart } from './model/backup/manifest.ts';
import type { BackupTarget } from './model/backup/target.ts';

/** How far restic is; bytes and files of this call. */
export interface ResticProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly secondsLeft: number | null;
}

export interface ResticLimits {
  /** KiB per second; 0: none. */
  readonly uploadKiB: number;
  readonly downloadKiB: number;
  /** 0 to 19. */
  readonly nice: number;
}

/** A repository and what opens it. Nothing of `password` and `secrets` gets into arguments, logs or messages. */
export interface ResticPlace {
  readonly target: BackupTarget;
  readonly password: string;
  /** By the names of `targetSecrets`. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly limits: ResticLimits;
}

/** What a check has found. */
export interface ResticCheck {
  readonly isSound: boolean;
  /** Sentences: which packs, trees or snapshots are damaged. */
  readonly findings: readonly string[];
  /** Bytes of data read back; `null`: not told. */
  readonly bytesRead: number | null;
}

/** A node of a snapshot's tree. */
export interface ResticNode {
  /** Relative to the backed up folder. */
  readonly path: string;
  readonly type: 'file' | 'dir' | 'symlink' | 'other';
  readonly bytes: number;
}

/**
 * restic, as a program or a container. Every method may reject with `backup.restic-missing`, `backup.restic-old`,
 * `backup.password-wrong`, `backup.no-repository`, `backup.target-unreachable` (retry), `backup.target-absent` (a disk that is
 * not plugged in), `backup.target-read-only`, `backup.target-full`, `backup.target-permission`, `backup.target-refused` (wrong keys),
 * `backup.host-key` (SSH), `backup.repository-newer`, `backup.repository-damaged`, `backup.locked` (another machine is at
 * work; retry), `backup.clock`, `backup.restic-failed` (its own last words); and with the signal's reason.
 */
export interface Restic {
  /**
   * `0.18.1`, and how it is run: soon, as no image is fetched and no container started for it. `null`: nobody has run the image
   * yet. Rejects with `backup.restic-missing`, `backup.restic-old`.
   */
  version(): Promise<{
    readonly version: string | null;
    readonly runs: 'program' | 'image';
    /** It can be run now; false: its image is fetched by the first call. */
    readonly isHere: boolean;
  }>;
  /** Whether there is a repository that this password opens. Rejects as above, but not with `backup.no-repository`. */
  look(place: ResticPlace, signal: AbortSignal): Promise<'ready' | 'new'>;
  /** Makes a repository; one that is there already and opens is success. */
  init(place: ResticPlace, signal: AbortSignal): Promise<void>;
  /** Free and total bytes of the place, and bytes of the repository; `null` where nobody can tell. */
  space(
    place: ResticPlace,
    signal: AbortSignal,
  ): Promise<{ readonly free: number | null; readonly total: number | null; readonly used: number | null }>;
  /** All snapshots, oldest first. */
  snapshots(place: ResticPlace, signal: AbortSignal): Promise<readonly ResticSnapshot[]>;
  /** Backs up what is in `folder` (absolute), with paths in the snapshot relative to it. `at`: its time. */
  backup(
    place: ResticPlace,
    what: {
      readonly folder: string;
      readonly host: string;
      readonly tags: readonly string[];
      readonly at: number;
    },
    onProgress: (progress: ResticProgress) => void,
    signal: AbortSignal,
  ): Promise<{
    readonly snapshot: string;
    readonly bytes: number;
    readonly files: number;
    readonly addedBytes: number;
  }>;
  /** Every node of a snapshot, sorted as restic has them; with a `folder`, only what lies right in it: '' is the top. */
  list(
    place: ResticPlace,
    snapshot: string,
    folder: string | null,
    signal: AbortSignal,
  ): AsyncIterable<ResticNode>;
  /** One file of a snapshot, at most `most` bytes; `null`: it is not in it. */
  read(
    place: ResticPlace,
    snapshot: string,
    path: string,
    most: number,
    signal: AbortSignal,
  ): Promise<Uint8Array | null>;
  /** Restores a snapshot, or only `paths` of it, below `into`, which is made; what cannot be read is told and the rest restored. */
  restore(
    place: ResticPlace,
    what: {
      readonly snapshot: string;
      readonly into: string;
      readonly paths: readonly string[] | null;
      /** What that comes to, for the progress of a restic that does not tell it. */
      readonly bytes?: number;
    },
    onProgress: (progress: ResticProgress) => void,
    signal: AbortSignal,
  ): Promise<{ readonly failed: readonly string[] }>;
  /** Structure of the repository; with `part` of 1 … `of`, that part of the data is read back. */
  check(
    place: ResticPlace,
    data: { readonly part: number; readonly of: number } | null,
    signal: AbortSignal,
  ): Promise<ResticCheck>;
  /** Forgets snapshots; their data stays until `prune`. */
  forget(place: ResticPlace, snapshots: readonly string[], signal: AbortSignal): Promise<void>;
  prune(
    place: ResticPlace,
    onProgress: (progress: ResticProgress) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Removes locks that are stale: of processes of this machine that are gone, or older than restic trusts. */
  unlock(place: ResticPlace, signal: AbortSignal): Promise<void>;
  /** File systems by label that are mounted now, for targets of kind `usb`: label to mount point. */
  disks(): Promise<Readonly<Record<string, string>>>;
  /**
   * Keys that an SSH server shows, for somebody to compare: `line` as a target's `hostKey` has it, and its fingerprint
   * (`SHA256:…`). `[]`: none are shown, or nobody here can ask for them. Never rejects, but with the signal's reason.
   */
  hostKeys(
    host: string,
    port: number,
    signal: AbortSignal,
  ): Promise<readonly { readonly line: string; readonly fingerprint: string }[]>;
}

/** One call of restic, whichever way it is run. */
export interface ResticCall {
  /** What follows `restic`. Nothing in it is secret. */
  readonly args: readonly string[];
  /** Variables of this call: password, keys, settings. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where it runs, absolute; `null`: anywhere. */
  readonly folder: string | null;
  /** Folders of this machine that it must reach, absolute; they exist. */
  readonly folders: readonly { readonly path: string; readonly isWritable: boolean }[];
  /** 0 to 19. */
  readonly nice: number;
  /** What it prints, in parts; it is held up while a promise is open. */
  readonly onOutput: (part: Uint8Array, from: 'stdout' | 'stderr') => void | Promise<void>;
  /** Asks it to end, and kills it when it does not. */
  readonly signal: AbortSignal;
}

export type ResticEnd =
  | { readonly outcome: 'ended'; readonly code: number }
  /** There is no such program. */
  | { readonly outcome: 'missing'; readonly why: string }
  /** By the signal; nothing of it runs any more. */
  | { readonly outcome: 'cancelled' }
  /** It could not be started, or something else has killed it. */
  | { readonly outcome: 'failed'; readonly why: string };

/** Runs restic once. Never rejects. */
export type RunRestic = (call: ResticCall) => Promise<ResticEnd>;

/** Whether an image of restic could be run now; nothing is fetched or started for it. Never rejects. */
export type LookForImage = () => Promise<
  { readonly state: 'here' | 'elsewhere' } | { readonly state: 'none'; readonly why: string }
>;

/** The words of the recovery sheet: the one password of all repositories. */
export interface BackupWords {
  /** Twelve new words with a blank between them, of 128 random bits. */
  make(): string;
  /** What is wrong with words that somebody has written, in a sentence; `null`: nothing. */
  problem(words: string): string | null;
  /** Small letters and single blanks, as `make` writes them. */
  normal(words: string): string;
}

/** Whose something in a container is, who may use it, and since when it is as it is. */
export interface FileFacts {
  readonly uid: number;
  readonly gid: number;
  /** Permission bits of owner, group and others, as `0o640`; never those by which a program runs as somebody else. */
  readonly mode: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface FetchedFiles {
  /** What is neither a file nor a folder, relative to the folder. */
  readonly leftOut: readonly string[];
  /** Whose the folder is in the container. */
  readonly owner: { readonly uid: number; readonly gid: number };
  /** SHA-256 of what is an SQLite database by its name, or a journal of one, by path. */
  readonly databases: Readonly<Record<string, string>>;
}

/** Containers of the engine at an address, as in `DOCKER_HOST`; connects only when it is asked. */
export type ConnectContainerFiles = (host: string) => ContainerFiles;

/** Files of containers as an administrator of the engine reaches them, whoever owns them. Rejects like `Engine`. */
export interface ContainerFiles {
  /**
   * Copies the content of a folder in a container into `folder` on this machine, which is made: regular files and folders
   * alone; anything else is left out and named. Of modes the owner's bits are kept here; `onEntry` is told of how each file and
   * folder was there, by its path in the folder (empty: the folder itself). Rejects with `backup.hostile-archive` for names that
   * lead out of it, and `backup.no-space`.
   */
  fetch(
    container: string,
    path: string,
    folder: string,
    signal: AbortSignal,
    onEntry?: (path: string, facts: FileFacts) => void,
  ): Promise<FetchedFiles>;
  /**
   * Copies what is in `folder` on this machine into a folder of a container, which is made. `owner`: uid and gid there, but for
   * what `facts` have, by path, of which the empty one is the folder itself.
   */
  put(
    container: string,
    folder: string,
    path: string,
    owner: {
      readonly uid: number;
      readonly gid: number;
      readonly facts?: ReadonlyMap<string, FileFacts>;
    },
    signal: AbortSignal,
  ): Promise<void>;
  /** Runs a program in a container to its end. Rejects with `backup.exec-timeout`, and the signal's reason. */
  exec(
    container: string,
    command: readonly string[],
    options: {
      readonly env?: Readonly<Record<string, string>>;
      readonly deadlineMs: number;
      readonly user?: string;
    },
    signal: AbortSignal,
  ): Promise<{ readonly code: number; readonly output: string }>;
}

/** Folders of the home for backups, and what of them must be read or written whole. Rejects with `backup.no-space`, `backup.no-access`. */
export interface BackupFiles {
  /** `<home>/backups`, absolute: `stage/`, `scratch/`, `safety/`, `before/` and `restore.json` lie in it. */
  readonly root: string;
  /** Makes an empty folder below `root`; what was there is removed. Its absolute path. */
  fresh(name: string): Promise<string>;
  /** Removes a folder below `root`. Gone already is success. */
  remove(name: string): Promise<void>;
  /** Free bytes where the home lies. */
  free(): Promise<number>;
  /** Copies the home as it is at one moment into `folder`: settings, database (SQLite's own online copy), secrets with their key, stacks, own templates. */
  copyHome(folder: string): Promise<void>;
  /** Copies a data folder of this machine, files and folders alone; what nobody may read rejects with `backup.no-access`. */
  copyFolder(from: string, to: string, signal: AbortSignal): Promise<void>;
  /** Writes `files.jsonl` and `manifest.json` over what is in a folder. `whole` makes the manifest of the sums. The manifest's digest. */
  seal(
    folder: string,
    whole: (sums: {
      readonly filesSha256: string;
      readonly files: number;
      readonly bytes: number;
      readonly byPart: Readonly<
        Partial<Record<BackupPart, { readonly files: number; readonly bytes: number }>>
      >;
    }) => BackupManifest,
    signal: AbortSignal,
  ): Promise<{ readonly manifest: BackupManifest; readonly sha256: string }>;
  /**
   * Judges a restored folder by its manifest: nothing missing, nothing more, no links, no devices, every digest. `sha256`: of the
   * manifest as the snapshot's tag has it. Rejects with `backup.manifest-*` for a manifest that cannot be trusted.
   */
  judge(
    folder: string,
    sha256: string | null,
    signal: AbortSignal,
  ): Promise<{ readonly manifest: BackupManifest; readonly damaged: readonly string[] }>;
  /**
   * Moves what a home consists of to `to` and what is in `from` in its place, both below `root`; done already is success, and one
   * that a kill has cut short is ended by the next start. Nobody may have the home open.
   */
  swapHome(from: string, to: string): Promise<void>;
  /** Whether something is at a path of this machine. */
  isThere(path: string): Promise<boolean>;
  /**
   * Moves a judged backup out of `root`, to a folder that is made: `parts` of it, with its manifest. Rejects with
   * `backup.restore-folder-there`.
   */
  moveOut(name: string, to: string, parts: readonly BackupPart[], signal: AbortSignal): Promise<void>;
  /** Text of a file below `root`; `null`: there is none. */
  readText(name: string): Promise<string | null>;
  /** Whole or not at all, durable when it resolves; `null` removes it. */
  writeText(name: string, text: string | null): Promise<void>;
}

/** Looks into what was fetched from a backup, with the programs that would use it. Paths are absolute. */
export interface BackupProofs {
  /** What git says against a repository: a bare one in a folder, or a bundle. Nothing: it is whole. Rejects with the signal's reason. */
  repository(path: string, kind: 'bare' | 'bundle', signal: AbortSignal): Promise<readonly string[]>;
  /** What SQLite says against a database. */
  database(file: string): Promise<readonly string[]>;
  /** What is wrong with the secrets of a backed up home: whether its key opens them. */
  homeSecrets(home: string): Promise<readonly string[]>;
  /** What is wrong with a copy of GitLab's secrets: they are keys by name, without which its database cannot be read. */
  gitlabSecrets(file: string): Promise<readonly string[]>;
  /** A secret of a backed up home; `null`: it has none of this name, or cannot be opened. */
  homeSecret(home: string, name: string): Promise<string | null>;
  /** Repositories of a backup in `folder`, sorted; `project`: their full path where the backup tells it. */
  repositories(
    folder: string,
  ): Promise<
    readonly { readonly path: string; readonly kind: 'bare' | 'bundle'; readonly project: string | null }[]
  >;
  /** Writes a repository as a new bare one to `to`. Rejects with `backup.restore-folder-there`, `backup.repository-unusable`. */
  takeRepository(from: string, kind: 'bare' | 'bundle', to: string, signal: AbortSignal): Promise<void>;
  /** What is wrong with GitLab's dump of its database, and whether it was loaded or only read. */
  dump(
    folder: string,
    signal: AbortSignal,
  ): Promise<{ readonly findings: readonly string[]; readonly how: 'loaded' | 'read' | 'none' }>;
}

/** What AutoGit remembers of backups, durable. Lives in the home's database, which a restore replaces: see `restore.json`. */
export interface BackupJournal {
  begin(run: Pick<BackupRun, 'verb' | 'cause' | 'schedule' | 'targets' | 'startedAt' | 'backup'>): number;
  update(id: number, change: Partial<Pick<BackupRun, 'endedAt' | 'outcome' | 'failures' | 'backup'>>): void;
  /** Newest first. */
  runs(limit: number): readonly BackupRun[];
  run(id: number): BackupRun | null;
  /** Newest run of a verb that has ended well at a target; `null`: none. */
  lastDone(verb: BackupRun['verb'], target: string | null): BackupRun | null;
  records(): readonly BackupRecord[];
  /** Takes the place of all that is known of a target. */
  setRecords(target: string, records: readonly BackupRecord[]): void;
  /** Takes the place of one. */
  setRecord(record: BackupRecord): void;
  targets(): readonly TargetState[];
  setTarget(state: TargetState): void;
  removeTarget(name: string): void;
}
export type { ResticSnapshot };
