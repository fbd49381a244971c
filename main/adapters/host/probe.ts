// Looks at this machine for detection: files, folders, and programs with a deadline.
import { constants } from 'node:fs';
import { open, readdir, readlink, stat } from 'node:fs/promises';
import type { Probe } from '../../probe-port.ts';
import { createLeftTools } from './left-tools.ts';
import type { LeftTools } from './left-tools.ts';
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
  const { uid, gid, mode } = await stat(path);
  return { owner: uid, group: gid, mode: mode & 0o777 };
}

/** Below these, files ask a driver, and all of its files hang with it. */
const drivers = /^\/(?:sys\/bus\/pci\/devices\/[^/]+|sys\/class\/kfd|proc\/driver\/nvidia)(?=\/|$)/;
/** What the kernel itself knows of a device. https://docs.kernel.org/PCI/sysfs-pci.html */
const ofKernel =
  /^\/sys\/bus\/pci\/devices\/[^/]+\/(?:class|vendor|device|revision|numa_node|power\/runtime_status)$/;

/** What hangs together with a file; no driver is asked for folders and links, so that each stands for itself. */
export function placeOf(file: string): string {
  return (ofKernel.test(file) ? null : drivers.exec(file)?.[0]) ?? file;
}

/** Of the machine that AutoGit runs on. Each probe has its own threads and its own memory of tools that hang. */
export function createProbe(left: LeftTools = createLeftTools()): Probe {
  const gate = createReadGate();
  return {
    readFile: (path) => gate.look(placeOf(path), () => readBeginning(path)),
    list: (folder) => gate.look(folder, () => readdir(folder)),
    readLink: (path) => gate.look(path, () => readlink(path)),
    stat: (path) => gate.look(path, () => lookAt(path)),
    hangs: (path) => gate.isShut(placeOf(path)),
    run: createToolQueue({ start: startProgram, now: () => performance.now(), left }),
    ...createOwnProbe(gate),
  };
}
