// Makes and removes projects with their repositories.
import { rm } from 'node:fs/promises';
import type { SandboxContext } from '../context.ts';
import { applyPush } from '../git/after-push.ts';
import { writeCommit } from '../git/commit-files.ts';
import { BLANK_SHA, createRepository, updateRef } from '../git/repository.ts';
import type { Namespace, Project, User } from '../state.ts';
import { badParameter, invalidEntity } from './api-error.ts';

export interface NewProject {
  readonly creator: User;
  readonly namespace: Namespace;
  readonly name?: string;
  readonly path?: string;
  readonly description?: string;
  readonly visibility?: Project['visibility'];
  readonly defaultBranch?: string;
  readonly initializeWithReadme?: boolean;
  /** Further settings as they are stored. */
  readonly settings?: ProjectSettings;
  readonly serverUrl: string;
}

/** Settings that can be given at creation and changed later. */
export type ProjectSettings = Partial<
  Pick<
    Project,
    | 'topics'
    | 'sharedRunnersEnabled'
    | 'groupRunnersEnabled'
    | 'jobsEnabled'
    | 'ciConfigPath'
    | 'buildTimeout'
    | 'ciDefaultGitDepth'
    | 'buildGitStrategy'
    | 'autoCancelPendingPipelines'
    | 'keepLatestArtifact'
  >
>;

/** Adds a project and its bare repository. Raises `ApiError` 400 as GitLab does for taken or unusable names. */
export async function createProject(ctx: SandboxContext, wish: NewProject): Promise<Project> {
  const path = wish.path ?? pathFromName(wish.name ?? '');
  const name = wish.name ?? path;
  if (name === '' && path === '') {
    throw badParameter('name, path are missing, at least one parameter must be provided');
  }
  assertProjectPath(path);
  const fullPath = `${wish.namespace.fullPath}/${path}`;
  const taken = ctx.store.projects
    .by('namespaceId', wish.namespace.id)
    .find((one) => one.path.toLowerCase() === path.toLowerCase() || one.name === name);
  if (taken !== undefined) {
    const already = ['has already been taken'];
    throw invalidEntity({ 'project_namespace.name': already, name: already, path: already });
  }
  const now = ctx.now().toISOString();
  const project = ctx.store.projects.insert({
    namespaceId: wish.namespace.id,
    name,
    path,
    fullPath,
    description: wish.description ?? '',
    visibility: wish.visibility ?? ctx.store.settings().defaultProjectVisibility,
    creatorId: wish.creator.id,
    sharedRunnersEnabled: ctx.store.settings().sharedRunnersEnabled,
    ...wish.settings,
    topics: [...(wish.settings?.topics ?? [])],
    createdAt: now,
    lastActivityAt: now,
  });
  if (wish.namespace.kind === 'group') addCreator(ctx, project, wish.creator);
  const branch = wish.defaultBranch ?? ctx.store.settings().defaultBranchName;
  await createRepository(ctx.store.files.repositoryPath(project.id), branch);
  ctx.events.emit('project', project, 'create');
  if (wish.initializeWithReadme === true) await addReadme(ctx, project, wish.creator, branch, wish.serverUrl);
  return ctx.store.projects.need(project.id);
}

/** Removes a project with everything that hangs on it. */
export async function removeProject(ctx: SandboxContext, project: Project): Promise<void> {
  const { store } = ctx;
  ctx.ci.deleteProjectCi(project.id);
  store.transaction(() => {
    for (const hook of store.hooks.by('projectId', project.id)) {
      for (const delivery of store.hookDeliveries.by('hookId', hook.id))
        store.hookDeliveries.remove(delivery.id);
      store.hooks.remove(hook.id);
    }
    for (const rule of store.protectedBranches.by('projectId', project.id))
      store.protectedBranches.remove(rule.id);
    for (const rule of store.protectedTags.by('projectId', project.id)) store.protectedTags.remove(rule.id);
    for (const variable of store.projectVariables.by('projectId', project.id)) {
      store.projectVariables.remove(variable.id);
    }
    for (const member of store.members.by('sourceId', project.id)) {
      if (member.sourceType === 'project') store.members.remove(member.id);
    }
    for (const runner of store.runners.all()) {
      if (!runner.projectIds.includes(project.id)) continue;
      const projectIds = runner.projectIds.filter((id) => id !== project.id);
      store.runners.update(runner.id, { projectIds });
    }
    store.projects.remove(project.id);
  });
  await rm(store.files.repositoryPath(project.id), { recursive: true, force: true });
  ctx.events.emit('project', project, 'destroy');
}

/** Raises 400 for a path that GitLab refuses. */
export function assertProjectPath(path: string): void {
  if (!/^[a-zA-Z0-9_.][a-zA-Z0-9_.-]*$/.test(path) || /\.(git|atom)$/i.test(path)) {
    throw invalidEntity({
      path: [
        "can contain only letters, digits, '_', '-' and '.'. Cannot start with '-', end in '.git' or end in '.atom'",
      ],
    });
  }
}

/** What GitLab makes of a name without a path: `My Project` is `my-project`. */
export function pathFromName(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9_.-]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

function addCreator(ctx: SandboxContext, project: Project, creator: User): void {
  ctx.store.members.insert({
    sourceType: 'project',
    sourceId: project.id,
    userId: creator.id,
    accessLevel: 40,
    createdAt: ctx.now().toISOString(),
  });
}

async function addReadme(
  ctx: SandboxContext,
  project: Project,
  creator: User,
  branch: string,
  serverUrl: string,
): Promise<void> {
  const directory = ctx.store.files.repositoryPath(project.id);
  const content = `# ${project.name}\n${project.description === '' ? '' : `\n${project.description}\n`}`;
  const person = { authorName: creator.name, authorEmail: creator.email };
  const after = await writeCommit(directory, {
    message: 'Initial commit',
    ...person,
    committerName: creator.name,
    committerEmail: creator.email,
    parent: null,
    actions: [{ action: 'create', path: 'README.md', content: Buffer.from(content) }],
  });
  const ref = `refs/heads/${branch}`;
  await updateRef(directory, ref, after);
  const updates = [{ ref, before: BLANK_SHA, after }];
  await applyPush(ctx, {
    project,
    user: creator,
    updates,
    options: { skipCi: false, variables: [] },
    serverUrl,
  });
}
