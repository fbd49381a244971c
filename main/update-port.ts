// The edge towards updates: where they come from, where they are kept until they are installed, and how that is done here.
import type { InstallKind, UpdateFile, UpdateManifest } from './model/updates.ts';

/** A manifest whose signature was found good. */
export interface SignedManifest {
  readonly manifest: UpdateManifest;
  /** SHA-256 of its bytes, hex. */
  readonly digest: string;
  /** As they were signed. */
  readonly bytes: Uint8Array;
  readonly signatures: string;
}

/**
 * How a staged file becomes the program that runs. `command`: a person runs this line. `asks-system`: the same, and the
 * system can be asked to do it, which asks for a password. `replace`: without anybody's help. `open`: the system's own
 * installer takes over. `by-hand`: it is only shown where it lies.
 */
export type InstallWay = 'command' | 'asks-system' | 'replace' | 'open' | 'by-hand';

export interface InstallPlan {
  readonly way: InstallWay;
  /** One line for a shell; `null`: there is none. */
  readonly command: string | null;
  /** The staged file, or where it will lie. */
  readonly path: string;
}

export interface StageProgress {
  readonly received: number;
  readonly total: number;
}

export interface Updates {
  /** How this program is installed. */
  readonly kind: InstallKind;
  /** As Node names it. */
  readonly arch: string;
  /** False: no signature counts for this build. */
  readonly hasKeys: boolean;
  /**
   * The list at an address, its signature found good; nothing is kept. Rejects with `update.no-key`, `update.insecure`,
   * `update.unreachable`, `update.redirected`, `update.too-large`, `update.too-slow`, `update.signature`,
   * `update.unreadable`.
   */
  fetchManifest(address: string, signal: AbortSignal): Promise<SignedManifest>;
  /** Rejects with `update.no-space`, `update.disk`. */
  keep(manifest: SignedManifest): Promise<void>;
  /** The list that was kept last, its signature looked at again; `null`: there is none, or it is not good any more. */
  kept(): Promise<SignedManifest | null>;
  /**
   * Brings a file into the home, going on where it was left; it is there only once all of it was found to be what the list
   * says. Rejects like `fetchManifest`, and with `update.truncated`, `update.digest`, `update.no-space`, `update.disk`.
   */
  stage(
    address: string,
    file: UpdateFile,
    onProgress: (progress: StageProgress) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Whether it lies there with its size; what is in it `install` looks at. */
  isStaged(file: UpdateFile): Promise<boolean>;
  /** Removes every staged file but this one, and what was left half done. */
  tidy(keep: UpdateFile | null): Promise<void>;
  installPlan(file: UpdateFile): Promise<InstallPlan>;
  /**
   * Reads the whole staged file once more first. `ask`: the system is asked to install it, where it can be. True: it is
   * installed, and the program that runs is the old one until it is started again. Rejects with `update.digest`,
   * `update.not-staged`, `update.install-failed`, `update.install-declined`.
   */
  install(file: UpdateFile, options: { readonly ask: boolean }): Promise<boolean>;
}
