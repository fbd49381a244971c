// Builds dist/electron/: the shell and the core as one bundle, the preload, the sandbox's programs, the icons.
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { rolldown } from 'rolldown';
import type { InputOptions, OutputOptions, Plugin } from 'rolldown';
import { version } from '../main/version.ts';

const root = path.resolve(import.meta.dirname, '..');
const target = path.join(root, 'dist', 'electron');

/** Never part of a bundle: Electron's own module, libraries with machine code, the bundler itself. */
const external = ['electron', 'rolldown', /\.node$/];

/**
 * What dockerode loads for engines over SSH and for BuildKit's sessions, neither of which AutoGit uses: megabytes that
 * look for files beside their own source.
 */
const unused = /^(?:ssh2|@grpc\/(?:grpc-js|proto-loader)|protobufjs)$/;
const leaveOut: Plugin = {
  name: 'leave-out',
  resolveId: { filter: { id: unused }, handler: (id) => `\0empty:${id}` },
  load: { filter: { id: /^\0empty:/ }, handler: () => 'module.exports = {};' },
};

async function bundle(input: InputOptions, output: OutputOptions): Promise<void> {
  const build = await rolldown({
    external,
    plugins: [leaveOut],
    platform: 'node',
    logLevel: 'warn',
    ...input,
  });
  await build.write({ dir: target, ...output });
  await build.close();
}

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
const entry = (...names: readonly string[]): string => path.join(root, ...names);
await bundle(
  { input: { main: entry('electron', 'main.ts') } },
  { format: 'esm', chunkFileNames: '[name]-[hash].js' },
);
// A preload in the sandbox is one CommonJS file: https://www.electronjs.org/docs/latest/tutorial/sandbox
await bundle(
  { input: { preload: entry('electron', 'preload.ts') } },
  { format: 'cjs', entryFileNames: '[name].cjs' },
);
for (const [name, source] of [
  ['sandbox', entry('main', 'sandbox', 'main.ts')],
  ['runner', entry('main', 'sandbox', 'runner', 'main.ts')],
] as const) {
  await bundle(
    { input: { [name]: source } },
    { format: 'esm', codeSplitting: false, dir: path.join(target, 'programs'), entryFileNames: '[name].mjs' },
  );
}
await cp(path.join(root, 'resources'), path.join(target, 'icons'), { recursive: true });
const manifest = { name: 'autogit', productName: 'AutoGit', version, type: 'module', main: 'main.js' };
await writeFile(path.join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
