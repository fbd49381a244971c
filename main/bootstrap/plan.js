// Decides, from what was found, what is there, what is installed and where the bootstrap has to stop. Pure.
import { carriesEngine, engineAdvice, installLine } from './advice.js';
import { registryCopy } from './electron.js';
import { tools } from './items.js';
import { isEnough, npmMissing } from './packages.js';
import { BootstrapProblem } from './problem.js';

/** @typedef {import('./electron.js').Electron} Electron */
/** @typedef {import('./engine.js').EngineFound} EngineFound */
/** @typedef {import('./items.js').ToolId} ToolId */
/** @typedef {import('./packages.js').PackageSet} PackageSet */
/** @typedef {import('./system.js').System} System */

/**
 * Everything the decisions depend on.
 * @typedef {object} Facts
 * @property {System} system
 * @property {{ project: string | null, carried: boolean, host: string }} node the version that runs the project now,
 *   whether an npm package carries one for this machine, and the version that runs the bootstrap
 * @property {{ have: PackageSet | null, want: PackageSet, npm: boolean }} packages
 * @property {EngineFound | null} engine null when none is needed
 * @property {readonly { id: ToolId, found: string | null, must: boolean }[]} tools
 * @property {ElectronFacts | null} electron null when none is needed
 */

/**
 * @typedef {object} ElectronFacts
 * @property {Electron | null} found
 * @property {string | null} named what AUTOGIT_ELECTRON says
 * @property {string | null} wanted the version of the npm package, where that is installed
 * @property {boolean} must for the person; otherwise for tests
 */

/**
 * A change: the npm packages, an Electron, or packages of the system and perhaps a start of the engine.
 * @typedef {(
 *   | { kind: 'npm', set: PackageSet }
 *   | { kind: 'electron' }
 *   | { kind: 'system', packages: readonly string[], start: 'systemd' | 'direct' | null }
 * )} Change
 */

/**
 * One line of the bootstrap. `change`: it can be installed or started, and has to be when it is a must;
 * `proof` is the tool that has to be found then. `follows`: it
 * comes with the change before it. `without`: the command goes on without it. `stop`: the command cannot.
 * @typedef {(
 *   | { label: string, state: 'ok', detail: string }
 *   | { label: string, state: 'change', change: Change, must: boolean, proof: ToolId | null }
 *   | { label: string, state: 'follows' }
 *   | { label: string, state: 'without', problem: BootstrapProblem }
 *   | { label: string, state: 'stop', problem: BootstrapProblem }
 * )} Step
 */

/**
 * @param {Facts} facts
 * @returns {Step[]}
 */
export function planBootstrap(facts) {
  const toolSteps = facts.tools.map((tool) => planTool(tool, facts.system));
  return [
    planPackages(facts),
    planNode(facts),
    ...toolSteps,
    ...(facts.electron ? [planElectron(facts.electron, toolSteps)] : []),
    ...(facts.engine ? [planEngine(facts.engine, facts.system)] : []),
  ];
}

/**
 * @param {Facts} facts
 * @returns {Step}
 */
function planPackages({ packages, node }) {
  const label = 'npm packages';
  const complete = node.project !== null || !node.carried;
  if (isEnough(packages.have, packages.want) && complete) return { label, state: 'ok', detail: '' };
  if (!packages.npm) return { label, state: 'stop', problem: npmMissing() };
  return { label, state: 'change', must: true, proof: null, change: { kind: 'npm', set: packages.want } };
}

/**
 * @param {Facts} facts
 * @returns {Step}
 */
function planNode({ node, system }) {
  const label = 'node';
  if (node.project !== null) return { label, state: 'ok', detail: node.project };
  if (node.carried) return { label, state: 'follows' };
  const problem = new BootstrapProblem(
    'bootstrap.node-too-old',
    `Node ${node.host} cannot run AutoGit, which needs 22.18 or newer, and npm has no newer one for this system.`,
    system.family === 'macos' ? 'brew install node' : 'install Node 24 (https://nodejs.org/en/download)',
  );
  return { label, state: 'stop', problem };
}

/**
 * @param {Facts['tools'][number]} tool
 * @param {System} system
 * @returns {Step}
 */
