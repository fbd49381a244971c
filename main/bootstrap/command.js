// The bootstrap's commands: what each needs, and what is run once that is there.
import { join } from 'node:path';
import { parseArguments, usage } from './arguments.js';
import { allParts, buildPackages, buildParts, isServe, staleParts } from './build.js';
import { nodeFlags, runForeground } from './child.js';
import { refuseDemoWords } from './demo-words.js';
import { requireScreen, startDesktop } from './desktop.js';
import { findElectron } from './electron.js';
import { isAble, joinNeeds } from './items.js';
import { findProjectNode } from './node.js';
import { prepare } from './prepare.js';
import { BootstrapProblem } from './problem.js';
import { createReport } from './report.js';
import { runTiers } from './tiers.js';

/** @typedef {import('./arguments.js').Call} Call */
/** @typedef {import('./items.js').NeedsId} NeedsId */

/** @typedef {(node: string, args: readonly string[], env: NodeJS.ProcessEnv) => Promise<number>} RunCli */

/**
 * @typedef {object} Setting
 * @property {string} root the repository
 * @property {NodeJS.ProcessEnv} env
 * @property {import('./report.js').Report} report
 */

/**
 * Runs one command of the bootstrap.
 * @param {readonly string[]} argv without node and the script
 * @param {string} root the repository
 * @param {RunCli} runCli
 * @returns {Promise<number>} exit code
 */
export async function bootstrap(argv, root, runCli) {
  const { env } = process;
  const report = createReport(process.stderr, env);
  try {
    const call = parseArguments(argv);
    if (call.command === 'help') {
      process.stdout.write(usage);
      return 0;
    }
    const refusal = call.command === 'demo' ? refuseDemoWords(call.args) : null;
    if (refusal && call.command === 'demo') return refuse(refusal, call.args.includes('--json'));
    if (call.command === 'start') requireScreen(process.platform, env);
    const setting = { root, env, report };
    if (call.command === 'autogit' && isServe(call.args) && (await tryToBuildPage(call.yes, setting))) {
      return await perform(call, setting, null, runCli);
    }
    const engine = await prepare(joinNeeds(needsOf(call)), {
      ...setting,
      yes: call.yes,
      dryRun: call.command === 'bootstrap' && call.dryRun,
    });
    return await perform(call, setting, engine, runCli);
  } catch (error) {
    if (!(error instanceof BootstrapProblem)) throw error;
    report.problem(error);
    return error.exit;
  }
}

/**
 * @param {Exclude<Call, { command: 'help' }>} call whose needs are met
 * @param {Setting} setting
 * @param {string | null} engine its address, where one is needed
 * @param {RunCli} runCli
 * @returns {Promise<number>} exit code
 * @throws {BootstrapProblem} bootstrap.build-failed, electron-missing, sandbox-blocked
 */
async function perform(call, setting, engine, runCli) {
  const { root, report } = setting;
  const node = projectNode(root);
  // What runs next uses the very engine that was found here.
  const env = engine === null ? setting.env : { ...setting.env, DOCKER_HOST: engine };
  switch (call.command) {
    case 'bootstrap':
      return 0;
    case 'demo':
      return runCli(node, ['demo', ...call.args], env);
    case 'autogit':
      return runCli(node, call.args, env);
    case 'bench':
    case 'chaos': {
      const script = join(root, 'tests', call.command, 'main.ts');
      return runForeground(node, [...nodeFlags, script, ...call.args], env);
    }
    case 'build':
      await buildParts(root, allParts, { node, env, report });
      await buildPackages(root, call.packages, { node, env, report });
      report.note('dist/ is up to date.');
      return 0;
    case 'start':
      await buildParts(root, allParts, { node, env, report });
      return startDesktop(call.args, { ...setting, env });
    case 'test':
      return runTiers(call.tiers, {
        root,
        node,
        env: { ...env, ...electronVariable(root, env) },
        filters: call.filters,
        able: (tier) => isAble(tier, env),
        ready: (tier) => (tier === 'e2e' ? tryToBuildAll(node, setting) : Promise.resolve(true)),
      });
  }
}

/**
 * @param {string} node
 * @param {Setting} setting
 * @returns {Promise<boolean>}
 */
async function tryToBuildAll(node, { root, env, report }) {
  try {
    await buildParts(root, allParts, { node, env, report });
    return true;
  } catch (error) {
    if (!(error instanceof BootstrapProblem)) throw error;
    report.problem(error);
    return false;
  }
}

/**
 * @param {string} root
 * @returns {string}
 */
function projectNode(root) {
  return findProjectNode(root)?.path ?? process.execPath;
}

/**
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ AUTOGIT_ELECTRON?: string }} what tells the tests and the desktop which Electron it is
 */
function electronVariable(root, env) {
  const electron = findElectron(root, env);
  return electron ? { AUTOGIT_ELECTRON: electron.path } : {};
}

/**
 * Says what is wrong with the words as the command line does.
 * @param {import('./demo-words.js').Refusal} refusal
 * @param {boolean} json
 * @returns {number} exit code
 */
function refuse(refusal, json) {
  if (json) process.stdout.write(`${JSON.stringify({ error: refusal }, null, 2)}\n`);
  else process.stderr.write(`× ${refusal.message}\n  ${refusal.next}\n  ${refusal.key}\n`);
  return 2;
}

/**
 * Builds the page for `autogit serve`, which starts without it too.
 * @param {boolean} yes
 * @param {Setting} setting
 * @returns {Promise<boolean>} whether it is there, and everything for `autogit` with it
 */
async function tryToBuildPage(yes, setting) {
  const { root, env, report } = setting;
  if (staleParts(root, ['page']).length === 0) return false;
  try {
    await prepare(joinNeeds(['build']), { ...setting, yes, dryRun: false });
    await buildParts(root, ['page'], { node: projectNode(root), env, report });
    return true;
  } catch (error) {
    if (!(error instanceof BootstrapProblem)) throw error;
    report.problem(error);
    report.note('\nGoing on without a freshly built page.');
    return false;
  }
}

/**
 * @param {Exclude<Call, { command: 'help' }>} call
 * @returns {readonly NeedsId[]}
 */
function needsOf(call) {
  switch (call.command) {
    case 'demo':
    case 'bench':
    case 'chaos':
      // The desktop is measured with what its tests use: an Electron and a screen, and no engine.
      if (call.command === 'bench' && call.args.includes('desktop')) return ['e2e'];
      if (call.args.some((arg) => arg === '--help' || arg === '-h')) return ['autogit'];
      return call.command === 'chaos' && call.args.includes('backup') ? ['chaos-backup'] : [call.command];
    case 'autogit':
      return ['autogit'];
    case 'start':
      return ['start'];
    case 'build':
      return call.packages.length === 0 ? ['build'] : ['build', 'start'];
    case 'bootstrap':
      return call.targets;
    case 'test':
      return call.tiers;
  }
}
