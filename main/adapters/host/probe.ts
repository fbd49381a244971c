// Looks at this machine for detection: files, folders, and programs with a deadline.
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { open, readdir, readlink, stat } from 'node:fs/promises';
import type { Probe, Ran } from '../../ports.ts';

const mostBytes = 4 * 1024 * 1024;

async function orNull<T>(value: Promise<T>): Promise<T | null> {
  return value.catch(() => null);
}

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

/** A program that does not even die of SIGKILL, as with a driver that hangs, is left behind at its deadline. */
function run(program: string, args: readonly string[], deadlineMs: number): Promise<Ran> {
  return new Promise((resolve) => {
    const env = { ...process.env, LC_ALL: 'C', LANG: 'C' };
    const child = execFile(
      program,
      args,
      { env, maxBuffer: mostBytes, encoding: 'utf8', windowsHide: true },
      (error, stdout, stderr) => {
        clearTimeout(timer);
        resolve(outcomeOf(error, stdout, stderr));
      },
    );
    child.stdin?.end();
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.unref();
      resolve({ outcome: 'timeout' });
    }, deadlineMs);
  });
}

function outcomeOf(error: Error | null, stdout: string, stderr: string): Ran {
  if (error === null) return { outcome: 'ended', code: 0, stdout, stderr };
  const code: unknown = 'code' in error ? error.code : null;
  if (typeof code === 'number') return { outcome: 'ended', code, stdout, stderr };
  if (code === 'ENOENT') return { outcome: 'missing' };
  return { outcome: code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER' ? 'flood' : 'failed' };
}

/** Of the machine that AutoGit runs on. */
export function createProbe(): Probe {
  return {
    readFile: (path) => orNull(readBeginning(path)),
    list: (folder) => orNull(readdir(folder)),
    readLink: (path) => orNull(readlink(path)),
    stat: (path) => orNull(lookAt(path)),
    run,
  };
}
