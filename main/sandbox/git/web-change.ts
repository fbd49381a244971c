// A ref changed through the API instead of a push: the same rules, the same consequences.
import type { SandboxContext } from '../context.ts';
import type { Project, User } from '../state.ts';
import { applyPush } from './after-push.ts';
import { collectPushFacts } from './decide-push.ts';
import { recordPush } from './pending-push.ts';
import { checkRefChange } from './push-rules.ts';
import { BLANK_SHA, isAncestor, updateRef } from './repository.ts';

export interface RefWish {
  readonly project: Project;
  readonly user: User;
  readonly ref: string;
  /** `BLANK_SHA` to create. */
  readonly before: string;
  /** `BLANK_SHA` to delete. */
  readonly after: string;
  readonly serverUrl: string;
}

/** Moves the ref and follows up on it; returns the refusal's text when the rules forbid it. */
export async function changeRef(ctx: SandboxContext, wish: RefWish): Promise<string | null> {
  const { project, user, ref, before, after, serverUrl } = wish;
  const directory = ctx.store.files.repositoryPath(project.id);
  const facts = await collectPushFacts(ctx, project, user, serverUrl, true);
  const moves = before !== BLANK_SHA && after !== BLANK_SHA;
  const forced = moves && !(await isAncestor(directory, before, after));
  const refusal = checkRefChange({ ref, before, after, forced }, facts);
  if (refusal !== null) return refusal;
  const options = { skipCi: false, variables: [] };
  const push = { project, user, updates: [{ ref, before, after }], options, serverUrl };
  const pending = recordPush(ctx, push);
  try {
    await updateRef(directory, ref, after, before);
    await applyPush(ctx, push);
    return null;
  } finally {
    ctx.store.pendingPushes.remove(pending.id);
  }
}
