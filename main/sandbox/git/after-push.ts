// What happens after refs moved: default branch, events, pipelines. Used by git pushes and by the commit API.
import type { CiVariable } from '../ci/pipeline-spec.ts';
import type { SandboxContext } from '../context.ts';
import type { CommitInfo, Pipeline, Project, User } from '../state.ts';
import type { RefUpdate } from './push-gate.ts';
import { messageSkipsCi } from './push-options.ts';
import type { PushOptions } from './push-options.ts';
import {
  BLANK_SHA,
  changedPaths,
  listRefs,
  listTree,
  readCommit,
  readFileAt,
  resolveCommit,
  setDefaultBranch,
} from './repository.ts';

// GitLab's defaults of `git_push_pipeline_limit` and `push_event_hooks_limit` (D:administration/instance_limits).
const PIPELINES_PER_PUSH = 4;
const HOOKS_PER_PUSH = 3;

export interface Push {
  readonly project: Project;
  readonly user: User;
  readonly updates: readonly RefUpdate[];
  readonly options: PushOptions;
  readonly serverUrl: string;
}

interface NamedUpdate extends RefUpdate {
  readonly refType: 'branch' | 'tag';
  readonly name: string;
  readonly action: 'created' | 'removed' | 'pushed';
  /** Place among all refs of the push: only the first few get a pipeline. */
  readonly index: number;
}

/** Follows up on accepted ref updates; gives the pipelines that were created for them. */
export async function applyPush(ctx: SandboxContext, push: Push): Promise<readonly Pipeline[]> {
  const project = await adoptDefaultBranch(ctx, push.project, push.updates);
  const named = push.updates.flatMap(nameUpdate);
  const branchesFirst = [
    ...named.filter((update) => update.refType === 'branch'),
    ...named.filter((update) => update.refType === 'tag'),
  ];
  ctx.store.projects.update(project.id, { lastActivityAt: ctx.now().toISOString() });
  const pipelines: Pipeline[] = [];
  for (const update of branchesFirst) {
    const alike = named.filter((one) => one.refType === update.refType && one.action === update.action);
    if (alike.length <= HOOKS_PER_PUSH) {
      ctx.events.emit('push', {
        project,
        user: push.user,
        refType: update.refType,
        ref: update.name,
        before: update.before,
        after: update.after,
      });
    }
    if (update.action !== 'removed' && update.index < PIPELINES_PER_PUSH) {
      const outcome = await createPushPipeline(ctx, push, project, update);
      if (outcome.kind === 'created') pipelines.push(outcome.pipeline);
    }
  }
  return pipelines;
}

/** The short name of a branch or tag; `null` for any other ref. */
export function nameRef(ref: string): Pick<NamedUpdate, 'refType' | 'name'> | null {
  const [, kind, name] = /^refs\/(heads|tags)\/(.+)$/s.exec(ref) ?? [];
  return name === undefined ? null : { refType: kind === 'heads' ? 'branch' : 'tag', name };
}

function nameUpdate(update: RefUpdate, index: number): NamedUpdate[] {
  const named = nameRef(update.ref);
  if (named === null) return [];
  const action = update.before === BLANK_SHA ? 'created' : update.after === BLANK_SHA ? 'removed' : 'pushed';
  return [{ ...update, ...named, action, index }];
}

/** The first branch of an empty repository becomes its default branch, and is protected as GitLab does by default. */
async function adoptDefaultBranch(
  ctx: SandboxContext,
  project: Project,
  updates: readonly RefUpdate[],
): Promise<Project> {
  const current = ctx.store.projects.get(project.id) ?? project;
  const directory = ctx.store.files.repositoryPath(project.id);
  const branches = await listRefs(directory, 'refs/heads/');
  const wanted = current.defaultBranch ?? ctx.store.settings().defaultBranchName;
  const first = updates.find((update) => update.ref.startsWith('refs/heads/') && update.after !== BLANK_SHA);
  const wantedExists = branches.some((branch) => branch.name === `refs/heads/${wanted}`);
  const created = updates.filter(
    (update) => update.before === BLANK_SHA && update.ref.startsWith('refs/heads/'),
  );
  if (first === undefined || created.length < branches.length) return current;
  const name = wantedExists ? wanted : first.ref.slice('refs/heads/'.length);
  await setDefaultBranch(directory, name);
  return protectDefaultBranch(ctx, current, name);
}

