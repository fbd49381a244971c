// The sandbox's programs as one file each: made from their TypeScript here, or already made where this code is a bundle.
import { fileURLToPath } from 'node:url';
import { readIfExists } from './files.ts';

export interface Bundle {
  readonly code: string;
  /** Absolute paths of all files that went into it. */
  readonly sources: readonly string[];
}

const entries = {
  sandbox: fileURLToPath(new URL('../../sandbox/main.ts', import.meta.url)),
  backup: fileURLToPath(new URL('../../sandbox/backup/main.ts', import.meta.url)),
  gateway: fileURLToPath(new URL('../../gateway/main.ts', import.meta.url)),
  runner: fileURLToPath(new URL('../../sandbox/runner/main.ts', import.meta.url)),
} as const;

export type Program = keyof typeof entries;

/** Where electron/build.ts puts the programs, beside the bundle that this module is part of. */
function builtProgram(program: Program): string {
  return fileURLToPath(new URL(`./programs/${program}.mjs`, import.meta.url));
}

/** One program of the sandbox as an ES module for Node without any import but Node's own. */
export async function bundleProgram(program: Program): Promise<Bundle> {
  const file = builtProgram(program);
  const built = await readIfExists(file);
  if (built !== null) return { code: built.toString('utf8'), sources: [file] };
  // Loaded only here: it is big, and needed only when a source file has changed.
  const { rolldown } = await import('rolldown');
  const build = await rolldown({ input: entries[program], platform: 'node', logLevel: 'silent' });
  try {
    // The runner is loaded anew for every job: small, it takes a fifth less of a processor's time to begin.
    const minify = program === 'runner';
    const { output } = await build.generate({ format: 'esm', codeSplitting: false, minify });
    return { code: output[0].code, sources: (await build.watchFiles).toSorted() };
  } finally {
    await build.close();
  }
}
