// Makes a machine ready for a command: looks, plans, asks where somebody watches, changes, and looks again.
import { homedir } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { installPackages } from './apt.js';
import { findProgram } from './commands.js';
import { startDockerd } from './dockerd.js';
import { findElectron, wantedElectron } from './electron.js';
import { detectEngine, listAddresses } from './engine.js';
import { findTool } from './items.js';
import { carriedNode, findProjectNode } from './node.js';
import { detectPackages, findNpm, installPackageSet } from './packages.js';
import { describeChanges, describeElectron, planBootstrap } from './plan.js';
import { BootstrapProblem } from './problem.js';
import { provideElectron } from './provide-electron.js';
import { detectSystem } from './system.js';

/** @typedef {import('./items.js').Needs} Needs */
/** @typedef {import('./plan.js').Change} Change */
/** @typedef {import('./plan.js').Facts} Facts */
/** @typedef {import('./plan.js').Step} Step */

/**
 * @typedef {object} Options
 * @property {string} root the repository
 * @property {NodeJS.ProcessEnv} env
 * @property {boolean} yes change the system without asking
 * @property {boolean} dryRun say what would be changed and stop there
 * @property {import('./report.js').Report} report
 */

/**
 * Finds or installs what a command needs.
 * @param {Needs} need
 * @param {Options} options
 * @returns {Promise<string | null>} the address of the engine, where one is needed
 * @throws {BootstrapProblem} any key of the bootstrap
 */
export async function prepare(need, options) {
  const { report } = options;
  const facts = await gatherFacts(need, options);
  const steps = planBootstrap(facts);
  const stops = steps.flatMap((step) => (step.state === 'stop' ? [step.problem] : []));
  if (options.dryRun || stops.length > 0) {
    for (const step of steps) showStep(step, report);
    for (const problem of stops.slice(0, -1)) report.problem(problem);
    const last = stops.at(-1);
    if (last) throw last;
    return null;
  }
  const declined = facts.system.ask && !(await agree(steps));
  for (const step of steps) {
    if (step.state === 'change' && declined && step.change.kind === 'system')
      report.line(step.label, 'missing', 'not wanted');
    else if (step.state === 'change') await applyStep(step, options);
    else if (step.state === 'follows')
      report.line(step.label, 'ok', findProjectNode(options.root)?.version ?? '');
    else showStep(step, report);
  }
  if (findProjectNode(options.root) === null) throw nodeMissing();
  const engine = facts.engine === null ? null : await lookForEngine(options.env);
  return engine?.state === 'reachable' ? engine.address.url : null;
}

/**
 * @param {Needs} need
 * @param {Options} options
 * @returns {Promise<Facts>}
 */
async function gatherFacts(need, { root, env, yes }) {
  /** @type {(ids: readonly import('./items.js').ItemId[], must: boolean) => Facts['tools']} */
  const look = (ids, must) =>
    ids.flatMap((id) =>
      id === 'engine' || id === 'electron' ? [] : [{ id, found: findTool(id, env), must }],
    );
  return {
    system: detectSystem(env, yes),
    node: {
      project: findProjectNode(root)?.version ?? null,
      carried: carriedNode() !== null,
      host: process.versions.node,
    },
    packages: { have: detectPackages(root), want: need.packages, npm: findNpm(env) !== null },
    engine: need.must.includes('engine') ? await lookForEngine(env) : null,
    tools: [...look(need.must, true), ...look(need.may, false)],
    electron: gatherElectron(need, root, env),
  };
}

/**
 * @param {Needs} need
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @returns {import('./plan.js').ElectronFacts | null}
 */
function gatherElectron(need, root, env) {
  const must = need.must.includes('electron');
  if (!must && !need.may.includes('electron')) return null;
  return {
    found: findElectron(root, env),
    named: env['AUTOGIT_ELECTRON'] || null,
    wanted: wantedElectron(root),
    must,
  };
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<import('./engine.js').EngineFound>}
 */
