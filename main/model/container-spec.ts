// What a container is made of, in our own words: adapters say it in the engine's.
import type { GpuRequest } from './gpu-request.ts';
import type { Mount } from './pool-container.ts';

export interface ContainerFile {
  /** Absolute path inside the container; missing folders are made with mode 0755. */
  readonly path: string;
  readonly content: string;
  /** It is a symbolic link to this in place of a file, as the link has it. Missing: a file. */
  readonly linkTo?: string;
  /** Octal permission bits, e.g. 0o600. The owner is root. */
  readonly mode: number;
}

/** A program for an image. */
export interface PackedFile {
  /** Without a slash at its beginning. */
  readonly path: string;
  readonly content: Uint8Array;
}

export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Its name, or `none`: the container has none. */
  readonly network: string;
  /** Further names by which the container is known on its network. */
  readonly aliases: readonly string[];
  /** Container ports to publish on 127.0.0.1, on a free port. */
  readonly publish: readonly number[];
  /** Named volumes: volume to absolute path inside. */
  readonly volumes: Readonly<Record<string, string>>;
  readonly cpus: number | null;
  readonly memoryMiB: number | null;
  /** Processes and threads; missing: 4096. */
  readonly pids?: number;
  /** Of `/dev/shm`; missing or `null`: the engine's own. */
  readonly shmMiB?: number | null;
  /** Of its own file system; taken where the engine can (`EngineInfo.limits.disk`). */
  readonly diskMiB?: number | null;
  /** Folders of the engine's machine. */
  readonly mounts?: readonly Mount[];
  /** Device files of the engine's machine. */
  readonly devices?: readonly string[];
  /** Signal that asks the program to end, e.g. `SIGQUIT`. */
  readonly stopSignal: string;
  /** It may do to the machine whatever it likes. Only what a person has agreed to: `emulation` in the settings. */
  readonly privileged?: true;
  /** Linux capabilities kept; all others are dropped. */
  readonly capabilities: readonly string[];
  /** Where the container finds the engine's own socket. The gateway alone has it. */
  readonly engineSocket?: string;
  /** Its address on its network stays the same over restarts, where `knows` needs that. One container of a network. */
  readonly keepsAddress?: true;
  /** Its graphics cards; missing: none. */
  readonly gpu?: GpuRequest;
  /** Names that it finds even where the engine's name server loses them: name to the container that keeps its address. */
  readonly knows?: Readonly<Record<string, string>>;
}
