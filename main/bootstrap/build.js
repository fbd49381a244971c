// Builds what runs bundled, into dist/: the page, the desktop around it, and packages. Only what its sources make stale.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runProgram } from './commands.js';
import { findElectron } from './electron.js';
import { lockPath, withLock } from './lock.js';
import { BootstrapProblem } from './problem.js';

/**
 * Something that is built: by a program and its arguments, out of files and folders, into a folder of its own.
 * @typedef {object} Part
 * @property {string} label
 * @property {readonly string[]} sources
 * @property {readonly string[]} program
 * @property {readonly string[]} results files that have to be there afterwards
 */

/** @satisfies {Record<string, Part>} */
export const parts = {
  page: {
    label: 'the page',
    sources: ['renderer', 'main/contract', 'main/model', 'vite.config.ts', 'package-lock.json'],
    program: ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'],
    results: ['dist/renderer/index.html'],
  },
  desktop: {
    label: 'the desktop',
    sources: ['electron', 'main', 'resources', 'compose-templates', 'package.json', 'package-lock.json'],
    program: ['electron/build.ts'],
    results: [
      'dist/electron/main.js',
      'dist/electron/preload.cjs',
      'dist/electron/package.json',
      'dist/cli/autogit.mjs',
      'dist/licenses.json',
      'dist/sbom.cdx.json',
    ],
  },
  // Out of the other two, as a folder that can be started: what a package holds.
  package: {
    label: 'the package',
    sources: [
      ...['electron', 'main', 'renderer', 'resources', 'compose-templates', 'docs', 'LICENSE'],
      ...['electron-builder.yml', 'vite.config.ts', 'package.json', 'package-lock.json'],
    ],
    program: ['electron/pack.ts', 'dir'],
    results: process.platform === 'linux' ? ['dist/packages/linux-unpacked/autogit-desktop'] : [],
  },
};

/** @typedef {keyof typeof parts} PartId */

/**
 * What is started from the repository.
 * @type {readonly PartId[]}
 */
export const allParts = ['page', 'desktop'];

/** Packages that can be asked for besides: a folder that can be started, and packages for Debian. */
export const packageKinds = /** @type {const} */ (['dir', 'deb', 'headless']);

/** @typedef {typeof packageKinds[number]} PackageKind */

/**
 * Whether these words of `autogit` start what serves the page.
 * @param {readonly string[]} words
 * @returns {boolean}
 */
export function isServe(words) {
  return words.includes('serve') && !words.some((word) => word === '--help' || word === '-h');
}

/**
 * @param {string} root the repository
 * @param {PartId} id
 * @returns {string}
 */
function stampPath(root, id) {
  return join(root, 'dist', `.autogit-${id}.json`);
}

/**
 * A hash over the names and the contents of all files that a part is made of.
 * @param {string} root the repository
 * @param {readonly string[]} sources files and folders; one that is not there counts as empty
 * @returns {string}
 */
