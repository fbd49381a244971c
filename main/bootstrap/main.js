// The first program of every npm script: makes the machine ready for a command, then runs it with the project's Node.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isServe, staleParts } from './build.js';
import { coreFlags, nodeFlags, runForeground } from './child.js';
import { findProjectNode } from './node.js';
import { isEnough, readStamp } from './packages.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

process.exitCode = await start(process.argv.slice(2));

/**
 * @param {string[]} argv
 * @returns {Promise<number>} exit code
 */
async function start(argv) {
  if (argv[0] === 'autogit' && argv[1] === '--') {
    const node = isEnough(readStamp(root), 'production') ? findProjectNode(root) : null;
    const complete = !isServe(argv.slice(2)) || staleParts(root, ['page']).length === 0;
    if (node && complete) return runCli(node.path, argv.slice(2), process.env);
  }
  const { bootstrap } = await import('./command.js');
  return bootstrap(argv, root, runCli);
}

/**
 * @param {string} node
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} exit code
 */
function runCli(node, args, env) {
  return runForeground(
    node,
    [...nodeFlags, ...coreFlags, join(root, 'main', 'cli', 'main.ts'), ...args],
    env,
  );
}
