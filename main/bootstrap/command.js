// The bootstrap's commands: what each needs, and what is run once that is there.
import { parseArguments, usage } from './arguments.js';
import { isAble, joinNeeds } from './items.js';
import { findProjectNode } from './node.js';
import { prepare } from './prepare.js';
import { BootstrapProblem } from './problem.js';
import { createReport } from './report.js';
import { runTiers } from './tiers.js';

/** @typedef {import('./arguments.js').Call} Call */
/** @typedef {import('./items.js').NeedsId} NeedsId */

/**
 * Runs one command of the bootstrap.
 * @param {readonly string[]} argv without node and the script
 * @param {string} root the repository
 * @param {(node: string, args: readonly string[], env: NodeJS.ProcessEnv) => Promise<number>} runCli
 * @returns {Promise<number>} exit code
 */
export async function bootstrap(argv, root, runCli) {
  const report = createReport(process.stderr, process.env);
  try {
    const call = parseArguments(argv);
    if (call.command === 'help') {
      process.stdout.write(usage);
      return 0;
    }
    const dryRun = call.command === 'bootstrap' && call.dryRun;
    const engine = await prepare(joinNeeds(needsOf(call)), {
      root,
      env: process.env,
      yes: call.yes,
      dryRun,
      report,
    });
    if (call.command === 'bootstrap') return 0;
    const node = findProjectNode(root)?.path ?? process.execPath;
    // What runs next uses the very engine that was found here.
    const env = engine === null ? process.env : { ...process.env, DOCKER_HOST: engine };
    switch (call.command) {
      case 'demo':
        return await runCli(node, ['demo', ...call.args], env);
      case 'autogit':
        return await runCli(node, call.args, env);
      case 'test':
        return await runTiers(call.tiers, {
          root,
          node,
          env,
          filters: call.filters,
          able: (tier) => isAble(tier, env),
        });
    }
  } catch (error) {
    if (!(error instanceof BootstrapProblem)) throw error;
    report.problem(error);
    return error.exit;
  }
}

/**
 * @param {Exclude<Call, { command: 'help' }>} call
 * @returns {readonly NeedsId[]}
 */
function needsOf(call) {
  switch (call.command) {
    case 'demo':
      return call.args.some((arg) => arg === '--help' || arg === '-h') ? ['autogit'] : ['demo'];
    case 'autogit':
      return ['autogit'];
    case 'bootstrap':
      return call.targets;
    case 'test':
      return call.tiers;
  }
}
