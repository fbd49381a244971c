// What the tests of whole jobs share: a runner on a fake server, in a folder of its own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ProtocolClient } from '../../../../main/sandbox/runner/client.ts';
import { identify } from '../../../../main/sandbox/runner/identity.ts';
import type { Runner } from '../../../../main/sandbox/runner/job-run.ts';
import { detectShell } from '../../../../main/sandbox/runner/job-user.ts';
import type { RunnerOptions } from '../../../../main/sandbox/runner/options.ts';
import { runSingle } from '../../../../main/sandbox/runner/run-single.ts';
import { RunnerServer } from '../../../fakes/runner-server.ts';

export const mainFile = resolve('main/sandbox/runner/main.ts');

/** A runner, its server and its way to be stopped. */
export interface Bench {
  readonly server: RunnerServer;
  readonly folder: string;
  readonly quit: AbortController;
  readonly interrupt: AbortController;
  readonly lines: string[];
  /** Runs until the runner leaves by itself; one job unless told otherwise. */
  readonly run: (options?: Partial<RunnerOptions>) => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

export async function openBench(): Promise<Bench> {
  const server = await RunnerServer.start();
  const folder = await mkdtemp(join(tmpdir(), 'autogit-runner-'));
  const shell = await detectShell();
  const quit = new AbortController();
  const interrupt = new AbortController();
  const lines: string[] = [];
  const run = async (changes: Partial<RunnerOptions> = {}): Promise<void> => {
    const options = { ...optionsFor(server.url, folder), ...changes };
    const identity = identify(options.token, options.systemId, shell.name);
    const client = new ProtocolClient(options.url, identity);
    const runner: Runner = {
      client,
      identity,
      options,
      user: null,
      shell,
      selfCommand: [process.execPath, mainFile],
    };
    await runSingle(runner, { quit: quit.signal, interrupt: interrupt.signal }, (line) => lines.push(line));
  };
  const close = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { server, folder, quit, interrupt, lines, run, [Symbol.asyncDispose]: close };
}

function optionsFor(url: string, folder: string): RunnerOptions {
  return {
    url,
    token: 'glrt-runnertoken',
    name: 'bench',
    systemId: 's_0123456789ab',
    buildsDir: join(folder, 'builds'),
    cacheDir: join(folder, 'cache'),
    cloneUrl: null,
    environment: [],
    ca: null,
    outputLimitBytes: 4 * 1024 * 1024,
    maxBuilds: 1,
    waitTimeoutMs: 10_000,
    pollMs: 50,
    jobUser: null,
    configFile: null,
  };
}

/** Other parts of a job than its script; `after` is its `after_script`. */
interface JobChanges {
  readonly variables?: readonly object[];
  readonly after?: readonly string[];
  readonly [part: string]: unknown;
}

/** A job as a server sends it, without sources unless told otherwise. */
export function jobJson(script: readonly string[], changes: JobChanges = {}): object {
  const { variables = [], after = [], ...rest } = changes;
  return {
    id: 7,
    token: 'job-token-7',
    allow_git_fetch: true,
    job_info: { name: 'build', stage: 'test', project_id: 3, project_full_path: 'group/project' },
    git_info: {
      repo_url: 'http://127.0.0.1:1/x.git',
      ref: 'main',
      sha: '0'.repeat(40),
      refspecs: [],
      depth: 20,
    },
    runner_info: { timeout: 60 },
    variables: [{ key: 'GIT_STRATEGY', value: 'none' }, ...variables],
    steps: [
      { name: 'script', script, timeout: 60, when: 'on_success' },
      { name: 'after_script', script: after, timeout: 60, when: 'always' },
    ],
    image: null,
    services: [],
    artifacts: [],
    cache: [],
    credentials: [],
    dependencies: [],
    features: {
      trace_sections: true,
      token_mask_prefixes: ['glpat-'],
      failure_reasons: ['runner_interrupted'],
    },
    ...rest,
  };
}

/** The log without colours and section marks. */
export function plain(log: string): string {
  return log.replaceAll(/section_(?:start|end):\d+:\w+\r/g, '').replaceAll(/\u001b\[[\d;]*[mK]/g, '');
}
