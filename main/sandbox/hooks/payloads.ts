// What webhooks carry: GitLab's payloads for jobs, pipelines and pushes (lib/gitlab/data_builder/).
import { pipelineDuration, pipelineLabel, secondsBetween } from '../api/entities/ci.ts';
import { httpUrl, sshUrl } from '../api/entities/projects.ts';
import { BLANK_SHA } from '../git/repository.ts';
import type { CommitFiles, GitCommit } from '../git/repository.ts';
import type { PushEvent } from '../events.ts';
import type { Job, Pipeline, Project, Runner, User } from '../state.ts';
import type { SandboxStore } from '../store.ts';

const VISIBILITY_LEVELS = { private: 0, internal: 10, public: 20 } as const;

/** Times in hooks: `2026-11-21 08:00:00 UTC`. */
function hookTime(time: string | null): string | null {
  return time === null ? null : `${time.slice(0, 10)} ${time.slice(11, 19)} UTC`;
}

function renderHookUser(user: User | undefined) {
  if (user === undefined) return null;
  return { id: user.id, name: user.name, username: user.username, avatar_url: null, email: '[REDACTED]' };
}

function renderHookProject(store: SandboxStore, project: Project, baseUrl: string) {
  return {
    id: project.id,
    name: project.name,
    description: project.description,
    web_url: `${baseUrl}/${project.fullPath}`,
    avatar_url: null,
    git_ssh_url: sshUrl(project, baseUrl),
    git_http_url: httpUrl(project, baseUrl),
    namespace: store.namespaces.need(project.namespaceId).name,
    visibility_level: VISIBILITY_LEVELS[project.visibility],
    path_with_namespace: project.fullPath,
    default_branch: project.defaultBranch,
    ci_config_path: project.ciConfigPath === '' ? null : project.ciConfigPath,
  };
}

function renderHookRepository(project: Project, baseUrl: string) {
  return {
    name: project.name,
    url: sshUrl(project, baseUrl),
    description: project.description,
    homepage: `${baseUrl}/${project.fullPath}`,
    git_http_url: httpUrl(project, baseUrl),
    git_ssh_url: sshUrl(project, baseUrl),
    visibility_level: VISIBILITY_LEVELS[project.visibility],
  };
}

function renderHookRunner(runner: Runner | undefined) {
  if (runner === undefined) return null;
  return {
    id: runner.id,
    description: runner.description,
    runner_type: runner.runnerType,
    active: !runner.paused,
    is_shared: runner.runnerType === 'instance_type',
    tags: runner.tags,
  };
}

const runnerOf = (store: SandboxStore, job: Job): Runner | undefined =>
  job.runnerId === null ? undefined : store.runners.get(job.runnerId);

/** Durations of a job, in seconds; those that still go on are counted to `now`. */
function durations(job: Job, now: Date) {
  const to = now.toISOString();
  return {
    duration: secondsBetween(job.startedAt, job.finishedAt ?? to),
    queued: secondsBetween(job.queuedAt, job.startedAt ?? job.finishedAt ?? to),
  };
}

/** `Job Hook`. A waiting job's own tags are not in it. */
export function renderJobHook(store: SandboxStore, job: Job, baseUrl: string, now: Date) {
  const pipeline = store.pipelines.need(job.pipelineId);
  const project = store.projects.need(job.projectId);
  const user = store.users.get(job.userId);
  const { duration, queued } = durations(job, now);
  return {
    object_kind: 'build',
    ref: job.ref,
    tag: job.tag,
    before_sha: pipeline.beforeSha,
    sha: job.sha,
    retries_count: job.retryCount,
    build_id: job.id,
    build_name: job.name,
    build_stage: job.stage,
    build_status: job.status,
    build_created_at: hookTime(job.createdAt),
    build_started_at: hookTime(job.startedAt),
    build_finished_at: hookTime(job.finishedAt),
    build_created_at_iso: job.createdAt,
    build_started_at_iso: job.startedAt,
    build_finished_at_iso: job.finishedAt,
    build_duration: duration,
    build_queued_duration: queued,
    build_allow_failure: job.allowFailure,
    build_failure_reason: job.failureReason ?? 'unknown_failure',
    pipeline_id: pipeline.id,
    runner: renderHookRunner(runnerOf(store, job)),
    project_id: project.id,
    project_name: `${store.namespaces.need(project.namespaceId).name} / ${project.name}`,
    user: renderHookUser(user),
    commit: renderHookPipelineAsCommit(store, pipeline, now),
    repository: renderHookRepository(project, baseUrl),
    project: renderHookProject(store, project, baseUrl),
    environment: job.spec.environment === undefined ? null : { name: job.spec.environment, action: 'start' },
  };
}

/** The `commit` of a job hook: its `id` is the pipeline's. */
function renderHookPipelineAsCommit(store: SandboxStore, pipeline: Pipeline, now: Date) {
  const { commit } = pipeline;
  return {
    id: pipeline.id,
    name: pipeline.name,
    sha: pipeline.sha,
    message: commit?.message ?? null,
    author_name: commit?.authorName ?? null,
    author_email: commit?.authorEmail ?? null,
    author_url: commit === null ? null : `mailto:${commit.authorEmail}`,
    status: pipeline.status,
    duration: pipelineDuration(store.jobs.by('pipelineId', pipeline.id), now),
    started_at: hookTime(pipeline.startedAt),
    finished_at: hookTime(pipeline.finishedAt),
  };
}

