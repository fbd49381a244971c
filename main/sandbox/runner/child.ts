// Runs one process of a job: as the job's user, in its own process group, stopped whole.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { JobUser } from './job-user.ts';

type ChunkSink = (chunk: Buffer) => void;

/** One process to run. */
export interface ChildRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly user: JobUser | null;
  /** Written to standard input, which is then closed. */
  readonly input?: string;
  /** An open file that the process sees as descriptor 3. */
  readonly file?: number;
  /** A stream takes the output at its own pace. */
  readonly output: ChunkSink | Writable;
  readonly errorOutput: ChunkSink;
  /** Stops the process group: SIGTERM, and SIGKILL after 5 seconds. */
  readonly signal: AbortSignal;
}

const killAfterMs = 5_000;
const lookEveryMs = 50;
const drainMs = 1_000;

/**
 * Runs a process to its end, whatever it left in its group included. Resolves with the exit code (128 + n for a
 * signal); rejects when it cannot be started, or with the signal's reason when it was stopped.
 */
export async function runChild(request: ChildRequest): Promise<number> {
  const { command, args, cwd, env, user, signal } = request;
  signal.throwIfAborted();
  const child = spawn(command, [...args], {
    cwd,
    env: { ...env },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', ...(request.file === undefined ? [] : [request.file])],
    ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
  });
  const { output } = request;
  if (typeof output === 'function') child.stdout?.on('data', output);
  else child.stdout?.pipe(output);
  child.stderr?.on('data', request.errorOutput);
  child.stdin?.on('error', () => undefined);
  const closed = once(child, 'close');
  closed.catch(() => undefined);
  const exited = once(child, 'exit');
  child.stdin?.end(request.input ?? '');
  const unwatch = watchForStop(signal, (name) => signalGroup(child, name));
  try {
    await exited;
    await endGroup(child);
    await drain(child, closed, typeof output === 'function' ? AbortSignal.timeout(drainMs) : signal);
  } finally {
    unwatch();
  }
  signal.throwIfAborted();
  return child.exitCode ?? 128 + (child.signalCode === 'SIGKILL' ? 9 : 15);
}

/** Returns what ends the watch. */
function watchForStop(signal: AbortSignal, send: (name: NodeJS.Signals) => boolean): () => void {
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    send('SIGTERM');
    timer = setTimeout(send, killAfterMs, 'SIGKILL');
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  };
}

function signalGroup(child: ChildProcess, name: NodeJS.Signals | 0): boolean {
  if (child.pid === undefined) return false;
  try {
    return process.kill(-child.pid, name);
  } catch {
    return false;
  }
}

/** What a script leaves running in the background ends with it, as it does in a container. */
async function endGroup(child: ChildProcess): Promise<void> {
  if (!signalGroup(child, 'SIGTERM')) return;
  const deadline = performance.now() + killAfterMs;
  while (performance.now() < deadline) {
    await delay(lookEveryMs);
    if (!signalGroup(child, 0) || !(await hasLiveMember(child.pid ?? 0))) return;
  }
  signalGroup(child, 'SIGKILL');
}

/**
 * Whether anything of a process group is more than a zombie. As the first process of a container the runner inherits
 * what jobs leave behind, and nobody there collects the dead.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
async function hasLiveMember(group: number): Promise<boolean> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return stats.some((stat) => {
    const [state = '', , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(pgrp) === group && state !== 'Z' && state !== 'X';
  });
}

/** Waits for the rest of the output. `patience` ends the wait, for a process outside the group may hold the pipe. */
async function drain(child: ChildProcess, closed: Promise<unknown>, patience: AbortSignal): Promise<void> {
  if (!patience.aborted) await Promise.race([closed, once(patience, 'abort')]);
  child.stdout?.destroy();
  child.stderr?.destroy();
}
