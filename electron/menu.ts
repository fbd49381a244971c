// The application's menu: what Electron's own has for everybody, without what a locked page has no use for.
import { Menu } from 'electron';

/** Copying, zooming, closing and quitting by their usual keys. `quit` asks where jobs run. */
export function applicationMenu(quit: () => void) {
  return Menu.buildFromTemplate([
    {
      label: 'AutoGit',
      submenu: [
        { role: 'reload' },
        { role: 'close' },
        { label: 'Quit AutoGit', accelerator: 'CommandOrControl+Q', click: quit },
      ],
    },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [{ role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }, { role: 'togglefullscreen' }],
    },
  ]);
}
