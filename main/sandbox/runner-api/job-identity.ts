// Which job a request with a job token belongs to, and whether its runner may still send for it.
import type { Context } from 'hono';
import type { SandboxContext } from '../context.ts';
import { isOnOffer, isOnRunner } from '../pipelines/job-steps.ts';
import type { Job } from '../state.ts';
import { forbidden } from './answers.ts';

/** The token of a job's request: in the body, the query, or the header. */
export function jobTokenOf(c: Context, bodyToken?: string): string {
  return bodyToken ?? c.req.query('token') ?? c.req.header('job-token') ?? '';
}

/**
 * The job of the path, when the token is its own and it is on a runner (or offered to one). Raises 403: for unknown
 * jobs too, because a runner ends a job on 403 but a 404 may come from any proxy on the way.
 */
export function authenticateJob(ctx: SandboxContext, c: Context, token: string): Job {
  const id = Number(c.req.param('id'));
  const job = Number.isSafeInteger(id) ? ctx.store.jobs.get(id) : undefined;
  if (job === undefined || token === '' || job.token !== token) throw forbidden();
  if (job.erasedAt !== null) throw forbidden('Job has been erased!');
  if (!isOnRunner(job) && !isOnOffer(job, ctx.now())) {
    throw forbidden('Job is not processing on runner', { 'Job-Status': job.status });
  }
  return job;
}
