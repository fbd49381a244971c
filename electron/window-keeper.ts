// Keeps the one window: opens it where and as it was, and decides what closing it means.
import path from 'node:path';
import { app } from 'electron';
import type { BrowserWindow, WebContents } from 'electron';
import { addressOf } from './page-files.ts';
import type { ShellMemory } from './shell-memory.ts';
import { openWindow } from './window.ts';

export interface WindowKeeperOptions {
  readonly preload: string;
  readonly icons: string;
  readonly memory: ShellMemory;
  readonly attach: (contents: WebContents) => void;
  readonly isQuitting: () => boolean;
  readonly mayClose: () => Promise<boolean>;
  readonly onSessionEnd: () => void;
}

export interface WindowKeeper {
  /** Opens the window or brings it to the front; at `route` (as it stands behind the `#`) or where it was. */
  show(route?: string | null): void;
}

/** Nothing is opened before the first `show`. A closed window has no process left. */
export function createWindowKeeper(options: WindowKeeperOptions): WindowKeeper {
  const { memory, icons } = options;
  let window: BrowserWindow | null = null;
  const open = (): BrowserWindow => {
    // On a Mac an application without a window has no place in the Dock.
    app.dock?.show().catch(() => undefined);
    const opened = openWindow({
      ...options,
      icon: path.join(icons, 'window.png'),
      devTools: !app.isPackaged,
      last: memory.get(),
      onMove: (place) => memory.set(place),
      onRoute: (route) => memory.set({ route }),
    });
    opened.on('closed', () => app.dock?.hide());
    return opened;
  };
  return {
    show: (route = null) => {
      if (window?.isDestroyed() !== false) {
        if (route !== null) memory.set({ route });
        window = open();
        return;
      }
      if (route !== null) window.loadURL(addressOf(route)).catch(() => undefined);
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
    },
  };
}
