// What the runner was started with: flags, environment and config.toml, in the forms of GitLab's runner.
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parse as parseToml } from 'smol-toml';
import { z } from 'zod';
import { createSystemId, observeSystemId } from './identity.ts';
import type { JobVariable } from './job.ts';
import { longestTimerMs } from './timers.ts';

/** How one runner was told to work. */
export interface RunnerOptions {
  readonly url: string;
  readonly token: string;
  readonly name: string;
  readonly systemId: string;
  readonly buildsDir: string;
  readonly cacheDir: string;
  /** Replaces scheme and host of the address that jobs are cloned from. */
  readonly cloneUrl: string | null;
  readonly environment: readonly JobVariable[];
  /** PEM of a root to trust besides the usual ones; `null`: none. */
  readonly ca: string | null;
  readonly outputLimitBytes: number;
  /** 0: no limit. */
  readonly maxBuilds: number;
  /** Idle time after which the runner leaves; 0: never. */
  readonly waitTimeoutMs: number;
  readonly pollMs: number;
  /** Name or number of the user that jobs run as. */
  readonly jobUser: string | null;
  /** The file that holds the token, if one was read. */
  readonly configFile: string | null;
}

export type Command =
  | { readonly kind: 'run-single'; readonly flags: Flags }
  | { readonly kind: 'version' }
  /** Parts of a job that run as the job's user; for the runner itself. */
  | { readonly kind: 'pack' }
  | { readonly kind: 'unpack' };

