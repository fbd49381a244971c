// Listens to what happens and tells the hooks that want to know: in the background, a few at a time.
import { randomUUID } from 'node:crypto';
import { matchesPattern } from '../pipelines/refs.ts';
import {
  BLANK_SHA,
  countCommits,
  filesOfCommit,
  listCommits,
  listRefs,
  resolveCommit,
} from '../git/repository.ts';
import type { SandboxContext } from '../context.ts';
import type { PushEvent } from '../events.ts';
import type { Hook } from '../state.ts';
import { deliverHook } from './deliver.ts';
import type { HookEvent } from './deliver.ts';
import {
  renderJobHook,
  renderPipelineHook,
  renderProjectSystemHook,
  renderPushHook,
  renderUserSystemHook,
} from './payloads.ts';
import type { PushFindings } from './payloads.ts';

const PARALLEL_DELIVERIES = 4;
const COMMITS_IN_PAYLOAD = 20;

type Send = (hooks: readonly Hook[], event: HookEvent, payload: unknown) => void;

/** What waits at most: a target that does not answer must not fill the memory. */
const WAITING_DELIVERIES = 10_000;

interface Queue {
  /** Raises nothing; the oldest work is dropped when too much waits. */
  add(work: () => Promise<void>): void;
}

/** A queue of work with a limit on how much goes on at a time. */
export function createQueue(
  limits: { readonly parallel: number; readonly waiting: number },
  on: { readonly error: (error: unknown) => void; readonly drop: () => void },
): Queue {
  const waiting: (() => Promise<void>)[] = [];
  const running = new Set<Promise<void>>();
  const next = (): void => {
    while (running.size < limits.parallel) {
      const work = waiting.shift();
      if (work === undefined) return;
      const task: Promise<void> = work()
        .catch(on.error)
        .finally(() => {
          running.delete(task);
          next();
        });
      running.add(task);
    }
  };
  return {
    add: (work) => {
      waiting.push(work);
      if (waiting.length > limits.waiting) {
        waiting.shift();
        on.drop();
      }
      next();
    },
  };
}

/**
 * Starts listening. `baseUrl` is how the instance is reached from outside, for the links in payloads.
 * Payloads are rendered at once, so that each says what was true when its event happened.
 */
export function dispatchHooks(ctx: SandboxContext, baseUrl: () => string): void {
  const { store, events } = ctx;
  const queue = createQueue(
    { parallel: PARALLEL_DELIVERIES, waiting: WAITING_DELIVERIES },
    {
      error: (error) => ctx.log('warn', 'A webhook was not delivered', { error: String(error) }),
      drop: () => ctx.log('warn', 'A webhook was dropped: too many wait', { waiting: WAITING_DELIVERIES }),
    },
  );
  const send: Send = (hooks, event, payload) => {
    const eventUuid = randomUUID();
    for (const hook of hooks) {
      queue.add(async () => {
        await deliverHook(ctx, { hook, event, payload, eventUuid, baseUrl: baseUrl() });
      });
    }
  };
  const hooksOf = (projectId: number | null, wants: (hook: Hook) => boolean): Hook[] =>
    store.hooks.by('projectId', projectId).filter(wants);
  events.on('job', (job) => {
    const hooks = hooksOf(job.projectId, (hook) => hook.jobEvents);
    if (hooks.length > 0) send(hooks, 'job_hooks', renderJobHook(store, job, baseUrl(), ctx.now()));
  });
  events.on('pipeline', (pipeline) => {
    const hooks = hooksOf(pipeline.projectId, (hook) => hook.pipelineEvents);
    if (hooks.length === 0) return;
    send(hooks, 'pipeline_hooks', renderPipelineHook(store, pipeline, baseUrl(), ctx.now()));
  });
  events.on('push', (push) => {
    const all = [
      ...hooksOf(push.project.id, (hook) => wantsPush(hook, push)),
      ...hooksOf(null, (hook) => wantsPush(hook, push)),
    ];
    if (all.length > 0) queue.add(async () => await sendPush(ctx, push, all, baseUrl(), send));
  });
  events.on('project', (project, action) => {
    const payload = renderProjectSystemHook(store, project, `project_${action}`);
    send(
      hooksOf(null, () => true),
      'system_hooks',
      payload,
    );
  });
  events.on('user', (user, action) => {
    if (action === 'update') return;
    send(
      hooksOf(null, () => true),
      'system_hooks',
      renderUserSystemHook(user, `user_${action}`),
    );
  });
}

function wantsPush(hook: Hook, push: PushEvent): boolean {
  if (push.refType === 'tag') return hook.tagPushEvents;
  const filter = hook.pushEventsBranchFilter;
  return hook.pushEvents && (filter === '' || matchesPattern(filter, push.ref));
}

async function sendPush(
  ctx: SandboxContext,
  push: PushEvent,
  hooks: readonly Hook[],
  baseUrl: string,
  send: Send,
): Promise<void> {
  const payload = renderPushHook(ctx.store, push, await inspectPush(ctx, push), baseUrl);
  const ofProject = hooks.filter((hook) => hook.projectId !== null);
  send(ofProject, push.refType === 'tag' ? 'tag_push_hooks' : 'push_hooks', payload);
  send(
    hooks.filter((hook) => hook.projectId === null),
    'system_hooks',
    payload,
  );
}

/** The commits that are new: of a new branch, those that the default branch does not have. */
function rangeOf(push: PushEvent): string {
  if (push.before !== BLANK_SHA) return `${push.before}..${push.after}`;
  const { defaultBranch } = push.project;
  return defaultBranch === null || defaultBranch === push.ref
    ? push.after
    : `refs/heads/${defaultBranch}..${push.after}`;
}

/** Reads what was pushed. */
export async function inspectPush(ctx: SandboxContext, push: PushEvent): Promise<PushFindings> {
  const directory = ctx.store.files.repositoryPath(push.project.id);
  if (push.after === BLANK_SHA) return { commits: [], total: 0, checkoutSha: null, message: null };
  const checkoutSha = await resolveCommit(directory, push.after);
  if (push.refType === 'tag' || checkoutSha === null) {
    const name = `refs/tags/${push.ref}`;
    const tag = (await listRefs(directory, name)).find((ref) => ref.name === name);
    return { commits: [], total: 0, checkoutSha, message: tag?.message ?? null };
  }
  const range = rangeOf(push);
  const newest = await listCommits(directory, { range, maxCount: COMMITS_IN_PAYLOAD });
  const commits = await Promise.all(
    newest.map(async (commit) => ({ commit, files: await filesOfCommit(directory, commit.id) })),
  );
  return {
    commits: commits.reverse(),
    total: await countCommits(directory, range),
    checkoutSha,
    message: null,
  };
}
