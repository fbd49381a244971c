// The desktop: one core, one tray, one window, and what happens when they come and go.
import path from 'node:path';
import { Menu, app, dialog, session, shell } from 'electron';
import type { BrowserWindow } from 'electron';
import type { Snapshot } from '../main/contract/snapshot.ts';
import { messageOf } from '../main/errors.ts';
import type { CoreAccess, Environment } from '../main/serve/find-core.ts';
import { answerPage } from './bridge-channels.ts';
import { linkCore } from './core-link.ts';
import type { CoreLink } from './core-link.ts';
import { createDesk } from './desk.ts';
import { lockEveryPage, lockSession } from './guard.ts';
import { mayOpen } from './links.ts';
import { applicationMenu } from './menu.ts';
import { servePage } from './page-scheme.ts';
import { hasTrayHost } from './tray-host.ts';
import { trayView } from './tray-view.ts';
import { createTray } from './tray.ts';
import type { ShownTray } from './tray.ts';
import { watchLab } from './watch-lab.ts';
import { openWindow } from './window.ts';

/** Where the application's files lie: a checkout or a package, both with the same folders. */
export interface ShellFiles {
  /** The built page. */
  readonly page: string;
  readonly preload: string;
  /** Icons of tray and window. */
  readonly icons: string;
}

export interface ShellOptions {
  readonly files: ShellFiles;
  readonly env: Environment;
  readonly loadCore: () => Promise<CoreAccess>;
  readonly beforeExit: () => Promise<void>;
}

export interface Shell {
  /** Opens the window or brings it to the front. */
  show(): void;
}

/** Once Electron is ready. */
export function startShell(options: ShellOptions): Shell {
  return new Desktop(options);
}

class Desktop implements Shell {
  readonly #files: ShellFiles;
  readonly #link: CoreLink;
  readonly #tray: ShownTray;
  readonly #beforeExit: () => Promise<void>;
  readonly #ending = new AbortController();
  #snapshot: Snapshot | null = null;
  #window: BrowserWindow | null = null;
  #isQuitting = false;

  constructor({ files, env, loadCore, beforeExit }: ShellOptions) {
    this.#files = files;
    this.#beforeExit = beforeExit;
    lockSession(session.defaultSession, { devTools: !app.isPackaged });
    lockEveryPage((url) => this.#openLink(url));
    servePage(session.defaultSession, files.page);
    this.#link = linkCore({ loadCore, env, onChange: () => this.#draw() });
    this.#tray = createTray(path.join(files.icons, 'tray'), trayView(this.#link.state(), null), {
      open: () => this.show(),
      turn: (to) => this.#turn(to),
      quit: () => app.quit(),
    });
    Menu.setApplicationMenu(applicationMenu());
    // Without a window the tray goes on.
    app.on('window-all-closed', () => undefined);
    // On a Mac the application stays in the Dock, and a click there wants its window.
    app.on('activate', () => this.show());
    app.on('before-quit', () => (this.#isQuitting = true));
    app.on('will-quit', (event) => this.#quit(event));
    void watchLab({
      door: this.#link.door,
      stop: this.#ending.signal,
      onSnapshot: (snapshot) => {
        this.#snapshot = snapshot;
        this.#draw();
      },
    });
    this.show();
  }

  show(): void {
    if (this.#window?.isDestroyed() === false) {
      if (this.#window.isMinimized()) this.#window.restore();
      this.#window.show();
      this.#window.focus();
      return;
    }
    this.#window = openWindow({
      preload: this.#files.preload,
      icon: path.join(this.#files.icons, 'autogit.png'),
      devTools: !app.isPackaged,
      attach: (contents) => answerPage(contents, createDesk(this.#link.door)),
      isQuitting: () => this.#isQuitting,
      mayClose: () => this.#mayClose(),
    });
  }

  #draw(): void {
    this.#tray.show(trayView(this.#link.state(), this.#snapshot));
  }

  #turn(to: 'drain' | 'resume'): void {
    this.#link.door.call(`lab.${to}`, {}).catch((error: unknown) => {
      dialog.showMessageBox({ type: 'error', message: messageOf(error) }).catch(() => undefined);
    });
  }

  #openLink(url: string): void {
    if (!mayOpen(url, this.#snapshot?.gitlab.url ?? null)) return;
    shell.openExternal(url).catch(() => undefined);
  }

  /** Where no tray shows the way back, closing the window would leave a core that nobody sees. */
  async #mayClose(): Promise<boolean> {
    if (await hasTrayHost()) return true;
    if (this.#link.state().kind !== 'own') {
      app.quit();
      return true;
    }
    const { response } = await dialog.showMessageBox({
      type: 'question',
      message: 'This desktop shows no tray icons, so AutoGit would go on unseen.',
      detail: 'Runners that work go on in any case. Without AutoGit no waiting job gets a runner.',
      buttons: ['Quit AutoGit', 'Go on unseen', 'Keep the window'],
      defaultId: 0,
      cancelId: 2,
    });
    if (response === 0) app.quit();
    return response !== 2;
  }

  /** The core lets go of its home first; its runners are adopted by the next start. */
  #quit(event: Electron.Event): void {
    if (this.#ending.signal.aborted) return;
    event.preventDefault();
    this.#ending.abort();
    void this.#link
      .close()
      .then(this.#beforeExit)
      .catch((error: unknown) => process.stderr.write(`The core did not end well: ${messageOf(error)}\n`))
      .finally(() => app.exit(0));
  }
}
