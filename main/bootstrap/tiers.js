// The test tiers: runs each, adds up what they count, and ends with the one line that people and CI read.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { runForeground } from './child.js';
import { runProgram } from './commands.js';

/** @typedef {{ passed: number, failed: number, skipped: number }} Sum */

/**
 * Checks that count as one test each: a program of node_modules and its arguments, run one after the other.
 * @satisfies {Record<string, readonly (readonly string[])[]>}
 */
export const checks = {
  lint: [['eslint/bin/eslint.js', '--max-warnings', '0', '.']],
  types: [
    ['typescript/bin/tsc', '-p', '.'],
    ['typescript/bin/tsc', '-p', 'main/tsconfig.pure.json'],
    ['typescript/bin/tsc', '-p', 'renderer'],
    ['typescript/bin/tsc', '-p', 'tests/e2e'],
  ],
  format: [
    [
      'prettier/bin/prettier.cjs',
      '--check',
      '--log-level',
      'warn',
      'main',
      'electron',
      'renderer',
      'tests',
      '*.{js,ts,json}',
    ],
  ],
};

/** The tiers of tests, each a project of vitest.config.ts. */
export const projects = /** @type {const} */ (['unit', 'engine', 'e2e', 'peers', 'stacks']);

/**
 * What runs when: the rounds one after the other, the lanes of a round side by side, and what stands in a lane one
 * after the other, but for the checks, which begin together. Tests on an engine wait more than they compute, and lanes
 * share nothing but the machine.
 * @satisfies {readonly (readonly (readonly string[])[])[]}
 */
const rounds = [
  [['lint', 'types', 'format', 'unit', 'e2e'], ['engine']],
  [['peers'], ['stacks']],
];

/** @typedef {keyof typeof checks | typeof projects[number]} Tier */

/** What `npm test` runs: all that a bare machine can. */
export const defaultTiers = /** @type {const} */ (['lint', 'types', 'format', 'unit', 'engine', 'e2e']);

/** @typedef {{ tier: Tier, sum: Sum, failed: string[] }} Counted what a tier counted, and a line for each failure */

/**
 * @typedef {object} TierOptions
 * @property {string} root the repository
 * @property {string} node the project's Node
 * @property {NodeJS.ProcessEnv} env
 * @property {readonly string[]} filters handed to vitest; with them the checks are left out
 * @property {(tier: Tier) => boolean} able whether the machine has what the tier is for
 * @property {(tier: Tier) => Promise<boolean>} ready makes what the tier tests, and says why where that fails
 */

/**
 * Runs tiers and prints their sums.
 * @param {readonly Tier[]} tiers
 * @param {TierOptions} options
 * @returns {Promise<number>} exit code
 */
export async function runTiers(tiers, options) {
  /** @type {Counted[]} */
  const counted = [];
  for (const lanes of rounds) {
    const own = lanes.map((lane) => tiers.filter((tier) => lane.includes(tier)));
    counted.push(...(await Promise.all(own.map((lane) => runLane(lane, options)))).flat());
  }
  process.stdout.write('\n');
  for (const line of counted.flatMap(({ failed }) => failed)) process.stdout.write(`${line}\n`);
  for (const { tier, sum } of counted) process.stdout.write(`${tier.padEnd(8)}${renderSum(sum)}\n`);
  const total = addSums(counted.map(({ sum }) => sum));
  process.stdout.write(`${renderSum(total)}\n`);
  return total.failed === 0 ? 0 : 1;
}

/**
 * @param {readonly Tier[]} lane
 * @param {TierOptions} options
 * @returns {Promise<Counted[]>}
 */
async function runLane(lane, options) {
  const checked = options.filters.length > 0 ? [] : lane.filter((tier) => isCheck(tier));
  const counted = await Promise.all(checked.map((tier) => runCheck(tier, options)));
  for (const tier of lane) if (!isCheck(tier)) counted.push(await runProject(tier, options));
  return counted;
}

/**
 * @param {string} tier
 * @returns {tier is keyof typeof checks}
 */
function isCheck(tier) {
  return tier in checks;
}

/**
 * @param {keyof typeof checks} tier
 * @param {TierOptions} options
 * @returns {Promise<Counted>}
 */
async function runCheck(tier, { root, node, env }) {
  for (const [script = '', ...args] of checks[tier]) {
    const path = join(root, 'node_modules', script);
    const done = await runProgram(node, [path, ...args], { env, cwd: root, keep: 400 });
    if (done.code === 0) continue;
    const why = done.tail.join('\n');
    process.stdout.write(`${tier}:\n${why}\n`);
    const failed = [`failed: ${tier}: ${firstLine(why)}`];
    return { tier, sum: { passed: 0, failed: 1, skipped: 0 }, failed };
  }
  return { tier, sum: { passed: 1, failed: 0, skipped: 0 }, failed: [] };
}

