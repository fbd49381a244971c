// A machine of a test's own to install packages on: this one's files, with all changes in a folder that goes with the test.
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { findProgram } from '../../main/bootstrap/commands.js';

const run = promisify(execFile);

/** What it is made with: namespaces and overlays are root's, and packages are Debian's. */
const programs = ['unshare', 'nsenter', 'mount', 'chroot', 'dpkg', 'dpkg-deb', 'apt-get'];

/** Whether this machine can have such a root: `describe.skipIf(!canInstall)`. */
export const canInstall: boolean =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  programs.every((name) => findProgram(name, process.env, true) !== null);

const engineSocket = '/var/run/docker.sock';

type Env = Readonly<Record<string, string>>;

export interface PrivateRoot {
  /** Runs a program in it to its end; what it printed. Rejects with what it said. */
  run(words: readonly string[], env?: Env): Promise<string>;
  /** Starts a program in it; the caller ends it. */
  start(words: readonly string[], env: Env): ChildProcess;
  /** Files, links and folders that differ from this machine's now, from the top. */
  changed(): Promise<readonly string[]>;
  remove(): Promise<void>;
}

/**
 * In a mount namespace, so that nobody else sees it and it goes with its first process. Folders of /tmp, the network and
 * the engine's socket are this machine's; /run is empty, so that no package talks to this machine's systemd.
 */
const prepare = `set -e
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
cd "$1/root"
mount --rbind /dev dev
mount --bind /proc proc
mount --rbind /sys sys
mount --bind /tmp tmp
mount -t tmpfs tmpfs run
mkdir -p run/lock
if [ -S "$2" ]; then touch run/docker.sock; mount --bind "$2" run/docker.sock; fi
echo ready
exec sleep infinity`;

/** Makes one. */
export async function makePrivateRoot(): Promise<PrivateRoot> {
  const folder = await mkdtemp(path.join(tmpdir(), 'autogit-root-'));
  for (const name of ['upper', 'work', 'root']) await mkdir(path.join(folder, name));
  const socket = existsSync(engineSocket) ? engineSocket : '';
  const holder = spawn('unshare', ['--mount', 'sh', '-c', prepare, 'sh', folder, socket], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  holder.stderr.on('data', (data: Buffer) => (said += data.toString()));
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: holder.stdout }).once('line', () => resolve());
    holder.once('exit', () => reject(new Error(`the private root could not be made: ${said}`)));
  });
  const plain = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LC_ALL: 'C.UTF-8' };
  const enter = (words: readonly string[], env: Env): readonly [string, string[]] => {
    const inside = ['chroot', path.join(folder, 'root'), 'env', '-i'];
    const set = Object.entries({ ...plain, ...env }).map(([name, value]) => `${name}=${value}`);
    return ['nsenter', [`--target=${String(holder.pid)}`, '--mount', ...inside, ...set, ...words]];
  };
  return {
    run: async (words, env = {}) => {
      const { stdout } = await run(...enter(words, env), { maxBuffer: 1 << 24, cwd: '/' });
      return stdout;
    },
    start: (words, env) => spawn(...enter(words, env), { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] }),
    changed: async () => {
      const upper = path.join(folder, 'upper');
      const all = await readdir(upper, { recursive: true });
      return all.toSorted();
    },
    remove: async () => {
      const gone = once(holder, 'exit');
      holder.kill('SIGKILL');
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
