// The sandbox GitLab from its own side, over its REST API: what happened there, whatever AutoGit believes.
import { z } from 'zod';
import { waitFor } from '../chaos/wait-for.ts';

const projectSchema = z.object({ id: z.int(), path_with_namespace: z.string() });
const jobSchema = z.object({
  id: z.int(),
  name: z.string(),
  status: z.string(),
  runner: z.object({ id: z.int() }).nullish(),
  /** Seconds. */
  duration: z.number().nullish(),
  finished_at: z.string().nullish(),
});
const entrySchema = z.object({ id: z.int(), description: z.string().nullish() });

/** The branch that held jobs wait for. */
const go = 'go';
const heldPipeline = (jobs: number): string => `
held:
  parallel: ${jobs}
  rules: [{ if: '$CI_COMMIT_BRANCH != "${go}"' }]
  script:
    - while ! git ls-remote --exit-code "$CI_REPOSITORY_URL" refs/heads/${go} > /dev/null; do sleep 0.3; done
    - echo "released $CI_JOB_ID"
`;

export type SandboxJob = Readonly<z.infer<typeof jobSchema>>;

export interface SandboxClient {
  readonly url: string;
  readonly token: string;
  api(method: string, path: string, body?: unknown): Promise<unknown>;
  projects(): Promise<readonly { readonly id: number; readonly path_with_namespace: string }[]>;
  /** A project with this pipeline; its id. */
  push(name: string, pipeline: string): Promise<number>;
  /** A project with jobs that run until they are released. */
  pushHeld(name: string, jobs: number): Promise<number>;
  /** Lets the held jobs of a project end. */
  release(project: number): Promise<void>;
  /** Every job of a project, attempts that were retried included, oldest first. */
  jobs(project: number): Promise<readonly SandboxJob[]>;
  trace(project: number, job: number): Promise<string>;
  entries(): Promise<readonly { readonly id: number }[]>;
  /** Waits until every job of the project has this status. */
  untilAll(project: number, status: string, ms?: number): Promise<readonly SandboxJob[]>;
}

/** Calls reject unless the answer is good. */
export function createSandboxClient(url: string, token: string): SandboxClient {
  const ask = async (method: string, path: string, body?: unknown): Promise<Response> => {
    const answer = await fetch(`${url}/api/v4${path}`, {
      method,
      headers: { 'private-token': token, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(30_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      // What fetch itself says is the same for everything; its cause is a line of its own.
      const cause = error instanceof Error ? error.cause : null;
      throw new Error(`${method} ${path}: ${String(cause ?? error)}`, { cause: error });
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  const api: SandboxClient['api'] = async (method, path, body) => (await ask(method, path, body)).json();
  const push: SandboxClient['push'] = async (name, pipeline) => {
    const { id } = projectSchema.parse(await api('POST', '/projects', { name }));
    await api('POST', `/projects/${id}/repository/commits`, {
      branch: 'main',
      commit_message: 'Start',
      actions: [{ action: 'create', file_path: '.gitlab-ci.yml', content: pipeline }],
    });
    return id;
  };
  const jobs: SandboxClient['jobs'] = async (project) => {
    const listed = z
      .array(jobSchema)
      .parse(await api('GET', `/projects/${project}/jobs?include_retried=true&per_page=100`));
    return listed.sort((a, b) => a.id - b.id);
  };
  return {
    ...{ url, token, api, push, jobs },
    projects: async () => z.array(projectSchema).parse(await api('GET', '/projects')),
    pushHeld: (name, count) => push(name, heldPipeline(count)),
    release: async (project) => {
      await api('POST', `/projects/${project}/repository/branches?branch=${go}&ref=main`);
    },
    trace: async (project, job) => (await ask('GET', `/projects/${project}/jobs/${job}/trace`)).text(),
    entries: async () => z.array(entrySchema).parse(await api('GET', '/runners/all')),
    untilAll: (project, status, ms = 60_000) =>
      waitFor(
        async () => {
          const found = await jobs(project);
          if (found.length === 0 || found.some((job) => job.status !== status))
            throw new Error(
              `not all ${status}: ${found.map((job) => `${job.name} ${job.status}`).join(', ')}`,
            );
          return found;
        },
        { timeout: ms, interval: 100 },
      ),
  };
}
