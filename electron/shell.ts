// The desktop: one core, one tray, one window, and what happens when they come and go.
import path from 'node:path';
import { Menu, app, session, shell } from 'electron';
import type { DesktopFacts } from '../main/contract/bridge.ts';
import type { CallName, Input } from '../main/contract/contract.ts';
import type { Snapshot } from '../main/contract/snapshot.ts';
import { messageOf } from '../main/errors.ts';
import { plainLine } from '../main/model/plain-line.ts';
import type { CoreAccess, Environment } from '../main/serve/find-core.ts';
import { createAutostart, hiddenWord } from './autostart.ts';
import type { Autostart } from './autostart.ts';
import { answerPage } from './bridge-channels.ts';
import { linkCore } from './core-link.ts';
import type { CoreLink } from './core-link.ts';
import type { Desk } from './desk.ts';
import type { DesktopDesk } from './desktop-desk.ts';
import { follow } from './follow.ts';
import { lockEveryPage, lockSession } from './guard.ts';
import { lateDesk, lateDesktopDesk } from './late-desk.ts';
import { createLeaving } from './leaving.ts';
import type { Leaving } from './leaving.ts';
import { mayOpen } from './links.ts';
import { applicationMenu } from './menu.ts';
import { createNotifier } from './notifier.ts';
import type { Banner, Notifier } from './notifier.ts';
import { servePage } from './page-scheme.ts';
import { watchPower } from './power.ts';
import { askToClose, askToQuit, goesOnInTray, noTray } from './questions.ts';
import { openShellMemory } from './shell-memory.ts';
import type { ShellMemory } from './shell-memory.ts';
import { createNoticeDesk } from './show-notices.ts';
import type { NoticeDesk } from './show-notices.ts';
import { hasTrayHost } from './tray-host.ts';
import { trayView } from './tray-view.ts';
import type { TrayView } from './tray-view.ts';
import { createTray } from './tray.ts';
import type { ShownTray } from './tray.ts';
import { watchLab } from './watch-lab.ts';
import { createWindowKeeper } from './window-keeper.ts';
import type { WindowKeeper } from './window-keeper.ts';

/** Where the application's files lie: a checkout or a package, both with the same folders. */
export interface ShellFiles {
  /** The built page. */
  readonly page: string;
  readonly preload: string;
  /** Icons of tray and window. */
  readonly icons: string;
  /** Electron's own files of this home, and what the desktop remembers of itself. */
  readonly userData: string;
}

export interface ShellOptions {
  readonly files: ShellFiles;
  readonly env: Environment;
  readonly loadCore: () => Promise<CoreAccess>;
  readonly beforeExit: () => Promise<void>;
  /** The address in the page that this start was asked for; `null`: where the last window was. */
  readonly route: string | null;
  /** The login started it: nobody asked for a window. */
  readonly isHidden: boolean;
}

export interface Shell {
  /** Opens the window or brings it to the front. */
  show(route?: string | null): void;
}

/** Once Electron is ready. */
export function startShell(options: ShellOptions): Shell {
  return new Desktop(options);
}

/** Seconds that a pause from the tray lasts. */
const pauseSeconds = 3600;
/** Milliseconds that the core has for its end when the session ends: systems wait for a few seconds, then kill. */
const sessionEndMs = 4000;

const time = new Intl.DateTimeFormat(undefined, { weekday: 'short', hour: '2-digit', minute: '2-digit' });

/** Out of an AppImage its file starts again, not the program in its mount, which goes with this one. */
function relaunchOptions({ APPIMAGE: appImage, APPDIR: mounted }: Environment): Electron.RelaunchOptions {
  const args = process.argv.slice(1).filter((word) => word !== hiddenWord);
  const isInside = Boolean(mounted) && process.execPath.startsWith(`${mounted ?? ''}/`);
  return appImage === undefined || !isInside ? { args } : { args, execPath: appImage };
}

