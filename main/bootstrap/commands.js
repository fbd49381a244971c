// Finds programs and runs them: output goes to the caller line by line, never to standard output.
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

/** Where administrators' programs lie that an ordinary user's PATH may lack. */
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/**
 * The path of a program, or null.
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 * @param {boolean} [system] look in the administrators' folders too
 * @returns {string | null}
 */
export function findProgram(name, env, system = false) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  for (const folder of system ? [...folders, ...systemFolders] : folders) {
    for (const ending of endings) {
      const path = join(folder, name + ending);
      if (isExecutable(path)) return path;
    }
  }
  return null;
}

/**
 * @param {string} path
 * @returns {boolean}
 */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * What a program did: its exit code (127 when it could not be started) and its last lines, for a message.
 * @typedef {{ code: number, tail: string[] }} Finished
 */

/**
 * Runs a program to its end.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env: NodeJS.ProcessEnv, cwd?: string, keep?: number, limitMs?: number, onStatus?: (line: string) => void }} options
 *   how many last lines to keep (8), when to end it, and who receives the lines that it writes to file descriptor 3
 * @returns {Promise<Finished>}
 */
export function runProgram(program, args, options) {
  return new Promise((resolve) => {
    /** @type {string[]} */
    const tail = [];
    const child = spawn(program, args, {
      env: options.env,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.limitMs === undefined ? {} : { timeout: options.limitMs }),
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    const keep = (/** @type {string} */ line) => {
      if (line.trim() !== '') tail.push(line.trimEnd());
      if (tail.length > (options.keep ?? 8)) tail.shift();
    };
    const [, out, err, status] = child.stdio;
    readLines(out, keep);
    readLines(err, keep);
    readLines(
      /** @type {import('node:stream').Readable | null} */ (status),
      options.onStatus ?? (() => undefined),
    );
    child.on('error', (error) => resolve({ code: 127, tail: [error.message] }));
    child.on('close', (code) => resolve({ code: code ?? 1, tail }));
  });
}

/**
 * @param {import('node:stream').Readable | null} stream
 * @param {(line: string) => void} onLine
 */
function readLines(stream, onLine) {
  if (!stream) return;
  stream.on('error', () => undefined);
  createInterface({ input: stream }).on('line', onLine);
}
