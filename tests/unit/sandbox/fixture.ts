// A sandbox without a socket: a state folder, a clock that the test moves, and a compiler that returns given jobs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { z } from 'zod';
import type { CompileContext, CompileResult, JobSpec } from '../../../main/sandbox/ci/pipeline-spec.ts';
import type { SandboxContext } from '../../../main/sandbox/context.ts';
import { createContext } from '../../../main/sandbox/create-context.ts';
import { runnerApiRoutes } from '../../../main/sandbox/runner-api/routes.ts';
import type { Job, Pipeline, Project, Runner, User } from '../../../main/sandbox/state.ts';
import { openStore } from '../../../main/sandbox/store.ts';
import type { SandboxStore } from '../../../main/sandbox/store.ts';

/** A job as the compiler would give it; only what matters to the test has to be said. */
export function jobSpec(name: string, spec: Partial<JobSpec> = {}): JobSpec {
  return {
    name,
    stage: 'test',
    tags: [],
    when: 'on_success',
    allowFailure: false,
    needs: null,
    dependencies: null,
    script: ['true'],
    afterScript: [],
    variables: [],
    image: null,
    services: [],
    artifacts: [],
    cache: [],
    retry: { max: 0, when: ['always'] },
    timeoutSeconds: null,
    interruptible: false,
    ...spec,
  };
}

export const stages = ['build', 'test', 'deploy'];

/** `needs` on jobs of these names, with artifacts. */
export function needing(...names: readonly string[]): JobSpec['needs'] {
  return names.map((job) => ({ job, artifacts: true, optional: false }));
}

export interface Fixture {
  readonly store: SandboxStore;
  readonly ctx: SandboxContext;
  readonly user: User;
  readonly project: Project;
  /** An instance runner that takes everything. */
  readonly runner: Runner;
  /** What was emitted: `job build pending`, `pipeline running`. */
  readonly events: string[];
  /** What the compiler was given, oldest first. */
  readonly compiled: CompileContext[];
  /** Moves the clock. */
  advance(seconds: number): void;
  compileTo(result: CompileResult): void;
  /** A pipeline of these jobs for a push to `main`. */
  push(jobs: readonly JobSpec[], request?: PushOptions): Pipeline;
  job(name: string): Job;
  statuses(): Record<string, string>;
  request(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>;
  /** A request whose body is still being written. */
  send(
    method: string,
    path: string,
    body: ReadableStream<Uint8Array>,
    headers: Readonly<Record<string, string>>,
  ): Promise<Response>;
  /** The payload of the next job for the runner; `null` on 204. */
  take(features?: Readonly<Record<string, boolean>>, token?: string): Promise<TakenJob | null>;
  close(): void;
}

export interface PushOptions {
  readonly project?: Project;
  readonly ref?: string;
  readonly refType?: 'branch' | 'tag';
  readonly sha?: string;
}

const takenJobSchema = z.looseObject({ id: z.number(), token: z.string() });
export type TakenJob = z.infer<typeof takenJobSchema>;

export function openFixture(options: { readonly longPollSeconds?: number } = {}): Fixture {
  const stateDir = mkdtempSync(join(tmpdir(), 'autogit-sandbox-'));
  let clock = Date.parse('2026-01-02T03:04:05Z');
  const now = (): Date => new Date(clock);
  const compiled: CompileContext[] = [];
  let result: CompileResult = { kind: 'none', reason: 'nothing was given' };
  const store = openStore(stateDir, now);
  const ctx = createContext({
    store,
    now,
    longPollSeconds: options.longPollSeconds ?? 0,
    log: () => undefined,
    compile: (_text, context) => {
      compiled.push(context);
      return result;
    },
  });
  const { user, project, runner } = seed(store, now());
  const events: string[] = [];
  ctx.events.on('job', (job) => void events.push(`job ${job.name} ${job.status}`));
  ctx.events.on('pipeline', (pipeline) => void events.push(`pipeline ${pipeline.status}`));
  const app = new Hono().route('/api/v4', runnerApiRoutes(ctx));
  const request: Fixture['request'] = async (method, path, body, headers = {}) =>
    app.request(`http://gitlab.test:8080/api/v4${path}`, {
      method,
      headers:
        body === undefined || body instanceof FormData
          ? headers
          : { 'Content-Type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: encodeBody(body) }),
    });
  return {
    store,
    ctx,
    user,
    project,
    runner,
    events,
    compiled,
    request,
    send: async (method, path, body, headers) =>
      app.request(`http://gitlab.test:8080/api/v4${path}`, { method, headers, body, duplex: 'half' }),
    advance: (seconds) => void (clock += seconds * 1000),
    compileTo: (next) => void (result = next),
    push: (jobs, push = {}) => {
      result = { kind: 'pipeline', stages, jobs, name: null, unsupported: [] };
      const created = ctx.ci.createPipeline({ ...pushRequest(project, user), ...push });
      if (created.kind !== 'created') throw new Error(created.reason);
      return created.pipeline;
    },
    job: (name) => {
      const job = store.jobs.find((one) => one.name === name && !one.retried);
      if (job === undefined) throw new Error(`No job is called ${name}`);
      return job;
    },
    statuses: () =>
      Object.fromEntries(store.jobs.filter((one) => !one.retried).map((one) => [one.name, one.status])),
    take: async (features = {}, token = runner.token) => {
      const response = await request('POST', '/jobs/request', {
        token,
        system_id: 's_1',
        info: { features },
      });
      return response.status === 204 ? null : takenJobSchema.parse(await response.json());
    },
    close: () => {
      store.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

function encodeBody(body: unknown): string | FormData | Uint8Array<ArrayBuffer> {
  if (typeof body === 'string' || body instanceof FormData) return body;
  return body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body);
}

function seed(store: SandboxStore, now: Date): { user: User; project: Project; runner: Runner } {
  const createdAt = now.toISOString();
  const user = store.users.insert({
    username: 'root',
    name: 'Root',
    email: 'root@example.com',
    admin: true,
    createdAt,
  });
  const group = {
    kind: 'user',
    name: 'Root',
    path: 'root',
    fullPath: 'root',
    ownerId: user.id,
    createdAt,
  } as const;
  const namespace = store.namespaces.insert(group);
  const project = addProject(store, namespace.id, 'demo', createdAt);
  const runner = store.runners.insert({ runnerType: 'instance_type', token: 'glrt-first', createdAt });
  return { user, project, runner };
}

/** A further project of the user `root`. */
export function addProject(
  store: SandboxStore,
  namespaceId: number,
  path: string,
  createdAt: string,
): Project {
  const names = { namespaceId, name: path, path, fullPath: `root/${path}`, defaultBranch: 'main' };
  return store.projects.insert({ ...names, creatorId: 1, createdAt, lastActivityAt: createdAt });
}

/** A push of one commit to `main`. */
export function pushRequest(
  project: Project,
  user: User,
): Parameters<SandboxContext['ci']['createPipeline']>[0] {
  return {
    project,
    user,
    ref: 'main',
    refType: 'branch',
    sha: 'a'.repeat(40),
    beforeSha: '0'.repeat(40),
    source: 'push',
    variables: [],
    yamlText: '',
    changedPaths: null,
    treePaths: [],
    commit: null,
    serverUrl: 'http://gitlab.test:8080',
  };
}
