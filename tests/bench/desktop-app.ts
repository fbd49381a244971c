// Electrons for the benchmark of the desktop: AutoGit's, and empty ones that are started in the same way beside it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../chaos/wait-for.ts';
import { asRoot, electron, root } from '../e2e/needs.ts';
import type { Screen } from '../e2e/screen.ts';
import { openPanel } from '../e2e/tray-panel.ts';
import type { Panel } from '../e2e/tray-panel.ts';
import { devtoolsAddress, joinDevtools } from './devtools.ts';
import type { Devtools } from './devtools.ts';
import { lookAtTree } from './process-tree.ts';
import type { TreeUse } from './process-tree.ts';

/** AutoGit as it is built here. */
export const builtDesktop = path.join(root, 'dist', 'electron');

export interface AppStart {
  readonly screen: Screen;
  /** Folder of the application. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly words?: readonly string[];
}

export interface RunningApp {
  /** `performance.now()` of its start. */
  readonly begunAt: number;
  /** Its page; joined with the first question. */
  devtools(): Promise<Devtools>;
  look(): Promise<TreeUse>;
  /** Share of a core that it uses over the next `ms`, in percent, and how it stands afterwards. */
  watch(ms: number): Promise<TreeUse & { readonly share: number }>;
  end(): Promise<void>;
}

/** Starts an application; `end` has to be called. */
export function startApp({ screen, folder, env = {}, words = [] }: AppStart): RunningApp {
  if (electron === null) throw new Error('there is no Electron on this machine');
  const begunAt = performance.now();
  const given = [...asRoot, '--remote-debugging-port=0', folder, ...words];
  const search = [path.join(root, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(path.delimiter);
  const child = spawn(electron.path, given, {
    env: { ...screen.env, PATH: search, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  const pid = child.pid ?? 0;
  const address = devtoolsAddress(child.stderr);
  address.catch(() => undefined);
  let joined: Promise<Devtools> | null = null;
  const look = (): Promise<TreeUse> => lookAtTree(pid);
  return {
    begunAt,
    devtools: () => (joined ??= address.then(joinDevtools)),
    look,
    watch: async (ms) => {
      const [before, since] = [await look(), performance.now()];
      await sleep(ms);
      const after = await look();
      const share = ((after.cpuMs - before.cpuMs) / (performance.now() - since)) * 100;
      return { ...after, share };
    },
    end: async () => {
      const devtools = await joined?.catch(() => null);
      devtools?.end();
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Stands where a desktop's panel would, for one application. */
export async function watchTray(screen: Screen): Promise<{ panel: Panel; untilIcon: () => Promise<number> }> {
  const panel = await openPanel(screen.bus);
  const look = async (): Promise<number> => {
    if (!panel.hasIcon()) throw new Error('there is no icon');
    return performance.now();
  };
  /** `performance.now()` when the icon came. */
  return { panel, untilIcon: () => waitFor(look, { timeout: 30_000, interval: 2 }) };
}

/** What an empty application shows. `nothing`: it is Electron, and no more. */
export type Emptiness = 'nothing' | 'tray and window';

const nothing = `require('electron').app.on('window-all-closed', () => undefined);\n`;
const shown = (icon: string): string => `const { BrowserWindow, Tray, app } = require('electron');
app.on('window-all-closed', () => undefined);
app.whenReady().then(() => {
  const open = () => new BrowserWindow({ width: 1180, height: 760 }).loadFile('index.html');
  const tray = new Tray(${JSON.stringify(icon)});
  tray.on('click', open);
  globalThis.tray = tray;
  open();
});
`;

/** Writes one into `folder`. */
export async function makeEmptyApp(folder: string, emptiness: Emptiness): Promise<string> {
  await mkdir(folder, { recursive: true });
  const icon = path.join(root, 'resources', 'autogit.png');
  await writeFile(path.join(folder, 'package.json'), '{ "name": "empty", "main": "main.js" }\n');
  await writeFile(path.join(folder, 'main.js'), emptiness === 'nothing' ? nothing : shown(icon));
  await writeFile(path.join(folder, 'index.html'), '<!doctype html><title>Empty</title><p>Nothing.</p>\n');
  return folder;
}
