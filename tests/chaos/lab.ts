// A home of its own: AutoGit as real processes, on a real engine, and away again whatever happens.
import { spawn } from 'node:child_process';
import { chown, copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { stringify } from 'yaml';
import { z } from 'zod';
import { connectEngine } from '../../main/adapters/engine/connect.ts';
import { readCoreFile } from '../../main/adapters/host/core-file.ts';
import { homePaths } from '../../main/adapters/host/home.ts';
import type { HomePaths } from '../../main/adapters/host/home.ts';
import { openSecrets } from '../../main/adapters/host/secrets.ts';
import { connectCore } from '../../main/serve/client.ts';
import type { Snapshot } from '../../main/contract/snapshot.ts';
import type { Engine, LabelledContainer } from '../../main/ports.ts';
import { type EngineUser, asEngineUser } from '../fixtures/engines/ground.ts';
import { createSandboxClient } from '../engine/sandbox-client.ts';
import type { SandboxClient } from '../engine/sandbox-client.ts';
import { provideSharedImage } from '../engine/shared-image.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { patience, waitFor } from './wait-for.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const source = 'main/cli/main.ts';
/** What a process said and how it ended; `code` is null for one that a signal ended. */
export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly pid: number;
  readonly done: Promise<Finished>;
  /** What it has said on standard error so far. */
  said(): string;
  /** What it has written to standard output so far. */
  output(): string;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, and its end. */
  stop(): Promise<Finished>;
}

type Variables = Readonly<Record<string, string>>;

export interface Lab {
  readonly home: string;
  readonly paths: HomePaths;
  readonly engine: Engine;
  /** Starts `autogit` with these words. */
  start(words: readonly string[], env?: Variables): Running;
  run(words: readonly string[], env?: Variables): Promise<Finished>;
  /** Runs a command with `--json` that must succeed. */
  json(words: readonly string[]): Promise<unknown>;
  /** Writes settings for a sandbox and one pool named `lab` that takes every job. */
  writeSettings(pool?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Starts `autogit serve` and waits until its sandbox is ready, or with `ready: false` until it answers. */
  serve(options?: { readonly env?: Variables; readonly ready?: boolean }): Promise<Running>;
  /** Process id of the core that run/core.json names; `null` when there is none. */
  corePid(): Promise<number | null>;
  /** The running core's state; rejects when there is no core. */
  snapshot(): Promise<Snapshot>;
  /** Waits for a state of the running core. */
  until(fits: (snapshot: Snapshot) => boolean, ms?: number): Promise<Snapshot>;
  instance(): string;
  /** Everything on the engine that carries this home's instance label, signed or not. */
  left(): Promise<readonly string[]>;
  runners(): Promise<readonly LabelledContainer[]>;
  /** The sandbox of this home, asked directly: works without a core. */
  sandbox(): Promise<SandboxClient>;
  clean(): Promise<void>;
}

const nothing: Variables = {};

export interface LabOptions {
  /** Beside what every program here has. */
  readonly env?: Variables;
  /** Runs the programs; this process's own by default. */
  readonly node?: string;
  /** The command line's main file; by default its source. */
  readonly program?: string;
  /** Address of the engine. */
  readonly host: string;
  /** Who runs the programs, and finds the engine at `host` without being told; by default who runs the tests. */
  readonly user?: EngineUser;
  /** What an earlier home has found out about the sandbox's image: one with settings begins with it. */
  readonly imageCache?: string | undefined;
  /** Words before every command, and where this process finds the root folder that the programs then have. */
  readonly inside?: {
    readonly prefix: readonly string[];
    /** Given the home's folder. */
    readonly rootOf: (home: string) => Promise<string>;
  };
}

const sharedImages = new Map<string, Promise<unknown>>();

/** Once per engine; who opened the first home there removes it with `removeSharedImage`. */
async function shareImage(engine: Engine, imageCache: string | undefined): Promise<void> {
  const shared = sharedImages.get(engine.host) ?? provideSharedImage(engine, imageCache);
  sharedImages.set(engine.host, shared);
  await shared;
}

/** Opens an empty home. `afterwards` takes what cleans up. */
export async function openLab(
  afterwards: (clean: () => Promise<void>) => void,
  {
    env: environment = nothing,
    node = process.execPath,
    program,
    host,
    user,
    inside,
    imageCache,
  }: LabOptions,
): Promise<Lab> {
  const home = await mkdtemp(path.join(tmpdir(), 'autogit-lab-'));
  if (user !== undefined) await chown(home, user.uid, user.gid);
  const surroundings = user?.env ?? { ...process.env, DOCKER_HOST: host };
  const base = { ...surroundings, AUTOGIT_HOME: home, ...environment };
  const root = (await inside?.rootOf(home)) ?? '';
  const paths = homePaths({ AUTOGIT_HOME: `${root}${home}` }, { demo: false });
  const engine = connectEngine({ host, log: silentLog });
  await shareImage(engine, imageCache);
  const instances = new Set<string>();
  const instance = (): string => {
    // SQLite resolves every link on the way to a file, and would look for it outside.
    const [known] = instances;
    if (inside !== undefined && known !== undefined) return known;
    const id = readInstance(paths.database);
    instances.add(id);
    return id;
  };
  const file = program ?? path.join(repository, source);
  const command = [...(inside?.prefix ?? []), ...(user === undefined ? [node, file] : commandOf(user))];
  const start: Lab['start'] = (words, env = nothing) =>
    startProgram([...command, ...words], { ...base, ...env });
  const snapshot = (): Promise<Snapshot> => connectCore(paths.socket).call('snapshot.show', {});
  const until: Lab['until'] = (fits, ms = patience.timeout) =>
    waitFor(
      async () => {
        const now = await snapshot();
        if (!fits(now)) throw new Error(`not yet: ${JSON.stringify(brief(now))}`);
        return now;
      },
      { timeout: ms, interval: patience.interval },
    );
  const lab: Lab = {
    ...{ home, paths, engine, start, snapshot, until, instance },
    run: (words, env) => start(words, env).done,
    json: async (words) => {
      const { code, out, err } = await start([...words, '--json']).done;
      if (code !== 0) throw new Error(`autogit ${words.join(' ')} ended with ${code}: ${out}${err}`);
      return JSON.parse(out) as unknown;
    },
    writeSettings: async (pool = {}) => {
      await writeFile(paths.settings, renderSettings(pool));
      if (imageCache !== undefined && user === undefined) await takeImageCache(imageCache, paths);
    },
    serve: async ({ env, ready = true } = {}) => {
      const core = start(['serve'], env);
      const early = core.done.then(({ code, err }) => {
        throw new Error(`the core ended with ${code}: ${err}`);
      });
      const found = waitFor(async () => {
        if ((await lab.corePid()) !== core.pid) throw new Error(`the core is not there: ${core.said()}`);
      }, patience);
      await Promise.race([found, early]);
      await until(({ gitlab }) => !ready || gitlab.state === 'ready');
      if (inside !== undefined) instances.add((await snapshot()).instance);
      instance();
      return core;
    },
    corePid: async () => (await readCoreFile(paths))?.pid ?? null,
    left: () => listLeft(engine, instance()),
    runners: async () => engine.listContainers({ 'autogit.instance': instance(), 'autogit.role': 'runner' }),
    sandbox: async () => {
      const [found] = await engine.listContainers({
        'autogit.instance': instance(),
        'autogit.role': 'sandbox',
      });
      const token = (await openSecrets(paths)).get('sandbox.root-token');
      const port = found?.ports[80];
      if (port === undefined || token === null) throw new Error('the sandbox is not there');
      return createSandboxClient(`http://127.0.0.1:${port}`, token);
    },
    clean: async () => {
      try {
        instance();
      } catch {
        // Nothing was started, or the test has removed the database: what it knew is in the set.
      }
      await endProcesses(home);
      for (const id of instances) await removeLeft(engine, id);
      await rm(home, { recursive: true, force: true });
    },
  };
  afterwards(() => lab.clean());
  return lab;
}

/** An engine's user may not be able to go where this repository and its node are. */
function commandOf(user: EngineUser): readonly string[] {
  const node = path.join(user.node, path.basename(process.execPath));
  return asEngineUser(user, [node, path.join(user.repository, source)]);
}

/** Starts a program, and keeps what it says. */
export function startProgram([file = '', ...words]: readonly string[], env: NodeJS.ProcessEnv): Running {
  const child = spawn(file, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (said += part));
  const done = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).then((code) => ({ code, out, err: said }));
  done.catch(() => undefined);
  return {
    ...{
      pid: child.pid ?? 0,
      done,
      said: () => said,
      output: () => out,
      signal: (name) => void child.kill(name),
    },
    stop: () => {
      child.kill('SIGTERM');
      return done;
    },
  };
}

