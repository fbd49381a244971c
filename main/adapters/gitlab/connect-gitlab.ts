// GitLab behind its port: @gitbeaker/rest for the REST API, fetch for what it lacks.
import { Gitlab as GitbeakerClient } from '@gitbeaker/rest';
import { z } from 'zod';
import type { Gitlab, GitlabVersion, JobLogPart, QueuedJob } from '../../ports.ts';
import type { GitlabAddress } from '../../model/world.ts';
import { attempt, gone, readJson } from './call.ts';
import { countCalls } from './counts.ts';
import { entryCalls } from './entries.ts';
import { jobRefused, statusError, unexpected } from './errors.ts';
import { createHttp } from './http.ts';
import type { Answer, Http, HttpOptions } from './http.ts';
import { readLogPart } from './job-log.ts';
import { ownerCalls } from './owners.ts';
import { proofCalls } from './proofs.ts';
import { parseStatus, parseTime, parseWaited, readQueue } from './queue.ts';
import type { Asked } from './request.ts';
import { requesterOver } from './requester.ts';
import { agentFor } from './tls-agent.ts';
import type { AgentOf } from './tls-agent.ts';

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
export function connectGitlab(address: GitlabAddress, token: string, options: HttpOptions = {}): Gitlab {
  const { url, ca = null, connect = null } = address;
  const http = createHttp(url, { agentOf: lazily(() => agentFor(url, { ca, connect })), ...options });
  const requesterFn = requesterOver(url, http);
  const client = new GitbeakerClient({ host: url, token, queryTimeout: null, requesterFn });
  const send: Send = (path, init) => http.exchange(...requestTo(url, path, token, init));
  return {
    url,
    version: () => readVersion(url, client),
    queue: async () => ({
      jobs: await readQueue(url, async (body) => {
        const answer = await send('/api/graphql', { method: 'POST', body: JSON.stringify(body) });
        return readJson(url, answer);
      }),
    }),
    job: (projectId, jobId) => readJob(url, client, projectId, jobId),
    projectJobs: (projectId) => readProjectJobs(url, client, projectId),
    jobLog: (projectId, jobId, from) => readLog(url, token, http, { projectId, jobId, ...from }),
    cancelJob: (projectId, jobId) => actOnJob(url, send, projectId, jobId, 'cancel'),
    retryJob: (projectId, jobId) => actOnJob(url, send, projectId, jobId, 'retry'),
    ...entryCalls(url, client, send),
    ...proofCalls(url, send),
    ...ownerCalls(url, send),
    ...countCalls(url, send),
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

/** What is wrong with the way there is for the first call to say, which reports it as it does everything. */
function lazily(make: () => AgentOf): AgentOf {
  let made: AgentOf | null = null;
  return (address) => (made ??= make())(address);
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
    waitedMs: parseWaited(job.started_at, job.queued_duration),
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
  send: Send,
  projectId: number,
  jobId: number,
  verb: 'cancel' | 'retry',
): Promise<QueuedJob> {
  const response = await send(`/api/v4/projects/${projectId}/jobs/${jobId}/${verb}`, { method: 'POST' });
  if (!response.ok) {
    const said = reasonIn(response);
    if (said !== null && [400, 403, 404].includes(response.status))
      throw jobRefused(url, jobId, verb, response.status, said);
    throw statusError(url, response.status, response.statusText);
  }
  const parsed = jobSchema.safeParse(readJson(url, response));
  if (!parsed.success) throw unexpected(url, 'a job has another form', parsed.error);
  return toJob(parsed.data, projectId);
}

/** GitLab's own words about an object: `{"message": "403 Forbidden - Job is not retryable"}`; a token's fault has none. */
function reasonIn({ text }: Answer): string | null {
  try {
    return z.object({ message: z.string() }).safeParse(JSON.parse(text)).data?.message ?? null;
  } catch {
    return null;
  }
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

/** A log may have 100 MB: no more than this of it is held at a time. Bytes. */
const logWindow = 1_048_576;

async function readLog(
  url: string,
  token: string,
  http: Http,
  from: {
    readonly projectId: number;
    readonly jobId: number;
    readonly offset: number;
    readonly ended: boolean;
  },
): Promise<JobLogPart> {
  const { projectId, jobId, offset, ended } = from;
  const path = `/api/v4/projects/${projectId}/jobs/${jobId}/trace`;
  const [address, init] = requestTo(url, path, token, { method: 'GET' });
  const { bytes, more } = await http.part(address, init, { offset, length: logWindow });
  const { text, nextOffset } = readLogPart(bytes, 0, ended && !more);
  return { text, nextOffset: offset + nextOffset, ...(more ? { more } : {}) };
}

type Send = (path: string, init: Asked) => Promise<Answer>;

function requestTo(url: string, path: string, token: string, init: Asked): [string, Asked] {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const base = url.endsWith('/') ? url.slice(0, -1) : url;
  return [`${base}${path}`, { ...init, headers }];
}