export function lookForEngine(env) {
  const user = { platform: process.platform, home: homedir(), uid: process.getuid?.() ?? 0 };
  return detectEngine(listAddresses(env, user), env, {
    dockerd: findProgram('dockerd', env, true) !== null,
    podman: findProgram('podman', env) !== null,
  });
}

/**
 * @param {Step} step
 * @param {import('./report.js').Report} report
 */
function showStep(step, report) {
  switch (step.state) {
    case 'ok':
      return report.line(step.label, 'ok', step.detail);
    case 'change':
      return report.line(step.label, 'would install', describeChange(step.change));
    case 'follows':
      return report.line(step.label, 'would install', 'with the npm packages');
    case 'without':
      return report.line(step.label, 'missing', `not necessary; to have it: ${step.problem.next}`);
    case 'stop':
      return report.line(step.label, 'missing');
  }
}

/**
 * @param {Change} change
 * @returns {string}
 */
function describeChange(change) {
  if (change.kind === 'npm') return change.set === 'all' ? 'npm ci' : 'npm ci --omit=dev';
  if (change.kind === 'electron') return 'the official download, or the npm registry';
  return describeChanges([change]);
}

/**
 * @param {Extract<Step, { state: 'change' }>} step
 * @param {Options} options
 * @returns {Promise<void>}
 */
async function applyStep({ label, change, must, proof }, options) {
  const line = options.report.begin(label);
  try {
    const now = await applyChange(change, options, line.say);
    if (proof !== null && findTool(proof, options.env) === null) throw notThere(label);
    line.end('installed', now);
  } catch (error) {
    const tolerable = error instanceof BootstrapProblem && !must;
    line.end('missing', tolerable ? error.message : '');
    if (!tolerable) throw error;
  }
}

/**
 * @param {Change} change
 * @param {Options} options
 * @param {(progress: string) => void} onProgress
 * @returns {Promise<string>} what there is now, where that is worth saying
 */
async function applyChange(change, { root, env }, onProgress) {
  if (change.kind === 'npm') {
    await installPackageSet(root, change.set, env, onProgress);
    return '';
  }
  if (change.kind === 'electron') {
    const electron = await provideElectron({
      root,
      env,
      machine: `${process.platform}-${process.arch}`,
      onProgress,
    });
    return describeElectron(electron, wantedElectron(root));
  }
  if (change.packages.length > 0) await installPackages(change.packages, env, onProgress);
  if (change.start === null) return '';
  await startDockerd(change.start, env, onProgress);
  const engine = await lookForEngine(env);
  return engine.state === 'reachable' ? `${engine.name} at ${engine.address.url}` : '';
}

/**
 * Asks before the system is changed.
 * @param {readonly Step[]} steps
 * @returns {Promise<boolean>} false: the person wants to do without what is not necessary
 * @throws {BootstrapProblem} bootstrap.declined when something necessary is not wanted
 */
async function agree(steps) {
  const changing = steps.flatMap((step) => (step.state === 'change' ? [step] : []));
  const changes = describeChanges(changing.map(({ change }) => change));
  if (changes === '') return true;
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`AutoGit would like to ${changes}. Go on? [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return true;
  } finally {
    prompt.close();
  }
  const necessary = describeChanges(changing.filter(({ must }) => must).map(({ change }) => change));
  if (necessary === '') return false;
  throw new BootstrapProblem(
    'bootstrap.declined',
    `Nothing was changed. This command cannot go on without: ${necessary}.`,
    'run it again and answer y, or do these steps yourself first',
  );
}

/**
 * @param {string} label
 * @returns {BootstrapProblem}
 */
function notThere(label) {
  return new BootstrapProblem(
    'bootstrap.tool-missing',
    `${label} was installed, but its program is not on PATH.`,
    'look at PATH, put the folder of the program there and run this again',
  );
}

/** @returns {BootstrapProblem} */
function nodeMissing() {
  return new BootstrapProblem(
    'bootstrap.node-missing',
    'npm installed the packages without the one that carries Node, which is an optional dependency.',
    'remove `omit=optional` from the npm configuration (npm config list), delete node_modules and run this again',
  );
}
