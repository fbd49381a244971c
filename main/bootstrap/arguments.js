// The bootstrap's own arguments: `main.js COMMAND [options] -- WHAT THE PERSON WROTE`. Pure.
import { packageKinds } from './build.js';
import { BootstrapProblem } from './problem.js';
import { needs } from './items.js';
import { checks, defaultTiers, projects } from './tiers.js';

/** @typedef {import('./items.js').NeedsId} NeedsId */
/** @typedef {import('./tiers.js').Tier} Tier */

/**
 * @typedef {(
 *   | { command: 'help' }
 *   | { command: 'demo' | 'autogit' | 'start' | 'bench' | 'chaos', yes: boolean, args: readonly string[] }
 *   | { command: 'build', yes: boolean, packages: readonly import('./build.js').PackageKind[] }
 *   | { command: 'bootstrap', yes: boolean, dryRun: boolean, targets: readonly NeedsId[] }
 *   | { command: 'test', yes: boolean, tiers: readonly Tier[], filters: readonly string[] }
 * )} Call
 */

export const usage = `Usage: npm run bootstrap -- [what ...] [--yes] [--dry-run]

Finds or installs what AutoGit needs on this machine: a current Node, the npm packages and, by what is to be
run, git, a container engine, an Electron and what tests use.

  what         ${Object.keys(needs).join(' ')} test (default: demo)
  --yes, -y    change the system without asking (also without a terminal, and with CI set)
  --dry-run    say what would be installed and stop there

Examples:
  npm run bootstrap -- --dry-run
  npm run bootstrap -- unit engine --yes
`;

/**
 * @param {readonly string[]} argv without node and the script
 * @returns {Call}
 * @throws {BootstrapProblem} bootstrap.usage
 */
export function parseArguments(argv) {
  const [command, ...rest] = argv;
  const at = rest.indexOf('--');
  const own = at === -1 ? rest : rest.slice(0, at);
  const args = at === -1 ? [] : rest.slice(at + 1);
  const end = args.indexOf('--');
  const yes = args.slice(0, end === -1 ? args.length : end).includes('--yes');
  switch (command) {
    case 'demo':
    case 'autogit':
    case 'start':
    case 'bench':
    case 'chaos':
      if (own[0] !== undefined) throw wrong(own[0]);
      return { command, yes, args };
    case 'build': {
      const words = [...own, ...args].filter((given) => given !== '--yes');
      const packages = packageKinds.filter((kind) => words.includes(`--${kind}`));
      const word = words.find((given) => !packages.some((kind) => given === `--${kind}`));
      if (word !== undefined) throw wrong(word);
      return { command, yes, packages };
    }
    case 'bootstrap':
      return parseBootstrap([...own, ...args]);
    case 'test':
      return { command, yes, tiers: parseTiers(own), filters: args.filter((arg) => arg !== '--yes') };
    case 'help':
    case '--help':
    case '-h':
      return { command: 'help' };
    default:
      throw wrong(command ?? '');
  }
}

/**
 * @param {readonly string[]} words
 * @returns {Call}
 */
function parseBootstrap(words) {
  if (words.some((word) => word === '--help' || word === '-h')) return { command: 'help' };
  const yes = words.some((word) => word === '--yes' || word === '-y');
  const dryRun = words.includes('--dry-run');
  const named = words.filter((word) => !['--yes', '-y', '--dry-run'].includes(word));
  const targets = named.flatMap((word) => {
    if (word === 'test') return [...defaultTiers];
    if (!isNeed(word)) throw wrong(word);
    return [word];
  });
  return { command: 'bootstrap', yes, dryRun, targets: targets.length > 0 ? targets : ['demo'] };
}

/**
 * @param {readonly string[]} words
 * @returns {readonly Tier[]}
 */
function parseTiers(words) {
  const tiers = words.map((word) => {
    if (!isTier(word)) throw wrong(word);
    return word;
  });
  return tiers.length > 0 ? tiers : defaultTiers;
}

/**
 * @param {string} word
 * @returns {word is NeedsId}
 */
function isNeed(word) {
  return Object.hasOwn(needs, word);
}

/**
 * @param {string} word
 * @returns {word is Tier}
 */
function isTier(word) {
  return Object.hasOwn(checks, word) || projects.some((project) => project === word);
}

/**
 * @param {string} word
 * @returns {BootstrapProblem}
 */
function wrong(word) {
  const what = word === '' ? 'No command was given.' : `The bootstrap does not know "${word}".`;
  return new BootstrapProblem('bootstrap.usage', what, 'npm run bootstrap -- --help', 2);
}
