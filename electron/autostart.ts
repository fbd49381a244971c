// Start at login: off until a person switches it on, with the one way that each system has for it.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { app } from 'electron';
import { AutoGitError, messageOf } from '../main/errors.ts';
import type { Environment } from '../main/serve/find-core.ts';
import { autostartEntry, isStarting } from './autostart-entry.ts';

/** Started by the login, the desktop shows its icon and no window. */
export const hiddenWord = '--hidden';

export interface Autostart {
  state(): Promise<'on' | 'off' | 'unavailable'>;
  /** Rejects with `desktop.autostart-refused`. */
  set(on: boolean): Promise<void>;
}

function refused(why: string): AutoGitError {
  return new AutoGitError({
    key: 'desktop.autostart-refused',
    message: `AutoGit could not change what starts at login: ${why}.`,
    next: 'Add or remove it in the settings of the desktop, under the programs that start at login.',
  });
}

/** The one of this system. */
export function createAutostart(env: Environment, home: string | undefined): Autostart {
  return process.platform === 'linux' ? linuxAutostart(env, home) : systemAutostart(home);
}

/** The command that starts this desktop with this home. An AppImage's own file lies in a folder that goes with it. */
function command(env: Environment, home: string | undefined): readonly string[] {
  const program = env['APPIMAGE'] ?? process.execPath;
  const words = [program, ...(app.isPackaged ? [] : [app.getAppPath()]), hiddenWord];
  return home === undefined ? words : ['env', `AUTOGIT_HOME=${home}`, ...words];
}

function linuxAutostart(env: Environment, home: string | undefined): Autostart {
  // By the environment and not `app.getPath('appData')`, which a relative path would lead astray.
  const given = env['XDG_CONFIG_HOME'];
  const config =
    given !== undefined && path.isAbsolute(given) ? given : path.join(app.getPath('home'), '.config');
  const file = path.join(config, 'autostart', 'autogit-desktop.desktop');
  const words = command(env, home);
  return {
    state: () =>
      readFile(file, 'utf8').then(
        (text) => (isStarting(text, words) ? 'on' : 'off'),
        () => 'off',
      ),
    set: async (on) => {
      const entry = autostartEntry(words);
      if (entry === null) throw refused('the path of AutoGit has a line break in it');
      try {
        if (!on) {
          await rm(file, { force: true });
          return;
        }
        await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
        await writeFile(file, entry, { mode: 0o644 });
      } catch (error) {
        throw refused(messageOf(error));
      }
    },
  };
}

function systemAutostart(home: string | undefined): Autostart {
  // A home of its own cannot be named there, and a checkout is no application.
  const canDo = app.isPackaged && home === undefined;
  const item = { args: [hiddenWord] };
  return {
    state: async () => {
      if (!canDo) return 'unavailable';
      return app.getLoginItemSettings(item).openAtLogin ? 'on' : 'off';
    },
    set: async (on) => {
      if (!canDo) throw refused('only an installed AutoGit with its usual home can start at login');
      app.setLoginItemSettings({ ...item, openAtLogin: on });
    },
  };
}

/** Whether this start was the login's. */
export function isLoginStart(words: readonly string[]): boolean {
  if (words.includes(hiddenWord)) return true;
  return process.platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin;
}
