// A lock between bootstraps of one repository: a file that names its owner, taken over when the owner is dead.
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Where the lock of a repository lies: outside it, because `node_modules` goes and comes during an installation.
 * @param {string} root the repository
 * @returns {string}
 */
export function lockPath(root) {
  const id = createHash('sha256').update(root).digest('hex').slice(0, 12);
  return join(tmpdir(), `autogit-bootstrap-${userInfo().username}-${id}.lock`);
}

/**
 * Does some work while no other process that asks for the same lock does any.
 * @template T
 * @param {string} path
 * @param {(owner: number) => void} onWait told once, with the process that is waited for
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, onWait, work) {
  let told = false;
  for (;;) {
    if (take(path)) break;
    const owner = readOwner(path);
    if (owner !== null && isAlive(owner)) {
      if (!told) onWait(owner);
      told = true;
      await sleep(200);
    } else {
      discard(path, owner);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/**
 * @param {string} path
 * @returns {boolean}
 */
function take(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * @param {string} path
 * @returns {number | null} null when there is no lock, or none that can be read
 */
function readOwner(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

/**
 * Removes a dead process's lock. Moved aside first and looked at again: somebody else may have taken it meanwhile, and
 * then gets it back.
 * @param {string} path
 * @param {number | null} owner as read before
 */
function discard(path, owner) {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    if (readOwner(aside) === owner) rmSync(aside);
    else renameSync(aside, path);
  } catch {
    return; // gone already
  }
}

/**
 * @param {number} pid
 * @returns {boolean}
 */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
