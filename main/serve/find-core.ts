// One core per home: a door finds the one that runs, or makes its own.
import { realpath } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Core, CoreOptions, HomePaths } from '../index.ts';
import { AutoGitError } from '../errors.ts';
import type { Settings } from '../model/settings.ts';
import { connectCore, isAlive } from './client.ts';

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
  /** Makes the home if need be; true when it did. */
  writeSettings(paths: HomePaths, settings: Settings): Promise<boolean>;
  /** One zip, mode 0600, whose files lie below `folder`. Rejects with `diagnose.archive-exists`, `diagnose.archive-failed`. */
  writeArchive(
    file: string,
    folder: string,
    files: readonly { readonly path: string; readonly text: string }[],
    at: number,
  ): Promise<void>;
}

/**
 * The core that runs with this home; `null` when none does, whatever run/core.json says: it may be of a dead core,
 * of another home that this one is a copy of, damaged, or gone while its core lives.
 */
export async function findCore(access: CoreAccess, paths: HomePaths): Promise<CoreRecord | null> {
  const record = await access.readCoreRecord(paths);
  const isElsewhere = record !== null && record.socket !== paths.socket;
  if (isElsewhere && (await servesHome(record.socket, paths))) return record;
  if (!(await isAlive(paths.socket))) return null;
  return record?.socket === paths.socket ? record : askForRecord(paths.socket);
}

/** Whether a core with this home, perhaps under another name, is behind a socket that lies elsewhere. */
async function servesHome(socket: string, paths: HomePaths): Promise<boolean> {
  try {
    if (!(await isAlive(socket))) return false;
    const { home } = await connectCore(socket).call('status.show', {});
    const [theirs, ours] = await Promise.all([home, paths.root].map((folder) => realpath(folder)));
    return theirs === ours;
  } catch {
    return false;
  }
}

/** What a core says of itself that has not written, or has lost, its run/core.json. */
async function askForRecord(socket: string): Promise<CoreRecord> {
  const { pid, at } = await connectCore(socket).call('status.show', {});
  return { pid, startedAt: at, socket, address: null };
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