function planTool({ id, found, must }, system) {
  /** @type {import('./items.js').Tool} */
  const tool = tools[id];
  const { label } = tool;
  if (found !== null) return { label, state: 'ok', detail: found };
  const packages = tool.packages[system.family];
  if (packages && system.family === 'debian' && system.root) {
    return { label, state: 'change', must, proof: id, change: { kind: 'system', packages, start: null } };
  }
  const named = tool.variable ? `set ${tool.variable} to its path` : `install ${label} and put it on PATH`;
  const problem = new BootstrapProblem(
    'bootstrap.tool-missing',
    `${label} is missing; it is needed ${tool.use}.`,
    packages ? installLine(system, packages) : named,
  );
  return { label, state: must ? 'stop' : 'without', problem };
}

/**
 * @param {ElectronFacts} electron
 * @param {readonly Step[]} toolSteps
 * @returns {Step}
 */
function planElectron(electron, toolSteps) {
  const label = 'Electron';
  if (electron.found) {
    return { label, state: 'ok', detail: describeElectron(electron.found, electron.wanted) };
  }
  if (electron.named !== null) {
    const problem = new BootstrapProblem(
      'bootstrap.electron-missing',
      `AUTOGIT_ELECTRON names ${electron.named}, which is no program.`,
      'set it to the path of an Electron, or unset it to have one found',
    );
    return { label, state: electron.must ? 'stop' : 'without', problem };
  }
  const idle = toolSteps.find((step) => step.state === 'without' && needsElectron.includes(step.label));
  if (!electron.must && idle) {
    const problem = new BootstrapProblem(
      'bootstrap.electron-missing',
      `Electron is not fetched: ${idle.label} is missing.`,
      `${idle.label} first`,
    );
    return { label, state: 'without', problem };
  }
  return { label, state: 'change', must: electron.must, proof: null, change: { kind: 'electron' } };
}

/** What a test of the window has no use without. @type {readonly string[]} */
const needsElectron = [tools.screen.label, tools['desktop-libraries'].label];

/**
 * Which Electron this is, and that it is not the product's own where that is so.
 * @param {Electron} electron
 * @param {string | null} wanted
 * @returns {string}
 */
export function describeElectron({ kind, path, version }, wanted) {
  switch (kind) {
    case 'named':
      return `${version ?? 'of unknown version'} at ${path} (AUTOGIT_ELECTRON)`;
    case 'official':
      return version ?? '';
    case 'registry':
      return (
        `${version} out of ${registryCopy.name}: stands in for the official ${wanted ?? 'one'}, ` +
        'for development and tests only'
      );
  }
}

/**
 * @param {EngineFound} engine
 * @param {System} system
 * @returns {Step}
 */
function planEngine(engine, system) {
  const label = 'container engine';
  if (engine.state === 'reachable') {
    const { name, address, others } = engine;
    const via = address.via ? ` (${address.via})` : '';
    const rest = others.length > 0 ? `; also ${others.join(', ')}` : '';
    return { label, state: 'ok', detail: `${name} at ${address.url}${via}${rest}` };
  }
  if (engine.state === 'absent' && system.root) {
    const start = system.systemd ? 'systemd' : 'direct';
    if (engine.dockerd) {
      return {
        label,
        state: 'change',
        must: true,
        proof: null,
        change: { kind: 'system', packages: [], start },
      };
    }
    const usePodman = engine.podman && system.systemd;
    if (system.family === 'debian' && !usePodman) {
      return {
        label,
        state: 'change',
        must: true,
        proof: null,
        change: { kind: 'system', packages: carriesEngine, start },
      };
    }
  }
  return { label, state: 'stop', problem: engineAdvice(engine, system) };
}

/**
 * What the changes to the system are, in words, for the question before them; empty when there is none.
 * @param {readonly Change[]} all
 * @returns {string}
 */
export function describeChanges(all) {
  const changes = all.flatMap((change) => (change.kind === 'system' ? [change] : []));
  const packages = changes.flatMap((change) => change.packages);
  const start = changes.some((change) => change.start !== null);
  return [
    ...(packages.length > 0 ? [`install ${packages.join(' ')} with apt-get`] : []),
    ...(start ? ['start dockerd'] : []),
  ].join(' and ');
}
