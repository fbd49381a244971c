// The tray: an icon per state, the state in words, and what can be done without a window.
import { Menu, Tray, nativeTheme } from 'electron';
import { trayIcons } from './tray-icons.ts';
import { trayMenu } from './tray-menu.ts';
import type { TrayActions } from './tray-menu.ts';
import type { TrayView } from './tray-view.ts';

export interface ShownTray {
  show(view: TrayView): void;
}

/** Puts the icon into the tray. `folder`: the icons' sheets. */
export function createTray(folder: string, first: TrayView, actions: TrayActions): ShownTray {
  const icons = trayIcons(folder);
  let shown = first;
  const tray = new Tray(icons.image(first.icon));
  const drawIcon = (): void => tray.setImage(icons.image(shown.icon));
  const drawWords = (): void => {
    tray.setToolTip(shown.tooltip);
    tray.setContextMenu(Menu.buildFromTemplate(trayMenu(shown, actions)));
  };
  drawWords();
  // On a Mac a click opens the menu; where the desktop has a click of its own, it opens the window.
  if (process.platform !== 'darwin') tray.on('click', () => actions.open());
  nativeTheme.on('updated', drawIcon);
  return {
    show: (view) => {
      const before = shown;
      shown = view;
      if (view.icon !== before.icon) drawIcon();
      // A menu that is set anew closes under the pointer.
      if (JSON.stringify(view) !== JSON.stringify(before)) drawWords();
    },
  };
}
