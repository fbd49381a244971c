// GraphQL objects made from entities; fields that cost something are functions, called only when they are asked for.
import { canReadProject } from '../access.ts';
import type { Viewer } from '../access.ts';
import { pipelineDuration, secondsBetween } from '../entities/ci.ts';
import { fullName, httpUrl } from '../entities/projects.ts';
import { runnerStatus } from '../entities/runners.ts';
import type { SandboxContext } from '../../context.ts';
import { isCompleted } from '../../pipelines/composite-status.ts';
import { isOnRunner, isRetryable } from '../../pipelines/job-steps.ts';
import type { Job, Pipeline, Project, Runner, RunnerManager, User } from '../../state.ts';
import { connect } from './connection.ts';
import type { PageArguments } from './connection.ts';

/** What all objects of one answer share. */
export interface Scope {
  readonly ctx: SandboxContext;
  readonly viewer: Viewer;
  readonly baseUrl: string;
}

export interface JobArguments extends PageArguments {
  readonly statuses?: readonly string[] | null;
}

export const gid = (model: string, id: number): string => `gid://gitlab/${model}/${id}`;

/** The number of a global id of this model; `undefined` for any other text. */
export function parseGid(model: string, text: string): number | undefined {
  const prefix = `gid://gitlab/${model}/`;
  const number = Number(text.startsWith(prefix) ? text.slice(prefix.length) : Number.NaN);
  return Number.isInteger(number) ? number : undefined;
}

const newestFirst = <T extends { readonly id: number }>(items: readonly T[]): T[] =>
  [...items].sort((a, b) => b.id - a.id);

/** Jobs in these states, newest first; all without `statuses`. Waiting jobs are found by index. */
export function findJobs(
  scope: Scope,
  statuses: readonly string[] | null | undefined,
  within?: (job: Job) => boolean,
): Job[] {
  const { jobs } = scope.ctx.store;
  const wanted = statuses?.map((status) => status.toLowerCase());
  const found =
    wanted === undefined
      ? jobs.all()
      : [...new Set(wanted)].flatMap((status) => (isStored(status) ? jobs.by('status', status) : []));
  return newestFirst(within === undefined ? found : found.filter(within));
}

const STORED_STATUSES: readonly Job['status'][] = [
  ...(['created', 'pending', 'running', 'canceling', 'success'] as const),
  ...(['failed', 'canceled', 'skipped', 'manual', 'scheduled'] as const),
];

function isStored(status: string): status is Job['status'] {
  return STORED_STATUSES.some((stored) => stored === status);
}

export function jobConnection(scope: Scope, jobs: readonly Job[], page: PageArguments) {
  return connect(jobs, page, (job) => jobNode(scope, job));
}

// Of GitLab's app/presenters/commit_status_presenter.rb, for what a runner reports.
const FAILURE_MESSAGES: Readonly<Record<string, string>> = {
  unknown_failure: 'There is an unknown failure, please try again',
  stuck_or_timeout_failure:
    'There has been a timeout failure or the job got stuck. Check your timeout limits or try again',
  runner_system_failure: 'There has been a runner system failure, please try again',
  missing_dependency_failure: 'There has been a missing dependency failure',
  job_execution_timeout: 'The script exceeded the maximum execution time set for the job',
};