/** `Pipeline Hook`. */
export function renderPipelineHook(store: SandboxStore, pipeline: Pipeline, baseUrl: string, now: Date) {
  const project = store.projects.need(pipeline.projectId);
  const jobs = store.jobs.by('pipelineId', pipeline.id);
  const queued = secondsBetween(pipeline.createdAt, pipeline.startedAt);
  return {
    object_kind: 'pipeline',
    object_attributes: {
      id: pipeline.id,
      iid: pipeline.iid,
      name: pipeline.name,
      ref: pipeline.ref,
      tag: pipeline.tag,
      sha: pipeline.sha,
      before_sha: pipeline.beforeSha,
      source: pipeline.source,
      status: pipeline.status,
      detailed_status: pipelineLabel(pipeline),
      stages: pipeline.stages,
      created_at: hookTime(pipeline.createdAt),
      finished_at: hookTime(pipeline.finishedAt),
      duration: pipelineDuration(jobs, now),
      queued_duration: queued === null ? null : Math.round(queued),
      protected_ref: pipeline.protectedRef,
      variables: pipeline.variables.map(({ key, value }) => ({ key, value })),
      url: `${baseUrl}/${project.fullPath}/-/pipelines/${pipeline.id}`,
    },
    merge_request: null,
    user: renderHookUser(store.users.get(pipeline.userId)),
    project: renderHookProject(store, project, baseUrl),
    commit: renderHookCommit(pipeline, `${baseUrl}/${project.fullPath}`),
    builds: jobs.filter((job) => !job.retried).map((job) => renderHookBuild(store, job, now)),
  };
}

function renderHookCommit(pipeline: Pipeline, projectUrl: string) {
  const { commit } = pipeline;
  if (commit === null) return null;
  return {
    id: pipeline.sha,
    message: commit.message,
    title: commit.title,
    timestamp: commit.timestamp,
    url: `${projectUrl}/-/commit/${pipeline.sha}`,
    author: { name: commit.authorName, email: commit.authorEmail },
  };
}

function renderHookBuild(store: SandboxStore, job: Job, now: Date) {
  const archive = store.artifacts.by('jobId', job.id).find((artifact) => artifact.fileType === 'archive');
  const { duration, queued } = durations(job, now);
  return {
    id: job.id,
    stage: job.stage,
    name: job.name,
    status: job.status,
    created_at: hookTime(job.createdAt),
    started_at: hookTime(job.startedAt),
    finished_at: hookTime(job.finishedAt),
    duration,
    queued_duration: queued,
    failure_reason: job.status === 'failed' ? job.failureReason : null,
    when: job.spec.when,
    manual: job.spec.when === 'manual',
    allow_failure: job.allowFailure,
    user: renderHookUser(store.users.get(job.userId)),
    runner: renderHookRunner(runnerOf(store, job)),
    artifacts_file: { filename: archive?.filename ?? null, size: archive?.size ?? null },
    environment: null,
  };
}

/** A pushed commit with the files it touched. */
export interface PushedCommit {
  readonly commit: GitCommit;
  readonly files: CommitFiles;
}

export interface PushFindings {
  /** Oldest first, at most 20. */
  readonly commits: readonly PushedCommit[];
  readonly total: number;
  /** The commit that a checkout of the ref gives; `null` when it was deleted. */
  readonly checkoutSha: string | null;
  /** Of an annotated tag. */
  readonly message: string | null;
}

/** `Push Hook` and `Tag Push Hook`. */
export function renderPushHook(store: SandboxStore, push: PushEvent, found: PushFindings, baseUrl: string) {
  const { project, user } = push;
  const kind = push.refType === 'tag' ? 'tag_push' : 'push';
  const projectUrl = `${baseUrl}/${project.fullPath}`;
  return {
    object_kind: kind,
    event_name: kind,
    before: push.before,
    after: push.after,
    ref: `refs/${push.refType === 'tag' ? 'tags' : 'heads'}/${push.ref}`,
    ref_protected: store.protectedBranches.by('projectId', project.id).some((rule) => rule.name === push.ref),
    checkout_sha: push.after === BLANK_SHA ? null : found.checkoutSha,
    message: found.message,
    user_id: user.id,
    user_name: user.name,
    user_username: user.username,
    user_email: '',
    user_avatar: null,
    project_id: project.id,
    project: renderHookProject(store, project, baseUrl),
    commits: found.commits.map(({ commit, files }) => ({
      id: commit.id,
      message: commit.message,
      title: commit.title,
      timestamp: commit.committedDate,
      url: `${projectUrl}/-/commit/${commit.id}`,
      author: { name: commit.authorName, email: commit.authorEmail },
      added: files.added,
      modified: files.modified,
      removed: files.removed,
    })),
    total_commits_count: found.total,
    push_options: {},
    repository: renderHookRepository(project, baseUrl),
  };
}

/** System hooks: something happened to a project or a user. */
export function renderProjectSystemHook(store: SandboxStore, project: Project, eventName: string) {
  const owner = store.users.get(project.creatorId);
  return {
    event_name: eventName,
    created_at: project.createdAt,
    updated_at: project.lastActivityAt,
    name: project.name,
    path: project.path,
    path_with_namespace: project.fullPath,
    project_id: project.id,
    owner_name: owner?.name ?? '',
    owner_email: '',
    owners: [],
    project_visibility: project.visibility,
  };
}

export function renderUserSystemHook(user: User, eventName: string) {
  return {
    event_name: eventName,
    created_at: user.createdAt,
    updated_at: user.createdAt,
    name: user.name,
    email: user.email,
    user_id: user.id,
    username: user.username,
  };
}
