// A core as a child process: `autogit serve` in a process group of its own, so that Ctrl-C reaches only the demo.
import { spawn } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { errorSchema } from '../../contract/error.ts';
import { AutoGitError } from '../../errors.ts';
import type { HomePaths } from '../../index.ts';
import type { Environment } from '../../serve/find-core.ts';

export interface CoreProcess {
  readonly pid: number;
  /** Why it ended before anybody stopped it; pending while it runs. */
  readonly ended: Promise<AutoGitError>;
  /** Asks it to end, and makes it end after `ms`. Runners are left to be adopted. */
  stop(ms: number): Promise<void>;
  /** Lets it go on when this process has ended. */
  release(): void;
}

const reportSchema = z.object({ error: errorSchema });

/** The error that a child reported with `--json`, or that it said nothing. */
function errorFrom(output: string, code: number | null, log: string): AutoGitError {
  try {
    return new AutoGitError(reportSchema.parse(JSON.parse(output)).error);
  } catch {
    const how = code === null ? ', killed by a signal' : ` with code ${code}`;
    return new AutoGitError({
      key: code === null ? 'core.killed' : 'core.ended',
      message: `The core ended${how}.`,
      next: `Its last words are in ${log}.`,
      fields: { log },
    });
  }
}

/**
 * Starts a core on a home. Unless `keep`, it ends when this process ends, however that happens: the core stops when
 * the channel to its parent closes.
 */
export async function startCoreProcess(
  paths: HomePaths,
  env: Environment,
  keep: boolean,
): Promise<CoreProcess> {
  await mkdir(paths.logs, { recursive: true, mode: 0o700 });
  const log = path.join(paths.logs, 'demo-core.log');
  const file = await open(log, 'a', 0o600);
  const program = process.argv[1] ?? '';
  const child = spawn(process.execPath, [...process.execArgv, program, 'serve', '--json'], {
    env: { ...env, AUTOGIT_HOME: paths.root },
    detached: true,
    stdio: ['ignore', 'pipe', file.fd, ...(keep ? [] : (['ipc'] as const))],
  });
  await file.close();
  // Broken off where the core is left to itself: nothing is to be learnt from it any more.
  const output = child.stdout === null ? Promise.resolve('') : text(child.stdout).catch(() => '');
  const ended = new Promise<AutoGitError>((resolve) => {
    const end = (code: number | null): void => {
      void output.then((said) => resolve(errorFrom(said, code, log)));
    };
    child.once('error', () => end(null));
    // Not `close`: it does not come after the child has closed its channel to us.
    child.once('exit', end);
  });
  return {
    pid: child.pid ?? 0,
    ended,
    stop: async (ms) => {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), ms);
      await ended;
      clearTimeout(late);
    },
    release: () => {
      child.unref();
      child.stdout?.destroy();
    },
  };
}
