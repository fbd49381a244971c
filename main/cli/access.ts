// What the command line needs of the rest of the program and of the machine, so that tests can stand in for both.
import type { Core, CoreOptions, HomePaths } from '../index.ts';
import type { Settings } from '../model/settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What run/core.json says. It may speak of a core that is dead. */
export interface CoreRecord {
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly socket: string;
  readonly address: string | null;
}

/** A core in this process. */
export type OwnCore = Omit<Core, 'paths'>;

/** main/index.ts, as the command line sees it. */
export interface CoreAccess {
  homePaths(env: Environment, options: { readonly demo: boolean }): HomePaths;
  readCoreRecord(paths: HomePaths): Promise<CoreRecord | null>;
  /** Rejects with `core.already-running` when another core holds the home. */
  createCore(options: CoreOptions): Promise<OwnCore>;
  /** Makes the home if need be. */
  writeSettings(paths: HomePaths, settings: Settings): Promise<void>;
}

/** Why `interrupt` fired when nobody reads the output any more: the one interruption that is no failure. */
export const readerLeft = 'reader-left';

/** What a person interrupted ends with 130. */
export function interruptCode(interrupt: AbortSignal): number {
  return interrupt.reason === readerLeft ? 0 : 130;
}

/** One output of the process. */
export interface Terminal {
  write(text: string): void;
  readonly isTTY: boolean;
  readonly columns: number;
  readonly rows: number;
}

/** A part of the screen that is drawn again and again in place. */
export interface LiveArea {
  draw(text: string): void;
  /** Leaves the last drawing on the screen. */
  end(): void;
}

export interface CliWorld {
  readonly env: Environment;
  readonly out: Terminal;
  readonly err: Terminal;
  /** For an output that is a terminal. */
  openLive(output: 'out' | 'err'): Promise<LiveArea>;
  /** Loads main/index.ts, which is heavy: only for what needs it. */
  loadCore(): Promise<CoreAccess>;
  /** Fires with the first Ctrl-C or SIGTERM, the second ends the process at once; and when the reader has left. */
  readonly interrupt: AbortSignal;
  now(): number;
  readText(file: string): Promise<string>;
  /** Fires when the process that started this one, and asked to be its keeper, is gone. */
  readonly orphaned: AbortSignal;
  /** Asks a yes-or-no question on the terminal; `null` where nobody can answer. */
  ask(question: string): Promise<boolean | null>;
}
