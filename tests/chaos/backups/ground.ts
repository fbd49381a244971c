// A home with backups, and no engine: real cores on it that are killed, and a look at what they leave.
import { createHash, randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { homePaths } from '../../../main/adapters/host/home.ts';
import type { HomePaths } from '../../../main/adapters/host/home.ts';
import type { CoreDoor } from '../../../main/contract/contract.ts';
import { connectCore } from '../../../main/serve/client.ts';
import { kill, startProgram } from '../lab.ts';
import type { Running } from '../lab.ts';
import { patience, waitFor } from '../wait-for.ts';

const run = promisify(execFile);

export interface BackupGround {
  /** Holds all of it: home, repository, folders that were restored to. */
  readonly folder: string;
  readonly paths: HomePaths;
  /** Repositories: of the target, and of what restores put aside. */
  readonly repository: string;
  readonly safety: string;
  /** Folders that backups are restored to. */
  readonly looks: string;
  door(): CoreDoor;
  /** Starts a core, and does not wait for it. */
  serve(): Running;
  /** Waits until a core answers. Rejects with its last words when it ends before. */
  untilThere(core: Running): Promise<void>;
  /** Changes some of the home's files, which is then of another generation. */
  change(): Promise<void>;
  /** Which generation the home in a folder is, and whether all of its files are of that one. */
  seen(home: string): Promise<SeenHome>;
  /** restic itself with the words of the sheet. Resolves with what it prints. */
  restic(repository: string, words: readonly string[]): Promise<string>;
  /** Processes of restic that a core has started and that are there now. */
  resticsOf(core: Running): Promise<readonly number[]>;
  clean(): Promise<void>;
}

export interface SeenHome {
  readonly generation: number;
  readonly isWhole: boolean;
}

export interface BackupGroundOptions {
  /** The command line's main file. */
  readonly program: string;
  /** The program restic. */
  readonly restic: string;
  /** How many small files there are besides. */
  readonly files: number;
}

/** What makes no difference to AutoGit, and takes its time to be copied, sent and compared. */
const ballast = path.join('stack', 'chaos', 'files');
const mark = path.join(ballast, 'generation');
/** So many files are others in each generation. */
const changed = 25;
const never = '0 5 1 1 *';

const settings = {
  gitlab: { kind: 'none' },
  backups: {
    ...{ schedules: [], jitterMinutes: 0, prune: never, verify: never, drill: never },
    keep: { last: 3, days: 0 },
  },
};

/** Opens a home with a target, of which nothing is running yet. */
export async function openBackupGround({
  program,
  restic,
  files,
}: BackupGroundOptions): Promise<BackupGround> {
  const folder = await mkdtemp(path.join(tmpdir(), 'autogit-backup-chaos-'));
  const home = path.join(folder, 'home');
  const { PATH = '', HOME = folder } = process.env;
  const env = {
    ...{ PATH, HOME, AUTOGIT_HOME: home, AUTOGIT_RESTIC: restic, NO_COLOR: '1' },
    DOCKER_HOST: `unix://${folder}/no-engine.sock`,
  };
  const paths = homePaths(env, { demo: false });
  const [repository, looks] = ['repository', 'looks'].map((name) => path.join(folder, name));
  if (repository === undefined || looks === undefined) throw new Error('there is no folder');
  await mkdir(looks);
  await mkdir(home, { mode: 0o700 });
  await mkdir(paths.secrets, { mode: 0o700 });
  await writeFile(paths.settings, stringify(settings));
  await writeBallast(home, files);
  const wholes = new Map<number, string>();
  let generation = 0;
  let words: string | null = null;
  const door = (): CoreDoor => connectCore(paths.socket);
  const ground: BackupGround = {
    ...{ folder, paths, repository, looks, door },
    safety: path.join(home, 'backups', 'safety'),
    serve: () => startProgram([process.execPath, program, 'serve'], env),
    untilThere: async (core) => {
      const early = core.done.then(({ code, err }) => {
        throw new Error(`the core ended with ${code ?? 'a signal'}: ${err.trim().slice(-800)}`);
      });
      early.catch(() => undefined);
      const there = waitFor(async () => door().call('backup.show', {}), patience);
      await Promise.race([there, early]);
    },
    change: async () => {
      generation += 1;
      const [, ...names] = (await readdir(path.join(home, ballast))).toSorted();
      for (let index = 0; index < changed; index += 1) {
        const name = names[(generation * changed + index) % names.length] ?? 'more';
        await writeFile(path.join(home, ballast, name), randomBytes(700));
      }
      await writeFile(path.join(home, mark), String(generation));
      await door().call('settings.change', {
        path: 'backups.verifyPercent',
        value: String(1 + (generation % 100)),
      });
      wholes.set(generation, await digestOf(home));
    },
    seen: async (at) => {
      const now = Number(await readFile(path.join(at, mark), 'utf8').catch(() => 'NaN'));
      return { generation: now, isWhole: wholes.get(now) === (await digestOf(at)) };
    },
    restic: async (at, args) => {
      words ??= ((await door().call('backup.sheet', {})).words ?? []).join(' ');
      const { stdout } = await run(restic, ['-r', at, ...args], {
        env: { PATH, HOME: folder, RESTIC_PASSWORD: words, RESTIC_CACHE_DIR: path.join(folder, 'cache') },
        maxBuffer: 2 ** 26,
      });
      return stdout;
    },
    resticsOf: async (core) => childrenOf(core.pid),
    clean: async () => {
      await endAll(home);
      await rm(folder, { recursive: true, force: true });
    },
  };
  return ground;
}

async function writeBallast(home: string, count: number): Promise<void> {
  await mkdir(path.join(home, ballast), { recursive: true, mode: 0o700 });
  await writeFile(path.join(home, mark), '0');
  for (let index = 0; index < count; index += 1)
    await writeFile(path.join(home, ballast, `part-${index}`), randomBytes(700));
}

/** Of settings and ballast: what changes with each generation, and with nothing else. */
async function digestOf(home: string): Promise<string> {
  const hash = createHash('sha256');
  hash.update(await readFile(path.join(home, 'settings.yaml')).catch(() => 'none'));
  const names = await readdir(path.join(home, ballast)).catch(() => []);
  for (const name of names.toSorted()) {
    hash.update(`${name}\n`);
    hash.update(await readFile(path.join(home, ballast, name)));
  }
  return hash.digest('hex');
}

/** A parent's children, by `/proc/<pid>/stat`: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
async function childrenOf(parent: number): Promise<readonly number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      const [, above] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(above) === parent ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

/** Ends what works in this home: cores by their variable, programs of theirs by the folder that they name. */
async function endAll(home: string): Promise<void> {
  await waitFor(async () => {
    const left: number[] = [];
    for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
      const variables = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      if (variables.includes(`=${home}\0`) || variables.includes(`=${home}/`)) left.push(Number(pid));
    }
    for (const pid of left) kill(pid);
    if (left.length > 0) throw new Error(`still running: ${left.join(' ')}`);
  }, patience);
}
