// Starts an installed dockerd, by systemd where that runs and directly where not, and waits until it answers.
import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram, runProgram } from './commands.js';
import { pingEngine } from './engine.js';
import { BootstrapProblem } from './problem.js';

/** Where an engine that root starts listens. */
export const rootSocket = 'unix:///var/run/docker.sock';

/** Where a directly started dockerd writes. */
export const dockerdLog = '/var/log/autogit-dockerd.log';

/** A first start makes its storage and firewall rules; on a slow disk that takes a while. */
const readyMs = 60_000;

/** After dockerd has ended, another one (a package's own start, a second bootstrap) may still come up. */
const goneMs = 3_000;

/**
 * Starts dockerd and returns once it answers.
 * @param {'systemd' | 'direct'} how
 * @param {NodeJS.ProcessEnv} env
 * @param {(progress: string) => void} onProgress
 * @returns {Promise<void>}
 * @throws {BootstrapProblem} bootstrap.engine-start-failed
 */
export async function startDockerd(how, env, onProgress) {
  onProgress('starting dockerd');
  if ((await pingEngine(rootSocket, env)).state === 'reachable') return;
  if (how === 'systemd') {
    const done = await runProgram('systemctl', ['start', 'docker'], { env });
    if (done.code !== 0) throw failed(done.tail.join(' '), 'journalctl -u docker -n 50');
    if (await waitForEngine(env, () => true)) return;
    throw failed(`no answer within ${readyMs / 1000} s`, 'journalctl -u docker -n 50');
  }
  const child = spawnDetached(env);
  if (await waitForEngine(env, child.alive)) return;
  const why = child.alive() ? `no answer within ${readyMs / 1000} s` : child.excerpt();
  throw failed(
    why,
    `read ${dockerdLog}; inside a container, use the engine of the host instead (DOCKER_HOST)`,
  );
}

/**
 * A dockerd that outlives this process and its terminal.
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ alive: () => boolean, excerpt: () => string }}
 */
function spawnDetached(env) {
  const log = openSync(dockerdLog, 'a', 0o640);
  const before = fstatSync(log).size;
  let alive = true;
  const child = spawn(findProgram('dockerd', env, true) ?? 'dockerd', [], {
    detached: true,
    cwd: '/',
    env: withoutNpm(env),
    stdio: ['ignore', log, log],
  });
  child.on('error', () => (alive = false));
  child.on('exit', () => (alive = false));
  child.unref();
  closeSync(log);
  const written = () => readFileSync(dockerdLog).subarray(before).toString();
  return { alive: () => alive, excerpt: () => excerptOf(written()) };
}

/**
 * The environment without what npm adds for its scripts, which a daemon should not keep for its whole life.
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
export function withoutNpm(env) {
  return Object.fromEntries(
    Object.entries(env)
      .filter(([name]) => !name.toLowerCase().startsWith('npm_'))
      .map(([name, value]) => [
        name,
        name === 'PATH'
          ? value
              ?.split(':')
              .filter((folder) => !folder.includes('node_modules'))
              .join(':')
          : value,
      ]),
  );
}

/**
 * The reason out of dockerd's log: its last fatal lines, or the last line.
 * @param {string} log
 * @returns {string}
 */
export function excerptOf(log) {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  const reasons = lines.filter((line) => /^failed to|^unable to|level=(?:fatal|error)/.test(line));
  const last = (reasons.length > 0 ? reasons : lines).slice(-2).map((line) => line.slice(0, 400));
  return last.join(' / ') || 'it wrote nothing';
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {() => boolean} alive whether it is still worth waiting for
 * @returns {Promise<boolean>}
 */
async function waitForEngine(env, alive) {
  let deadline = Date.now() + readyMs;
  let gone = false;
  while (Date.now() < deadline) {
    if ((await pingEngine(rootSocket, env)).state === 'reachable') return true;
    if (!gone && !alive()) {
      gone = true;
      deadline = Math.min(deadline, Date.now() + goneMs);
    }
    await sleep(100);
  }
  return false;
}

/**
 * @param {string} why
 * @param {string} next
 * @returns {BootstrapProblem}
 */
function failed(why, next) {
  return new BootstrapProblem('bootstrap.engine-start-failed', `dockerd did not start: ${why}`, next, 3);
}
