// GitLab behind its port: @gitbeaker/rest for the REST API, fetch for what it lacks.
import { Gitlab as GitbeakerClient } from '@gitbeaker/rest';
import { z } from 'zod';
import type { Gitlab, GitlabVersion, QueuedJob } from '../../ports.ts';
import type { GitlabAddress } from '../../model/world.ts';
import { attempt, gone } from './call.ts';
import { entryCalls } from './entries.ts';
import { gitlabError, jobRefused, statusError, unexpected } from './errors.ts';
import { readLogPart } from './job-log.ts';
import { parseStatus, parseTime, readQueue } from './queue.ts';

/** A GitLab that has not answered after this long is said not to answer. */
const timeoutMs = 15_000;

const versionSchema = z.object({ version: z.string(), revision: z.string() });
const namesSchema = z.array(z.object({ name: z.string() }));
const projectSchema = z.object({ id: z.int(), path_with_namespace: z.string() });
const userSchema = z.object({ is_admin: z.boolean().optional() });
const jobSchema = z.object({
  id: z.int(),
  name: z.string(),
  status: z.string(),
  ref: z.string().nullish(),
  tag_list: z.array(z.string()).nullish(),
  started_at: z.string().nullish(),
  finished_at: z.string().nullish(),
  queued_duration: z.number().nullish(),
  failure_reason: z.string().nullish(),
  runner_manager: z.object({ system_id: z.string() }).nullish(),
  project: z.object({ path_with_namespace: z.string().optional() }).nullish(),
});

type Client = InstanceType<typeof GitbeakerClient>;

/** A GitLab client for one address and one token. Connects at the first call. */
export function connectGitlab(address: GitlabAddress, token: string): Gitlab {
  const { url } = address;
  const client = new GitbeakerClient({ host: url, token, queryTimeout: timeoutMs });
  const send = (path: string, init: RequestInit): Promise<Response> => sendTo(url, path, token, init);
  return {
    url,
    version: () => readVersion(url, client),
    queue: async () => ({
      jobs: await readQueue(url, async (body) => {
        const response = await send('/api/graphql', { method: 'POST', body: JSON.stringify(body) });
        return readJson(url, response);
      }),
    }),
    job: (projectId, jobId) => readJob(url, client, projectId, jobId),
    projectJobs: (projectId) => readProjectJobs(url, client, projectId),
    jobLog: async (projectId, jobId, { offset, ended }) =>
      readLogPart(await readLog(send, projectId, jobId), offset, ended),
    cancelJob: (projectId, jobId) => actOnJob(url, send, projectId, jobId, 'cancel'),
    retryJob: (projectId, jobId) => actOnJob(url, send, projectId, jobId, 'retry'),
    ...entryCalls(url, client, send),
    protectedRefs: async (projectId) => ({
      branches: await readNames(url, () => client.ProtectedBranches.all(projectId, { perPage: 100 })),
      tags: await readNames(url, () => client.ProtectedTags.all(projectId, { perPage: 100 })),
    }),
    createProject: async (name) => {
      const made = await attempt(url, projectSchema, () => client.Projects.create({ name }));
      return { id: made.id, path: made.path_with_namespace };
    },
  };
}

async function readVersion(url: string, client: Client): Promise<GitlabVersion> {
  const version = await attempt(url, versionSchema, () => client.Metadata.show());
  const user = await attempt(url, userSchema, () => client.Users.showCurrentUser());
  return { ...version, admin: user.is_admin === true };
}

/** Pages of 100. */
const projectPages = 5;

function toJob(job: z.output<typeof jobSchema>, projectId: number): QueuedJob {
  return {
    id: job.id,
    name: job.name,
    status: parseStatus(job.status),
    tags: job.tag_list ?? [],
    projectId,
    project: job.project?.path_with_namespace ?? '',
    ref: job.ref ?? '',
    startedAt: parseTime(job.started_at),
    finishedAt: parseTime(job.finished_at),
    waitedMs: job.queued_duration == null ? null : job.queued_duration * 1000,
    systemId: job.runner_manager?.system_id ?? null,
    failureReason: job.failure_reason ?? null,
  };
}