export function jobNode(scope: Scope, job: Job): object {
  const { ctx } = scope;
  const project = () => projectNode(scope, ctx.store.projects.need(job.projectId));
  return {
    __typename: 'CiJob',
    id: gid('Ci::Build', job.id),
    name: job.name,
    status: job.status.toUpperCase(),
    active: ['pending', 'running', 'canceling', 'created', 'scheduled'].includes(job.status),
    allowFailure: job.allowFailure,
    cancelable: !isCompleted(job.status) && job.status !== 'manual',
    coverage: job.coverage,
    createdAt: job.createdAt,
    createdByTag: job.tag,
    duration: () => {
      const seconds = secondsBetween(job.startedAt, job.finishedAt ?? ctx.now().toISOString());
      return seconds === null ? null : Math.round(seconds);
    },
    erasedAt: job.erasedAt,
    exitCode: job.exitCode,
    failureMessage: job.failureReason === null ? null : (FAILURE_MESSAGES[job.failureReason] ?? null),
    finishedAt: job.finishedAt,
    manualJob: job.spec.when === 'manual',
    pipeline: () => pipelineNode(scope, ctx.store.pipelines.need(job.pipelineId)),
    playable: job.status === 'manual' || job.status === 'scheduled',
    project,
    queuedAt: job.queuedAt,
    queuedDuration: () =>
      secondsBetween(job.queuedAt, job.startedAt ?? job.finishedAt ?? ctx.now().toISOString()),
    refName: job.ref,
    retried: job.retried,
    retryable: isRetryable(job),
    runner: () => {
      const runner = job.runnerId === null ? undefined : ctx.store.runners.get(job.runnerId);
      return runner === undefined ? null : runnerNode(scope, runner);
    },
    runnerManager: () => {
      const managers = job.runnerId === null ? [] : ctx.store.runnerManagers.by('runnerId', job.runnerId);
      const manager = managers.find((one) => one.systemId === job.systemId);
      return manager === undefined ? null : managerNode(scope, manager);
    },
    scheduled: job.status === 'scheduled',
    scheduledAt: job.scheduledAt,
    schedulingType: job.spec.needs === null ? 'stage' : 'dag',
    shortSha: job.sha.slice(0, 8),
    // Stages have no ids of their own here; a pipeline has far fewer than a thousand.
    stage: { id: gid('Ci::Stage', job.pipelineId * 1000 + job.stageIndex + 1), name: job.stage },
    startedAt: job.startedAt,
    stuck: false,
    tags: job.spec.tags,
    webPath: () => `/${ctx.store.projects.need(job.projectId).fullPath}/-/jobs/${job.id}`,
  };
}

export function pipelineNode(scope: Scope, pipeline: Pipeline): object {
  const { ctx } = scope;
  return {
    __typename: 'Pipeline',
    id: gid('Ci::Pipeline', pipeline.id),
    iid: String(pipeline.iid),
    name: pipeline.name,
    status: pipeline.status.toUpperCase(),
    ref: pipeline.ref,
    sha: pipeline.sha,
    source: pipeline.source,
    yamlErrors: pipeline.yamlErrors !== null,
    yamlErrorMessages: pipeline.yamlErrors,
    createdAt: pipeline.createdAt,
    updatedAt: pipeline.updatedAt,
    startedAt: pipeline.startedAt,
    finishedAt: pipeline.finishedAt,
    duration: () => pipelineDuration(ctx.store.jobs.by('pipelineId', pipeline.id), ctx.now()),
    path: () => `/${ctx.store.projects.need(pipeline.projectId).fullPath}/-/pipelines/${pipeline.id}`,
    project: () => projectNode(scope, ctx.store.projects.need(pipeline.projectId)),
    user: () => userNode(scope, ctx.store.users.get(pipeline.userId)),
    jobs: (page: JobArguments) =>
      jobConnection(
        scope,
        findJobs(scope, page.statuses, (job) => job.pipelineId === pipeline.id),
        page,
      ),
  };
}

export function userNode(scope: Scope, user: User | undefined): object | null {
  if (user === undefined) return null;
  return {
    id: gid('User', user.id),
    username: user.username,
    name: user.name,
    state: user.state,
    publicEmail: '',
    webUrl: `${scope.baseUrl}/${user.username}`,
    avatarUrl: null,
  };
}

export interface PipelineArguments extends PageArguments {
  readonly status?: string | null;
  readonly ref?: string | null;
  readonly sha?: string | null;
}

