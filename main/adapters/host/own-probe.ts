// What this process knows of itself and of its machine, and what a library knows of systems without files to read.
import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import os from 'node:os';
import process from 'node:process';
import type { Probe, ProbeSelf } from '../../probe-port.ts';
import { readOtherSystem } from './other-system.ts';
import type { ReadGate } from './read-gate.ts';

/** A user without an entry in the list of users has no name. */
function userName(): string | null {
  try {
    return os.userInfo().username || null;
  } catch {
    return null;
  }
}

function readSelf(): ProbeSelf {
  return {
    platform: process.platform,
    arch: process.arch,
    machine: os.machine(),
    kernel: os.release(),
    hostname: os.hostname(),
    uid: process.getuid?.() ?? null,
    user: userName(),
    home: process.env['HOME'] || os.homedir() || null,
    runtimeFolder: process.env['XDG_RUNTIME_DIR'] || null,
    usableThreads: os.availableParallelism(),
  };
}

/** The part of a probe that reads no files and runs no programs. */
export function createOwnProbe(gate: ReadGate): Pick<Probe, 'self' | 'disk' | 'mayUse' | 'otherSystem'> {
  return {
    self: readSelf,
    disk: (folder) =>
      gate.look(folder, async () => {
        const { bavail, blocks, bsize } = await statfs(folder);
        return { free: bavail * bsize, total: blocks * bsize };
      }),
    mayUse: async (path) =>
      (await gate.look(path, () => access(path, constants.R_OK | constants.W_OK).then(() => true))) ?? false,
    // Loading the library takes longer than all that is read on Linux: docs/adr/0012-machine-facts.md.
    otherSystem: async () => (process.platform === 'linux' ? null : readOtherSystem()),
  };
}
