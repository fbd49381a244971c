// Installs Debian packages: package lists only when they are missing or old, nothing recommended, with progress.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './commands.js';
import { BootstrapProblem } from './problem.js';

const listFolder = '/var/lib/apt/lists';
const dayMs = 24 * 60 * 60 * 1000;

/** Another apt on the machine may hold the lock for a while; progress comes on descriptor 3. */
const options = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'APT::Status-Fd=3', '-q'];

/**
 * Progress out of a line of apt's status descriptor, or null (README.progress-reporting in Debian's apt-doc).
 * @param {string} line
 * @returns {string | null}
 */
export function parseAptStatus(line) {
  const match = /^(dlstatus|pmstatus):[^:]*:([\d.]+):/.exec(line);
  if (!match) return null;
  return `${match[1] === 'dlstatus' ? 'downloading' : 'unpacking'} ${Math.round(Number(match[2]))} %`;
}

/**
 * Whether the package lists are missing or older than a day.
 * @param {string} folder
 * @param {number} now milliseconds
 * @returns {boolean}
 */
export function listsAreOld(folder, now) {
  try {
    const lists = readdirSync(folder).filter((name) => name.includes('_Packages'));
    const partial = statSync(join(folder, 'partial'));
    return lists.length === 0 || now - partial.mtimeMs > dayMs;
  } catch {
    return true;
  }
}

/**
 * Installs packages as root.
 * @param {readonly string[]} packages
 * @param {NodeJS.ProcessEnv} env
 * @param {(progress: string) => void} onProgress
 * @returns {Promise<void>}
 * @throws {BootstrapProblem} bootstrap.apt-failed
 */
export async function installPackages(packages, env, onProgress) {
  const quiet = { ...env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  const onStatus = (/** @type {string} */ line) => {
    const progress = parseAptStatus(line);
    if (progress) onProgress(progress);
  };
  const update = () => {
    onProgress('reading package lists');
    return runProgram('apt-get', [...options, 'update'], { env: quiet, onStatus });
  };
  const install = () =>
    runProgram('apt-get', [...options, 'install', '-y', '--no-install-recommends', ...packages], {
      env: quiet,
      onStatus,
    });
  const fresh = listsAreOld(listFolder, Date.now());
  if (fresh) await update();
  let done = await install();
  if (done.code !== 0 && !fresh) {
    await update();
    done = await install();
  }
  if (done.code === 0) return;
  throw new BootstrapProblem(
    'bootstrap.apt-failed',
    `apt-get could not install ${packages.join(' ')}: ${lastErrors(done.tail)}`,
    `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`,
  );
}

/**
 * The lines that say why, or the very last one.
 * @param {readonly string[]} tail
 * @returns {string}
 */
function lastErrors(tail) {
  const errors = tail.filter((line) => line.startsWith('E:'));
  return (errors.length > 0 ? errors : tail.slice(-1)).join(' ') || 'it gave no reason';
}
