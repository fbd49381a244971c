// The npm packages: which set is installed for the lock file as it is now, and `npm ci` when that is not enough.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, runProgram } from './commands.js';
import { lockPath, withLock } from './lock.js';
import { BootstrapProblem } from './problem.js';

/**
 * Which packages: those that run the product, or the ones for tests and development too.
 * @typedef {'production' | 'all'} PackageSet
 */

/** @typedef {Record<string, { version?: string, integrity?: string, dev?: boolean, optional?: boolean, devOptional?: boolean, link?: boolean }>} LockedPackages */

/**
 * @param {string} root the repository
 * @returns {string}
 */
function stampPath(root) {
  return join(root, 'node_modules', '.autogit-packages.json');
}

/**
 * @param {string} root the repository
 * @returns {string}
 */
function hashLock(root) {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/**
 * Which set is installed for the present lock file, as the stamp says: two small files are read.
 * @param {string} root the repository
 * @returns {PackageSet | null}
 */
export function readStamp(root) {
  try {
    const { lock, set } = JSON.parse(readFileSync(stampPath(root), 'utf8'));
    return lock === hashLock(root) && (set === 'all' || set === 'production') ? set : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} root the repository
 * @param {PackageSet} set
 */
function writeStamp(root, set) {
  writeFileSync(stampPath(root), `${JSON.stringify({ lock: hashLock(root), set })}\n`);
}

/**
 * Which set npm's own record of `node_modules` covers: each package that is not optional, in the locked version.
 * @param {LockedPackages} locked
 * @param {LockedPackages} installed
 * @returns {PackageSet | null}
 */
export function coveredSet(locked, installed) {
  /** @param {(dev: boolean) => boolean} wanted */
  const covers = (wanted) =>
    Object.entries(locked).every(([path, entry]) => {
      if (path === '' || entry.optional || entry.devOptional || !wanted(entry.dev === true)) return true;
      const there = installed[path];
      return there !== undefined && there.version === entry.version && there.integrity === entry.integrity;
    });
  if (!covers((dev) => !dev)) return null;
  return covers((dev) => dev) ? 'all' : 'production';
}

/**
 * Which set is installed: by the stamp, or, where a person ran npm themselves, by npm's record (which is then stamped).
 * @param {string} root the repository
 * @returns {PackageSet | null}
 */
export function detectPackages(root) {
  const stamped = readStamp(root);
  if (stamped) return stamped;
  try {
    const set = coveredSet(
      readPackages(join(root, 'package-lock.json')),
      readPackages(join(root, 'node_modules', '.package-lock.json')),
    );
    if (set) writeStamp(root, set);
    return set;
  } catch {
    return null;
  }
}

/**
 * @param {string} path of a lock file
 * @returns {LockedPackages}
 */
function readPackages(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
}

/**
 * Whether what is installed is enough for what is wanted.
 * @param {PackageSet | null} installed
 * @param {PackageSet} wanted
 * @returns {boolean}
 */
export function isEnough(installed, wanted) {
  return installed === 'all' || installed === wanted;
}

/**
 * How to start npm: the one that runs this script, or the one on PATH.
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ program: string, args: string[] } | null}
 */
export function findNpm(env) {
  const script = env['npm_execpath'];
  if (script && /\.c?js$/.test(script)) return { program: process.execPath, args: [script] };
  const program = findProgram('npm', env);
  return program ? { program, args: [] } : null;
}

/**
 * Installs a set of packages, once at a time for this repository; a set that another bootstrap has installed meanwhile
 * is taken as it is.
 * @param {string} root the repository
 * @param {PackageSet} set
 * @param {NodeJS.ProcessEnv} env
 * @param {(progress: string) => void} onProgress
 * @returns {Promise<void>}
 * @throws {BootstrapProblem} bootstrap.npm-missing, npm-unreachable, npm-failed, disk-full
 */
export async function installPackageSet(root, set, env, onProgress) {
  const onWait = (/** @type {number} */ owner) =>
    onProgress(`waiting for process ${owner}, which installs them`);
  await withLock(lockPath(root), onWait, async () => {
    if (isEnough(readStamp(root), set)) return;
    onProgress('npm ci');
    const done = await runNpmCi(root, set === 'production' ? ['--omit=dev'] : ['--include=dev'], env);
    if (done.code !== 0) throw explainNpm(done.tail);
    writeStamp(root, set);
  });
}

/**
 * `npm ci` in a folder with a lock file, as the bootstrap wants it: no scripts, no chat, no patience without end.
 * @param {string} folder
 * @param {readonly string[]} options more of npm's
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<import('./commands.js').Finished>}
 * @throws {BootstrapProblem} bootstrap.npm-missing
 */
export async function runNpmCi(folder, options, env) {
  const npm = findNpm(env);
  if (!npm) throw npmMissing();
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=2'];
  const quick = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
  return runProgram(npm.program, [...npm.args, ...args, ...quick, ...options], {
    env,
    cwd: folder,
    keep: 100,
  });
}

/** @returns {BootstrapProblem} */
export function npmMissing() {
  return new BootstrapProblem(
    'bootstrap.npm-missing',
    'npm is not installed, and the packages of AutoGit come through it.',
    'install npm (it comes with Node: https://nodejs.org/en/download) and run this again',
  );
}

/**
 * What npm's last lines mean.
 * @param {readonly string[]} tail
 * @returns {BootstrapProblem}
 */
export function explainNpm(tail) {
  const text = tail.join('\n');
  const errors = tail.flatMap((line) => /^npm (?:error|ERR!)\s+(\S.*)/.exec(line)?.[1] ?? []);
  const reason =
    errors.length > 0 ? errors.slice(0, 2).join(': ').slice(0, 300) : (tail.at(-1) ?? 'no reason given');
  if (/ENOSPC|no space left/i.test(text)) {
    return new BootstrapProblem(
      'bootstrap.disk-full',
      'The disk is full: the npm packages need about 500 MB.',
      'free some space (df -h .) and run this again',
    );
  }
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET|proxy/i.test(
      text,
    )
  ) {
    return new BootstrapProblem(
      'bootstrap.npm-unreachable',
      `The npm registry does not answer (${reason}).`,
      'check the network, or a proxy or registry in `npm config list`, and run this again',
    );
  }
  return new BootstrapProblem(
    'bootstrap.npm-failed',
    `npm could not install the packages: ${reason}`,
    'run `npm ci --ignore-scripts` here to see all of its output',
  );
}
