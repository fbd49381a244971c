// The application's menu: what Electron's own has for everybody, without what a locked page has no use for.
import { Menu } from 'electron';

/** Copying, zooming, closing and quitting by their usual keys. */
export function applicationMenu() {
  return Menu.buildFromTemplate([
    { label: 'AutoGit', submenu: [{ role: 'reload' }, { role: 'close' }, { role: 'quit' }] },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [{ role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }, { role: 'togglefullscreen' }],
    },
  ]);
}
