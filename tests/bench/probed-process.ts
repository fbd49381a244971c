// A process with the probe in it: starts it, reads what the probe writes down, ends it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { z } from 'zod';
import { waitFor } from '../chaos/wait-for.ts';

const line = z.object({ rssMb: z.number(), blockedMs: z.number() });
export type ProbeLine = Readonly<z.infer<typeof line>>;

export interface ProbedProcess {
  /** The lines of so many whole seconds from now on. */
  take(seconds: number): Promise<readonly ProbeLine[]>;
  end(): Promise<void>;
}

/** As plain JavaScript: a process that has to read TypeScript is larger by what reads it. */
function probeAddress(): string {
  const text = stripTypeScriptTypes(readFileSync(path.join(import.meta.dirname, 'probe.ts'), 'utf8'));
  return `data:text/javascript,${encodeURIComponent(text)}`;
}

/** Environment with which a Node process writes down what the probe sees. */
export function probeEnv(file: string): Readonly<Record<string, string>> {
  return {
    NODE_OPTIONS: `--import=${probeAddress()} --disable-warning=ExperimentalWarning`,
    AUTOGIT_BENCH_PROBE: file,
  };
}

/** All lines so far. */
export async function readProbe(file: string): Promise<readonly ProbeLine[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((each) => each !== '')
    .map((each) => line.parse(JSON.parse(each)));
}

/** Starts Node with these words. */
export function startProbed(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  file: string,
): ProbedProcess {
  const child = spawn(process.execPath, words, {
    env: { ...process.env, ...env, ...probeEnv(file) },
    stdio: 'ignore',
  });
  const ended = once(child, 'close');
  return {
    take: async (seconds) => {
      const before = (await readProbe(file)).length;
      return waitFor(
        async () => {
          const lines = (await readProbe(file)).slice(before);
          if (child.exitCode !== null) throw new Error(`the process ended with ${child.exitCode}`);
          if (lines.length < seconds) throw new Error(`${lines.length} of ${seconds} seconds`);
          return lines;
        },
        { timeout: (seconds + 30) * 1_000, interval: 200 },
      );
    },
    end: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
