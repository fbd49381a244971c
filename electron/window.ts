// The one window: locked down, on our own page, and gone with its process when it is closed.
import { BrowserWindow, nativeTheme, screen } from 'electron';
import type { Rectangle, WebContents } from 'electron';
import { crashPause } from './crash-pause.ts';
import { addressOf, routeOf } from './page-files.ts';
import type { ShellState } from './shell-memory.ts';

export interface WindowOptions {
  readonly preload: string;
  readonly icon: string;
  readonly devTools: boolean;
  /** Where the last window stood, and what it showed. */
  readonly last: Pick<ShellState, 'bounds' | 'isMaximized' | 'route'>;
  /** Connects the page to the core, before it is loaded. */
  readonly attach: (contents: WebContents) => void;
  /** True once the application ends, and its window with it. */
  readonly isQuitting: () => boolean;
  /** Resolves with whether the window may close now. */
  readonly mayClose: () => Promise<boolean>;
  readonly onMove: (place: Pick<ShellState, 'bounds' | 'isMaximized'>) => void;
  /** The page shows another address of its own. */
  readonly onRoute: (route: string) => void;
  /** The person's session ends, and the application with it. Windows says so to windows. */
  readonly onSessionEnd: () => void;
}

/** Most of it is Electron's default today; it is written down so that it stays. https://www.electronjs.org/docs/latest/tutorial/security */
function preferences({ preload, devTools }: WindowOptions): Electron.WebPreferences {
  return {
    preload,
    devTools,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    // Its dictionaries would be fetched from the network.
    spellcheck: false,
    disableDialogs: true,
  };
}

const usual = { width: 1180, height: 760 } as const;

/** Where the last window stood, unless that screen is gone. */
function placeOf(bounds: Rectangle | null): Partial<Rectangle> {
  if (bounds === null) return usual;
  const { x, y, width, height } = screen.getDisplayMatching(bounds).workArea;
  const isSeen =
    bounds.x < x + width &&
    bounds.x + bounds.width > x &&
    bounds.y < y + height &&
    bounds.y + bounds.height > y;
  return isSeen ? bounds : { width: bounds.width, height: bounds.height };
}

/** Opens the window and loads the page. */
export function openWindow(options: WindowOptions): BrowserWindow {
  const { last } = options;
  const window = new BrowserWindow({
    title: 'AutoGit',
    icon: options.icon,
    ...placeOf(last.bounds),
    minWidth: 480,
    minHeight: 360,
    show: false,
    autoHideMenuBar: true,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#16181d' : '#ffffff',
    webPreferences: preferences(options),
  });
  const { webContents } = window;
  options.attach(webContents);
  window.once('ready-to-show', () => {
    if (last.isMaximized) window.maximize();
    window.show();
  });
  reviveAfterCrash(window);
  rememberPlace(window, options);
  askBeforeClosing(window, options);
  window.on('session-end', () => options.onSessionEnd());
  // The scheme answers what is not there with words, so that nothing is left to do about a failure here.
  window.loadURL(addressOf(last.route)).catch(() => undefined);
  return window;
}

function rememberPlace(window: BrowserWindow, { onMove, onRoute }: WindowOptions): void {
  const remember = (): void =>
    onMove({ bounds: window.getNormalBounds(), isMaximized: window.isMaximized() });
  window.on('resize', remember);
  window.on('move', remember);
  window.on('maximize', remember);
  window.on('unmaximize', remember);
  window.webContents.on('did-navigate-in-page', (_event, url, isMainFrame) => {
    const route = isMainFrame ? routeOf(url) : null;
    if (route !== null) onRoute(route);
  });
}

function reviveAfterCrash(window: BrowserWindow): void {
  const { webContents } = window;
  let pauseMs: number | null = null;
  let crashedAt = 0;
  webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit') return;
    const now = performance.now();
    pauseMs = crashPause(pauseMs, now - crashedAt);
    crashedAt = now;
    const [how, seconds] = [`${reason}, ${String(exitCode)}`, String(pauseMs / 1000)];
    process.stderr.write(`The page of the window has ended (${how}); it is shown again in ${seconds} s.\n`);
    setTimeout(() => {
      if (!window.isDestroyed()) webContents.reload();
    }, pauseMs);
  });
}

function askBeforeClosing(window: BrowserWindow, { isQuitting, mayClose }: WindowOptions): void {
  let isAsked = false;
  window.on('close', (event) => {
    if (isQuitting()) return;
    event.preventDefault();
    // Whoever clicks twice is asked once.
    if (isAsked) return;
    isAsked = true;
    void mayClose()
      .then((may) => {
        if (may && !window.isDestroyed()) window.destroy();
      })
      .finally(() => (isAsked = false));
  });
}