async function readJob(
  url: string,
  client: Client,
  projectId: number,
  jobId: number,
): Promise<QueuedJob | null> {
  const answer = await gone(url, () => client.Jobs.show(projectId, jobId));
  if (answer.gone) return null;
  const parsed = jobSchema.safeParse(answer.value);
  if (!parsed.success) throw unexpected(url, 'a job has another form', parsed.error);
  return toJob(parsed.data, projectId);
}

/**
 * GitLab answers 201 with the job. One whose state does not allow it is refused with 403 (retry) or answered unchanged
 * (cancel), as lib/api/ci/jobs.rb of GitLab has it.
 */
async function actOnJob(
  url: string,
  send: (path: string, init: RequestInit) => Promise<Response>,
  projectId: number,
  jobId: number,
  verb: 'cancel' | 'retry',
): Promise<QueuedJob> {
  const response = await send(`/api/v4/projects/${projectId}/jobs/${jobId}/${verb}`, { method: 'POST' });
  if (!response.ok) {
    const said = await reasonIn(response);
    if (said !== null && [400, 403, 404].includes(response.status))
      throw jobRefused(url, jobId, verb, response.status, said);
    throw statusError(url, response.status, response.statusText);
  }
  const parsed = jobSchema.safeParse(await readJson(url, response));
  if (!parsed.success) throw unexpected(url, 'a job has another form', parsed.error);
  return toJob(parsed.data, projectId);
}

/** GitLab's own words about an object: `{"message": "403 Forbidden - Job is not retryable"}`; a token's fault has none. */
async function reasonIn(response: Response): Promise<string | null> {
  const body: unknown = await response.json().catch(() => null);
  return z.object({ message: z.string() }).safeParse(body).data?.message ?? null;
}

async function readProjectJobs(
  url: string,
  client: Client,
  projectId: number,
): Promise<readonly QueuedJob[]> {
  const answer = await gone(url, () => client.Jobs.all(projectId, { perPage: 100, maxPages: projectPages }));
  if (answer.gone) return [];
  const parsed = z.array(jobSchema).safeParse(answer.value);
  if (!parsed.success) throw unexpected(url, 'a list of jobs has another form', parsed.error);
  return parsed.data.map((job) => toJob(job, projectId));
}

/** Names in a list; none where the project is gone or keeps no code. */
async function readNames(url: string, call: () => Promise<unknown>): Promise<readonly string[]> {
  const answer = await gone(url, call);
  if (answer.gone) return [];
  const parsed = namesSchema.safeParse(answer.value);
  if (!parsed.success) throw unexpected(url, 'a list of protected names has another form', parsed.error);
  return parsed.data.map(({ name }) => name);
}

async function readLog(
  send: (path: string, init: RequestInit) => Promise<Response>,
  projectId: number,
  jobId: number,
): Promise<Uint8Array> {
  const response = await send(`/api/v4/projects/${projectId}/jobs/${jobId}/trace`, { method: 'GET' });
  if (!response.ok) throw statusError(response.url, response.status, response.statusText);
  return new Uint8Array(await response.arrayBuffer());
}

async function sendTo(url: string, path: string, token: string, init: RequestInit): Promise<Response> {
  try {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const base = url.endsWith('/') ? url.slice(0, -1) : url;
    return await fetch(`${base}${path}`, { ...init, headers, signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    throw gitlabError(url, error);
  }
}

async function readJson(url: string, response: Response): Promise<unknown> {
  if (!response.ok) throw statusError(url, response.status, response.statusText);
  try {
    return await response.json();
  } catch (error) {
    throw gitlabError(url, error);
  }
}