function protectDefaultBranch(ctx: SandboxContext, project: Project, branch: string): Project {
  const { protectedBranches, projects } = ctx.store;
  return ctx.store.transaction(() => {
    const known = protectedBranches.by('projectId', project.id).some((rule) => rule.name === branch);
    if (!known) protectedBranches.insert({ projectId: project.id, name: branch });
    return projects.update(project.id, { defaultBranch: branch });
  });
}

async function createPushPipeline(
  ctx: SandboxContext,
  push: Push,
  project: Project,
  update: NamedUpdate,
): Promise<PipelineOutcome> {
  const directory = ctx.store.files.repositoryPath(project.id);
  const sha = await resolveCommit(directory, update.after);
  if (sha === null) return { kind: 'missing_file' };
  const commit = await readCommit(directory, sha);
  const skip = push.options.skipCi || messageSkipsCi(commit?.message ?? '');
  return createPipelineAt(ctx, {
    project,
    user: push.user,
    refType: update.refType,
    ref: update.name,
    sha,
    beforeSha: update.before,
    source: 'push',
    skip,
    variables: push.options.variables.map(({ key, value }) => ({
      ...{ key, value, public: false },
      ...{ masked: false, file: false, raw: false },
    })),
    serverUrl: push.serverUrl,
  });
}

export interface PipelineWish {
  readonly project: Project;
  readonly user: User;
  readonly refType: 'branch' | 'tag';
  readonly ref: string;
  readonly sha: string;
  /** `BLANK_SHA` when there is nothing to compare with. */
  readonly beforeSha: string;
  readonly source: Pipeline['source'];
  readonly skip: boolean;
  readonly variables: readonly CiVariable[];
  readonly serverUrl: string;
}

export type PipelineOutcome =
  | { readonly kind: 'created'; readonly pipeline: Pipeline }
  | { readonly kind: 'none'; readonly reason: string }
  /** The commit has no CI file, or an empty one: GitLab creates nothing. */
  | { readonly kind: 'missing_file' };

/** Reads the commit and asks for its pipeline. */
export async function createPipelineAt(ctx: SandboxContext, wish: PipelineWish): Promise<PipelineOutcome> {
  const { project, user, sha } = wish;
  if (!project.jobsEnabled) return { kind: 'none', reason: 'Pipelines are disabled!' };
  const directory = ctx.store.files.repositoryPath(project.id);
  const commit = await readCommit(directory, sha);
  const commitInfo =
    commit === null
      ? null
      : {
          title: commit.title,
          message: commit.message,
          authorName: commit.authorName,
          authorEmail: commit.authorEmail,
          timestamp: commit.committedDate,
        };
  if (wish.skip) return { kind: 'created', pipeline: insertSkippedPipeline(ctx, wish, commitInfo) };
  const path = project.ciConfigPath === '' ? '.gitlab-ci.yml' : project.ciConfigPath;
  const file = await readFileAt(directory, sha, path);
  // GitLab takes an empty file for a missing one (lib/gitlab/ci/project_config/repository.rb); blanks are an error.
  if (file === null || file.content.length === 0) return { kind: 'missing_file' };
  const isComparable = wish.source === 'push' && wish.refType === 'branch' && wish.beforeSha !== BLANK_SHA;
  return ctx.ci.createPipeline({
    ...{ project, user, sha, ref: wish.ref, refType: wish.refType, beforeSha: wish.beforeSha },
    ...{ source: wish.source, variables: wish.variables, commit: commitInfo, serverUrl: wish.serverUrl },
    yamlText: file.content.toString('utf8'),
    changedPaths: isComparable ? await changedPaths(directory, wish.beforeSha, sha) : null,
    treePaths: (await listTree(directory, sha)).map((entry) => entry.path),
  });
}

/** A pipeline without jobs: what `[skip ci]` leaves behind. */
function insertSkippedPipeline(ctx: SandboxContext, wish: PipelineWish, commit: CommitInfo | null): Pipeline {
  const now = ctx.now().toISOString();
  const pipeline = ctx.store.pipelines.insert({
    iid: ctx.store.nextPipelineIid(wish.project.id),
    projectId: wish.project.id,
    ref: wish.ref,
    tag: wish.refType === 'tag',
    sha: wish.sha,
    beforeSha: wish.beforeSha,
    source: wish.source,
    status: 'skipped',
    stages: [],
    variables: [...wish.variables],
    commit,
    userId: wish.user.id,
    createdAt: now,
    updatedAt: now,
    finishedAt: now,
  });
  ctx.events.emit('pipeline', pipeline);
  return pipeline;
}
