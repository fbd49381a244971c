// All routes of the sandbox.
import { randomBytes } from 'node:crypto';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { managementRoutes } from './api/routes.ts';
import type { SandboxContext } from './context.ts';
import { renderFrontPage } from './front-page.ts';
import { SandboxError } from './errors.ts';
import { runnerApiRoutes } from './runner-api/routes.ts';
import { signInRoutes } from './sign-in/routes.ts';
import { nameStorageError } from './storage-error.ts';

/** Bytes of a request that is read whole: all but artifacts, git and LFS objects, which are streamed. */
const maxBodyBytes = 128 * 1024 * 1024;
const isStreamed = (path: string): boolean => /\/jobs\/\d+\/artifacts$/.test(path);

/** The runner protocol comes first, because it does not ask for a person's token. */
export function createApp(context: SandboxContext): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    const requestId = c.req.header('x-request-id') ?? randomBytes(16).toString('hex');
    await next();
    c.header('X-Request-Id', requestId);
    c.header('X-Gitlab-Meta', JSON.stringify({ correlation_id: requestId, version: '1' }));
  });
  const limitBody = bodyLimit({
    maxSize: maxBodyBytes,
    onError: (c) => c.json({ message: '413 Request Entity Too Large' }, 413),
  });
  app.on(['POST', 'PUT', 'PATCH'], '/api/*', (c, next) =>
    isStreamed(c.req.path) ? next() : limitBody(c, next),
  );
  app.get('/', (c) => c.html(renderFrontPage(context)));
  app.get('/-/health', (c) => c.text('GitLab OK'));
  app.get('/-/readiness', (c) => c.json({ status: 'ok', master_check: [{ status: 'ok' }] }));
  app.get('/-/liveness', (c) => c.json({ status: 'ok' }));
  app.route('/api/v4', runnerApiRoutes(context));
  app.route('/', signInRoutes(context));
  app.route('/', managementRoutes(context));
  app.notFound((c) => c.json({ error: '404 Not Found' }, 404));
  app.onError((error, c) => {
    const named = nameStorageError(error, context.store.stateDir);
    const key = named instanceof SandboxError ? { key: named.key } : {};
    const { method, path } = c.req;
    context.log('error', 'a request failed', { ...key, method, path, error: error.stack });
    return c.json({ message: '500 Internal Server Error' }, 500);
  });
  return app;
}
