// The one window: locked down, on our own page, and gone with its process when it is closed.
import { BrowserWindow, nativeTheme } from 'electron';
import type { WebContents } from 'electron';
import { crashPause } from './crash-pause.ts';
import { pageUrl } from './page-files.ts';

export interface WindowOptions {
  readonly preload: string;
  readonly icon: string;
  readonly devTools: boolean;
  /** Connects the page to the core, before it is loaded. */
  readonly attach: (contents: WebContents) => void;
  /** True once the application ends, and its window with it. */
  readonly isQuitting: () => boolean;
  /** Resolves with whether the window may close now. */
  readonly mayClose: () => Promise<boolean>;
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

/** Opens the window and loads the page. */
export function openWindow(options: WindowOptions): BrowserWindow {
  const window = new BrowserWindow({
    title: 'AutoGit',
    icon: options.icon,
    width: 1180,
    height: 760,
    minWidth: 480,
    minHeight: 360,
    show: false,
    autoHideMenuBar: true,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#16181d' : '#ffffff',
    webPreferences: preferences(options),
  });
  const { webContents } = window;
  options.attach(webContents);
  window.once('ready-to-show', () => window.show());
  reviveAfterCrash(window);
  askBeforeClosing(window, options);
  // The scheme answers what is not there with words, so that nothing is left to do about a failure here.
  window.loadURL(pageUrl).catch(() => undefined);
  return window;
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