export function hashSources(root, sources) {
  const hash = createHash('sha256');
  for (const file of sources.flatMap((source) => listFiles(root, source)).sort()) {
    const content = readFileSync(join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/**
 * @param {string} root
 * @param {string} path relative to it
 * @returns {string[]}
 */
function listFiles(root, path) {
  try {
    return readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) => {
      const inner = `${path}/${entry.name}`;
      if (entry.isDirectory()) return listFiles(root, inner);
      return entry.isFile() ? [inner] : [];
    });
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ENOTDIR') return [path];
    if (code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Which of the parts have to be built again.
 * @param {string} root the repository
 * @param {readonly PartId[]} ids
 * @returns {readonly PartId[]}
 */
export function staleParts(root, ids) {
  return ids.filter((id) => {
    if (!parts[id].results.every((path) => existsSync(join(root, path)))) return true;
    try {
      const { sources } = JSON.parse(readFileSync(stampPath(root, id), 'utf8'));
      return sources !== hashSources(root, parts[id].sources);
    } catch {
      return true;
    }
  });
}

/**
 * Builds the parts that are stale, once at a time for this repository.
 * @param {string} root the repository, with all packages installed
 * @param {readonly PartId[]} ids
 * @param {{ node: string, env: NodeJS.ProcessEnv, report: import('./report.js').Report }} options
 * @returns {Promise<void>}
 * @throws {BootstrapProblem} bootstrap.build-failed
 */
export async function buildParts(root, ids, { node, env, report }) {
  if (staleParts(root, ids).length === 0) return;
  const onWait = (/** @type {number} */ owner) => report.note(`Waiting for process ${owner}, which builds.`);
  await withLock(lockPath(join(root, 'dist')), onWait, async () => {
    for (const id of staleParts(root, ids)) {
      const line = report.begin(parts[id].label, 'building');
      try {
        await buildPart(root, id, node, env);
        line.end('built');
      } catch (error) {
        line.end('failed');
        throw error;
      }
    }
  });
}

/**
 * @param {string} root
 * @param {PartId} id
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<void>}
 */
async function buildPart(root, id, node, env) {
  const { label, sources, results } = parts[id];
  const program = id === 'package' ? [...parts[id].program, ...electronWords(root, env)] : parts[id].program;
  // What changes meanwhile is built the next time.
  const hash = hashSources(root, sources);
  const done = await runProgram(node, program, { env, cwd: root, keep: 40 });
  const absent = results.find((path) => !existsSync(join(root, path)));
  if (done.code !== 0 || absent !== undefined) {
    const reason = done.code === 0 ? `${absent ?? ''} was not made` : done.tail.join('\n');
    throw new BootstrapProblem(
      'bootstrap.build-failed',
      `Building ${label} failed: ${reason}`,
      `mend what it says, then npm run build (the program is: node ${program.join(' ')})`,
    );
  }
  mkdirSync(dirname(stampPath(root, id)), { recursive: true });
  writeFileSync(stampPath(root, id), `${JSON.stringify({ sources: hash })}\n`);
}

/**
 * Which Electron a package is made with. It is not part of what makes one stale: the one on a machine seldom changes.
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @returns {readonly string[]}
 * @throws {BootstrapProblem} bootstrap.electron-missing
 */
function electronWords(root, env) {
  const electron = findElectron(root, env);
  if (electron)
    return [`--electron=${electron.path}`, `--kind=${electron.kind}`, `--version=${electron.version ?? ''}`];
  throw new BootstrapProblem(
    'bootstrap.electron-missing',
    'There is no Electron here to make a package with.',
    'npm start brings one, or set AUTOGIT_ELECTRON to the path of an Electron',
  );
}

/**
 * Makes packages out of parts that are built.
 * @param {string} root the repository
 * @param {readonly PackageKind[]} kinds
 * @param {{ node: string, env: NodeJS.ProcessEnv, report: import('./report.js').Report }} options
 * @returns {Promise<void>}
 * @throws {BootstrapProblem} bootstrap.build-failed, electron-missing
 */
export async function buildPackages(root, kinds, { node, env, report }) {
  if (kinds.length === 0) return;
  await buildParts(root, ['package'], { node, env, report });
  const debs = kinds.filter((kind) => kind !== 'dir');
  if (debs.length === 0) return;
  const line = report.begin('packages for Debian', 'squeezing, which takes minutes');
  const program = ['electron/pack.ts', ...debs, ...electronWords(root, env)];
  const done = await runProgram(node, program, { env, cwd: root, keep: 40 });
  line.end(done.code === 0 ? 'built' : 'failed');
  if (done.code === 0) return;
  throw new BootstrapProblem(
    'bootstrap.build-failed',
    `Building packages for Debian failed: ${done.tail.join('\n')}`,
    `mend what it says, then run this again (the program is: node ${program.join(' ')})`,
  );
}
