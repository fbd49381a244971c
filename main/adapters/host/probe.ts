// Looks at this machine for detection: files, folders, and programs with a deadline.
import { constants } from 'node:fs';
import { open, readdir, readlink, stat } from 'node:fs/promises';
import type { Probe } from '../../ports.ts';
import { createOwnProbe } from './own-probe.ts';
import { createReadGate } from './read-gate.ts';
import { startProgram } from './run-program.ts';
import { createToolQueue } from './tool-queue.ts';

const mostBytes = 4 * 1024 * 1024;

/** Files of the kernel have no size before they are read, and some give one page at a time. */
async function readBeginning(path: string): Promise<string> {
  // A pipe or a terminal would never end.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new Error(`${path} is no file`);
    const parts: Buffer[] = [];
    for (let size = 0; size < mostBytes;) {
      const { bytesRead, buffer } = await file.read({
        buffer: Buffer.alloc(Math.min(65_536, mostBytes - size)),
      });
      if (bytesRead === 0) break;
      parts.push(buffer.subarray(0, bytesRead));
      size += bytesRead;
    }
    return Buffer.concat(parts).toString('utf8');
  } finally {
    await file.close();
  }
}

async function lookAt(path: string): ReturnType<Probe['stat']> {
  const { gid, mode } = await stat(path);
  return { group: gid, mode: mode & 0o777 };
}

/** Of the machine that AutoGit runs on. Each probe has its own threads and its own memory of tools that hang. */
export function createProbe(): Probe {
  const gate = createReadGate();
  return {
    readFile: (path) => gate(() => readBeginning(path)),
    list: (folder) => gate(() => readdir(folder)),
    readLink: (path) => gate(() => readlink(path)),
    stat: (path) => gate(() => lookAt(path)),
    run: createToolQueue({ start: startProgram, now: () => performance.now() }),
    ...createOwnProbe(gate),
  };
}
