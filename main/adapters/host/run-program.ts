// Runs one program to look at the machine: bounded in time and in what it prints, and ended with all that it started.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Ran } from '../../probe-port.ts';

/** Of each of its two outputs. */
const mostBytes = 4 * 1024 * 1024;
/** For what is still on its way when a program has ended; others that hold its output are not waited for. Milliseconds. */
const lastWordsMs = 250;

/** `gone` settles when no process is left behind: never for one that even SIGKILL does not end. Neither rejects. */
export interface StartedProgram {
  readonly ran: Promise<Ran>;
  readonly gone: Promise<void>;
}

const isWindows = process.platform === 'win32';

/** Starts it in a process group of its own, with the C locale and nothing to read; `null`: it cannot be started. */
export function openProgram(program: string, args: readonly string[]): ChildProcess | null {
  try {
    return spawn(program, args, {
      env: { ...process.env, LC_ALL: 'C', LANG: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: !isWindows,
      windowsHide: true,
    });
  } catch {
    return null;
  }
}

/** To all processes of its group: what it started hangs as it does. Windows has no such groups. */
export function signalProgram(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  try {
    if (isWindows) child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // There is nobody left.
  }
}

/** A program that does not even die of SIGKILL, as with a driver that hangs, is left behind at its deadline. */
export function startProgram(program: string, args: readonly string[], deadlineMs: number): StartedProgram {
  const child = openProgram(program, args);
  if (child === null) return { ran: Promise.resolve({ outcome: 'failed' }), gone: Promise.resolve() };
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  return { ran: new Promise((resolve) => follow(child, deadlineMs, resolve)), gone };
}

function follow(child: ChildProcess, deadlineMs: number, resolve: (ran: Ran) => void): void {
  const outputs = { stdout: collect(child.stdout), stderr: collect(child.stderr) };
  const end = (ran: Ran): void => {
    clearTimeout(timer);
    clearTimeout(lastWords);
    child.removeAllListeners('close');
    signalProgram(child, 'SIGKILL');
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.unref();
    resolve(ran);
  };
  const ended = (code: number | null): void => {
    const [stdout, stderr] = [outputs.stdout.text(), outputs.stderr.text()];
    end(code === null ? { outcome: 'failed' } : { outcome: 'ended', code, stdout, stderr });
  };
  const timer = setTimeout(() => end({ outcome: 'timeout' }), deadlineMs);
  let lastWords: NodeJS.Timeout | undefined;
  for (const output of [outputs.stdout, outputs.stderr]) output.onFlood(() => end({ outcome: 'flood' }));
  child.once('error', (error) => end({ outcome: isMissing(error) ? 'missing' : 'failed' }));
  child.once('exit', (code) => {
    lastWords = setTimeout(() => ended(code), lastWordsMs);
  });
  child.once('close', ended);
}

interface Collected {
  text(): string;
  onFlood(stop: () => void): void;
}

function collect(stream: NodeJS.ReadableStream | null): Collected {
  const parts: Buffer[] = [];
  let size = 0;
  let stop = (): void => undefined;
  stream?.on('data', (part: Buffer) => {
    size += part.length;
    if (size > mostBytes) stop();
    else parts.push(part);
  });
  // A pipe that breaks is the end of what can be read.
  stream?.on('error', () => undefined);
  return {
    text: () => Buffer.concat(parts).toString('utf8'),
    onFlood: (given) => {
      stop = given;
    },
  };
}

/** Whether there is no such program. */
export function isMissing(error: Error): boolean {
  return 'code' in error && error.code === 'ENOENT';
}
