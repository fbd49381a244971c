// The job as a runner gets it. https://gitlab.com/gitlab-org/gitlab/-/blob/master/lib/api/entities/ci/job_request
import { ancestorsOf } from '../api/access.ts';
import type { CiVariable, ImageSpec, ServiceSpec } from '../ci/pipeline-spec.ts';
import { expandVariables, mergeVariables } from '../ci/variables.ts';
import { dependenciesOf } from '../pipelines/dependencies.ts';
import { failureReasons } from '../ci/failure-reasons.ts';
import {
  jobVariables,
  pipelineVariables,
  projectPredefinedVariables,
  repositoryUrl,
  runnerVariables,
  serverVariables,
  userVariables,
} from '../pipelines/predefined-variables.ts';
import { secretVariables, variablesAround } from '../pipelines/secret-variables.ts';
import type { Job, Namespace, Pipeline, Project, Runner, RunnerManager, User } from '../state.ts';
import type { SandboxStore } from '../store.ts';
import { countOnInstanceRunners } from './queue.ts';

/** A job that was assigned, and the request that got it. */
export interface JobAssignment {
  readonly job: Job;
  readonly runner: Runner;
  readonly manager: RunnerManager | null;
  /** As the runner sees this server, without a slash at the end. */
  readonly serverUrl: string;
  /** How many waiting jobs the runner could have had. */
  readonly queueSize: number;
  readonly now: Date;
}

/** Everything around a job that goes into its payload. */
interface JobSurroundings extends JobAssignment {
  readonly pipeline: Pipeline;
  readonly project: Project;
  readonly namespace: Namespace;
  readonly user: User;
  readonly dependencies: readonly Job[];
}

/** The body of the 201 answer. */
export function renderJobPayload(store: SandboxStore, assignment: JobAssignment) {
  const { job } = assignment;
  const project = store.projects.need(job.projectId);
  const around: JobSurroundings = {
    ...assignment,
    pipeline: store.pipelines.need(job.pipelineId),
    project,
    namespace: store.namespaces.need(project.namespaceId),
    user: store.users.need(job.userId),
    dependencies: dependenciesOf(job, store.jobs.by('pipelineId', job.pipelineId)),
  };
  const variables = expandForRunner(collectVariables(store, around));
  const timeout = job.timeoutSeconds ?? project.buildTimeout;
  return {
    id: job.id,
    token: job.token,
    allow_git_fetch: project.buildGitStrategy === 'fetch',
    job_info: renderJobInfo(store, around),
    git_info: renderGitInfo(around, variables),
    runner_info: { timeout, runner_session_url: null },
    variables,
    steps: renderSteps(job, timeout),
    image: job.spec.image === null ? null : renderImage(job.spec.image),
    services: job.spec.services.map(renderService),
    artifacts: job.spec.artifacts.map(({ name, expireIn, type, format, exclude, ...rest }) => ({
      ...rest,
      ...(name === undefined ? {} : { name }),
      ...(exclude.length === 0 ? {} : { exclude }),
      ...(expireIn === undefined ? {} : { expire_in: expireIn }),
      artifact_type: type,
      artifact_format: format,
    })),
    cache: job.spec.cache.map(({ fallbackKeys, ...rest }) => ({ ...rest, fallback_keys: fallbackKeys })),
    credentials: [],
    features: { trace_sections: true, failure_reasons: failureReasons },
    dependencies: around.dependencies.map((one) => renderDependency(store, one, job)),
  };
}

/** Variables that refer to each other in a circle go out as they are, as from GitLab. */
function expandForRunner(variables: readonly CiVariable[]): readonly CiVariable[] {
  const result = expandVariables(variables, { keepUndefined: true, keepFileAndRaw: true });
  return result.kind === 'expanded' ? result.variables : mergeVariables(variables);
}

function collectVariables(store: SandboxStore, around: JobSurroundings): CiVariable[] {
  const { job, pipeline, project, serverUrl } = around;
  const own = variablesAround(store, project.id);
  return [
    ...jobVariables(job, project, serverUrl),
    ...serverVariables(serverUrl),
    ...projectPredefinedVariables(project, around.namespace, serverUrl),
    ...pipelineVariables(pipeline),
    ...runnerVariables(around.runner, around.manager),
    ...job.spec.variables,
    ...userVariables(around.user),
    ...around.dependencies.flatMap((one) => one.dotenvVariables),
    ...secretVariables(own, job.protectedRef, job.spec.environment ?? null),
    ...pipeline.variables,
    ...job.playVariables,
  ];
}