class Desktop implements Shell {
  readonly #link: CoreLink;
  readonly #tray: ShownTray;
  readonly #window: WindowKeeper;
  readonly #memory: ShellMemory;
  readonly #notifier: Notifier;
  readonly #notices: NoticeDesk;
  readonly #leaving: Leaving;
  readonly #autostart: Autostart;
  readonly #beforeExit: () => Promise<void>;
  readonly #ending = new AbortController();
  #snapshot: Snapshot | null = null;
  readonly #env: Environment;
  #isQuitting = false;
  #isSessionEnding = false;
  #isRestarting = false;

  constructor({ files, env, loadCore, beforeExit, route, isHidden }: ShellOptions) {
    this.#beforeExit = beforeExit;
    this.#env = env;
    this.#memory = openShellMemory(files.userData);
    this.#autostart = createAutostart(env, env['AUTOGIT_HOME']);
    lockSession(session.defaultSession, { devTools: !app.isPackaged });
    lockEveryPage((url) => this.#openLink(url));
    servePage(session.defaultSession, files.page);
    this.#link = linkCore({ loadCore, env, onChange: () => this.#draw() });
    this.#leaving = createLeaving({
      isOwn: () => this.#link.state().kind === 'own',
      ask: askToQuit,
      drain: () => this.#call('lab.drain', { untilRestart: true }),
      resume: () => this.#call('lab.resume', {}),
      quit: () => app.quit(),
      onChange: () => this.#draw(),
    });
    this.#tray = this.#createTray(path.join(files.icons, 'tray'));
    this.#notifier = createNotifier(path.join(files.icons, 'autogit.png'), (key, action) => {
      void this.#notices.press(key, action).then((isNotice) => (isNotice ? undefined : this.show()));
    });
    this.#notices = createNoticeDesk({
      ...{ notifier: this.#notifier, door: this.#link.door },
      open: (to) => this.show(to),
    });
    this.#window = createWindowKeeper({
      ...{ preload: files.preload, icons: files.icons, memory: this.#memory },
      attach: (contents) => answerPage(contents, this.#desk(), this.#desktopDesk()),
      isQuitting: () => this.#isQuitting,
      mayClose: () => this.#mayClose(),
      onSessionEnd: () => this.#endSession(),
    });
    this.#listen();
    this.#follow();
    if (isHidden) return;
    this.show(route);
    void this.#sayWithoutTray();
  }

  show(route: string | null = null): void {
    this.#window.show(route);
  }

  #createTray(folder: string): ShownTray {
    return createTray(folder, this.#view(), {
      open: (page) => this.show(page === undefined ? null : `/${page}`),
      openGitlab: () => this.#openLink(this.#snapshot?.gitlab.url ?? ''),
      turn: (to) => (to === 'pause' ? this.#call('lab.drain', { for: pauseSeconds }) : this.#leaving.stay()),
      turnPool: (name, to) => this.#call(`pool.${to}`, { name }),
      quit: () => this.#wantQuit(),
    });
  }

  #listen(): void {
    Menu.setApplicationMenu(applicationMenu(() => this.#wantQuit()));
    // Without a window the tray goes on.
    app.on('window-all-closed', () => undefined);
    // On a Mac the application stays in the Dock, and a click there wants its window.
    app.on('activate', () => this.show());
    app.on('before-quit', () => (this.#isQuitting = true));
    app.on('will-quit', (event) => this.#quit(event));
    watchPower({
      // Of everything that was missed meanwhile, one look tells.
      onWake: () => void this.#ask('queue.refresh', {}).catch(() => undefined),
      onLock: (isLocked) => void this.#notices.lock(isLocked),
      onSessionEnd: () => this.#endSession(),
    });
  }

  #follow(): void {
    const [door, stop] = [this.#link.door, this.#ending.signal];
    void watchLab({
      ...{ door, stop },
      onSnapshot: (snapshot) => {
        this.#snapshot = snapshot;
        this.#draw();
        this.#leaving.see(snapshot);
      },
    });
    void follow({
      ...{ door, stop, name: 'notice.watch', input: {} },
      onItem: (news) => this.#notices.take(news),
    });
  }

  #view(): TrayView {
    return trayView({
      link: this.#link.state(),
      snapshot: this.#snapshot,
      isLeaving: this.#leaving.isWaiting(),
      time: (at) => time.format(at),
    });
  }

  #draw(): void {
    this.#tray.show(this.#view());
  }

  #wantQuit(): void {
    this.#isRestarting = false;
    void this.#leaving.want(this.#snapshot);
  }

  /** As quitting, with its question; whoever stays after all is not surprised by a start later. */
  #wantRestart(): void {
    this.#isRestarting = true;
    void this.#leaving.want(this.#snapshot).then(() => {
      if (!this.#isQuitting && !this.#leaving.isWaiting()) this.#isRestarting = false;
    });
  }

  #ask<N extends CallName>(name: N, input: Input<N>): Promise<unknown> {
    return this.#link.door.call(name, input);
  }

  /** What was pressed and did not happen is said where it was pressed: outside the window. */
  #call<N extends CallName>(name: N, input: Input<N>): void {
    this.#ask(name, input).catch((error: unknown) =>
      this.#say({ key: 'refused', title: 'That did not work', body: messageOf(error) }),
    );
  }

  #say({ key, title, body, actions = [] }: Pick<Banner, 'key' | 'title' | 'body'> & Partial<Banner>) {
    const words = { title: plainLine(title), body: plainLine(body, 300) };
    return this.#notifier.show({ key, ...words, actions, urgency: 'normal', isSilent: false });
  }

  async #sayWithoutTray(): Promise<void> {
    if (this.#memory.get().hasToldNoTray || (await hasTrayHost())) return;
    if (await this.#say(noTray)) this.#memory.set({ hasToldNoTray: true });
  }

  #desk(): Desk {
    return lateDesk(async () => (await import('./desk.ts')).createDesk(this.#link.door));
  }

  #desktopDesk(): DesktopDesk {
    return lateDesktopDesk(async () => {
      const { createDesktopDesk } = await import('./desktop-desk.ts');
      return createDesktopDesk({
        facts: () => this.#facts(),
        setStartAtLogin: (on) => this.#autostart.set(on),
        quit: () => this.#wantQuit(),
        restart: () => this.#wantRestart(),
      });
    });
  }

  async #facts(): Promise<DesktopFacts> {
    const { kind } = this.#link.state();
    const [startAtLogin, hasTray, hasNotifications] = await Promise.all([
      this.#autostart.state(),
      hasTrayHost(),
      this.#notifier.canShow(),
    ]);
    return {
      version: app.getVersion(),
      electron: process.versions.electron,
      platform: process.platform,
      ...{ startAtLogin, hasTray, hasNotifications },
      core: kind === 'own' || kind === 'joined' ? kind : 'none',
    };
  }

  #openLink(url: string): void {
    if (!mayOpen(url, this.#snapshot?.gitlab.url ?? null)) return;
    shell.openExternal(url).catch(() => undefined);
  }

  /** Where no tray shows the way back, closing the window would leave a core that nobody sees. */
  async #mayClose(): Promise<boolean> {
    if (await hasTrayHost()) {
      void this.#sayHiding();
      return true;
    }
    if (this.#link.state().kind !== 'own') {
      app.quit();
      return true;
    }
    const answer = await askToClose();
    if (answer === 'quit') app.quit();
    return answer !== 'stay';
  }

  async #sayHiding(): Promise<void> {
    if (this.#memory.get().hasToldHiding) return;
    if (await this.#say(goesOnInTray)) this.#memory.set({ hasToldHiding: true });
  }

  #endSession(): void {
    this.#isSessionEnding = true;
    app.quit();
  }

  /** The core lets go of its home first; its runners are adopted by the next start. */
  #quit(event: Electron.Event): void {
    if (this.#ending.signal.aborted) return;
    event.preventDefault();
    this.#ending.abort();
    if (this.#isSessionEnding) setTimeout(() => app.exit(0), sessionEndMs);
    void Promise.all([this.#link.close(), this.#notifier.end(), this.#memory.settled()])
      .then(this.#beforeExit)
      .catch((error: unknown) => process.stderr.write(`The core did not end well: ${messageOf(error)}\n`))
      .finally(() => {
        if (this.#isRestarting && !this.#isSessionEnding) app.relaunch(relaunchOptions(this.#env));
        app.exit(0);
      });
  }
}
