// Runs restic as a program of this machine: bounded by a signal, with its own environment, ended with all that it started.
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../../errors.ts';
import type { ResticCall, ResticEnd, RunRestic } from '../../backup-ports.ts';

/** What restic has to remove its locks after it was asked to end, before it is killed. Milliseconds. */
const graceMs = 20_000;

const isWindows = process.platform === 'win32';

export interface ProgramOptions {
  /** `AUTOGIT_RESTIC` names the program; the rest is handed on, but what is restic's own. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** After a request to end. Milliseconds. */
  readonly graceMs?: number;
}

/** The program that is run, as it would be typed. */
export function programName({ AUTOGIT_RESTIC: named }: ProgramOptions['environment']): string {
  if (!named) return 'restic';
  return /[/\\]/.test(named) ? resolve(named) : named;
}

/** The program on PATH, or the one of `AUTOGIT_RESTIC`. */
export function createResticProgram(options: ProgramOptions): RunRestic {
  const program = programName(options.environment);
  const inherited = inheritedOf(options.environment);
  const grace = options.graceMs ?? graceMs;
  let knowsIdle: Promise<boolean> | null = null;
  return async (call) => {
    // Of one that is asked to step back, all threads do: a priority that is set afterwards is one thread's alone.
    if (call.nice > 0 && !isWindows) {
      const isIdle = call.nice === furthest && (await (knowsIdle ??= canIdle(inherited)));
      const [before, ...words] = isIdle ? idly : ['nice', '-n', String(call.nice)];
      const end = await run(before, [...words, program, ...call.args], { call, inherited, grace });
      if (end.outcome !== 'missing' && !(end.outcome === 'ended' && end.code === 127)) return end;
    }
    return await run(program, call.args, { call, inherited, grace });
  };
}

/**
 * Of processors and, with BFQ, of disks it gets what nothing else wants. Any user may ask for that. A program with `nice -n 19` has a
 * share beside others all the same, and is not made to wait as soon as one of them wants to run.
 * https://man7.org/linux/man-pages/man7/sched.7.html (SCHED_IDLE), https://man7.org/linux/man-pages/man1/chrt.1.html
 */
const idly = ['chrt', '--idle', '0'] as const;
const furthest = 19;

/** Only Linux has it, not every `chrt` knows it, and a filter of system calls may forbid it. */
async function canIdle(env: Readonly<Record<string, string>>): Promise<boolean> {
  const [program, ...words] = idly;
  return promisify(execFile)(program, [...words, 'true'], { env }).then(
    () => true,
    () => false,
  );
}

/** A person's own settings of restic and of S3 are not for our repositories; times are given in UTC. */
function inheritedOf(environment: ProgramOptions['environment']): Readonly<Record<string, string>> {
  const kept = Object.entries(environment).flatMap(([name, value]) =>
    value === undefined || /^(?:RESTIC_|AWS_|AUTOGIT_)/.test(name) ? [] : [[name, value] as const],
  );
  return { ...Object.fromEntries(kept), TZ: 'UTC', LC_ALL: 'C' };
}

interface Ground {
  readonly call: ResticCall;
  readonly inherited: Readonly<Record<string, string>>;
  readonly grace: number;
}

function run(program: string, args: readonly string[], ground: Ground): Promise<ResticEnd> {
  if (ground.call.signal.aborted) return Promise.resolve({ outcome: 'cancelled' });
  try {
    const child = spawn(program, args, {
      env: { ...ground.inherited, ...ground.call.environment },
      ...(ground.call.folder === null ? {} : { cwd: ground.call.folder }),
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: a person's Ctrl-C is not restic's, whom we ask ourselves.
      detached: !isWindows,
      windowsHide: true,
    });
    if (ground.call.nice > 0) stepBack(child, ground.call.nice);
    return follow(child, program, ground);
  } catch (error) {
    return Promise.resolve({ outcome: 'failed', why: messageOf(error) });
  }
}

/**
 * Where Linux divides the processors among sessions, `nice` counts within a session alone, and this program has one of its own: so the
 * session steps back as well. https://man7.org/linux/man-pages/man7/sched.7.html (The autogroup feature)
 */
function stepBack({ pid }: ChildProcess, nice: number): void {
  if (pid === undefined || process.platform !== 'linux') return;
  // Where there is no such file, nothing is divided so.
  writeFile(`/proc/${pid}/autogroup`, String(nice)).catch(() => undefined);
}

async function follow(child: ChildProcess, program: string, { call, grace }: Ground): Promise<ResticEnd> {
  let timer: NodeJS.Timeout | undefined;
  let isCancelled = false;
  const cancel = (): void => {
    if (isCancelled) return;
    isCancelled = true;
    child.kill('SIGINT');
    timer = setTimeout(() => killGroup(child), grace);
  };
  const ended = new Promise<ResticEnd>((done) => {
    child.once('error', (error) =>
      done(
        'code' in error && error.code === 'ENOENT'
          ? { outcome: 'missing', why: `there is no ${program}` }
          : { outcome: 'failed', why: messageOf(error) },
      ),
    );
    child.once('exit', (code, signal) => {
      // ssh and rclone live no longer than restic.
      killGroup(child);
      done(
        code === null
          ? { outcome: 'failed', why: `it was ended by ${signal ?? 'a signal'}` }
          : { outcome: 'ended', code },
      );
    });
  });
  call.signal.addEventListener('abort', cancel, { once: true });
  try {
    const [end] = await Promise.all([
      ended,
      ...(['stdout', 'stderr'] as const).map((from) => read(child, from, call)),
    ]);
    return call.signal.aborted ? { outcome: 'cancelled' } : end;
  } catch (error) {
    cancel();
    await ended;
    return { outcome: 'failed', why: messageOf(error) };
  } finally {
    clearTimeout(timer);
    call.signal.removeEventListener('abort', cancel);
  }
}

/** Who reads slowly slows restic down, instead of filling memory. */
async function read(child: ChildProcess, from: 'stdout' | 'stderr', call: ResticCall): Promise<void> {
  const stream = child[from];
  if (stream === null) return;
  const parts: AsyncIterable<Uint8Array> = stream;
  try {
    for await (const part of parts) await call.onOutput(part, from);
  } catch (error) {
    // A pipe that breaks is the end of what can be read; our own reader's error is not.
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'))
      throw error;
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (isWindows) child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // There is nobody left.
  }
}
