// Runs git on repositories that were fetched from a backup, without anybody's own settings.
import { execFile } from 'node:child_process';
import { messageOf } from '../../errors.ts';

export interface RanGit {
  readonly isDone: boolean;
  /** What it said of an error, or that it is not there; one line each. */
  readonly said: readonly string[];
}

const mostBytes = 4 * 1024 * 1024;

/** Rejects with the signal's reason only. */
export function runGit(args: readonly string[], signal: AbortSignal): Promise<RanGit> {
  return new Promise((resolve, reject) => {
    const env = {
      ...process.env,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      LC_ALL: 'C',
    };
    for (const name of Object.keys(env))
      if (/^GIT_(?:DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE.*)$/.test(name))
        Reflect.deleteProperty(env, name);
    execFile(
      'git',
      [...args],
      { env, signal, maxBuffer: mostBytes, windowsHide: true },
      (error, stdout, stderr) => {
        if (signal.aborted) {
          reject(toError(signal.reason));
          return;
        }
        const lines = `${stderr}\n${stdout}`.split('\n').filter((line) => line.trim() !== '');
        resolve({
          isDone: error === null,
          said: error !== null && lines.length === 0 ? [messageOf(error)] : lines,
        });
      },
    );
  });
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(messageOf(reason));
}
