// What this machine knows of an engine that runs on it.
import { readFile, statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { DiskSpace } from '../../model/engine.ts';
import { firstHighPort } from '../../model/engine.ts';
import { detectEmulated } from './abilities.ts';

/** The machine that AutoGit runs on. */
export interface Machine {
  readonly name: string;
  /** The lowest port that an ordinary user may listen on. */
  lowestPort(): Promise<number>;
  /** The disk that holds a folder; `null` where that cannot be seen. */
  disk(folder: string): Promise<DiskSpace | null>;
  /** Architectures that it emulates. */
  emulated(): Promise<readonly string[]>;
  /** What is mounted where, as the kernel lists it; `null`: that cannot be seen. */
  mounts(): Promise<string | null>;
}

/** https://docs.kernel.org/networking/ip-sysctl.html (ip_unprivileged_port_start) */
const portStart = '/proc/sys/net/ipv4/ip_unprivileged_port_start';

export const thisMachine: Machine = {
  name: hostname(),
  lowestPort: async () => {
    const text = await readFile(portStart, 'utf8').catch(() => '');
    return text.trim() === '' ? firstHighPort : Number(text);
  },
  disk: async (folder) => {
    try {
      const { bavail, blocks, bsize } = await statfs(folder);
      return { free: bavail * bsize, total: blocks * bsize };
    } catch {
      return null;
    }
  },
  emulated: () => detectEmulated(),
  mounts: () => readFile('/proc/self/mounts', 'utf8').catch(() => null),
};