function renderJobInfo(store: SandboxStore, around: JobSurroundings) {
  const { job, project, namespace, queueSize, now } = around;
  const settings = store.settings();
  const running = countOnInstanceRunners(store)(project.id);
  return {
    id: job.id,
    name: job.name,
    stage: job.stage,
    pipeline_id: job.pipelineId,
    project_id: project.id,
    project_name: project.name,
    project_full_path: project.fullPath,
    namespace_id: namespace.id,
    root_namespace_id: ancestorsOf(store, namespace.id).at(-1)?.id ?? namespace.id,
    organization_id: 1,
    instance_id: settings.instanceUuid,
    instance_uuid: settings.instanceUuid,
    user_id: job.userId,
    time_in_queue_seconds:
      job.queuedAt === null ? 0 : Math.floor((now.getTime() - Date.parse(job.queuedAt)) / 1000),
    project_jobs_running_on_instance_runners_count:
      around.runner.runnerType !== 'instance_type' ? '+Inf' : running < 5 ? String(running) : '5+',
    queue_size: queueSize,
    queue_depth: 1,
  };
}

function renderGitInfo(
  { job, pipeline, project, serverUrl }: JobSurroundings,
  variables: readonly CiVariable[],
) {
  const wanted = variables.find((variable) => variable.key === 'GIT_DEPTH')?.value;
  const depth = wanted === undefined ? project.ciDefaultGitDepth : Number.parseInt(wanted, 10) || 0;
  return {
    repo_url: repositoryUrl(project, job.token, serverUrl),
    repo_object_format: 'sha1',
    ref: job.ref,
    sha: job.sha,
    before_sha: pipeline.beforeSha,
    ref_type: job.tag ? 'tag' : 'branch',
    refspecs: refspecs(job, depth),
    depth,
    protected: job.protectedRef,
  };
}

/** https://gitlab.com/gitlab-org/gitlab/-/blob/master/app/presenters/ci/build_runner_presenter.rb */
export function refspecs(job: Pick<Job, 'pipelineId' | 'ref' | 'tag'>, depth: number): string[] {
  const branch = (name: string): string => `+refs/heads/${name}:refs/remotes/origin/${name}`;
  const tag = (name: string): string => `+refs/tags/${name}:refs/tags/${name}`;
  const kept = `+refs/pipelines/${job.pipelineId}:refs/pipelines/${job.pipelineId}`;
  if (depth <= 0) return [kept, branch('*'), tag('*')];
  return [kept, job.tag ? tag(job.ref) : branch(job.ref)];
}

function renderSteps(job: Job, timeout: number) {
  const { script, afterScript } = job.spec;
  return [
    { name: 'script', script, timeout, when: 'on_success', allow_failure: false },
    ...(afterScript.length === 0
      ? []
      : [{ name: 'after_script', script: afterScript, timeout, when: 'always', allow_failure: true }]),
  ];
}

function renderImage(image: ImageSpec) {
  const docker = {
    ...(image.platform === undefined ? {} : { platform: image.platform }),
    ...(image.user === undefined ? {} : { user: image.user }),
  };
  return {
    name: image.name,
    entrypoint: image.entrypoint ?? null,
    executor_opts: Object.keys(docker).length === 0 ? {} : { docker },
    ports: [],
    pull_policy: image.pullPolicy ?? null,
  };
}

function renderService(service: ServiceSpec) {
  return {
    ...renderImage(service),
    alias: service.alias ?? null,
    command: service.command ?? null,
    variables: service.variables ?? [],
  };
}

function renderDependency(store: SandboxStore, dependency: Job, running: Job) {
  const archive = store.artifacts.by('jobId', dependency.id).find((one) => one.fileType === 'archive');
  return {
    id: dependency.id,
    name: dependency.name,
    token: running.token,
    ...(archive === undefined ? {} : { artifacts_file: { filename: archive.filename, size: archive.size } }),
  };
}
