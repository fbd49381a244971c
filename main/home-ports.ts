// The edges of the home and its machine: secrets, the settings file, and what is made of the machine's own programs.
import type { PackedFile } from './model/container-spec.ts';

/** Named secrets of a home, encrypted on disk. */
export interface Secrets {
  get(name: string): string | null;
  /** Durable when it resolves. */
  set(name: string, value: string): Promise<void>;
  remove(name: string): Promise<void>;
  names(): readonly string[];
  /** Every one, for taking them out of what leaves this machine. */
  values(): readonly string[];
  /** Keyed signature (HMAC-SHA-256, hex) of a text, with a key of this home alone. */
  sign(text: string): string;
}

/** What the core needs of the machine besides engine, GitLab and store. */
export interface Host {
  /** Name of the image that `sandboxImage` would make: changes exactly when its content would. */
  sandboxImageName(): Promise<string>;
  /** Root file system of the sandbox's image as a tar: the sandbox, its runner, node, git and a shell. */
  sandboxRootfs(): Promise<NodeJS.ReadableStream>;
  /** A root file system of these programs and nothing else, as a tar. */
  packFiles(files: readonly PackedFile[]): NodeJS.ReadableStream;
  /** Makes a commit of `files` on branch `main` and pushes it over HTTP. Rejects with `host.git-failed`. */
  pushRepository(options: {
    readonly url: string;
    readonly username: string;
    readonly password: string;
    readonly files: Readonly<Record<string, string>>;
    readonly message: string;
  }): Promise<void>;
  randomHex(bytes: number): string;
}

/** The file with a home's settings. Every method may reject with `settings.no-access`. */
export interface SettingsFile {
  /** For messages. */
  readonly path: string;
  /** `null` when there is none. */
  read(): Promise<string | null>;
  /**
   * As long as it is the same, so is the file; `null`: that cannot be told, so read it. Missing: it never can.
   * Much cheaper than reading.
   */
  mark?(): Promise<string | null>;
  /** Whole or not at all; durable when it resolves. */
  write(text: string): Promise<void>;
  /** Keeps the present file as a dated copy beside it, once for each content, and gives the copy's path. */
  keepBroken(): Promise<string>;
}
