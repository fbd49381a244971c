// Pushes survive a kill: what is to follow when refs move is written down before git moves them.
import type { SandboxContext } from '../context.ts';
import type { PendingPush, Project } from '../state.ts';
import { applyPush, nameRef } from './after-push.ts';
import type { Push } from './after-push.ts';
import type { RefUpdate } from './push-gate.ts';
import { BLANK_SHA, listRefs } from './repository.ts';

/** Notes a push whose refs are about to move. Whoever follows up on it removes the note. */
export function recordPush(ctx: SandboxContext, push: Push): PendingPush {
  return ctx.store.pendingPushes.insert({
    projectId: push.project.id,
    userId: push.user.id,
    updates: push.updates,
    skipCi: push.options.skipCi,
    variables: push.options.variables,
    serverUrl: push.serverUrl,
    createdAt: ctx.now().toISOString(),
  });
}

/** Catches up on a push that nobody finished: for the refs that git did move, and that have no pipeline yet. */
export async function resumePush(ctx: SandboxContext, pending: PendingPush): Promise<void> {
  const project = ctx.store.projects.get(pending.projectId);
  const user = ctx.store.users.get(pending.userId);
  try {
    const updates = project === undefined ? [] : await unfinishedUpdates(ctx, project, pending);
    if (project === undefined || user === undefined || updates.length === 0) return;
    const options = { skipCi: pending.skipCi, variables: pending.variables };
    await applyPush(ctx, { project, user, updates, options, serverUrl: pending.serverUrl });
    ctx.log('info', 'caught up on a push', {
      project: project.fullPath,
      refs: updates.map(({ ref }) => ref),
    });
  } catch (error) {
    ctx.log('error', 'Catching up on a push failed', { project: project?.fullPath, error: String(error) });
  } finally {
    ctx.store.pendingPushes.remove(pending.id);
  }
}

async function unfinishedUpdates(
  ctx: SandboxContext,
  project: Project,
  pending: PendingPush,
): Promise<readonly RefUpdate[]> {
  const refs = await listRefs(ctx.store.files.repositoryPath(project.id), 'refs/');
  const found = new Map(refs.map((ref) => [ref.name, ref]));
  const pipelines = ctx.store.pipelines
    .by('projectId', project.id)
    .filter((pipeline) => pipeline.source === 'push' && pipeline.createdAt >= pending.createdAt);
  return pending.updates.filter((update) => {
    const ref = found.get(update.ref);
    if ((ref?.objectId ?? BLANK_SHA) !== update.after) return false;
    const named = nameRef(update.ref);
    return !pipelines.some(
      (one) =>
        one.ref === named?.name &&
        one.tag === (named.refType === 'tag') &&
        one.sha === ref?.commitId &&
        one.beforeSha === update.before,
    );
  });
}
