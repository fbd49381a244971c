// Bundles the sandbox's programs from their TypeScript into one file each.
import { fileURLToPath } from 'node:url';

export interface Bundle {
  readonly code: string;
  /** Absolute paths of all files that went into it. */
  readonly sources: readonly string[];
}

const entries = {
  sandbox: fileURLToPath(new URL('../../sandbox/main.ts', import.meta.url)),
  runner: fileURLToPath(new URL('../../sandbox/runner/main.ts', import.meta.url)),
} as const;

export type Program = keyof typeof entries;

/** One program of the sandbox as an ES module for Node without any import but Node's own. */
export async function bundleProgram(program: Program): Promise<Bundle> {
  // Loaded only here: it is big, and needed only when a source file has changed.
  const { rolldown } = await import('rolldown');
  const build = await rolldown({ input: entries[program], platform: 'node', logLevel: 'silent' });
  try {
    const { output } = await build.generate({ format: 'esm', codeSplitting: false });
    return { code: output[0].code, sources: (await build.watchFiles).toSorted() };
  } finally {
    await build.close();
  }
}
