// Builds what packages are made of: dist/electron (the shell and the core as one bundle, the preload, icons), dist/cli (the
// command line with the same core), and the papers: licences of all that is inside, and a bill of materials.
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { InputOptions, OutputOptions } from 'rolldown';
import { z } from 'zod';
import { version } from '../main/version.ts';
import { bundle, bundlePrograms } from './bundle.ts';
import { billOfMaterials, licenceReport, readShipped } from './papers.ts';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');
const desktop = path.join(dist, 'electron');
const cli = path.join(dist, 'cli');
const entry = (...names: readonly string[]): string => path.join(root, ...names);

const modules: string[] = [];
const write = async (input: InputOptions, output: OutputOptions): Promise<void> =>
  void modules.push(...(await bundle(input, output)));

for (const folder of [desktop, cli]) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}
await write(
  { input: { main: entry('electron', 'main.ts') } },
  { dir: desktop, format: 'esm', chunkFileNames: '[name]-[hash].js' },
);
// A preload in the sandbox is one CommonJS file: https://www.electronjs.org/docs/latest/tutorial/sandbox
await write(
  { input: { preload: entry('electron', 'preload.ts') } },
  { dir: desktop, format: 'cjs', entryFileNames: '[name].cjs' },
);
await write(
  { input: { autogit: entry('main', 'cli', 'main.ts') } },
  { dir: cli, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
);
modules.push(...(await bundlePrograms(desktop)));
await cp(path.join(desktop, 'programs'), path.join(cli, 'programs'), { recursive: true });

const manifestSchema = z.object({ version: z.string() });
const electron = manifestSchema.parse(
  JSON.parse(await readFile(entry('node_modules', 'electron', 'package.json'), 'utf8')),
);
const shipped = await readShipped(root, electron.version, modules);
await writeFile(path.join(dist, 'licenses.json'), licenceReport(shipped));
await writeFile(path.join(dist, 'sbom.cdx.json'), billOfMaterials(version, shipped));

for (const folder of [desktop, cli]) {
  // Where main/adapters/stack/templates.ts looks for them.
  await cp(entry('compose-templates'), path.join(folder, 'compose-templates'), { recursive: true });
  await cp(path.join(dist, 'licenses.json'), path.join(folder, 'licenses.json'));
}
// What only packages need goes into them by electron-builder.yml.
const forPackages = [entry('resources', 'linux'), entry('resources', 'icons')];
await cp(entry('resources'), path.join(desktop, 'icons'), {
  recursive: true,
  filter: (source) => !forPackages.includes(source),
});
// Windows take a small one: a large one is sent to the screen as a whole before the window is there.
await cp(entry('resources', 'icons', '128x128.png'), path.join(desktop, 'icons', 'window.png'));
const manifest = { name: 'autogit', productName: 'AutoGit', version, type: 'module', main: 'main.js' };
await writeFile(path.join(desktop, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
