// The program behind `npm start`: one desktop per home.
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { app } from 'electron';
import { homePaths, prepareHome } from '../main/home.ts';
import type { CoreAccess } from '../main/serve/find-core.ts';
import { withOwnNode } from './own-node.ts';
import { hiddenWord, isLoginStart } from './autostart.ts';
import { routeInWords, routeOfLink } from './deep-links.ts';
import { declarePageScheme, registerLinks } from './page-scheme.ts';
import { startShell } from './shell.ts';
import type { Shell } from './shell.ts';
import { prepareUserData } from './user-data.ts';

/** Electron's answer to an error that nobody catches is a dialog box; a background failure never opens one. */
function tell(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}
// A reader that has gone (`npm start | head`) is no error to tell: telling it would be the next one.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
process.on('uncaughtException', tell);
process.on('unhandledRejection', tell);

/** Milliseconds that icon and window have for themselves: reading the core stops everything else for longer than that. */
const headStartMs = 150;
let head: Promise<void> | null = null;
async function loadCore(): Promise<CoreAccess> {
  head ??= sleep(headStartMs);
  await head;
  return import('../main/index.ts');
}

declarePageScheme();
// In development `npm start` has put a Node there.
if (app.isPackaged) process.env['PATH'] = withOwnNode(process.env['PATH'] ?? '', process.resourcesPath);
const userData = await prepareUserData(async () => {
  const paths = homePaths(process.env, { demo: false });
  await prepareHome(paths);
  return paths.root;
});
app.setPath('userData', userData.folder);

if (app.requestSingleInstanceLock()) {
  let shell: Shell | null = null;
  let route = routeInWords(process.argv);
  app.on('second-instance', (_event, words) => {
    // A login that starts it twice asks for no window.
    if (!words.includes(hiddenWord)) shell?.show(routeInWords(words));
  });
  // On a Mac links come by themselves, also before there is anything to show them.
  app.on('open-url', (event, link) => {
    event.preventDefault();
    route = routeOfLink(link);
    if (route !== null) shell?.show(route);
  });
  const here = import.meta.dirname;
  // Not awaited: Electron is not ready before this module has ended.
  app
    .whenReady()
    .then(() => {
      registerLinks();
      shell = startShell({
        files: {
          page: path.join(here, '..', 'renderer'),
          preload: path.join(here, 'preload.cjs'),
          icons: path.join(here, 'icons'),
          userData: userData.folder,
        },
        env: process.env,
        loadCore,
        beforeExit: userData.leave,
        route,
        isHidden: route === null && isLoginStart(process.argv),
      });
    })
    .catch((error: unknown) => {
      tell(error);
      app.exit(1);
    });
} else {
  process.stderr.write('AutoGit runs already with this home; its window comes to the front.\n');
  app.exit(0);
}
