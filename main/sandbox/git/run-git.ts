// Runs the host's git on one bare repository: the only place in the sandbox that starts git.
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';

/** The environment of every git we start: no configuration of the machine's user leaks in. */
export function gitEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: '/nonexistent',
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    ...extra,
  };
}

/** Settings for every git we start. The state folder may belong to another user when it is a volume. */
export const GIT_SETTINGS: readonly string[] = ['-c', 'safe.directory=*', '-c', 'core.quotePath=false'];

/** A git command that left with another code than 0. */
export class GitCommandError extends Error {
  readonly exitCode: number;
  constructor(args: readonly string[], exitCode: number, stderr: string) {
    super(`git ${args.join(' ')} exited with ${exitCode}: ${stderr.trim()}`);
    this.name = 'GitCommandError';
    this.exitCode = exitCode;
  }
}

/** git as it runs, with the pipes that were asked for. */
export type GitProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Starts git with pipes, `extraPipes` more of them above standard error. Raises the system's error (`EMFILE`, `ENOENT`)
 * when it does not start: then there are no pipes, and an error that nobody listens for would end the sandbox.
 */
export async function startGit(
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env: Readonly<Record<string, string>>;
    readonly extraPipes?: number;
  },
): Promise<GitProcess> {
  const extra = new Array<'pipe'>(options.extraPipes ?? 0).fill('pipe');
  const child: GitProcess = spawn('git', [...GIT_SETTINGS, ...args], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: options.env,
    stdio: ['pipe', 'pipe', 'pipe', ...extra],
  });
  await once(child, 'spawn');
  return child;
}

export interface GitRun {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface GitOptions {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs git in `directory` and waits for its end; does not raise on an exit code. */
export async function tryGit(
  directory: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<GitRun> {
  // No name that git knows has this character, and no program can be given it.
  if (args.some((arg) => arg.includes('\0')))
    return { exitCode: 128, stdout: Buffer.alloc(0), stderr: 'fatal: an argument contains a null character' };
  const child = await startGit(args, { cwd: directory, env: gitEnvironment(options.env) });
  // git may leave before it has read everything; the exit code tells.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const closed = once(child, 'close');
  const [stdout, stderr] = await Promise.all([buffer(child.stdout), text(child.stderr), closed]);
  return { exitCode: child.exitCode ?? 1, stdout, stderr };
}

/** Runs git and returns its standard output. Raises `GitCommandError`. */
export async function runGit(
  directory: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<Buffer> {
  const run = await tryGit(directory, args, options);
  if (run.exitCode !== 0) throw new GitCommandError(args, run.exitCode, run.stderr);
  return run.stdout;
}
