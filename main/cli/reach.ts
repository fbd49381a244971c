// Finding the core: the one that runs with this home, or one of our own for as long as a command takes.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CoreDoor } from '../contract/contract.ts';
import type { CoreOptions, HomePaths } from '../index.ts';
import { AutoGitError } from '../errors.ts';
import type { CliWorld, CoreAccess, CoreRecord, OwnCore } from './access.ts';
import { connectCore, isAlive } from './client.ts';

/** The core that runs with this home; `null` when none does, whatever run/core.json says. */
export async function findCore(access: CoreAccess, paths: HomePaths): Promise<CoreRecord | null> {
  const record = await access.readCoreRecord(paths);
  return record !== null && (await isAlive(record.socket)) ? record : null;
}

export type Held =
  | { readonly kind: 'running'; readonly record: CoreRecord }
  | { readonly kind: 'own'; readonly core: OwnCore };

/** How long a home may be held by somebody who does not listen, such as a query of another shell. Milliseconds. */
const heldMs = 10_000;

/** The running core, or a new one in this process, not started yet. */
export async function findOrCreate(access: CoreAccess, options: CoreOptions): Promise<Held> {
  const paths = access.homePaths(options.env, { demo: options.home === 'demo' });
  const deadline = Date.now() + heldMs;
  for (;;) {
    const record = await findCore(access, paths);
    if (record !== null) return { kind: 'running', record };
    try {
      return { kind: 'own', core: await access.createCore(options) };
    } catch (error) {
      const held = error instanceof AutoGitError && error.key === 'core.already-running';
      if (!held || Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

export interface Reached {
  readonly door: CoreDoor;
  close(): Promise<void>;
}

export interface ReachOptions {
  /** False for queries: the core observes and changes nothing. */
  readonly act: boolean;
  /** False for what needs no look at engine and GitLab. */
  readonly observe: boolean;
}

/** A door to the home's core. A core of our own ends with `close`. */
export async function reachCore(world: CliWorld, options: ReachOptions): Promise<Reached> {
  const access = await world.loadCore();
  const held = await findOrCreate(access, {
    env: world.env,
    home: 'default',
    act: options.act,
    terminalLogLevel: 'error',
  });
  if (held.kind === 'running') {
    return { door: connectCore(held.record.socket), close: () => Promise.resolve() };
  }
  const { core } = held;
  try {
    if (options.observe) await core.start();
  } catch (error) {
    await core.stop();
    throw error;
  }
  return { door: core.through('cli'), close: () => core.stop() };
}
