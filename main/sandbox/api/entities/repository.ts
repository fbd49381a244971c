// JSON shapes of commits, branches, tags and their protection (GitLab: lib/api/entities/commit.rb, branch.rb, tag.rb, protected_*.rb).
import type { GitCommit, GitRef } from '../../git/repository.ts';
import type { ProtectedBranch, ProtectedTag } from '../../state.ts';

export function renderCommit(commit: GitCommit, projectUrl: string) {
  return {
    id: commit.id,
    short_id: commit.id.slice(0, 8),
    created_at: commit.committedDate,
    parent_ids: commit.parentIds,
    title: commit.title,
    message: commit.message,
    author_name: commit.authorName,
    author_email: commit.authorEmail,
    authored_date: commit.authoredDate,
    committer_name: commit.committerName,
    committer_email: commit.committerEmail,
    committed_date: commit.committedDate,
    trailers: {},
    extended_trailers: {},
    web_url: `${projectUrl}/-/commit/${commit.id}`,
  };
}

export interface BranchFacts {
  readonly isDefault: boolean;
  readonly isProtected: boolean;
  readonly canPush: boolean;
}

export function renderBranch(name: string, commit: GitCommit, facts: BranchFacts, projectUrl: string) {
  return {
    name,
    commit: renderCommit(commit, projectUrl),
    merged: false,
    protected: facts.isProtected,
    developers_can_push: false,
    developers_can_merge: false,
    can_push: facts.canPush,
    default: facts.isDefault,
    web_url: `${projectUrl}/-/tree/${encodeURIComponent(name)}`,
  };
}

export function renderTag(ref: GitRef, commit: GitCommit | null, isProtected: boolean, projectUrl: string) {
  return {
    name: ref.name.slice('refs/tags/'.length),
    message: ref.message ?? '',
    target: ref.objectId,
    commit: commit === null ? null : renderCommit(commit, projectUrl),
    release: null,
    protected: isProtected,
    created_at: null,
  };
}

const LEVEL_NAMES: Readonly<Record<number, string>> = {
  0: 'No one',
  30: 'Developers + Maintainers',
  40: 'Maintainers',
  60: 'Administrators',
};

function renderLevel(id: number, level: number) {
  return {
    id,
    access_level: level,
    access_level_description: LEVEL_NAMES[level] ?? String(level),
    deploy_key_id: null,
    user_id: null,
    group_id: null,
  };
}

export function renderProtectedBranch(rule: ProtectedBranch) {
  return {
    id: rule.id,
    name: rule.name,
    push_access_levels: [renderLevel(rule.id, rule.pushAccessLevel)],
    merge_access_levels: [renderLevel(rule.id, rule.mergeAccessLevel)],
    allow_force_push: rule.allowForcePush,
    inherited: false,
  };
}

export function renderProtectedTag(rule: ProtectedTag) {
  return { name: rule.name, create_access_levels: [renderLevel(rule.id, rule.createAccessLevel)] };
}
