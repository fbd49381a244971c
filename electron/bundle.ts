// Bundles programs of AutoGit with what they import: for the desktop, and for what is measured.
import path from 'node:path';
import { rolldown } from 'rolldown';
import type { InputOptions, OutputOptions, Plugin } from 'rolldown';

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

/** A minified core needs some 10 MB less memory at work. Names of functions and classes stay, for traces. */
const minify = { compress: true, mangle: { keepNames: true }, codegen: true } as const;

/** Writes one bundle. Rejects with what cannot be resolved. */
export async function bundle(input: InputOptions, output: OutputOptions): Promise<void> {
  const build = await rolldown({
    external,
    plugins: [leaveOut],
    platform: 'node',
    logLevel: 'warn',
    ...input,
  });
  await build.write({ minify, ...output });
  await build.close();
}

const main = path.resolve(import.meta.dirname, '..', 'main');

/** Programs for containers, where main/adapters/host/bundle.ts looks for them: in `programs/` beside the core. */
const programs = {
  sandbox: path.join(main, 'sandbox', 'main.ts'),
  runner: path.join(main, 'sandbox', 'runner', 'main.ts'),
  gateway: path.join(main, 'gateway', 'main.ts'),
} as const;

/** Bundles each of them into one file, beside a core in `target`. */
export async function bundlePrograms(target: string): Promise<void> {
  for (const [name, source] of Object.entries(programs)) {
    await bundle(
      { input: { [name]: source } },
      {
        ...{ dir: path.join(target, 'programs'), format: 'esm', codeSplitting: false },
        minify: name === 'runner',
        entryFileNames: '[name].mjs',
      },
    );
  }
}
