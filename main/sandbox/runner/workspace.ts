// One job's place on this machine: its folders, its user, its log, and how its processes are started there.
import type { Writable } from 'node:stream';
import { PassThrough } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { runChild } from './child.ts';
import type { JobUser, Shell } from './job-user.ts';
import { JobFailure } from './outcome.ts';
import type { PackRequest } from './pack-command.ts';
import { colour } from './script.ts';

/** Where a job's processes run and where their output goes. */
export interface Workspace {
  readonly projectDir: string;
  /** The job's private folder. */
  readonly tempDir: string;
  /** A folder that exists before the job made its own. */
  readonly baseDir: string;
  readonly user: JobUser | null;
  readonly shell: Shell;
  /** The job's variables and nothing else of the runner's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** How the runner starts itself. */
  readonly selfCommand: readonly [string, ...string[]];
  readonly openStream: () => LogStream;
}

/** A stream of the job's log; secrets are masked in each stream by itself. */
export interface LogStream {
  write(text: string): void;
  end(): void;
}

const kept = ['PATH', 'LANG', 'LC_ALL', 'TZ'];

/** What a job's process inherits from the runner: where programs are and which language they speak. */
export function baseEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  user: JobUser | null,
  shell: Shell,
  home: string,
): Readonly<Record<string, string>> {
  const inherited = kept.flatMap((key) => {
    const value = own[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  const name = user?.name ?? own['USER'] ?? 'user';
  return { ...Object.fromEntries(inherited), HOME: home, USER: name, LOGNAME: name, SHELL: shell.path };
}

/** Says a line in the job's log. */
export function sayLine(workspace: Workspace, text: string): void {
  const stream = workspace.openStream();
  stream.write(`${text}\n`);
  stream.end();
}

export function sayNotice(workspace: Workspace, text: string): void {
  sayLine(workspace, colour('green', text));
}

export function sayWarning(workspace: Workspace, text: string): void {
  sayLine(workspace, colour('yellow', `WARNING: ${text}`));
}

interface LoggedOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly file?: number;
  /** Takes standard output instead of the log. */
  readonly output?: Writable;
  /** Nothing of it is shown. */
  readonly isSilent?: boolean;
}

/** Runs a program of the job with its output in the log; resolves with the exit code. */
export async function runLogged(
  workspace: Workspace,
  command: readonly [string, ...string[]],
  signal: AbortSignal,
  options: LoggedOptions = {},
): Promise<number> {
  const output = logChunks(workspace, options.isSilent ?? false);
  const errors = logChunks(workspace, options.isSilent ?? false);
  const [program, ...args] = command;
  try {
    return await runChild({
      command: program,
      args,
      cwd: options.cwd ?? workspace.projectDir,
      env: options.env ?? workspace.env,
      user: workspace.user,
      output: options.output ?? output.write,
      errorOutput: errors.write,
      signal,
      ...(options.input === undefined ? {} : { input: options.input }),
      ...(options.file === undefined ? {} : { file: options.file }),
    });
  } finally {
    output.end();
    errors.end();
  }
}

function logChunks(workspace: Workspace, isSilent: boolean) {
  if (isSilent) return { write: () => undefined, end: () => undefined };
  const stream = workspace.openStream();
  const decoder = new StringDecoder('utf8');
  return {
    write: (chunk: Buffer) => stream.write(decoder.write(chunk)),
    end: () => {
      stream.write(decoder.end());
      stream.end();
    },
  };
}

/** Runs a shell script of the job; the script goes through standard input, where nobody can look at it. */
export async function runScript(
  workspace: Workspace,
  script: string,
  signal: AbortSignal,
  options: Pick<LoggedOptions, 'cwd' | 'env'> = {},
): Promise<number> {
  return runLogged(workspace, [workspace.shell.path], signal, { ...options, input: script });
}

/** The archive of files of the project as it is made. */
export interface PackedFiles {
  /** Fails at its end with a `JobFailure` when packing failed. */
  readonly content: AsyncIterable<Uint8Array>;
  /** Ends the packing when the content is not wanted any more. */
  readonly stop: () => void;
}

/** Packs files of the project as the job's user. `null` when there are none. */
export async function packFiles(
  workspace: Workspace,
  request: PackRequest,
  signal: AbortSignal,
): Promise<PackedFiles | null> {
  const stopper = new AbortController();
  const output = new PassThrough();
  const done = runLogged(
    workspace,
    [...workspace.selfCommand, 'pack'],
    AbortSignal.any([signal, stopper.signal]),
    { env: packEnvironment(workspace), input: JSON.stringify(request), output },
  );
  done.catch((error: unknown) => output.destroy(toError(error)));
  const pieces: AsyncIterator<Uint8Array> = output[Symbol.asyncIterator]();
  const first = await pieces.next();
  if (first.done === true) {
    requireSuccess(await done);
    return null;
  }
  async function* content(): AsyncGenerator<Uint8Array> {
    for (let piece = first; piece.done !== true; piece = await pieces.next()) yield piece.value;
    requireSuccess(await done);
  }
  return { content: content(), stop: () => stopper.abort() };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function requireSuccess(code: number): void {
  if (code !== 0) throw new JobFailure('script_failure', 'packing the files failed', code);
}

/** Unpacks an open zip file into the project as the job's user; resolves with the exit code. */
export async function unpackFile(
  workspace: Workspace,
  descriptor: number,
  signal: AbortSignal,
): Promise<number> {
  return runLogged(workspace, [...workspace.selfCommand, 'unpack'], signal, {
    env: packEnvironment(workspace),
    file: descriptor,
  });
}

/** Variables of the job must not change how the runner's own program behaves. */
function packEnvironment(workspace: Workspace): Readonly<Record<string, string>> {
  const { PATH: path = '', HOME: home = '' } = workspace.env;
  return { PATH: path, HOME: home, NODE_NO_WARNINGS: '1' };
}
