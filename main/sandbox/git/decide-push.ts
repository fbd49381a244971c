// What the server says to a push: whether its refs may move, and what follows when they have.
import { projectAccessLevel } from '../api/access.ts';
import type { SandboxContext } from '../context.ts';
import type { PendingPush, Project, User } from '../state.ts';
import { applyPush } from './after-push.ts';
import { recordPush, resumePush } from './pending-push.ts';
import type { GateQuestion, GateVerdict } from './push-gate.ts';
import { parsePushOptions } from './push-options.ts';
import { checkRefChange } from './push-rules.ts';
import type { PushFacts } from './push-rules.ts';
import { BLANK_SHA, isAncestor, listRefs } from './repository.ts';

/** Who pushes where. */
interface Pusher {
  readonly project: Project;
  readonly user: User;
  readonly serverUrl: string;
}

/** Decides about one push, hook by hook. */
export interface PushDecision {
  decide(question: GateQuestion): Promise<GateVerdict>;
  /** When git has ended: catches up if it moved refs and did not get to say so. */
  close(): Promise<void>;
}

export function createPushDecision(ctx: SandboxContext, pusher: Pusher): PushDecision {
  let pending: PendingPush | null = null;
  const beforeMove = async (question: GateQuestion): Promise<GateVerdict> => {
    const verdict = await checkPush(ctx, pusher, question);
    if (verdict.kind === 'allow') pending = recordPush(ctx, pushOf(pusher, question));
    return verdict;
  };
  const afterMove = async (question: GateQuestion): Promise<GateVerdict> => {
    const recorded = pending;
    pending = null;
    const pipelines = await applyPush(ctx, pushOf(pusher, question));
    if (recorded !== null) ctx.store.pendingPushes.remove(recorded.id);
    return { kind: 'allow', lines: pipelines.flatMap(({ unsupported }) => tellUnsupported(unsupported)) };
  };
  return {
    decide: async (question) => {
      try {
        return await (question.hook === 'pre-receive' ? beforeMove(question) : afterMove(question));
      } catch (error) {
        // Once the refs have moved the push stands, as on GitLab; what follows is tried again at the next start.
        ctx.log('error', 'A push failed', { project: pusher.project.fullPath, error: String(error) });
        return { kind: 'refuse', lines: ['GitLab: Internal API error (500)'] };
      }
    },
    close: async () => {
      if (pending !== null) await resumePush(ctx, pending);
    },
  };
}

function pushOf(pusher: Pusher, { updates, pushOptions }: GateQuestion) {
  return { ...pusher, updates, options: parsePushOptions(pushOptions) };
}

/** What the CI file asks for and the sandbox does not do is told where it cannot be overlooked. */
function tellUnsupported(keywords: readonly string[]): readonly string[] {
  if (keywords.length === 0) return [];
  return [
    '',
    'The sandbox of AutoGit does not carry out these parts of the CI file:',
    ...keywords.map((word) => `  ${word}`),
    '',
  ];
}

async function checkPush(
  ctx: SandboxContext,
  { project, user, serverUrl }: Pusher,
  question: GateQuestion,
): Promise<GateVerdict> {
  const facts = await collectPushFacts(ctx, project, user, serverUrl, false);
  const directory = ctx.store.files.repositoryPath(project.id);
  for (const { before, after, ref } of question.updates) {
    const moves = before !== BLANK_SHA && after !== BLANK_SHA;
    const forced = moves && !(await isAncestor(directory, before, after, question.quarantine));
    const refusal = checkRefChange({ ref, before, after, forced }, facts);
    if (refusal !== null) return { kind: 'refuse', lines: `GitLab: ${refusal}`.split('\n') };
  }
  return { kind: 'allow', lines: [] };
}

/** What the branch and tag rules need to know; `fromWeb` for changes by the API. */
export async function collectPushFacts(
  ctx: SandboxContext,
  project: Project,
  user: User,
  serverUrl: string,
  fromWeb: boolean,
): Promise<PushFacts> {
  const { store } = ctx;
  const branches = await listRefs(store.files.repositoryPath(project.id), 'refs/heads/');
  return {
    accessLevel: projectAccessLevel(store, user.id, project),
    admin: user.admin,
    defaultBranch: store.projects.get(project.id)?.defaultBranch ?? null,
    empty: branches.length === 0,
    projectPath: project.fullPath,
    membersUrl: `${serverUrl}/${project.fullPath}/-/project_members`,
    protectedBranches: store.protectedBranches.by('projectId', project.id),
    protectedTags: store.protectedTags.by('projectId', project.id),
    fromWeb,
  };
}
