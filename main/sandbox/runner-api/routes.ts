// The part of GitLab's API that runners use.
import { Hono } from 'hono';
import type { SandboxContext } from '../context.ts';
import { RunnerApiError } from './answers.ts';
import { artifactRoutes } from './artifact-routes.ts';
import { jobRoutes } from './job-routes.ts';
import { requestRoutes } from './request-routes.ts';
import { runnerRoutes } from './runner-routes.ts';

/** Mounted under `/api/v4`, before anything that asks for a person's token. */
export function runnerApiRoutes(ctx: SandboxContext): Hono {
  const app = new Hono();
  app.onError((error, c) => {
    if (!(error instanceof RunnerApiError)) throw error;
    return c.json({ message: error.message }, error.status, { ...error.headers });
  });
  app.route('/', runnerRoutes(ctx));
  app.route('/', requestRoutes(ctx));
  app.route('/', jobRoutes(ctx));
  app.route('/', artifactRoutes(ctx));
  return app;
}
