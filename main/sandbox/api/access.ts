// Who may do what: GitLab's roles over projects and groups, as pure look-ups in the store.
import type { Namespace, Project, Runner, User } from '../state.ts';
import type { SandboxStore } from '../store.ts';

export const GUEST = 10;
export const REPORTER = 20;
export const DEVELOPER = 30;
export const MAINTAINER = 40;
export const OWNER = 50;

/** The namespace and its ancestors, nearest first. */
export function ancestorsOf(store: SandboxStore, namespaceId: number): readonly Namespace[] {
  const chain: Namespace[] = [];
  let current = store.namespaces.get(namespaceId);
  while (current !== undefined) {
    chain.push(current);
    current = current.parentId === null ? undefined : store.namespaces.get(current.parentId);
  }
  return chain;
}

/** The highest role of a user in a namespace, inherited ones included; 0 without any. */
export function namespaceAccessLevel(store: SandboxStore, userId: number, namespaceId: number): number {
  const levels = ancestorsOf(store, namespaceId).map((namespace) =>
    namespace.ownerId === userId ? OWNER : memberLevel(store, userId, 'group', namespace.id),
  );
  return Math.max(0, ...levels);
}

/** The highest role of a user in a project, inherited ones included; 0 without any. Administrators are not special here. */
export function projectAccessLevel(store: SandboxStore, userId: number, project: Project): number {
  return Math.max(
    memberLevel(store, userId, 'project', project.id),
    namespaceAccessLevel(store, userId, project.namespaceId),
  );
}

function memberLevel(
  store: SandboxStore,
  userId: number,
  sourceType: 'project' | 'group',
  sourceId: number,
): number {
  const member = store.members
    .by('sourceId', sourceId)
    .find((candidate) => candidate.sourceType === sourceType && candidate.userId === userId);
  return member?.accessLevel ?? 0;
}

/** A person as the rules see them; `null` is somebody who is not signed in. */
export type Viewer = { readonly user: User; readonly admin: boolean } | null;

export function canReadProject(store: SandboxStore, viewer: Viewer, project: Project): boolean {
  if (project.visibility === 'public') return true;
  if (viewer === null) return false;
  if (viewer.admin) return true;
  if (project.visibility === 'internal' && !viewer.user.external) return true;
  return projectAccessLevel(store, viewer.user.id, project) >= GUEST;
}

export function canReadNamespace(store: SandboxStore, viewer: Viewer, namespace: Namespace): boolean {
  if (namespace.kind === 'user' || namespace.visibility === 'public') return true;
  if (viewer === null) return false;
  if (viewer.admin || (namespace.visibility === 'internal' && !viewer.user.external)) return true;
  if (namespaceAccessLevel(store, viewer.user.id, namespace.id) >= GUEST) return true;
  // A member of a project below sees the groups above it.
  return store.projects
    .all()
    .some(
      (project) =>
        project.fullPath.startsWith(`${namespace.fullPath}/`) &&
        projectAccessLevel(store, viewer.user.id, project) >= GUEST,
    );
}

/** Whether the viewer has at least this role; administrators always do. */
export function hasProjectRole(
  store: SandboxStore,
  viewer: Viewer,
  project: Project,
  level: number,
): boolean {
  if (viewer === null) return false;
  return viewer.admin || projectAccessLevel(store, viewer.user.id, project) >= level;
}

export function hasNamespaceRole(
  store: SandboxStore,
  viewer: Viewer,
  namespaceId: number,
  level: number,
): boolean {
  if (viewer === null) return false;
  return viewer.admin || namespaceAccessLevel(store, viewer.user.id, namespaceId) >= level;
}

/** Whether the viewer administers the runner: as an administrator, or by a project or group it serves. */
export function ownsRunner(store: SandboxStore, viewer: Viewer, runner: Runner): boolean {
  if (viewer === null) return false;
  const ownsProject = runner.projectIds.some((id) => {
    const project = store.projects.get(id);
    return project !== undefined && hasProjectRole(store, viewer, project, MAINTAINER);
  });
  return (
    viewer.admin || ownsProject || runner.groupIds.some((id) => hasNamespaceRole(store, viewer, id, OWNER))
  );
}
