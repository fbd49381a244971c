// Builds dist/electron/: the shell and the core as one bundle, the preload, the sandbox's programs, icons, templates.
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { InputOptions, OutputOptions } from 'rolldown';
import { version } from '../main/version.ts';
import { bundle, bundlePrograms } from './bundle.ts';

const root = path.resolve(import.meta.dirname, '..');
const target = path.join(root, 'dist', 'electron');

const write = (input: InputOptions, output: OutputOptions): Promise<void> =>
  bundle(input, { dir: target, ...output });

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
const entry = (...names: readonly string[]): string => path.join(root, ...names);
await write(
  { input: { main: entry('electron', 'main.ts') } },
  { format: 'esm', chunkFileNames: '[name]-[hash].js' },
);
// A preload in the sandbox is one CommonJS file: https://www.electronjs.org/docs/latest/tutorial/sandbox
await write(
  { input: { preload: entry('electron', 'preload.ts') } },
  { format: 'cjs', entryFileNames: '[name].cjs' },
);
await bundlePrograms(target);
await cp(path.join(root, 'resources'), path.join(target, 'icons'), { recursive: true });
// Where main/adapters/stack/templates.ts looks for them.
await cp(entry('compose-templates'), path.join(target, 'compose-templates'), { recursive: true });
const manifest = { name: 'autogit', productName: 'AutoGit', version, type: 'module', main: 'main.js' };
await writeFile(path.join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