/**
 * @param {typeof projects[number]} tier
 * @param {TierOptions} options
 * @returns {Promise<Counted>}
 */
async function runProject(tier, { root, node, env, filters, able, ready }) {
  if (!(await ready(tier))) return { tier, sum: { passed: 0, failed: 1, skipped: 0 }, failed: [] };
  const folder = mkdtempSync(join(tmpdir(), 'autogit-tests-'));
  const result = join(folder, `${tier}.json`);
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${result}`];
  const pass = filters.length > 0 ? ['--passWithNoTests'] : [];
  try {
    const code = await runForeground(
      node,
      [vitest, 'run', '--root', root, '--project', tier, ...reporters, ...pass, ...filters],
      env,
    );
    const report = readResult(result);
    const sum = judgeRun(report, code, filters.length === 0 && able(tier));
    if (sum.failed > 0 && sum.note) process.stdout.write(`\n${tier}: ${sum.note}\n`);
    return { tier, sum, failed: listFailures(report, root) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} path
 * @returns {unknown}
 */
function readResult(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * Counts what vitest's JSON report says. A file that could not be loaded, a run that ended badly without a failed test,
 * and a tier that ran no test although it could all count as a failure.
 * @param {unknown} report
 * @param {number} code vitest's exit code
 * @param {boolean} expected whether some test has to run: the machine can run this tier and nobody asked for others only
 * @returns {Sum & { note?: string }}
 */
export function judgeRun(report, code, expected) {
  if (typeof report !== 'object' || report === null) {
    return { passed: 0, failed: 1, skipped: 0, note: `the run ended with code ${code} and left no result` };
  }
  /** @param {string} name */
  const count = (name) => {
    const value = /** @type {Record<string, unknown>} */ (report)[name];
    return typeof value === 'number' ? value : 0;
  };
  const passed = count('numPassedTests');
  const skipped = count('numPendingTests') + count('numTodoTests');
  const failed = count('numFailedTests') + countBrokenFiles(report);
  if (failed > 0) return { passed, failed, skipped };
  if (code !== 0) {
    return { passed, failed: 1, skipped, note: `no test failed, but the run ended with code ${code}` };
  }
  if (passed === 0 && expected)
    return { passed, failed: 1, skipped, note: 'this tier can run here but ran no test' };
  return { passed, failed, skipped };
}

/**
 * Files that failed before any of their tests did.
 * @param {object} report
 * @returns {number}
 */
function countBrokenFiles(report) {
  return listIn(report, 'testResults').filter(
    (file) => hasFailed(file) && !listIn(file, 'assertionResults').some(hasFailed),
  ).length;
}

/**
 * The tests and files that failed, a line each with the first line of why: a log of thousands of lines is often cut,
 * and its end is what people read.
 * @param {unknown} report vitest's JSON report
 * @param {string} root the repository
 * @returns {string[]}
 */
export function listFailures(report, root) {
  if (typeof report !== 'object' || report === null) return [];
  return listIn(report, 'testResults')
    .filter(hasFailed)
    .flatMap((file) => {
      const path = relative(root, textIn(file, 'name'));
      const tests = listIn(file, 'assertionResults').filter(hasFailed);
      if (tests.length === 0) return [`failed: ${path}: ${firstLine(textIn(file, 'message'))}`];
      return tests.map((test) => {
        const why = /** @type {{ failureMessages?: unknown[] }} */ (test).failureMessages?.[0];
        return `failed: ${path}: ${textIn(test, 'fullName')}: ${firstLine(String(why ?? ''))}`;
      });
    });
}

/**
 * @param {object} value
 * @param {string} key
 * @returns {string}
 */
function textIn(value, key) {
  const text = /** @type {Record<string, unknown>} */ (value)[key];
  return typeof text === 'string' ? text : '';
}

/**
 * @param {string} text
 * @returns {string} of at most 300 characters, without colours
 */
function firstLine(text) {
  return (stripVTControlCharacters(text).trim().split('\n')[0] ?? '').slice(0, 300);
}

/**
 * @param {object} value
 * @param {string} key
 * @returns {readonly object[]}
 */
function listIn(value, key) {
  const list = /** @type {Record<string, unknown>} */ (value)[key];
  return Array.isArray(list) ? list.filter((item) => typeof item === 'object' && item !== null) : [];
}

/**
 * @param {object} result of a file or a test
 * @returns {boolean}
 */
function hasFailed(result) {
  return 'status' in result && result.status === 'failed';
}

/**
 * @param {readonly Sum[]} sums
 * @returns {Sum}
 */
export function addSums(sums) {
  return sums.reduce(
    (total, sum) => ({
      passed: total.passed + sum.passed,
      failed: total.failed + sum.failed,
      skipped: total.skipped + sum.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}

/**
 * @param {Sum} sum
 * @returns {string}
 */
export function renderSum({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
