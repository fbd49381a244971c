// The tray: an icon per state, the state in words, and what can be done without a window.
import path from 'node:path';
import { Menu, Tray, nativeImage, nativeTheme } from 'electron';
import type { MenuItemConstructorOptions } from 'electron';
import type { TrayView } from './tray-view.ts';

export interface TrayActions {
  open(): void;
  turn(to: 'drain' | 'resume'): void;
  quit(): void;
}

export interface ShownTray {
  show(view: TrayView): void;
}

const turnWords = {
  drain: 'Start no more runners',
  resume: 'Serve the queue again',
} as const;

/** An ampersand in a label marks a key; two are one that is shown. */
function label(text: string): string {
  return text.replaceAll('&', '&&');
}

function menuOf({ lines, turn, quit }: TrayView, actions: TrayActions) {
  const items: MenuItemConstructorOptions[] = [
    { label: 'Open AutoGit', click: actions.open },
    { type: 'separator' },
    ...lines.map((text) => ({ label: label(text), enabled: false })),
    { type: 'separator' },
    ...(turn === null ? [] : [{ label: turnWords[turn], click: () => actions.turn(turn) }]),
    { label: label(quit), click: actions.quit },
  ];
  return Menu.buildFromTemplate(items);
}

/** Puts the icon into the tray. `folder`: the icons, by state and ground. */
export function createTray(folder: string, first: TrayView, actions: TrayActions): ShownTray {
  const image = ({ icon }: TrayView) => {
    const ground = nativeTheme.shouldUseDarkColors ? 'dark' : 'light';
    return nativeImage.createFromPath(path.join(folder, `${icon}-on-${ground}.png`));
  };
  let shown = first;
  const tray = new Tray(image(first));
  const draw = (): void => {
    tray.setImage(image(shown));
    tray.setToolTip(shown.tooltip);
    tray.setContextMenu(menuOf(shown, actions));
  };
  draw();
  tray.on('click', actions.open);
  nativeTheme.on('updated', draw);
  return {
    show: (view) => {
      // A menu that is set anew closes under the pointer.
      if (JSON.stringify(view) === JSON.stringify(shown)) return;
      shown = view;
      draw();
    },
  };
}
