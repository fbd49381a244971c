// Makes and removes projects with their repositories.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { SandboxContext } from '../context.ts';
import { applyPush } from '../git/after-push.ts';
import { writeCommit } from '../git/commit-files.ts';
import { recordPush } from '../git/pending-push.ts';
import { BLANK_SHA, createRepository, updateRef } from '../git/repository.ts';
import { GitCommandError } from '../git/run-git.ts';
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

/**
 * Adds a project and its bare repository, both or nothing. Raises `ApiError` 400 as GitLab does for taken or unusable
 * names.
 */
export async function createProject(ctx: SandboxContext, wish: NewProject): Promise<Project> {
  const { store } = ctx;
  const path = wish.path ?? pathFromName(wish.name ?? '');
  const name = wish.name ?? path;
  if (name === '' && path === '') {
    throw badParameter('name, path are missing, at least one parameter must be provided');
  }
  assertProjectPath(path);
  assertProjectFree(ctx, wish.namespace.id, path, name);
  const draft = store.files.uploadPath(`${randomUUID()}.git`);
  const branch = wish.defaultBranch ?? store.settings().defaultBranchName;
  try {
    await makeRepository(draft, branch);
    const readme = wish.initializeWithReadme === true ? await writeReadme(draft, wish, name) : null;
    const ref = `refs/heads/${branch}`;
    if (readme !== null) await updateRef(draft, ref, readme);
    const updates = readme === null ? [] : [{ ref, before: BLANK_SHA, after: readme }];
    const { project, push, pending } = store.transaction(() => {
      // Somebody else may have been faster.
      assertProjectFree(ctx, wish.namespace.id, path, name);
      const created = insertProject(ctx, wish, { name, path });
      const options = { skipCi: false, variables: [] };
      const first = { project: created, user: wish.creator, updates, options, serverUrl: wish.serverUrl };
      const noted = updates.length === 0 ? null : recordPush(ctx, first);
      store.files.keepRepository(draft, created.id);
      return { project: created, push: first, pending: noted };
    });
    ctx.events.emit('project', project, 'create');
    if (pending !== null) {
      await applyPush(ctx, push);
      store.pendingPushes.remove(pending.id);
    }
    return store.projects.need(project.id);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function makeRepository(directory: string, branch: string): Promise<void> {
  try {
    await createRepository(directory, branch);
  } catch (error) {
    if (!(error instanceof GitCommandError)) throw error;
    throw invalidEntity({ default_branch: ['is invalid'] });
  }
}

function insertProject(
  ctx: SandboxContext,
  wish: NewProject,
  names: { readonly name: string; readonly path: string },
): Project {
  const { store } = ctx;
  const now = ctx.now().toISOString();
  const project = store.projects.insert({
    ...names,
    namespaceId: wish.namespace.id,
    fullPath: `${wish.namespace.fullPath}/${names.path}`,
    description: wish.description ?? '',
    visibility: wish.visibility ?? store.settings().defaultProjectVisibility,
    creatorId: wish.creator.id,
    sharedRunnersEnabled: store.settings().sharedRunnersEnabled,
    ...wish.settings,
    topics: [...(wish.settings?.topics ?? [])],
    createdAt: now,
    lastActivityAt: now,
  });
  if (wish.namespace.kind === 'group') addCreator(ctx, project, wish.creator);
  return project;
}

/** Raises 400 when the namespace has another project of this path (in any case) or name. */
export function assertProjectFree(
  ctx: SandboxContext,
  namespaceId: number,
  path: string,
  name: string,
  self?: number,
): void {
  const taken = ctx.store.projects
    .by('namespaceId', namespaceId)
    .some((one) => one.id !== self && (one.path.toLowerCase() === path.toLowerCase() || one.name === name));
  if (!taken) return;
  const already = ['has already been taken'];
  throw invalidEntity({ 'project_namespace.name': already, name: already, path: already });
}

/** Removes a project with everything that hangs on it. */
export async function removeProject(ctx: SandboxContext, project: Project): Promise<void> {
  const { store } = ctx;
  store.transaction(() => {
    ctx.ci.deleteProjectCi(project.id);
    for (const hook of store.hooks.by('projectId', project.id)) {
      for (const delivery of store.hookDeliveries.by('hookId', hook.id))
        store.hookDeliveries.remove(delivery.id);
      store.hooks.remove(hook.id);
    }
    for (const rule of store.protectedBranches.by('projectId', project.id))
      store.protectedBranches.remove(rule.id);
    for (const rule of store.protectedTags.by('projectId', project.id)) store.protectedTags.remove(rule.id);
    for (const member of store.members.by('sourceId', project.id)) {
      if (member.sourceType === 'project') store.members.remove(member.id);
    }
    for (const push of store.pendingPushes.filter((one) => one.projectId === project.id))
      store.pendingPushes.remove(push.id);
    store.projects.remove(project.id);
  });
  await store.files.removeRepository(project.id);
  // Not before: a backup that misses its objects finds its repository gone.
  store.files.lfs.removeProject(project.id);
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

/** Returns the commit's id; no ref is moved. */
async function writeReadme(
  directory: string,
  { creator, description }: NewProject,
  name: string,
): Promise<string> {
  const content = `# ${name}\n${description === undefined || description === '' ? '' : `\n${description}\n`}`;
  return await writeCommit(directory, {
    message: 'Initial commit',
    authorName: creator.name,
    authorEmail: creator.email,
    committerName: creator.name,
    committerEmail: creator.email,
    parent: null,
    actions: [{ action: 'create', path: 'README.md', content: Buffer.from(content) }],
  });
}
