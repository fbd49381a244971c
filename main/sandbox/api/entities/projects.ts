// JSON shapes of projects, groups and namespaces (GitLab: lib/api/entities/project.rb, basic_project_details.rb, group.rb, namespace*.rb).
import type { Namespace, Project } from '../../state.ts';
import type { SandboxStore } from '../../store.ts';
import { GUEST, hasProjectRole, MAINTAINER } from '../access.ts';
import type { Viewer } from '../access.ts';
import { renderUserBasic } from './people.ts';

export function renderNamespaceBasic(namespace: Namespace, baseUrl: string) {
  return {
    id: namespace.id,
    name: namespace.name,
    path: namespace.path,
    kind: namespace.kind,
    full_path: namespace.fullPath,
    parent_id: namespace.parentId,
    avatar_url: null,
    web_url:
      namespace.kind === 'group'
        ? `${baseUrl}/groups/${namespace.fullPath}`
        : `${baseUrl}/${namespace.fullPath}`,
  };
}

/** `Names / joined / so`, the names of a namespace and those above it. */
export function fullName(store: SandboxStore, namespace: Namespace): string {
  const parent = namespace.parentId === null ? undefined : store.namespaces.get(namespace.parentId);
  return parent === undefined ? namespace.name : `${fullName(store, parent)} / ${namespace.name}`;
}

export function httpUrl(project: Project, baseUrl: string): string {
  return `${baseUrl}/${project.fullPath}.git`;
}

export function sshUrl(project: Project, baseUrl: string): string {
  return `git@${new URL(baseUrl).hostname}:${project.fullPath}.git`;
}

/** BasicProjectDetails: `simple=true`, and for people without a role. */
export function renderProjectSimple(store: SandboxStore, project: Project, baseUrl: string) {
  const namespace = store.namespaces.need(project.namespaceId);
  return {
    id: project.id,
    description: project.description,
    name: project.name,
    name_with_namespace: `${fullName(store, namespace)} / ${project.name}`,
    path: project.path,
    path_with_namespace: project.fullPath,
    created_at: project.createdAt,
    default_branch: project.defaultBranch ?? store.settings().defaultBranchName,
    tag_list: project.topics,
    topics: project.topics,
    ssh_url_to_repo: sshUrl(project, baseUrl),
    http_url_to_repo: httpUrl(project, baseUrl),
    web_url: `${baseUrl}/${project.fullPath}`,
    readme_url: null,
    forks_count: store.projects.filter((one) => one.forkedFromProjectId === project.id).length,
    avatar_url: null,
    star_count: 0,
    last_activity_at: project.lastActivityAt,
    visibility: project.visibility,
    namespace: renderNamespaceBasic(namespace, baseUrl),
  };
}

export function renderProject(store: SandboxStore, project: Project, baseUrl: string, viewer: Viewer) {
  const namespace = store.namespaces.need(project.namespaceId);
  const owner = namespace.ownerId === null ? undefined : store.users.get(namespace.ownerId);
  const self = `${baseUrl}/api/v4/projects/${project.id}`;
  const mayAdmin = hasProjectRole(store, viewer, project, MAINTAINER);
  return {
    ...renderProjectSimple(store, project, baseUrl),
    container_registry_image_prefix: `${new URL(baseUrl).host}/${project.fullPath}`,
    _links: {
      self,
      issues: `${self}/issues`,
      merge_requests: `${self}/merge_requests`,
      repo_branches: `${self}/repository/branches`,
      labels: `${self}/labels`,
      events: `${self}/events`,
      members: `${self}/members`,
      cluster_agents: `${self}/cluster_agents`,
    },
    marked_for_deletion_at: null,
    marked_for_deletion_on: null,
    packages_enabled: false,
    empty_repo: project.defaultBranch === null,
    archived: project.archived,
    ...(owner === undefined ? {} : { owner: renderUserBasic(owner, baseUrl) }),
    ...features(project),
    shared_runners_enabled: project.sharedRunnersEnabled,
    group_runners_enabled: project.groupRunnersEnabled,
    lfs_enabled: true,
    creator_id: project.creatorId,
    import_url: null,
    import_type: null,
    import_status: 'none',
    import_error: null,
    open_issues_count: 0,
    description_html: '',
    updated_at: project.lastActivityAt,
    ...ciSettings(project, mayAdmin),
    shared_with_groups: [],
    ...mergeSettings,
    permissions: renderPermissions(store, project, viewer),
  };
}

