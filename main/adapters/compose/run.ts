// Runs one program of Compose: bounded in time and in what is kept of its words, ended with all that it started.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { messageOf } from '../../errors.ts';
import { createLineSplitter, createTail } from './output.ts';

/** What a program has to itself after it was told to end, before it is killed. Milliseconds. */
const graceMs = 5_000;
/** For what is still on its way when a program has ended; others that hold its output are not waited for. Milliseconds. */
const lastWordsMs = 250;

export interface ProgramCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where it runs. */
  readonly folder: string;
  /** On its standard input, which then ends. */
  readonly input: string;
  readonly deadlineMs: number | null;
  readonly signal: AbortSignal | null;
  /** Kept of each output: its end. */
  readonly mostBytes: number;
  readonly onLine?: (line: string, from: 'stdout' | 'stderr') => void;
}

export type ProgramEnd =
  | { readonly outcome: 'ended'; readonly code: number; readonly stdout: string; readonly stderr: string }
  /** There is no such program. */
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'timeout'; readonly stderr: string }
  /** By the signal; it has ended. */
  | { readonly outcome: 'cancelled' }
  /** It could not be started, or something else has killed it. */
  | { readonly outcome: 'failed'; readonly why: string; readonly stderr: string };

export type RunProgram = (call: ProgramCall) => Promise<ProgramEnd>;

const isWindows = process.platform === 'win32';

/** Runs it in a process group of its own, which ends as a whole. Never rejects. */
export const runProgram: RunProgram = (call) => {
  if (call.signal?.aborted === true) return Promise.resolve({ outcome: 'cancelled' });
  return new Promise((resolve) => {
    try {
      follow(open(call), call, resolve);
    } catch (error) {
      resolve({ outcome: 'failed', why: messageOf(error), stderr: '' });
    }
  });
};

function open({ program, args, environment, folder }: ProgramCall): ChildProcess {
  return spawn(program, args, {
    env: environment,
    cwd: folder,
    stdio: 'pipe',
    detached: !isWindows,
    windowsHide: true,
  });
}

function follow(child: ChildProcess, call: ProgramCall, resolve: (end: ProgramEnd) => void): void {
  const outputs = { stdout: createTail(call.mostBytes), stderr: createTail(call.mostBytes) };
  const splitters = (['stdout', 'stderr'] as const).map((from) => {
    const splitter = createLineSplitter((line) => call.onLine?.(line, from));
    child[from]?.on('data', (part: Buffer) => {
      outputs[from].add(part);
      splitter.add(part);
    });
    // A pipe that breaks is the end of what can be read.
    child[from]?.on('error', () => undefined);
    return splitter;
  });
  const ending = createEnding(child);
  const cancel = (): void => ending.begin('cancelled');
  const timer =
    call.deadlineMs === null ? undefined : setTimeout(() => ending.begin('timeout'), call.deadlineMs);
  call.signal?.addEventListener('abort', cancel, { once: true });
  const end = (natural: () => ProgramEnd): void => {
    clearTimeout(timer);
    call.signal?.removeEventListener('abort', cancel);
    ending.done();
    child.removeAllListeners('close');
    child.stdout?.destroy();
    child.stderr?.destroy();
    for (const splitter of splitters) splitter.end();
    const why = ending.why();
    if (why === 'cancelled') resolve({ outcome: 'cancelled' });
    else if (why === 'timeout') resolve({ outcome: 'timeout', stderr: outputs.stderr.text() });
    else resolve(natural());
  };
  const ended = (code: number | null, signal: NodeJS.Signals | null): void =>
    end(() => {
      const [stdout, stderr] = [outputs.stdout.text(), outputs.stderr.text()];
      if (code === null) return { outcome: 'failed', why: `it was ended by ${signal ?? 'a signal'}`, stderr };
      return { outcome: 'ended', code, stdout, stderr };
    });
  child.once('error', (error) =>
    end(() =>
      isMissing(error)
        ? { outcome: 'missing' }
        : { outcome: 'failed', why: messageOf(error), stderr: outputs.stderr.text() },
    ),
  );
  child.once('exit', (code, signal) => {
    const timer = setTimeout(() => ended(code, signal), lastWordsMs);
    child.once('close', () => {
      clearTimeout(timer);
      ended(code, signal);
    });
  });
  // A program that does not read its input is none the worse for it.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(call.input);
}

/** How a program is ended from here: asked first, then killed; whoever told first is the reason. */
interface Ending {
  begin(why: 'cancelled' | 'timeout'): void;
  why(): 'cancelled' | 'timeout' | null;
  /** It has ended: what it left behind in its group ends, too. */
  done(): void;
}

function createEnding(child: ChildProcess): Ending {
  const state: { why: 'cancelled' | 'timeout' | null; timer: NodeJS.Timeout | undefined } = {
    why: null,
    timer: undefined,
  };
  return {
    begin: (why) => {
      if (state.why !== null) return;
      state.why = why;
      signalGroup(child, 'SIGTERM');
      state.timer = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
    },
    why: () => state.why,
    done: () => {
      clearTimeout(state.timer);
      signalGroup(child, 'SIGKILL');
    },
  };
}

/** Windows has no such groups. */
function signalGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  try {
    if (isWindows) child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // There is nobody left.
  }
}

function isMissing(error: Error): boolean {
  return 'code' in error && error.code === 'ENOENT';
}
