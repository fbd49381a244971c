// JSON shapes of pipelines, jobs and variables (GitLab: lib/api/entities/ci/).
import type { Artifact, InstanceVariable, Job, Pipeline, ProjectVariable } from '../../state.ts';
import type { SandboxStore } from '../../store.ts';
import { renderUser, renderUserBasic } from './people.ts';
import { renderRunner, renderRunnerManager } from './runners.ts';

/** Seconds between two times; `null` when one is missing. */
export function secondsBetween(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : (Date.parse(to) - Date.parse(from)) / 1000;
}

export function renderPipelineBasic(store: SandboxStore, pipeline: Pipeline, baseUrl: string) {
  return {
    id: pipeline.id,
    iid: pipeline.iid,
    project_id: pipeline.projectId,
    sha: pipeline.sha,
    ref: pipeline.ref,
    status: pipeline.status,
    source: pipeline.source,
    created_at: pipeline.createdAt,
    updated_at: pipeline.updatedAt,
    web_url: `${baseUrl}/${store.projects.need(pipeline.projectId).fullPath}/-/pipelines/${pipeline.id}`,
    name: pipeline.name,
  };
}

/** Seconds in which at least one of the pipeline's jobs ran; `null` before any did. */
export function pipelineDuration(jobs: readonly Job[], now: Date): number | null {
  const periods = jobs
    .flatMap((job) =>
      job.startedAt === null
        ? []
        : [
            {
              from: Date.parse(job.startedAt),
              to: job.finishedAt === null ? now.getTime() : Date.parse(job.finishedAt),
            },
          ],
    )
    .sort((a, b) => a.from - b.from);
  if (periods.length === 0) return null;
  let total = 0;
  let end = 0;
  for (const { from, to } of periods) {
    total += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return Math.round(total / 1000);
}

const DETAILED: Readonly<Record<Pipeline['status'], readonly [icon: string, label: string]>> = {
  created: ['status_created', 'created'],
  pending: ['status_pending', 'pending'],
  running: ['status_running', 'running'],
  canceling: ['status_canceled', 'canceling'],
  success: ['status_success', 'passed'],
  failed: ['status_failed', 'failed'],
  canceled: ['status_canceled', 'canceled'],
  skipped: ['status_skipped', 'skipped'],
  manual: ['status_manual', 'manual action'],
  scheduled: ['status_scheduled', 'scheduled'],
};

/** The word GitLab shows for a pipeline, e.g. `passed with warnings`. */
export function pipelineLabel(pipeline: Pipeline): string {
  if (pipeline.status === 'success' && pipeline.warnings) return 'passed with warnings';
  return DETAILED[pipeline.status][1];
}

export function renderPipeline(store: SandboxStore, pipeline: Pipeline, baseUrl: string, now: Date) {
  const path = `/${store.projects.need(pipeline.projectId).fullPath}/-/pipelines/${pipeline.id}`;
  const user = store.users.get(pipeline.userId);
  const warned = pipeline.status === 'success' && pipeline.warnings;
  const queued = secondsBetween(pipeline.createdAt, pipeline.startedAt);
  return {
    ...renderPipelineBasic(store, pipeline, baseUrl),
    before_sha: pipeline.beforeSha,
    tag: pipeline.tag,
    yaml_errors: pipeline.yamlErrors,
    user: user === undefined ? null : renderUserBasic(user, baseUrl),
    started_at: pipeline.startedAt,
    finished_at: pipeline.finishedAt,
    committed_at: null,
    duration: pipelineDuration(store.jobs.by('pipelineId', pipeline.id), now),
    queued_duration: queued === null ? null : Math.round(queued),
    coverage: null,
    archived: false,
    detailed_status: {
      icon: warned ? 'status_warning' : DETAILED[pipeline.status][0],
      text: warned ? 'Warning' : capitalize(DETAILED[pipeline.status][1].replace(' action', '')),
      label: pipelineLabel(pipeline),
      group: warned ? 'success-with-warnings' : pipeline.status,
      tooltip: pipelineLabel(pipeline),
      has_details: true,
      details_path: path,
      illustration: null,
      favicon: null,
    },
  };
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The commit as a job shows it, from what the pipeline remembers. */
function renderJobCommit(pipeline: Pipeline, projectUrl: string) {
  const commit = pipeline.commit;
  if (commit === null) return null;
  return {
    id: pipeline.sha,
    short_id: pipeline.sha.slice(0, 8),
    created_at: commit.timestamp,
    parent_ids: [],
    title: commit.title,
    message: commit.message,
    author_name: commit.authorName,
    author_email: commit.authorEmail,
    authored_date: commit.timestamp,
    committer_name: commit.authorName,
    committer_email: commit.authorEmail,
    committed_date: commit.timestamp,
    trailers: {},
    extended_trailers: {},
    web_url: `${projectUrl}/-/commit/${pipeline.sha}`,
  };
}

/** JobBasic. Times that a running job has spent so far are counted to `now`. */
export function renderJobBasic(store: SandboxStore, job: Job, baseUrl: string, now: Date) {
  const pipeline = store.pipelines.need(job.pipelineId);
  const projectUrl = `${baseUrl}/${store.projects.need(job.projectId).fullPath}`;
  const user = store.users.get(job.userId);
  return {
    id: job.id,
    status: job.status,
    stage: job.stage,
    name: job.name,
    ref: job.ref,
    tag: job.tag,
    coverage: job.coverage,
    allow_failure: job.allowFailure,
    created_at: job.createdAt,
    started_at: job.startedAt,
    finished_at: job.finishedAt,
    erased_at: job.erasedAt,
    duration: secondsBetween(job.startedAt, job.finishedAt ?? now.toISOString()),
    queued_duration: secondsBetween(job.queuedAt, job.startedAt ?? job.finishedAt ?? now.toISOString()),
    user: user === undefined ? null : renderUser(user, baseUrl),
    commit: renderJobCommit(pipeline, projectUrl),
    pipeline: renderPipelineBasic(store, pipeline, baseUrl),
    ...(job.status === 'failed' ? { failure_reason: job.failureReason } : {}),
    web_url: `${projectUrl}/-/jobs/${job.id}`,
    project: { ci_job_token_scope_enabled: false },
  };
}

/** Job: with runner, artifacts and tags. */
export function renderJob(store: SandboxStore, job: Job, baseUrl: string, now: Date) {
  const artifacts = store.artifacts.by('jobId', job.id);
  const archive = artifacts.find((artifact) => artifact.fileType === 'archive');
  const runner = job.runnerId === null ? undefined : store.runners.get(job.runnerId);
  const manager =
    runner === undefined
      ? undefined
      : store.runnerManagers.by('runnerId', runner.id).find((one) => one.systemId === job.systemId);
  const size = store.files.traceSize(job.id);
  return {
    ...renderJobBasic(store, job, baseUrl, now),
    ...(archive === undefined ? {} : { artifacts_file: { filename: archive.filename, size: archive.size } }),
    artifacts: [
      ...artifacts.map(renderArtifact),
      ...(size > 0 ? [{ file_type: 'trace', size, filename: 'job.log', file_format: null }] : []),
    ],
    runner: runner === undefined ? null : renderRunner(store, runner, baseUrl, now),
    runner_manager: manager === undefined ? null : renderRunnerManager(store, manager, now),
    artifacts_expire_at: job.artifactsExpireAt,
    archived: false,
    tag_list: [...job.spec.tags].sort(),
  };
}

function renderArtifact(artifact: Artifact) {
  return {
    file_type: artifact.fileType,
    size: artifact.size,
    filename: artifact.filename,
    file_format: artifact.fileFormat,
  };
}

/** JobBasicWithProject: in a runner's list of jobs. */
export function renderJobWithProject(store: SandboxStore, job: Job, baseUrl: string, now: Date) {
  const project = store.projects.need(job.projectId);
  return {
    ...renderJobBasic(store, job, baseUrl, now),
    project: {
      id: project.id,
      description: project.description,
      name: project.name,
      path: project.path,
      path_with_namespace: project.fullPath,
      created_at: project.createdAt,
    },
  };
}

export function renderVariable(variable: ProjectVariable) {
  return {
    variable_type: variable.variableType,
    key: variable.key,
    value: variable.hidden ? null : variable.value,
    hidden: variable.hidden,
    protected: variable.protected,
    masked: variable.masked,
    raw: variable.raw,
    environment_scope: variable.environmentScope,
    description: variable.description,
  };
}

export function renderInstanceVariable(variable: InstanceVariable) {
  return {
    variable_type: variable.variableType,
    key: variable.key,
    value: variable.value,
    protected: variable.protected,
    masked: variable.masked,
    raw: variable.raw,
    description: variable.description,
  };
}
