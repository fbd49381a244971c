// What the command line needs of the rest of the program and of the machine, so that tests can stand in for both.
import type { CoreAccess, Environment } from '../serve/find-core.ts';

/** Why `interrupt` fired when nobody reads the output any more: the one interruption that is no failure. */
export const readerLeft = 'reader-left';

/** Why `interrupt` fired when the output cannot be written, e.g. because its disk is full. */
export const outputFailed = 'output-failed';

/** What a person interrupted ends with 130. */
export function interruptCode(interrupt: AbortSignal): number {
  if (interrupt.reason === readerLeft) return 0;
  return interrupt.reason === outputFailed ? 1 : 130;
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
  /** Also of a pipe, and no more of it than `limit` characters, by default 4 million. `-`: standard input. */
  readText(file: string, limit?: number): Promise<string>;
  /** Fires when the process that started this one, and asked to be its keeper, is gone. */
  readonly orphaned: AbortSignal;
  /** Asks a yes-or-no question on the terminal; `null` where nobody can answer. */
  ask(question: string): Promise<boolean | null>;
  /** Asks for a line of text on the terminal; `null` where nobody can answer, or does. `hidden`: it is not shown. */
  prompt(question: string, options?: { readonly hidden: boolean }): Promise<string | null>;
}
