// GitLab's predefined CI variables. https://docs.gitlab.com/ci/variables/predefined_variables/
import type { CiVariable } from '../ci/pipeline-spec.ts';
import type { CommitInfo, Job, Namespace, Pipeline, Project, Runner, RunnerManager, User } from '../state.ts';
import { gitlabVersion } from '../version.ts';

/** What is known of a pipeline before it is stored. */
export type PipelineFacts = Pick<
  Pipeline,
  'iid' | 'ref' | 'tag' | 'sha' | 'beforeSha' | 'source' | 'protectedRef' | 'createdAt' | 'name'
> & { readonly commit: CommitInfo | null };

/** Lower case, everything but letters and digits a dash, at most 63 characters. */
export function slugify(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
}

/** GitLab writes times in variables without milliseconds. */
function seconds(iso: string): string {
  return iso.replace(/\.\d+Z$/, 'Z');
}

function publicVariable(key: string, value: string): CiVariable {
  return { key, value, public: true, masked: false, file: false, raw: false };
}

function secretVariable(key: string, value: string, masked: boolean): CiVariable {
  return { key, value, public: false, masked, file: false, raw: false };
}

function variables(entries: Readonly<Record<string, string | null>>): CiVariable[] {
  return Object.entries(entries).flatMap(([key, value]) =>
    value === null ? [] : publicVariable(key, value),
  );
}

/** Of the server; `serverUrl` without a slash at the end. */
export function serverVariables(serverUrl: string): CiVariable[] {
  const url = new URL(serverUrl);
  const protocol = url.protocol.replace(':', '');
  return variables({
    CI: 'true',
    GITLAB_CI: 'true',
    CI_SERVER_FQDN: url.host,
    CI_SERVER_URL: serverUrl,
    CI_SERVER_HOST: url.hostname,
    CI_SERVER_PORT: url.port === '' ? (protocol === 'https' ? '443' : '80') : url.port,
    CI_SERVER_PROTOCOL: protocol,
    CI_SERVER_SHELL_SSH_HOST: url.hostname,
    CI_SERVER_SHELL_SSH_PORT: '22',
    CI_SERVER_NAME: 'GitLab',
    CI_SERVER_VERSION: gitlabVersion.text,
    CI_SERVER_VERSION_MAJOR: String(gitlabVersion.major),
    CI_SERVER_VERSION_MINOR: String(gitlabVersion.minor),
    CI_SERVER_VERSION_PATCH: String(gitlabVersion.patch),
    CI_SERVER_REVISION: gitlabVersion.revision,
    CI_API_V4_URL: `${serverUrl}/api/v4`,
    CI_API_GRAPHQL_URL: `${serverUrl}/api/graphql`,
    GITLAB_FEATURES: '',
  });
}

export function projectPredefinedVariables(
  project: Project,
  namespace: Namespace,
  serverUrl: string,
): CiVariable[] {
  return variables({
    CI_PROJECT_ID: String(project.id),
    CI_PROJECT_NAME: project.path,
    CI_PROJECT_TITLE: project.name,
    CI_PROJECT_DESCRIPTION: project.description,
    CI_PROJECT_PATH: project.fullPath,
    CI_PROJECT_PATH_SLUG: slugify(project.fullPath),
    CI_PROJECT_NAMESPACE: namespace.fullPath,
    CI_PROJECT_NAMESPACE_ID: String(namespace.id),
    CI_PROJECT_NAMESPACE_SLUG: slugify(namespace.fullPath),
    CI_PROJECT_ROOT_NAMESPACE: namespace.fullPath.split('/')[0] ?? namespace.fullPath,
    CI_PROJECT_URL: `${serverUrl}/${project.fullPath}`,
    CI_PROJECT_VISIBILITY: project.visibility,
    CI_PROJECT_REPOSITORY_LANGUAGES: '',
    CI_PROJECT_CLASSIFICATION_LABEL: '',
    CI_DEFAULT_BRANCH: project.defaultBranch ?? '',
    CI_CONFIG_PATH: project.ciConfigPath === '' ? '.gitlab-ci.yml' : project.ciConfigPath,
  });
}

