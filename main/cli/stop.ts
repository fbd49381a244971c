// `autogit stop`: ends the core that runs with this home, wherever it runs.
import { setTimeout as sleep } from 'node:timers/promises';
import { AutoGitError, messageOf } from '../errors.ts';
import { findCore } from '../serve/find-core.ts';
import type { CoreRecord } from '../serve/find-core.ts';
import type { CliWorld } from './access.ts';

/** What is under way on the engine is brought to its end first. Milliseconds. */
const patienceMs = 30_000;
const askMs = 100;

function notStopped(pid: number, why: string, next: string, cause?: unknown): AutoGitError {
  return new AutoGitError({
    key: 'core.not-stopped',
    message: `The core, process ${pid}, ${why}.`,
    next,
    fields: { pid },
    cause,
  });
}

/** The core answers on its socket, so the process that it names is alive and is the core. */
function askToEnd({ pid }: CoreRecord): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    const next = 'End it as the user who started it, or in its own window.';
    throw notStopped(pid, `cannot be asked to end: ${messageOf(error)}`, next, error);
  }
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Ends the home's core; runners go on. Resolves with the exit code. Rejects with `core.not-stopped`. */
export async function runStop(world: CliWorld, json: boolean, ms = patienceMs): Promise<number> {
  const access = await world.loadCore();
  const paths = access.homePaths(world.env, { demo: false });
  const record = await findCore(access, paths);
  if (record === null) {
    say(world, json, { stopped: false, pid: null }, `No core runs with the home ${paths.root}.`);
    return 0;
  }
  const { pid } = record;
  askToEnd(record);
  const deadline = performance.now() + ms;
  while (isThere(pid)) {
    if (performance.now() > deadline) {
      const next = 'It ends when what it does on the engine is done. Look again with: autogit stop';
      throw notStopped(pid, `has not ended after ${ms / 1000} s`, next);
    }
    await sleep(askMs);
  }
  say(world, json, { stopped: true, pid }, `The core, process ${pid}, has ended; runners go on.`);
  return 0;
}

interface Stopped {
  readonly stopped: boolean;
  readonly pid: number | null;
}

function say(world: CliWorld, json: boolean, stopped: Stopped, sentence: string): void {
  world.out.write(json ? `${JSON.stringify(stopped, null, 2)}\n` : `${sentence}\n`);
}
