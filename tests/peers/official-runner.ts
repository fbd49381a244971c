// The official gitlab-runner as a process: configured and called as AutoGit does it in a runner container.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse, stringify } from 'smol-toml';
import type { TomlTable } from 'smol-toml';
import { z } from 'zod';
import { runnerContainer, runnerFiles } from '../../main/apply/runner-container.ts';
import { poolSchema } from '../../main/model/pool.ts';

export interface OfficialRunnerOptions {
  readonly binary: string;
  /** For configuration, builds and caches; the caller removes it. */
  readonly folder: string;
  readonly url: string;
  readonly token: string;
  /** `r_` or `s_` and 12 characters. */
  readonly systemId: string;
  /** Seconds without a job after which it leaves; `null`: it runs as `gitlab-runner run`, without an end. */
  readonly idleTime: number | null;
  /** Top level of `config.toml`. */
  readonly settings?: TomlTable;
  /** Of the one entry of `runners`. */
  readonly runner?: TomlTable;
}

export interface OfficialRunner {
  /** Everything that it printed. */
  output(): string;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Lets it finish its job or its request; ends it by force after half a minute. */
  stop(): Promise<void>;
}

const configSchema = z.looseObject({ runners: z.tuple([z.record(z.string(), z.unknown())]) });
const name = 'autogit-runner-peer-0a1b2c3d';

/** The files and the command are those of AutoGit's runner containers, at another place. */
export async function startOfficialRunner(options: OfficialRunnerOptions): Promise<OfficialRunner> {
  const { folder, binary, idleTime } = options;
  const configFolder = join(folder, 'etc');
  await mkdir(configFolder, { recursive: true });
  for (const file of runnerFiles(name, { runnerUrl: options.url }, options.token, options.systemId)) {
    const isConfig = file.path.endsWith('.toml');
    const content = isConfig ? adaptConfig(file.content, options) : file.content;
    await writeFile(join(configFolder, basename(file.path)), content, { mode: file.mode });
  }
  const config = join(configFolder, 'config.toml');
  const args =
    idleTime === null
      ? ['run', '--config', config, '--working-directory', folder]
      : commandOf(idleTime).map((word) => (word.endsWith('/config.toml') ? config : word));
  const env = { PATH: process.env['PATH'], HOME: folder };
  const child = spawn(binary, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed: string[] = [];
  child.stdout.on('data', (piece: Buffer) => void printed.push(piece.toString()));
  child.stderr.on('data', (piece: Buffer) => void printed.push(piece.toString()));
  const ended = once(child, 'close').then((values: unknown[]) => endSchema.parse(values[0] ?? values[1]));
  return {
    output: () => printed.join(''),
    ended,
    stop: async () => {
      child.kill('SIGQUIT');
      const force = setTimeout(() => child.kill('SIGKILL'), 30_000);
      await ended;
      clearTimeout(force);
    },
  };
}

const endSchema = z.union([z.number(), z.string()]);

function adaptConfig(text: string, { folder, settings, runner }: OfficialRunnerOptions): string {
  const config = configSchema.parse(parse(text));
  const places = { builds_dir: join(folder, 'builds'), cache_dir: join(folder, 'cache') };
  return stringify({ ...config, ...settings, runners: [{ ...config.runners[0], ...places, ...runner }] });
}

/** The command of a runner container, after the program. */
function commandOf(idleTime: number): readonly string[] {
  return runnerContainer(
    {
      ...{ kind: 'start-runner', key: '', target: '', reason: '', node: '', slot: 0 },
      ...{ image: '', network: '', specHash: '', address: { url: '', runnerUrl: '' }, gpu: null },
      pool: poolSchema.parse({ name: 'peer', idleTime }),
    },
    name,
    {},
    {},
  ).command;
}