export function pipelineVariables(pipeline: PipelineFacts): CiVariable[] {
  const commit = pipeline.commit;
  return variables({
    CI_PIPELINE_IID: String(pipeline.iid),
    CI_PIPELINE_SOURCE: pipeline.source,
    CI_PIPELINE_CREATED_AT: seconds(pipeline.createdAt),
    CI_PIPELINE_NAME: pipeline.name,
    CI_PIPELINE_TRIGGERED: pipeline.source === 'trigger' ? 'true' : null,
    CI_COMMIT_SHA: pipeline.sha,
    CI_COMMIT_SHORT_SHA: pipeline.sha.slice(0, 8),
    CI_COMMIT_BEFORE_SHA: pipeline.beforeSha,
    CI_COMMIT_REF_NAME: pipeline.ref,
    CI_COMMIT_REF_SLUG: slugify(pipeline.ref),
    CI_COMMIT_BRANCH: pipeline.tag ? null : pipeline.ref,
    CI_COMMIT_TAG: pipeline.tag ? pipeline.ref : null,
    CI_COMMIT_REF_PROTECTED: String(pipeline.protectedRef),
    CI_COMMIT_MESSAGE: commit?.message ?? '',
    CI_COMMIT_TITLE: commit?.title ?? '',
    CI_COMMIT_DESCRIPTION: commit === null ? '' : descriptionOf(commit),
    CI_COMMIT_TIMESTAMP: commit === null ? '' : seconds(commit.timestamp),
    CI_COMMIT_AUTHOR: commit === null ? '' : `${commit.authorName} <${commit.authorEmail}>`,
  });
}

function descriptionOf(commit: CommitInfo): string {
  return commit.title.length < 100
    ? commit.message.split('\n').slice(1).join('\n').replace(/^\n/, '')
    : commit.message;
}

export function userVariables(user: User): CiVariable[] {
  return variables({
    GITLAB_USER_ID: String(user.id),
    GITLAB_USER_EMAIL: user.email,
    GITLAB_USER_LOGIN: user.username,
    GITLAB_USER_NAME: user.name,
  });
}

/** Of one job on its way to a runner. */
export function jobVariables(job: Job, project: Project, serverUrl: string): CiVariable[] {
  const url = `${serverUrl}/${project.fullPath}`;
  const acted = job.spec.when === 'manual' || job.spec.when === 'delayed';
  return [
    ...variables({
      CI_PIPELINE_ID: String(job.pipelineId),
      CI_PIPELINE_URL: `${url}/-/pipelines/${job.pipelineId}`,
      CI_JOB_ID: String(job.id),
      CI_JOB_URL: `${url}/-/jobs/${job.id}`,
    }),
    secretVariable('CI_JOB_TOKEN', job.token, true),
    ...variables({ CI_JOB_STARTED_AT: job.startedAt === null ? null : seconds(job.startedAt) }),
    secretVariable('CI_REPOSITORY_URL', repositoryUrl(project, job.token, serverUrl), false),
    ...variables({
      CI_JOB_NAME: job.name,
      CI_JOB_NAME_SLUG: slugify(job.name),
      CI_JOB_GROUP_NAME: groupName(job.name),
      CI_JOB_STAGE: job.stage,
      CI_JOB_MANUAL: acted ? 'true' : null,
      CI_NODE_TOTAL: '1',
      CI_ENVIRONMENT_NAME: job.spec.environment ?? null,
      CI_ENVIRONMENT_SLUG:
        job.spec.environment === undefined ? null : slugify(job.spec.environment).slice(0, 24),
      CI_ENVIRONMENT_ACTION: job.spec.environment === undefined ? null : 'start',
    }),
  ];
}

/** Where a job clones from, with its token. */
export function repositoryUrl(project: Project, jobToken: string, serverUrl: string): string {
  return `${serverUrl.replace('://', `://gitlab-ci-token:${jobToken}@`)}/${project.fullPath}.git`;
}

/** `test 1/3` and `test: [a, b]` belong to `test`. */
function groupName(name: string): string {
  return name.replace(/([\b\s:]+((\[.*\])|(\d+[\s:/\\]+\d+))){1,3}\s*$/, '').trim();
}

export function runnerVariables(runner: Runner, manager: RunnerManager | null): CiVariable[] {
  return variables({
    CI_RUNNER_ID: String(runner.id),
    CI_RUNNER_DESCRIPTION: runner.description,
    CI_RUNNER_TAGS: `[${runner.tags.map((tag) => JSON.stringify(tag)).join(', ')}]`,
    CI_RUNNER_EXECUTABLE_ARCH:
      manager?.platform === undefined || manager.platform === null
        ? null
        : `${manager.platform}/${manager.architecture ?? ''}`,
  });
}
