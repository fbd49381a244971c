// Everything of the sandbox that is not the runner protocol: REST, GraphQL, git and Git LFS over HTTP.
import { Hono } from 'hono';
import type { SandboxContext } from '../context.ts';
import { SandboxError } from '../errors.ts';
import { gitRoutes } from '../git/routes.ts';
import { lfsRoutes } from '../lfs/routes.ts';
import { ApiError } from './api-error.ts';
import { authenticate } from './authentication.ts';
import type { ApiEnv } from './authentication.ts';
import { dispatchHooks } from '../hooks/dispatch.ts';
import { bellRoutes } from './bell.ts';
import { branchRoutes } from './branches.ts';
import { commitRoutes } from './commits.ts';
import { graphqlRoutes } from './graphql/routes.ts';
import { groupRoutes } from './groups.ts';
import { hookRoutes } from './hooks.ts';
import { instanceRoutes } from './instance.ts';
import { jobRoutes } from './jobs.ts';
import { keyRoutes } from './keys.ts';
import { memberRoutes } from './members.ts';
import { pipelineRoutes } from './pipelines.ts';
import { projectRoutes } from './projects.ts';
import { protectionRoutes } from './protection.ts';
import { runnerRoutes } from './runners.ts';
import { tokenRoutes } from './tokens.ts';
import { userRoutes } from './users.ts';
import { variableRoutes } from './variables.ts';

const NOUNS = [
  branchRoutes,
  commitRoutes,
  groupRoutes,
  hookRoutes,
  instanceRoutes,
  jobRoutes,
  keyRoutes,
  memberRoutes,
  pipelineRoutes,
  projectRoutes,
  protectionRoutes,
  runnerRoutes,
  tokenRoutes,
  userRoutes,
  variableRoutes,
];

/** One app, to be mounted at `/` after the runner protocol's routes. */
export function managementRoutes(ctx: SandboxContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  let lastUrl = 'http://localhost';
  dispatchHooks(ctx, () => lastUrl);
  app.use(async (c, next) => {
    // Links in webhooks are made of the address that was used last: there is no configured one.
    lastUrl = ctx.externalUrl(c.req.raw);
    await next();
  });
  app.use('/api/*', authenticate(ctx));
  for (const routes of NOUNS) app.route('/api/v4', routes(ctx));
  app.route('/', graphqlRoutes(ctx));
  app.use('/-/sandbox/*', authenticate(ctx));
  app.route('/', bellRoutes(ctx));
  app.all('/api/*', (c) => c.json({ error: '404 Not Found' }, 404));
  app.route('/', lfsRoutes(ctx));
  app.route('/', gitRoutes(ctx));
  app.onError((error, c) => {
    if (error instanceof ApiError) {
      const isGraphql = c.req.path === '/api/graphql';
      return c.json(isGraphql ? { errors: [{ message: graphqlMessage(error) }] } : error.body, error.status);
    }
    if (error instanceof SandboxError && error.key === 'sandbox_not_found') {
      return c.json({ message: '404 Not found' }, 404);
    }
    if (error instanceof SandboxError && error.key === 'sandbox_not_allowed') {
      return c.json({ message: '403 Forbidden' }, 403);
    }
    throw error;
  });
  return app;
}

/** GraphQL answers refused tokens in its own shape. */
function graphqlMessage(error: ApiError): string {
  return error.status === 401 ? 'Invalid token' : 'API not accessible for user';
}