/** A home makes it anew where it does not fit: another Node, other programs. */
async function takeImageCache(from: string, { sandbox }: HomePaths): Promise<void> {
  await mkdir(sandbox, { recursive: true, mode: 0o700 });
  await copyFile(path.join(from, 'image.json'), path.join(sandbox, 'image.json'));
}

function renderSettings(pool: Readonly<Record<string, unknown>>): string {
  const lab = { name: 'lab', tags: ['autogit'], max: 2, idleTime: 60, ...pool };
  return stringify({ gitlab: { kind: 'sandbox' }, pools: [lab] });
}

function brief({ sentence, issues, gitlab, runners, jobs }: Snapshot): unknown {
  const states = (items: readonly { state?: string; status?: string }[]): string =>
    items.map(({ state, status }) => state ?? status).join(' ');
  return {
    sentence,
    gitlab: gitlab.state,
    runners: states(runners),
    jobs: states(jobs),
    issues: issues.map(({ key, message }) => `${key}: ${message}`),
  };
}

const identityRow = z.object({ value: z.uuid() });

/** Raises when there is no database yet. */
function readInstance(database: string): string {
  const connection = new Sqlite(database, { readonly: true, fileMustExist: true });
  try {
    return identityRow.parse(connection.prepare(`SELECT value FROM meta WHERE key = 'instance'`).get()).value;
  } finally {
    connection.close();
  }
}

async function listLeft(engine: Engine, instance: string): Promise<readonly string[]> {
  const labels = { 'autogit.instance': instance };
  const found = await Promise.all([
    engine.listContainers(labels),
    engine.listNetworks(labels),
    engine.listVolumes(labels),
  ]);
  return found.flat().map(({ name }) => name);
}

/** What a failed test has left: only what carries its own instance label. */
async function removeLeft(engine: Engine, instance: string): Promise<void> {
  const labels = { 'autogit.instance': instance };
  for (const { id } of await engine.listContainers(labels)) await engine.removeContainer(id, { force: true });
  for (const { name } of await engine.listVolumes(labels)) await engine.removeVolume(name);
  for (const { name } of await engine.listNetworks(labels)) await engine.removeNetwork(name);
}

/** Processes whose environment names this home, which nobody else has: the test's own, and what they started. */
async function processesOf(home: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const variables = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return variables.split('\0').includes(`AUTOGIT_HOME=${home}`) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

async function endProcesses(home: string): Promise<void> {
  await waitFor(async () => {
    const pids = await processesOf(home);
    for (const pid of pids) kill(pid);
    if (pids.length > 0) throw new Error(`still running: ${pids.join(' ')}`);
  }, patience);
}

/** `kill -9`; one that has ended meanwhile is fine. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
