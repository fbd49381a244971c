// The management half of the sandbox on a free port, with a CI compiler that the test can look into.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { serve } from '@hono/node-server';
import { expect } from 'vitest';
import { z } from 'zod';
import { createAccessToken, createUser } from '../../../main/sandbox/api/new-user.ts';
import { managementRoutes } from '../../../main/sandbox/api/routes.ts';
import type { CompileContext, CompileResult, JobSpec } from '../../../main/sandbox/ci/pipeline-spec.ts';
import type { SandboxContext } from '../../../main/sandbox/context.ts';
import { createEvents } from '../../../main/sandbox/events.ts';
import { createPipelineOperations } from '../../../main/sandbox/pipelines/operations.ts';
import type { User } from '../../../main/sandbox/state.ts';
import { openStore } from '../../../main/sandbox/store.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface GitAnswer {
  readonly exitCode: number;
  /** Standard output and error, joined. */
  readonly output: string;
}

export interface ManagementServer {
  readonly ctx: SandboxContext;
  readonly operations: ReturnType<typeof createPipelineOperations>;
  readonly url: string;
  readonly root: User;
  /** The administrator's token, with scopes `api`, `sudo`, `admin_mode`, `write_repository`. */
  readonly token: string;
  /** What the compiler was asked, oldest first. */
  readonly compiled: CompileContext[];
  /** A folder of the test's own. */
  readonly folder: string;
  /** A REST call, as root unless another token is given; `body` is sent as JSON. */
  api(method: string, path: string, body?: unknown, token?: string): Promise<ApiAnswer>;
  git(directory: string, ...args: string[]): Promise<GitAnswer>;
  /** A new work tree with these files in one commit. */
  workTree(name: string, files: Readonly<Record<string, string>>, branch?: string): Promise<string>;
  /** Writes files, commits them and returns the commit's id. */
  commit(directory: string, message: string, files: Readonly<Record<string, string>>): Promise<string>;
  cloneUrl(path: string, token?: string): string;
  /** A user with a token of scope `api`. */
  person(username: string): { readonly user: User; readonly token: string };
  close(): Promise<void>;
}

/** The `id` of an answer's body. */
export function idOf(answer: ApiAnswer): number {
  return z.object({ id: z.number() }).parse(answer.body).id;
}

/** Matches every text that contains this one. */
export function containing(text: string): unknown {
  return expect.stringContaining(text);
}

/** The elements of an answer that is a list. */
export function listOf(answer: ApiAnswer): Record<string, unknown>[] {
  return z.array(z.record(z.string(), z.unknown())).parse(answer.body);
}

function testJob(name: string): JobSpec {
  return {
    ...{ name, stage: 'test', tags: ['docker'], when: 'on_success', allowFailure: false, needs: null },
    ...{ dependencies: null, script: ['true'], afterScript: [], variables: [], image: null, services: [] },
    ...{ artifacts: [], cache: [], retry: { max: 0, when: [] }, timeoutSeconds: null, interruptible: false },
  };
}

/** One job for each line `name:`; an empty file and a tab are invalid, `never:` leaves no job. */
export function compileForTests(text: string): CompileResult {
  if (text.trim() === '') return { kind: 'invalid', errors: ['Please provide content of .gitlab-ci.yml'] };
  if (text.includes('\t'))
    return { kind: 'invalid', errors: ['(<unknown>): found character that cannot start any token'] };
  const names = text.split('\n').flatMap((line) => /^(\w+):/.exec(line)?.[1] ?? []);
  if (names.includes('never')) return { kind: 'none', reason: 'filtered' };
  const unsupported = names.filter((name) => name === 'include');
  return { kind: 'pipeline', stages: ['test'], jobs: names.map(testJob), name: null, unsupported };
}

async function runGit(directory: string, home: string, args: readonly string[]): Promise<GitAnswer> {
  const env = {
    ...{
      PATH: process.env['PATH'],
      HOME: home,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      LC_ALL: 'C',
    },
    ...{ GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.com' },
    ...{ GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.com' },
  };
  return await new Promise((resolve) => {
    execFile(
      'git',
      ['-c', 'core.hooksPath=/dev/null', ...args],
      { cwd: directory, env },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ exitCode, output: stdout + stderr });
      },
    );
  });
}

async function writeFiles(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
}

export interface ServerOptions {
  readonly now?: () => Date;
}

export async function startManagementServer(options: ServerOptions = {}): Promise<ManagementServer> {
  const folder = await mkdtemp(join(tmpdir(), 'autogit-test-'));
  const now = options.now ?? (() => new Date());
  const store = openStore(join(folder, 'state'), now);
  const events = createEvents();
  const compiled: CompileContext[] = [];
  const operations = createPipelineOperations({
    ...{ store, events, now },
    compile: (text, context) => {
      compiled.push(context);
      return compileForTests(text);
    },
  });
  const ctx: SandboxContext = {
    ...{ store, now, events, ci: operations, longPollSeconds: 0 },
    externalUrl: (request) => new URL(request.url).origin,
    log: () => undefined,
  };
  const root = createUser(ctx, {
    username: 'root',
    name: 'Administrator',
    email: 'admin@example.com',
    admin: true,
  });
  const scopes = ['api', 'sudo', 'admin_mode', 'write_repository'];
  const token = createAccessToken(ctx, { userId: root.id, name: 'root', scopes }).token;
  const app = managementRoutes(ctx);
  const { server, url } = await listen(app.fetch);
  const commit = async (directory: string, message: string, files: Readonly<Record<string, string>>) => {
    await writeFiles(directory, files);
    await runGit(directory, folder, ['add', '-A']);
    await runGit(directory, folder, ['commit', '--quiet', '--allow-empty', '-m', message]);
    return (await runGit(directory, folder, ['rev-parse', 'HEAD'])).output.trim();
  };
  return {
    ...{ ctx, operations, url, root, token, compiled, folder, commit },
    api: async (method, path, body, as = token) => await callApi(`${url}/api/v4${path}`, method, body, as),
    git: async (directory, ...args) => await runGit(directory, folder, args),
    workTree: async (name, files, branch = 'main') => {
      const directory = join(folder, name);
      await mkdir(directory, { recursive: true });
      await runGit(directory, folder, ['init', '--quiet', `--initial-branch=${branch}`]);
      await commit(directory, 'Start', files);
      return directory;
    },
    cloneUrl: (path, as = token) => `${url.replace('://', `://oauth2:${as}@`)}/${path}.git`,
    person: (username) => {
      const user = createUser(ctx, { username, name: username, email: `${username}@example.com` });
      return { user, token: createAccessToken(ctx, { userId: user.id, name: 't', scopes: ['api'] }).token };
    },
    close: async () => {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
): Promise<{ server: Server; url: string }> {
  return await new Promise((resolve) => {
    const server = serve({ fetch, hostname: '127.0.0.1', port: 0 }, (info) => {
      if ('closeAllConnections' in server) resolve({ server, url: `http://127.0.0.1:${info.port}` });
    });
  });
}

async function callApi(url: string, method: string, body: unknown, token: string): Promise<ApiAnswer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(token === '' ? {} : { 'PRIVATE-TOKEN': token }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  const parsed: unknown = isJson && text !== '' ? JSON.parse(text) : text;
  return { status: response.status, headers: response.headers, body: parsed };
}