/** Wrong usage or configuration; the message is for a person. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const flagTypes = {
  config: { type: 'string', short: 'c' },
  runner: { type: 'string', short: 'r' },
  url: { type: 'string', short: 'u' },
  token: { type: 'string', short: 't' },
  name: { type: 'string' },
  executor: { type: 'string' },
  env: { type: 'string', multiple: true },
  'builds-dir': { type: 'string' },
  'cache-dir': { type: 'string' },
  'clone-url': { type: 'string' },
  'output-limit': { type: 'string' },
  'max-builds': { type: 'string' },
  'wait-timeout': { type: 'string' },
  'shutdown-timeout': { type: 'string' },
  'job-user': { type: 'string' },
  version: { type: 'boolean', short: 'v' },
} as const;

type Flags = ReturnType<typeof readFlags>['values'];
type Environment = Readonly<Record<string, string | undefined>>;

function readFlags(args: readonly string[]) {
  return parseArgs({ args: [...args], options: flagTypes, allowPositionals: true });
}

/** Reads the command line. Throws `UsageError`. */
export function parseCommand(args: readonly string[]): Command {
  let read: ReturnType<typeof readFlags>;
  try {
    read = readFlags(args);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const [command = ''] = read.positionals;
  if (read.values.version === true || command === 'version') return { kind: 'version' };
  if (command === 'run-single') return { kind: 'run-single', flags: read.values };
  if (command === 'pack' || command === 'unpack') return { kind: command };
  throw new UsageError(
    `unknown command "${command}": the sandbox runner knows run-single and --version only`,
  );
}

const runnerTable = z.object({
  name: z.string().default(''),
  url: z.string().default(''),
  token: z.string().default(''),
  executor: z.string().default(''),
  builds_dir: z.string().optional(),
  cache_dir: z.string().optional(),
  clone_url: z.string().optional(),
  'tls-ca-file': z.string().optional(),
  output_limit: z.number().optional(),
  environment: z.array(z.string()).default([]),
});
type RunnerTable = z.output<typeof runnerTable>;

const configFile = z.object({ runners: z.array(runnerTable).default([]) });

/** One `[[runners]]` of a config.toml. Throws `UsageError` when the file is wrong or the name is not in it. */
export function parseConfig(text: string, name: string): RunnerTable {
  let read: unknown;
  try {
    read = parseToml(text);
  } catch (error) {
    throw new UsageError(`config.toml: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = configFile.safeParse(read);
  if (!parsed.success) throw new UsageError(`config.toml: ${z.prettifyError(parsed.error)}`);
  const found = parsed.data.runners.find((runner) => runner.name === name);
  if (found === undefined) throw new UsageError(`config.toml has no runner named "${name}"`);
  return found;
}

/** How long a stop may take before the runner leaves anyway, in milliseconds. Throws `UsageError`. */
export function parseShutdownTimeout(flags: Flags): number {
  return Math.min(parseCount('shutdown-timeout', flags['shutdown-timeout'], 30) * 1000, longestTimerMs);
}

/** Joins flags, environment and configuration file; a named runner takes everything of the file, as GitLab's does. */
export async function observeOptions(flags: Flags, env: Environment): Promise<RunnerOptions> {
  const file = resolve(flags.config ?? env['CONFIG_FILE'] ?? defaultConfigFile());
  const table = flags.runner === undefined ? null : parseConfig(await readConfig(file), flags.runner);
  const systemId =
    table === null ? await createSystemId() : await observeSystemId(join(dirname(file), '.runner_system_id'));
  const base = table ?? tableOfFlags(flags, env);
  requireRunnable(base);
  const buildsDir = resolve(base.builds_dir ?? 'builds');
  return {
    url: base.url,
    token: base.token,
    name: base.name,
    systemId,
    buildsDir,
    cacheDir: resolve(base.cache_dir ?? 'cache'),
    cloneUrl: base.clone_url ?? null,
    environment: base.environment.map(parseVariable),
    ca: await readCa(base['tls-ca-file']),
    outputLimitBytes: (base.output_limit ?? 4096) * 1024,
    maxBuilds: parseCount('max-builds', flags['max-builds'], 0),
    waitTimeoutMs: parseCount('wait-timeout', flags['wait-timeout'], 0) * 1000,
    pollMs: parseCount('AUTOGIT_POLL_SECONDS', env['AUTOGIT_POLL_SECONDS'], 1) * 1000,
    jobUser: flags['job-user'] ?? env['AUTOGIT_JOB_USER'] ?? null,
    configFile: table === null ? null : file,
  };
}

function tableOfFlags(flags: Flags, env: Environment): RunnerTable {
  const limit = flags['output-limit'] ?? env['RUNNER_OUTPUT_LIMIT'];
  return {
    name: flags.name ?? env['RUNNER_NAME'] ?? '',
    url: flags.url ?? env['CI_SERVER_URL'] ?? '',
    token: flags.token ?? env['CI_SERVER_TOKEN'] ?? '',
    executor: flags.executor ?? env['RUNNER_EXECUTOR'] ?? '',
    builds_dir: flags['builds-dir'] ?? env['RUNNER_BUILDS_DIR'],
    cache_dir: flags['cache-dir'] ?? env['RUNNER_CACHE_DIR'],
    clone_url: flags['clone-url'] ?? env['CLONE_URL'],
    output_limit: limit === undefined ? undefined : parseCount('output-limit', limit, 0),
    environment: flags.env ?? (env['RUNNER_ENV'] === undefined ? [] : [env['RUNNER_ENV']]),
  };
}

function requireRunnable(table: RunnerTable): void {
  if (table.url === '') throw new UsageError('missing URL (--url or CI_SERVER_URL)');
  if (table.token === '') throw new UsageError('missing token (--token or CI_SERVER_TOKEN)');
  if (table.executor === '') throw new UsageError('missing executor (--executor or RUNNER_EXECUTOR)');
  if (table.executor !== 'shell') {
    throw new UsageError(`executor "${table.executor}": the sandbox runner has only "shell"`);
  }
}

function parseCount(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined || text === '') return otherwise;
  const count = Number(text);
  if (!Number.isFinite(count) || count < 0) throw new UsageError(`${name}: "${text}" is not a number`);
  return count;
}

/** `KEY=value` of `environment`. */
function parseVariable(text: string): JobVariable {
  const [key = ''] = text.split('=', 1);
  return { key, value: text.slice(key.length + 1), public: false, masked: false, file: false, raw: false };
}

function defaultConfigFile(): string {
  return process.getuid?.() === 0
    ? '/etc/gitlab-runner/config.toml'
    : join(homedir(), '.gitlab-runner/config.toml');
}

function readCa(file: string | undefined): Promise<string | null> {
  return file === undefined ? Promise.resolve(null) : readConfig(file);
}

async function readConfig(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
