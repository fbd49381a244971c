// git over HTTP: `/<group>/<project>.git/…`, for clones, fetches and pushes with the real git.
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { Hono } from 'hono';
import type { Context } from 'hono';
import type { SandboxContext } from '../context.ts';
import type { Project, User } from '../state.ts';
import { createPushDecision } from './decide-push.ts';
import { checkGitAccess } from './git-access.ts';
import type { GitOperation } from './git-access.ts';
import { serveGit } from './http-backend.ts';
import { createPipelineRefs } from './pipeline-refs.ts';
import type { PipelineRefs } from './pipeline-refs.ts';
import { answerGate, writeHooks } from './push-gate.ts';

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
    hooks ??= writeHooks(join(ctx.store.stateDir, 'git-hooks')).catch((error: unknown) => {
      hooks = undefined;
      throw error;
    });
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
    answer: async (questions, answers) => await answerHooks(call, access, questions, answers),
    onError: (error) => ctx.log('warn', 'git over HTTP failed', { path, service, error: String(error) }),
  });
}

async function answerHooks(
  { ctx, c }: GitCall,
  { project, user }: { readonly project: Project; readonly user: User | null },
  questions: Readable,
  answers: Writable,
): Promise<void> {
  if (user === null) {
    // Who only reads starts no hook.
    await answerGate(questions, answers, () => Promise.resolve({ kind: 'refuse', lines: [] }));
    return;
  }
  const decision = createPushDecision(ctx, { project, user, serverUrl: ctx.externalUrl(c.req.raw) });
  try {
    await answerGate(questions, answers, decision.decide);
  } finally {
    await decision.close();
  }
}
