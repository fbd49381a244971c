// What proofs need of GitLab: a project of ours with one file, a pipeline of it, and a file that its job left.
import { z } from 'zod';
import type { Gitlab } from '../../ports.ts';
import { statusError, unexpected } from './errors.ts';
import type { Answer } from './http.ts';
import type { Asked } from './request.ts';

type ProofCalls = Pick<Gitlab, 'prepareProject' | 'startPipeline' | 'jobArtifact'>;
type Send = (path: string, init: Asked) => Promise<Answer>;

const projectSchema = z.object({ id: z.int(), path_with_namespace: z.string() });
const userSchema = z.object({ username: z.string().min(1) });
const groupSchema = z.object({ id: z.int() });
const pipelineSchema = z.object({ id: z.int() });
const jobsSchema = z.array(z.object({ id: z.int() }));

/** The branch that proofs run on. */
const branch = 'main';

/** The calls of the port that concern proofs. */
export function proofCalls(url: string, send: Send): ProofCalls {
  const ask = async <S extends z.ZodType>(path: string, schema: S, body?: object): Promise<z.output<S>> => {
    const init = body === undefined ? { method: 'GET' } : { method: 'POST', body: JSON.stringify(body) };
    return parsed(url, schema, required(url, await send(`/api/v4${path}`, init)));
  };
  return {
    prepareProject: async ({ name, group, file, message }) => {
      const owner = group ?? (await ask('/user', userSchema)).username;
      const namespace = group === null ? null : (await ask(`/groups/${escaped(group)}`, groupSchema)).id;
      const found = await send(`/api/v4/projects/${escaped(`${owner}/${name}`)}`, { method: 'GET' });
      const project =
        found.status === 404
          ? await ask('/projects', projectSchema, newProject(name, namespace))
          : parsed(url, projectSchema, required(url, found));
      await putFile(url, send, project.id, file, message);
      await protectBranch(url, send, project.id);
      return { id: project.id, path: project.path_with_namespace };
    },
    startPipeline: async (projectId) => {
      const pipeline = await ask(`/projects/${projectId}/pipeline`, pipelineSchema, { ref: branch });
      const jobs = await ask(`/projects/${projectId}/pipelines/${pipeline.id}/jobs`, jobsSchema);
      return jobs.map(({ id }) => id);
    },
    jobArtifact: async (projectId, jobId, path) => {
      const answer = await send(`/api/v4/projects/${projectId}/jobs/${jobId}/artifacts/${path}`, {
        method: 'GET',
      });
      return answer.status === 404 ? null : required(url, answer).text;
    },
  };
}

/** https://docs.gitlab.com/api/projects/#create-a-project */
function newProject(name: string, namespace: number | null): object {
  return {
    name,
    path: name,
    visibility: 'private',
    description:
      'AutoGit proves here what its runners give to jobs. It makes this project again when it is gone.',
    ...(namespace === null ? {} : { namespace_id: namespace }),
    shared_runners_enabled: true,
  };
}

function escaped(path: string): string {
  return encodeURIComponent(path);
}

function required(url: string, answer: Answer): Answer {
  if (!answer.ok) throw statusError(url, answer.status, answer.statusText);
  return answer;
}

function parsed<S extends z.ZodType>(url: string, schema: S, { text }: Answer): z.output<S> {
  try {
    const result = schema.safeParse(JSON.parse(text));
    if (result.success) return result.data;
  } catch {
    // Not JSON: said below.
  }
  throw unexpected(url, 'an answer has another form');
}

/** One commit that starts no pipeline by itself. https://docs.gitlab.com/api/commits/ */
async function putFile(
  url: string,
  send: Send,
  projectId: number,
  { path, content }: { readonly path: string; readonly content: string },
  message: string,
): Promise<void> {
  const known = await send(`/api/v4/projects/${projectId}/repository/files/${escaped(path)}?ref=${branch}`, {
    method: 'GET',
  });
  if (known.status !== 404) required(url, known);
  const body = {
    branch,
    commit_message: `${message} [skip ci]`,
    actions: [{ action: known.status === 404 ? 'create' : 'update', file_path: path, content }],
  };
  const init = { method: 'POST', body: JSON.stringify(body) };
  required(url, await send(`/api/v4/projects/${projectId}/repository/commits`, init));
}

/** Pools for protected branches alone take jobs of no other. GitLab protects the first branch by itself, as a rule. */
async function protectBranch(url: string, send: Send, projectId: number): Promise<void> {
  const body = JSON.stringify({ name: branch });
  const answer = await send(`/api/v4/projects/${projectId}/protected_branches`, { method: 'POST', body });
  if (answer.status !== 409) required(url, answer);
}
