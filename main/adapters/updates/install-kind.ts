// How this program came onto the machine: what the files around it say, never a question to a person.
import path from 'node:path';
import type { InstallKind } from '../../model/updates.ts';

export interface Runtime {
  readonly platform: string;
  /** Of the program that runs, links followed. */
  readonly execPath: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A text file; `null`: there is none. */
  readonly readText: (file: string) => string | null;
  readonly exists: (file: string) => boolean;
}

export interface Installed {
  readonly kind: InstallKind;
  /** Of an AppImage: its file. */
  readonly appImage: string | null;
}

/** The folder of the desktop, of whose program or of whose command line this is; `null`: it is neither. */
function desktopFolder({ execPath, exists, platform }: Runtime): string | null {
  const at = platform === 'win32' ? path.win32 : path.posix;
  const beside = platform === 'darwin' ? at.join('..', 'Resources') : 'resources';
  const folder = at.dirname(execPath);
  if (exists(at.join(folder, beside, 'app.asar'))) return folder;
  // resources/autogit/bin/node
  const above = at.join(folder, '..', '..');
  return at.basename(folder) === 'bin' && exists(at.join(above, 'app.asar')) ? at.dirname(above) : null;
}

/** Whether Debian's package manager has put the program there: dpkg keeps a list of each package's files. */
function isOfPackage({ readText, execPath }: Runtime, name: string): boolean {
  return readText(`/var/lib/dpkg/info/${name}.list`)?.split('\n').includes(execPath) === true;
}

/** Never guesses beyond what it sees: what cannot be told apart is `source`, which is never updated by itself. */
export function installedAs(runtime: Runtime): Installed {
  const { platform, execPath, env, exists } = runtime;
  const folder = desktopFolder(runtime);
  const appImage = env['APPIMAGE'];
  const mounted = env['APPDIR'];
  // Programs that an AppImage starts inherit these: they are ours only where we run from inside.
  if (appImage !== undefined && mounted !== undefined && mounted !== '' && execPath.startsWith(`${mounted}/`))
    return { kind: 'appimage', appImage };
  const plain = (kind: InstallKind): Installed => ({ kind, appImage: null });
  if (platform === 'linux' && isOfPackage(runtime, 'autogit-headless')) return plain('deb-headless');
  if (folder === null) return plain('source');
  if (platform === 'win32') return plain('nsis');
  if (platform === 'darwin') return plain('dmg');
  if (isOfPackage(runtime, 'autogit')) return plain('deb');
  const isSystems = folder.startsWith('/opt/') || folder.startsWith('/usr/');
  return plain(isSystems && exists('/usr/bin/rpm') && !exists('/var/lib/dpkg/status') ? 'rpm' : 'zip');
}
