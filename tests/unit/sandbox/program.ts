// The sandbox's program as a process of its own, in a process group of its own: killed as a container is killed, whole.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const main = fileURLToPath(new URL('../../../main/sandbox/main.ts', import.meta.url));

type LogLine = Readonly<Record<string, unknown>>;

export interface SandboxProgram {
  readonly url: string;
  /** What it has logged so far. */
  readonly lines: readonly LogLine[];
  /** Ends the program and all that it started, at once. Resolves when they are gone. */
  kill(): Promise<void>;
}

export interface ProgramEnd {
  readonly status: number | null;
  /** The last line it logged. */
  readonly last: LogLine;
  readonly lines: readonly LogLine[];
}

export const rootToken = 'glpat-known';

/** How to start the program: `wrapper` runs it, as its last arguments. */
export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly wrapper?: readonly string[];
}

function launch(stateDir: string, { env = {}, wrapper = [] }: ProgramOptions) {
  const command = [...wrapper, process.execPath, '--disable-warning=ExperimentalWarning', main];
  const child = spawn(command[0] ?? '', command.slice(1), {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      // What a killed one has left there goes with the test's own folder.
      TMPDIR: dirname(stateDir),
      AUTOGIT_SANDBOX_STATE: stateDir,
      AUTOGIT_SANDBOX_PORT: '0',
      AUTOGIT_SANDBOX_HOST: '127.0.0.1',
      AUTOGIT_SANDBOX_ROOT_TOKEN: rootToken,
      ...env,
    },
  });
  const lines: LogLine[] = [];
  const output = createInterface({ input: child.stderr });
  output.on('line', (line) => lines.push(parseLine(line)));
  return { child, lines, output, closed: once(child, 'close') };
}

/** What is no JSON is kept as it is, so that a test sees it. */
function parseLine(line: string): LogLine {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(line));
  } catch {
    return { plain: line };
  }
}

/** Starts the program and waits until it is ready. Rejects when it ends before. */
export async function startProgram(stateDir: string, options: ProgramOptions = {}): Promise<SandboxProgram> {
  const { child, lines, output, closed } = launch(stateDir, options);
  const url = await new Promise<string>((resolve, reject) => {
    output.on('line', (line) => {
      const { message, url: address } = parseLine(line);
      if (message === 'sandbox started') resolve(String(address));
    });
    child.once('exit', (status) => reject(new Error(`left with ${status}: ${JSON.stringify(lines.at(-1))}`)));
  });
  return {
    url,
    lines,
    kill: async () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      await closed;
    },
  };
}

/** Starts the program where it cannot work, and waits for its end. */
export async function endOfProgram(stateDir: string, options: ProgramOptions = {}): Promise<ProgramEnd> {
  const { child, lines, closed } = launch(stateDir, options);
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await closed;
  clearTimeout(timer);
  return { status: child.exitCode, last: lines.at(-1) ?? {}, lines };
}
