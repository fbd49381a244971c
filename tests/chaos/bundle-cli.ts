// The command line with its core as one bundle, as packages have it: it starts faster, and stays as it was made.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { bundle, bundlePrograms } from '../../electron/bundle.ts';

const root = path.resolve(import.meta.dirname, '../..');
/** Inside the repository: what stays outside of a bundle is looked for from where the bundle is. */
const target = path.join(root, 'dist', 'measured');

/** Makes the bundle; its main file. `more`: further programs that share its parts, by name. */
export async function bundleCli(more: Readonly<Record<string, string>> = {}): Promise<string> {
  await rm(target, { recursive: true, force: true });
  const main = (...names: readonly string[]): string => path.join(root, 'main', ...names);
  await bundle(
    { input: { autogit: main('cli', 'main.ts'), ...more } },
    { dir: target, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
  );
  await bundlePrograms(target);
  return path.join(target, 'autogit.mjs');
}
