// git over HTTP: `/<group>/<project>.git/…`, for clones, fetches and pushes with the real git.
import { join } from 'node:path';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { projectAccessLevel } from '../api/access.ts';
import type { SandboxContext } from '../context.ts';
import type { Project, User } from '../state.ts';
import { applyPush } from './after-push.ts';
import { checkGitAccess } from './git-access.ts';
import type { GitOperation } from './git-access.ts';
import { serveGit } from './http-backend.ts';
import { createPipelineRefs } from './pipeline-refs.ts';
import type { PipelineRefs } from './pipeline-refs.ts';
import { answerGate, writeHooks } from './push-gate.ts';
import type { GateQuestion, GateVerdict } from './push-gate.ts';
import { parsePushOptions } from './push-options.ts';
import { checkRefChange } from './push-rules.ts';
import type { PushFacts } from './push-rules.ts';
import { BLANK_SHA, isAncestor, listRefs } from './repository.ts';

const GIT_PATH = /^\/(.+?)(\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;

/** Serves every repository of the state folder; other paths fall through. */
export function gitRoutes(ctx: SandboxContext): Hono {
  const app = new Hono();
  const alignRefs = createPipelineRefs(ctx.store);
  let hooks: Promise<string> | undefined;
  app.all('*', async (c, next) => {
    const url = new URL(c.req.url);
    const [, path, suffix, service] = GIT_PATH.exec(url.pathname) ?? [];
    if (path === undefined || service === undefined) {
      await next();
      return;
    }
    if (suffix === undefined) return c.redirect(`/${path}.git/${service}${url.search}`, 301);
    hooks ??= writeHooks(join(ctx.store.stateDir, 'git-hooks'));
    return await answerGitRequest({ ctx, c, path, service, hooks: await hooks, alignRefs });
  });
  return app;
}

interface GitCall {
  readonly ctx: SandboxContext;
  readonly c: Context;
  readonly path: string;
  readonly service: string;
  readonly hooks: string;
  readonly alignRefs: PipelineRefs;
}

async function answerGitRequest(call: GitCall): Promise<Response> {
  const { ctx, c, path, service } = call;
  const command = service === 'info/refs' ? c.req.query('service') : service;
  if (command !== 'git-upload-pack' && command !== 'git-receive-pack') {
    return c.text('Only the smart HTTP protocol is served', 403);
  }
  const operation: GitOperation = command === 'git-receive-pack' ? 'write' : 'read';
  const project = ctx.store.projects.find((one) => one.fullPath.toLowerCase() === path.toLowerCase());
  const authorization = c.req.header('authorization') ?? null;
  const access = checkGitAccess(ctx.store, project, operation, authorization, ctx.now());
  if (access.kind === 'unauthorized') {
    c.header('WWW-Authenticate', 'Basic realm="GitLab"');
    return c.text(
      "HTTP Basic: Access denied. If a password was provided for Git authentication, the password was incorrect or you're required to use a token instead of a password. If a token was provided, it was either incorrect, expired, or improperly scoped.",
      401,
    );
  }
  if (access.kind === 'refused') return c.text(access.message, access.status);
  if (operation === 'read' && service === 'info/refs') await call.alignRefs(access.project.id);
  return await serveGit({
    request: c.req.raw,
    repository: ctx.store.files.repositoryPath(access.project.id),
    service,
    remoteUser: access.user?.username ?? null,
    hooks: call.hooks,
    answer: async (questions, answers) =>
      await answerGate(questions, answers, async (question) => {
        if (access.user === null) return { kind: 'refuse', lines: [] };
        return await decidePush(ctx, access.project, access.user, question, ctx.externalUrl(c.req.raw));
      }),
    onError: (error) => ctx.log('warn', 'git over HTTP failed', { path, service, error: String(error) }),
  });
}

async function decidePush(
  ctx: SandboxContext,
  project: Project,
  user: User,
  question: GateQuestion,
  serverUrl: string,
): Promise<GateVerdict> {
  const { updates, pushOptions, hook } = question;
  if (hook === 'pre-receive') return await checkPush(ctx, project, user, question, serverUrl);
  try {
    const options = parsePushOptions(pushOptions);
    const pipelines = await applyPush(ctx, { project, user, updates, options, serverUrl });
    return { kind: 'allow', lines: pipelines.flatMap(({ unsupported }) => tellUnsupported(unsupported)) };
  } catch (error) {
    // The refs have moved; as on GitLab, the push stands whatever becomes of what follows it.
    ctx.log('error', 'Following up on a push failed', { project: project.fullPath, error: String(error) });
  }
  return { kind: 'allow', lines: [] };
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
  project: Project,
  user: User,
  question: GateQuestion,
  serverUrl: string,
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
