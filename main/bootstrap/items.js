// What the bootstrap can provide, and which command uses what. A new tool is one entry in `tools`.
import { findProgram } from './commands.js';

/** @typedef {import('./system.js').Family} Family */
/** @typedef {import('./packages.js').PackageSet} PackageSet */

/**
 * A program that comes with the system's packages.
 * @typedef {object} Tool
 * @property {string} label as the person reads it
 * @property {string} use what it is for, completes "needed …"
 * @property {readonly string[]} programs found when one of them is
 * @property {string} [variable] an environment variable that may name the program
 * @property {Partial<Record<Family, readonly string[]>>} packages by system; without an entry there is no package
 */

/** @satisfies {Record<string, Tool>} */
export const tools = {
  git: {
    label: 'git',
    use: 'to push and clone repositories',
    programs: ['git'],
    packages: {
      debian: ['git'],
      fedora: ['git'],
      arch: ['git'],
      suse: ['git'],
      alpine: ['git', 'git-daemon'],
      macos: ['git'],
      windows: ['Git.Git'],
    },
  },
  bash: {
    label: 'bash',
    use: 'to run job scripts',
    programs: ['bash'],
    packages: { debian: ['bash'], fedora: ['bash'], arch: ['bash'], suse: ['bash'], alpine: ['bash'] },
  },
  'gitlab-runner': {
    label: 'gitlab-runner',
    use: 'to hold the sandbox against the official runner',
    programs: ['gitlab-runner'],
    variable: 'AUTOGIT_GITLAB_RUNNER',
    packages: { arch: ['gitlab-runner'], macos: ['gitlab-runner'] },
  },
  'python-gitlab': {
    label: 'python-gitlab',
    use: 'to hold the sandbox against a second client',
    programs: ['python-gitlab', 'gitlab'],
    packages: { debian: ['gitlab-cli'], arch: ['python-gitlab'] },
  },
  busybox: {
    label: 'static busybox',
    use: "for the images of the official runner's docker executor",
    programs: ['busybox'],
    packages: { debian: ['busybox-static'] },
  },
};

/** @typedef {keyof typeof tools} ToolId */
/** @typedef {ToolId | 'engine'} ItemId */

/**
 * What a command uses. Without an item of `must` it stops; without one of `may` it goes on and says so.
 * @typedef {object} Needs
 * @property {PackageSet} packages
 * @property {readonly ItemId[]} must
 * @property {readonly ToolId[]} may
 */

/** @satisfies {Record<string, Needs>} */
export const needs = {
  autogit: { packages: 'production', must: [], may: [] },
  demo: { packages: 'production', must: ['git', 'engine'], may: [] },
  lint: { packages: 'all', must: [], may: [] },
  types: { packages: 'all', must: [], may: [] },
  format: { packages: 'all', must: [], may: [] },
  unit: { packages: 'all', must: ['git', 'bash'], may: [] },
  engine: { packages: 'all', must: ['git', 'bash', 'engine'], may: [] },
  peers: {
    packages: 'all',
    must: ['git', 'bash', 'engine'],
    may: ['gitlab-runner', 'python-gitlab'],
  },
  /** What `.ci/run` needs for the images of the official runner. */
  'peer-images': { packages: 'production', must: [], may: ['busybox'] },
};

/** @typedef {keyof typeof needs} NeedsId */

/**
 * The path of a tool, or null.
 * @param {ToolId} id
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | null}
 */
export function findTool(id, env) {
  /** @type {Tool} */
  const tool = tools[id];
  const named = tool.variable ? env[tool.variable] : undefined;
  if (named) return named;
  for (const program of tool.programs) {
    const path = findProgram(program, env);
    if (path) return path;
  }
  return null;
}

/**
 * Whether a command that was prepared can do what it is for: it has one of the tools that it may use, or uses none.
 * @param {NeedsId} id
 * @param {NodeJS.ProcessEnv} env
 * @returns {boolean}
 */
export function isAble(id, env) {
  /** @type {readonly ToolId[]} */
  const may = needs[id].may;
  return may.length === 0 || may.some((tool) => findTool(tool, env) !== null);
}

/**
 * What several commands use together.
 * @param {readonly NeedsId[]} ids
 * @returns {Needs}
 */
export function joinNeeds(ids) {
  /** @type {readonly Needs[]} */
  const all = ids.map((id) => needs[id]);
  const must = [...new Set(all.flatMap((need) => need.must))];
  return {
    packages: all.some((need) => need.packages === 'all') ? 'all' : 'production',
    must,
    may: [...new Set(all.flatMap((need) => need.may))].filter((id) => !must.includes(id)),
  };
}
