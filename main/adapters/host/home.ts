// Where a home's files lie.
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AutoGitError } from '../../errors.ts';

/** Every path of a home. All are absolute. */
export interface HomePaths {
  readonly root: string;
  readonly settings: string;
  readonly database: string;
  readonly secrets: string;
  readonly secretsFile: string;
  readonly secretsKey: string;
  readonly logs: string;
  /** What the sandbox image is made from, kept between starts. */
  readonly sandbox: string;
  readonly run: string;
  readonly coreLock: string;
  readonly coreFile: string;
  /** The token that the HTTP door asks for. */
  readonly httpToken: string;
  /** Unix socket, or named pipe on Windows. Not always inside the home: its length is limited. */
  readonly socket: string;
}

export interface HomeOptions {
  /** The demo's default home lies beside the real one. `AUTOGIT_HOME` is taken as it is, by every command. */
  readonly demo: boolean;
  readonly platform?: NodeJS.Platform;
  readonly workingFolder?: string;
  readonly temporaryFolder?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Below the limit of every system: 107 bytes on Linux, 103 on macOS. */
const longestSocketPath = 103;

/** The paths of the home that this environment names. Raises `host.home-invalid`, `host.no-home`. */
export function homePaths(env: Environment, options: HomeOptions): HomePaths {
  const platform = options.platform ?? process.platform;
  const at = platform === 'win32' ? path.win32 : path.posix;
  const root = at.resolve(options.workingFolder ?? process.cwd(), homeRoot(env, options.demo, platform, at));
  if (/[\0\r\n]/.test(root)) {
    throw new AutoGitError({
      key: 'host.home-invalid',
      message: `The home folder ${JSON.stringify(root)} has a line break or a NUL character in its name.`,
      next: 'Set AUTOGIT_HOME to a folder with an ordinary name.',
    });
  }
  const run = at.join(root, 'run');
  return {
    root,
    settings: at.join(root, 'settings.yaml'),
    database: at.join(root, 'state.db'),
    secrets: at.join(root, 'secrets'),
    secretsFile: at.join(root, 'secrets', 'secrets.enc'),
    secretsKey: at.join(root, 'secrets', 'key'),
    logs: at.join(root, 'logs'),
    sandbox: at.join(root, 'sandbox'),
    run,
    coreLock: at.join(run, 'core.lock'),
    coreFile: at.join(run, 'core.json'),
    httpToken: at.join(run, 'http-token'),
    socket: socketPath(root, run, platform, env, options.temporaryFolder ?? tmpdir()),
  };
}

function homeRoot(env: Environment, demo: boolean, platform: NodeJS.Platform, at: path.PlatformPath): string {
  if (env.AUTOGIT_HOME?.trim()) return env.AUTOGIT_HOME;
  return at.join(dataFolder(env, platform, at), demo ? 'autogit-demo' : 'autogit');
}

function dataFolder(env: Environment, platform: NodeJS.Platform, at: path.PlatformPath): string {
  const home = platform === 'win32' ? env.USERPROFILE : env.HOME;
  if (platform === 'win32' && env.LOCALAPPDATA) return env.LOCALAPPDATA;
  // A relative path there is to be ignored: https://specifications.freedesktop.org/basedir-spec/latest/
  if (platform !== 'win32' && env.XDG_DATA_HOME && at.isAbsolute(env.XDG_DATA_HOME)) return env.XDG_DATA_HOME;
  if (!home) {
    throw new AutoGitError({
      key: 'host.no-home',
      message: 'AutoGit does not know where to keep its files: neither AUTOGIT_HOME nor HOME is set.',
      next: 'Set AUTOGIT_HOME to a folder of yours, for example AUTOGIT_HOME=/var/lib/autogit.',
    });
  }
  if (platform === 'win32') return at.join(home, 'AppData', 'Local');
  return platform === 'darwin'
    ? at.join(home, 'Library', 'Application Support')
    : at.join(home, '.local', 'share');
}

/** The first place whose name is short enough. */
function socketPath(
  root: string,
  run: string,
  platform: NodeJS.Platform,
  env: Environment,
  tmp: string,
): string {
  const hash = createHash('sha256').update(root).digest('hex').slice(0, 16);
  if (platform === 'win32') return String.raw`\\.\pipe\autogit-${hash}`;
  const folders = [
    run,
    ...(env.XDG_RUNTIME_DIR ? [path.posix.join(env.XDG_RUNTIME_DIR, `autogit-${hash}`)] : []),
    path.posix.join(tmp, `autogit-${hash}`),
  ];
  const candidates = folders.map((folder) => path.posix.join(folder, 'core.sock'));
  const short = candidates.find((candidate) => Buffer.byteLength(candidate) <= longestSocketPath);
  return short ?? `/tmp/autogit-${hash}/core.sock`;
}
