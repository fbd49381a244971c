// Builds what runs bundled, into dist/: the page, and the desktop around it. Only what its sources make stale.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runProgram } from './commands.js';
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
    results: ['dist/electron/main.js', 'dist/electron/preload.cjs', 'dist/electron/package.json'],
  },
};

/** @typedef {keyof typeof parts} PartId */

/** @type {readonly PartId[]} */
export const allParts = ['page', 'desktop'];

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
  const { label, sources, program, results } = parts[id];
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
