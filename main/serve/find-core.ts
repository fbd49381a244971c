// One core per home: a door finds the one that runs, or makes its own.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Core, CoreOptions, HomePaths } from '../index.ts';
import { AutoGitError } from '../errors.ts';
import type { Settings } from '../model/settings.ts';
import { isAlive } from './client.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What run/core.json says. It may speak of a core that is dead. */
export interface CoreRecord {
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly socket: string;
  readonly address: string | null;
}

/** A core in this process. */
export type OwnCore = Omit<Core, 'paths'>;

/** main/index.ts, as the command line sees it. */
export interface CoreAccess {
  homePaths(env: Environment, options: { readonly demo: boolean }): HomePaths;
  readCoreRecord(paths: HomePaths): Promise<CoreRecord | null>;
  /** Rejects with `core.already-running` when another core holds the home. */
  createCore(options: CoreOptions): Promise<OwnCore>;
  /** Makes the home if need be. */
  writeSettings(paths: HomePaths, settings: Settings): Promise<void>;
}

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
