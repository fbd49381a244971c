// The program behind `npm start`: one desktop per home.
import path from 'node:path';
import { app } from 'electron';
import { declarePageScheme } from './page-scheme.ts';
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

declarePageScheme();
const access = await import('../main/index.ts');
const userData = await prepareUserData(async () => {
  const paths = access.homePaths(process.env, { demo: false });
  await access.prepareHome(paths);
  return paths.root;
});
app.setPath('userData', userData.folder);

if (app.requestSingleInstanceLock()) {
  let shell: Shell | null = null;
  app.on('second-instance', () => shell?.show());
  const here = import.meta.dirname;
  // Not awaited: Electron is not ready before this module has ended.
  app
    .whenReady()
    .then(() => {
      shell = startShell({
        files: {
          page: path.join(here, '..', 'renderer'),
          preload: path.join(here, 'preload.cjs'),
          icons: path.join(here, 'icons'),
        },
        env: process.env,
        loadCore: async () => access,
        beforeExit: userData.leave,
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
