// The port to the machine itself: its files, its programs and what this process knows of it.
import type { DiskSpace } from './model/engine.ts';

/** How a program ended that was run to look at the machine. */
export type Ran =
  | { readonly outcome: 'ended'; readonly code: number; readonly stdout: string; readonly stderr: string }
  /** Not there; still running at its deadline; printed more than anything useful; could not be run, or was killed. */
  | { readonly outcome: 'missing' | 'timeout' | 'flood' | 'failed' };

/** What a process knows of itself. Empty texts are not given: they are `null`. */
export interface ProbeSelf {
  /** In Node's words: `linux`, `darwin`, `win32`. */
  readonly platform: string;
  /** What this program was made for, in Node's words: `x64`, `arm64`. */
  readonly arch: string;
  /** As `uname -m` has it: `x86_64`, `aarch64`. */
  readonly machine: string;
  /** As `uname -r` has it. */
  readonly kernel: string;
  readonly hostname: string;
  readonly uid: number | null;
  readonly user: string | null;
  readonly home: string | null;
  /** `XDG_RUNTIME_DIR` */
  readonly runtimeFolder: string | null;
  /** Threads of the processor that this process may use. */
  readonly usableThreads: number;
}

/** What a library finds out on macOS and Windows. Bytes; `null`: not told. */
export interface OtherSystem {
  readonly osName: string | null;
  readonly osVersion: string | null;
  readonly cpuModel: string | null;
  readonly cpuVendor: string | null;
  readonly sockets: number | null;
  readonly cores: number | null;
  readonly threads: number | null;
  readonly features: readonly string[] | null;
  readonly totalBytes: number | null;
  readonly availableBytes: number | null;
  readonly swapTotalBytes: number | null;
  readonly swapFreeBytes: number | null;
  readonly disks: readonly {
    readonly mount: string;
    readonly device: string;
    readonly fileSystem: string;
    readonly totalBytes: number;
    readonly freeBytes: number;
    readonly readOnly: boolean;
  }[];
}

/** How a program that stayed has ended, and the beginning of what it wrote to its error output. */
export interface LoopEnd {
  readonly outcome: Ran['outcome'];
  readonly stderr: string;
}

/** A program that prints again and again until it is ended. */
export interface LoopProgram {
  /** At the latest shortly after `stop`, also where it does not even die when it is killed. */
  readonly ended: Promise<LoopEnd>;
  stop(): void;
}

/** Starts one, with the C locale and nothing on its input. One that prints more than anything useful is ended: `flood`. */
export type StartLoop = (
  program: string,
  args: readonly string[],
  onText: (text: string) => void,
) => LoopProgram;

/** Looks at the machine. Nothing rejects: what cannot be had is `null`. Nothing waits longer than its deadline. */
export interface Probe {
  /** The beginning of a file, at most 4 MiB; for files of the kernel, too. */
  readFile(path: string): Promise<string | null>;
  list(folder: string): Promise<readonly string[] | null>;
  /** Where a link leads, as it is written. */
  readLink(path: string): Promise<string | null>;
  /** `mode`: permission bits. */
  stat(
    path: string,
  ): Promise<{ readonly owner: number; readonly group: number; readonly mode: number } | null>;
  /** Whether a file, or what hangs together with it, has been looked at and has not answered until now: then `null` says nothing. */
  hangs(path: string): boolean;
  /** With the C locale, and nothing on its input. A relative name is looked up on the `PATH`. */
  run(program: string, args: readonly string[], deadlineMs: number): Promise<Ran>;
  /** What this process knows of itself and of its machine without asking anybody. */
  self(): ProbeSelf;
  /** The file system that holds a folder. One of a server that is away may answer late, or never. */
  disk(folder: string): Promise<DiskSpace | null>;
  /** Whether this user may read and write a file, device or socket. */
  mayUse(path: string): Promise<boolean>;
  /** On systems that have no files to read this from; `null` on Linux. May take a second. */
  otherSystem(): Promise<OtherSystem | null>;
}
