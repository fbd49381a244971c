// The sandbox in this process, and what the tests do with it: projects, pushes, waiting for pipelines, reading logs.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { z } from 'zod';
import { startSandbox } from '../../main/sandbox/server.ts';
import type { Sandbox, SandboxOptions } from '../../main/sandbox/server.ts';
import type { Job, Pipeline } from '../../main/sandbox/state.ts';
import { createWorkTree } from './work-tree.ts';
import type { WorkTree } from './work-tree.ts';

/** For anything that one waits for here. Milliseconds. */
const patienceMs = 120_000;

export interface LabProject {
  readonly id: number;
  readonly path: string;
  readonly tree: WorkTree;
}

export interface SandboxLab {
  readonly sandbox: Sandbox;
  /** The administrator's. */
  readonly token: string;
  /** The lab's own folder, removed with it. */
  readonly folder: string;
  /** A REST call as the administrator; rejects unless the answer is good. */
  api(method: string, path: string, body?: unknown): Promise<unknown>;
  createProject(name: string): Promise<LabProject>;
  /** A project with a pipeline from this file, pushed with git. */
  pushPipeline(name: string, ciFile: string, files?: Readonly<Record<string, string>>): Promise<Pipeline>;
  createRunnerEntry(options?: {
    readonly tag_list?: string;
    readonly run_untagged?: boolean;
  }): Promise<{ readonly id: number; readonly token: string }>;
  /** The newest job of that name. */
  job(pipelineId: number, name: string): Job;
  /** Names and statuses of the jobs that count, in the order in which they were made. */
  statuses(pipelineId: number): Readonly<Record<string, string>>;
  pipeline(id: number): Pipeline;
  /** Waits until the pipeline has ended. */
  finish(pipelineId: number): Promise<Pipeline>;
  until(condition: () => boolean): Promise<void>;
  /** What the job printed, by the API, without the runner's time stamps. */
  log(job: Job): Promise<string>;
  close(): Promise<void>;
}

export async function openLab(
  options: Pick<SandboxOptions, 'longPollSeconds' | 'log'> = {},
): Promise<SandboxLab> {
  const folder = await mkdtemp(join(tmpdir(), 'autogit-peers-'));
  const sandbox = await startSandbox({
    stateDir: join(folder, 'state'),
    host: '127.0.0.1',
    port: 0,
    ...options,
  });
  const { store } = sandbox;
  const token = sandbox.rootToken ?? '';
  const send = (method: string, path: string, body?: unknown): Promise<Response> =>
    callApi(sandbox.url, token, method, path, body);
  const api: SandboxLab['api'] = async (method, path, body) => {
    const answer = await send(method, path, body);
    return answer.status === 204 ? null : await answer.json();
  };
  const createProject = async (name: string): Promise<LabProject> => {
    const { id, path_with_namespace: path } = projectSchema.parse(await api('POST', '/projects', { name }));
    const remote = `${sandbox.url.replace('://', `://root:${token}@`)}/${path}.git`;
    return { id, path, tree: await createWorkTree(join(folder, 'trees', name), remote) };
  };
  const jobs = (pipelineId: number): readonly Job[] =>
    store.jobs.by('pipelineId', pipelineId).filter((job) => !job.retried);
  const until = async (condition: () => boolean): Promise<void> => {
    await vi.waitUntil(condition, { timeout: patienceMs, interval: 30 });
  };
  return {
    ...{ sandbox, token, folder, api, createProject, until },
    pushPipeline: async (name, ciFile, files = {}) => {
      const { id, tree } = await createProject(name);
      await tree.commit({ '.gitlab-ci.yml': ciFile, ...files }, `Start ${name}`);
      await tree.git('push', '--quiet', 'origin', 'main');
      const pipeline = store.pipelines.by('projectId', id).at(-1);
      if (pipeline === undefined) throw new Error(`The push of ${name} made no pipeline`);
      if (pipeline.yamlErrors !== null) throw new Error(pipeline.yamlErrors);
      return pipeline;
    },
    createRunnerEntry: async (entry = {}) =>
      entrySchema.parse(await api('POST', '/user/runners', { runner_type: 'instance_type', ...entry })),
    job: (pipelineId, name) => {
      const job = jobs(pipelineId).find((one) => one.name === name);
      if (job === undefined) throw new Error(`No job is called ${name}`);
      return job;
    },
    statuses: (pipelineId) => Object.fromEntries(jobs(pipelineId).map(({ name, status }) => [name, status])),
    pipeline: (id) => store.pipelines.need(id),
    finish: async (pipelineId) => {
      await until(() => ended.includes(store.pipelines.need(pipelineId).status));
      return store.pipelines.need(pipelineId);
    },
    log: async (job) =>
      withoutStamps(await (await send('GET', `/projects/${job.projectId}/jobs/${job.id}/trace`)).text()),
    close: async () => {
      await sandbox.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const ended: readonly string[] = ['success', 'failed', 'canceled', 'skipped'];
const projectSchema = z.object({ id: z.number(), path_with_namespace: z.string() });
const entrySchema = z.object({ id: z.number(), token: z.string() });

async function callApi(
  url: string,
  token: string,
  method: string,
  path: string,
  body: unknown,
): Promise<Response> {
  const response = await fetch(`${url}/api/v4${path}`, {
    method,
    headers: { 'PRIVATE-TOKEN': token, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (response.ok) return response;
  throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}

/** Each line begins with `2026-01-02T03:04:05.678901Z 00O `; a `+` instead of the blank continues the line before. */
export function withoutStamps(log: string): string {
  return log
    .replaceAll(/\n\d{4}-\d\d-\d\dT[\d:.]+Z [0-9a-f]{2}[OE]\+/g, '')
    .replaceAll(/^\d{4}-\d\d-\d\dT[\d:.]+Z [0-9a-f]{2}[OE] /gm, '');
}