function features(project: Project) {
  const builds = project.jobsEnabled ? 'enabled' : 'disabled';
  return {
    resolve_outdated_diff_discussions: false,
    repository_object_format: 'sha1',
    issues_enabled: false,
    merge_requests_enabled: false,
    wiki_enabled: false,
    jobs_enabled: project.jobsEnabled,
    snippets_enabled: false,
    container_registry_enabled: false,
    service_desk_enabled: false,
    can_create_merge_request_in: false,
    issues_access_level: 'disabled',
    repository_access_level: 'enabled',
    merge_requests_access_level: 'disabled',
    forking_access_level: 'disabled',
    wiki_access_level: 'disabled',
    builds_access_level: builds,
    snippets_access_level: 'disabled',
    pages_access_level: 'disabled',
    container_registry_access_level: 'disabled',
    emails_disabled: true,
    emails_enabled: false,
  };
}

function ciSettings(project: Project, mayAdmin: boolean) {
  return {
    ci_default_git_depth: project.ciDefaultGitDepth,
    ci_forward_deployment_enabled: false,
    ci_forward_deployment_rollback_allowed: false,
    ci_job_token_scope_enabled: false,
    ci_separated_caches: true,
    ci_allow_fork_pipelines_to_run_in_parent_project: false,
    ci_config_path: project.ciConfigPath,
    public_jobs: true,
    build_timeout: project.buildTimeout,
    auto_cancel_pending_pipelines: project.autoCancelPendingPipelines,
    keep_latest_artifact: project.keepLatestArtifact,
    restrict_user_defined_variables: false,
    ci_pipeline_variables_minimum_override_role: 'developer',
    ...(mayAdmin
      ? {
          build_git_strategy: project.buildGitStrategy,
          runners_token: null,
          runner_token_expiration_interval: null,
        }
      : {}),
  };
}

const mergeSettings = {
  only_allow_merge_if_pipeline_succeeds: false,
  allow_merge_on_skipped_pipeline: null,
  request_access_enabled: true,
  only_allow_merge_if_all_discussions_are_resolved: false,
  remove_source_branch_after_merge: true,
  printing_merge_request_link_enabled: true,
  merge_method: 'merge',
  squash_option: 'default_off',
  auto_devops_enabled: false,
  auto_devops_deploy_strategy: 'continuous',
  autoclose_referenced_issues: true,
  repository_storage: 'default',
};

function renderPermissions(store: SandboxStore, project: Project, viewer: Viewer) {
  const level = (sourceType: 'project' | 'group', sourceId: number) => {
    const member = store.members
      .by('sourceId', sourceId)
      .find((one) => one.sourceType === sourceType && one.userId === viewer?.user.id);
    return member === undefined || member.accessLevel < GUEST
      ? null
      : { access_level: member.accessLevel, notification_level: 3 };
  };
  return { project_access: level('project', project.id), group_access: level('group', project.namespaceId) };
}

export function renderGroup(store: SandboxStore, group: Namespace, baseUrl: string) {
  return {
    id: group.id,
    web_url: `${baseUrl}/groups/${group.fullPath}`,
    name: group.name,
    path: group.path,
    description: group.description,
    visibility: group.visibility,
    share_with_group_lock: false,
    require_two_factor_authentication: false,
    two_factor_grace_period: 48,
    project_creation_level: 'developer',
    auto_devops_enabled: null,
    subgroup_creation_level: 'maintainer',
    emails_disabled: true,
    emails_enabled: false,
    mentions_disabled: null,
    lfs_enabled: true,
    archived: false,
    default_branch: null,
    default_branch_protection: 2,
    avatar_url: null,
    request_access_enabled: true,
    full_name: fullName(store, group),
    full_path: group.fullPath,
    created_at: group.createdAt,
    parent_id: group.parentId,
    organization_id: 1,
    shared_runners_setting: group.sharedRunnersEnabled ? 'enabled' : 'disabled_and_unoverridable',
  };
}
