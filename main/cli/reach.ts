// Finding the core: the one that runs with this home, or one of our own for as long as a command takes.
import type { CoreDoor } from '../contract/contract.ts';
import { connectCore } from '../serve/client.ts';
import { findOrCreate } from '../serve/find-core.ts';
import type { CliWorld } from './access.ts';

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
