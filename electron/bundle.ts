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
export const emptyModules = /^(?:ssh2|@grpc\/(?:grpc-js|proto-loader)|protobufjs)$/;
const leaveOut: Plugin = {
  name: 'leave-out',
  resolveId: { filter: { id: emptyModules }, handler: (id) => `\0empty:${id}` },
  load: { filter: { id: /^\0empty:/ }, handler: () => 'module.exports = {};' },
};

/** A minified core needs some 10 MB less memory at work. Names of functions and classes stay, for traces. */
const minify = { compress: true, mangle: { keepNames: true }, codegen: true } as const;

/**
 * One character beyond Latin-1 makes V8 keep the whole text of a file with two bytes for each: of the core 2 MB more.
 * They stand in texts, templates and expressions alone, where their escapes mean the same.
 */
export function withinLatin1(code: string): string {
  return code.replaceAll(/[^\0-\xff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
// Minifying comes before it, and would undo it.
const narrow: Plugin = {
  name: 'latin-1',
  generateBundle: (_options, files) => {
    for (const file of Object.values(files)) if (file.type === 'chunk') file.code = withinLatin1(file.code);
  },
};

/** Writes one bundle. Resolves with the files that went into it; rejects with what cannot be resolved. */
export async function bundle(input: InputOptions, output: OutputOptions): Promise<readonly string[]> {
  const build = await rolldown({
    external,
    plugins: [leaveOut, narrow],
    platform: 'node',
    logLevel: 'warn',
    ...input,
  });
  const written = await build.write({ minify, ...output });
  await build.close();
  return written.output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
}

const main = path.resolve(import.meta.dirname, '..', 'main');

/** Programs for containers, where main/adapters/host/bundle.ts looks for them: in `programs/` beside the core. */
const programs = {
  sandbox: path.join(main, 'sandbox', 'main.ts'),
  runner: path.join(main, 'sandbox', 'runner', 'main.ts'),
  gateway: path.join(main, 'gateway', 'main.ts'),
  backup: path.join(main, 'sandbox', 'backup', 'main.ts'),
} as const;

/** Bundles each of them into one file, beside a core in `target`. Resolves with the files that went into them. */
export async function bundlePrograms(target: string): Promise<readonly string[]> {
  const modules: string[] = [];
  for (const [name, source] of Object.entries(programs)) {
    const files = await bundle(
      { input: { [name]: source } },
      {
        ...{ dir: path.join(target, 'programs'), format: 'esm', codeSplitting: false },
        minify: name === 'runner',
        entryFileNames: '[name].mjs',
      },
    );
    modules.push(...files);
  }
  return modules;
}