export function projectNode(scope: Scope, project: Project): object {
  const { store } = scope.ctx;
  const pipelines = () => newestFirst(store.pipelines.by('projectId', project.id));
  return {
    __typename: 'Project',
    id: gid('Project', project.id),
    name: project.name,
    path: project.path,
    fullPath: project.fullPath,
    nameWithNamespace: () =>
      `${fullName(store, store.namespaces.need(project.namespaceId))} / ${project.name}`,
    webUrl: `${scope.baseUrl}/${project.fullPath}`,
    httpUrlToRepo: httpUrl(project, scope.baseUrl),
    description: project.description,
    visibility: project.visibility,
    archived: project.archived,
    createdAt: project.createdAt,
    lastActivityAt: project.lastActivityAt,
    sharedRunnersEnabled: project.sharedRunnersEnabled,
    repository: { empty: project.defaultBranch === null, exists: true, rootRef: project.defaultBranch },
    pipelines: (page: PipelineArguments) => {
      const found = pipelines().filter(
        (one) =>
          (page.status ?? one.status.toUpperCase()) === one.status.toUpperCase() &&
          (page.ref ?? one.ref) === one.ref &&
          (page.sha ?? one.sha) === one.sha,
      );
      return connect(found, page, (one) => pipelineNode(scope, one));
    },
    pipeline: ({ iid, id }: { readonly iid?: string | null; readonly id?: string | null }) => {
      const wanted = typeof id === 'string' ? parseGid('Ci::Pipeline', id) : undefined;
      const found = pipelines().find((one) =>
        wanted === undefined ? String(one.iid) === iid : one.id === wanted,
      );
      return found === undefined ? null : pipelineNode(scope, found);
    },
    jobs: (page: JobArguments) =>
      jobConnection(
        scope,
        findJobs(scope, page.statuses, (job) => job.projectId === project.id),
        page,
      ),
  };
}

/** Null for a project that the viewer may not see. */
export function visibleProject(scope: Scope, project: Project | undefined): object | null {
  if (project === undefined || !canReadProject(scope.ctx.store, scope.viewer, project)) return null;
  return projectNode(scope, project);
}

export function runnerNode(scope: Scope, runner: Runner): object {
  const { store, now } = scope.ctx;
  const jobs = () => store.jobs.by('runnerId', runner.id);
  return {
    id: gid('Ci::Runner', runner.id),
    description: runner.description,
    runnerType: runner.runnerType.toUpperCase(),
    status: runnerStatus(runner.contactedAt, runner.createdAt, now()).toUpperCase(),
    paused: runner.paused,
    locked: runner.locked,
    runUntagged: runner.runUntagged,
    accessLevel: runner.accessLevel.toUpperCase(),
    tagList: runner.tags,
    maximumTimeout: runner.maximumTimeout,
    maintenanceNote: runner.maintenanceNote,
    // Eight characters after the prefix, as GitLab shows tokens.
    shortSha: runner.token.replace(/^glrt-/, '').slice(0, 9),
    contactedAt: runner.contactedAt,
    createdAt: runner.createdAt,
    jobExecutionStatus: () => (jobs().some(isOnRunner) ? 'ACTIVE' : 'IDLE'),
    jobCount: ({ statuses }: { readonly statuses?: readonly string[] | null }) =>
      jobs().filter((job) => statuses?.includes(job.status.toUpperCase()) ?? true).length,
    managers: (page: PageArguments) =>
      connect(newestFirst(store.runnerManagers.by('runnerId', runner.id)), page, (one) =>
        managerNode(scope, one),
      ),
    jobs: (page: JobArguments) =>
      jobConnection(
        scope,
        findJobs(scope, page.statuses, (job) => job.runnerId === runner.id),
        page,
      ),
  };
}

export function managerNode(scope: Scope, manager: RunnerManager): object {
  const { store, now } = scope.ctx;
  const status = runnerStatus(manager.contactedAt, manager.createdAt, now()).toUpperCase();
  return {
    id: gid('Ci::RunnerManager', manager.id),
    systemId: manager.systemId,
    version: manager.version,
    revision: manager.revision,
    platformName: manager.platform,
    architectureName: manager.architecture,
    executorName: manager.executor,
    ipAddress: manager.ipAddress,
    contactedAt: manager.contactedAt,
    createdAt: manager.createdAt,
    status,
    jobExecutionStatus: () => {
      const own = store.jobs
        .by('runnerId', manager.runnerId)
        .filter((job) => job.systemId === manager.systemId);
      return own.some(isOnRunner) ? 'ACTIVE' : 'IDLE';
    },
    runner: () => runnerNode(scope, store.runners.need(manager.runnerId)),
  };
}
