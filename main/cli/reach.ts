// Finding the core: the one that runs with this home, or one of our own for as long as a command takes.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CoreDoor } from '../contract/contract.ts';
import { AutoGitError } from '../errors.ts';
import { connectCore } from '../serve/client.ts';
import { findOrCreate } from '../serve/find-core.ts';
import type { CliWorld } from './access.ts';

export interface Reached {
  readonly door: CoreDoor;
  /** A core of our own, which ends with `close`. */
  readonly isOwn: boolean;
  /** There is no home yet: answers speak of the one that stands in for it. Missing: there is one. */
  readonly homeless?: { readonly used: string; readonly meant: string };
  close(): Promise<void>;
}

export interface ReachOptions {
  /** False for queries: the core observes and changes nothing. */
  readonly act: boolean;
  /** False for what needs no look at engine and GitLab. */
  readonly observe: boolean;
  /** False for queries about the machine, which are answered before there is a home, too. */
  readonly needsHome: boolean;
}

/** Tells of a home that was not there: its name may be a slip. */
export function sayNewHome(world: CliWorld, isNewHome: boolean, root: string): void {
  if (isNewHome) world.err.write(`Made a new home at ${root}\n`);
}

/** A door to the home's core. A core of our own ends with `close`. */
export async function reachCore(world: CliWorld, options: ReachOptions): Promise<Reached> {
  try {
    return await reachIn(world, world.env, options);
  } catch (error) {
    const isMissing = error instanceof AutoGitError && error.key === 'host.home-missing';
    if (options.needsHome || !isMissing) throw error;
    return await reachWithoutHome(world, options);
  }
}

async function reachIn(world: CliWorld, env: CliWorld['env'], options: ReachOptions): Promise<Reached> {
  const access = await world.loadCore();
  const held = await findOrCreate(access, {
    env,
    home: 'default',
    act: options.act,
    terminalLogLevel: 'error',
  });
  if (held.kind === 'running') {
    return { door: connectCore(held.record.socket), isOwn: false, close: () => Promise.resolve() };
  }
  const { core } = held;
  if (options.act) sayNewHome(world, core.isNewHome, access.homePaths(env, { demo: false }).root);
  try {
    if (options.observe) await core.start();
  } catch (error) {
    await core.stop();
    throw error;
  }
  return { door: core.through('cli'), isOwn: true, close: () => core.stop() };
}

/** In a home that nobody needs afterwards. */
async function reachWithoutHome(world: CliWorld, options: ReachOptions): Promise<Reached> {
  const folder = await mkdtemp(path.join(tmpdir(), 'autogit-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const { close, ...reached } = await reachIn(world, { ...world.env, AUTOGIT_HOME: folder }, options);
    const meant = (await world.loadCore()).homePaths(world.env, { demo: false }).root;
    return { ...reached, homeless: { used: folder, meant }, close: () => close().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}
