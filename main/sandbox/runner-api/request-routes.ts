// `POST /jobs/request`: a runner asks for work.
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import type { SandboxContext } from '../context.ts';
import type { Job, Runner } from '../state.ts';
import { readParams } from './answers.ts';
import { renderJobPayload } from './job-payload.ts';
import { createQueueTicks, jobsForRunner } from './queue.ts';
import type { QueueTicks } from './queue.ts';
import { declaredFeatures, findRunner, identitySchema, recordContact } from './runner-identity.ts';
import type { RunnerIdentity } from './runner-identity.ts';

const requestSchema = identitySchema.extend({ last_update: z.string().optional() });

/** Mounted under `/api/v4`. */
export function requestRoutes(ctx: SandboxContext): Hono {
  const ticks = createQueueTicks(ctx.events);
  const app = new Hono();
  app.post('/jobs/request', async (c) => {
    const request = await readParams(c, requestSchema);
    const found = findRunner(ctx, request.token);
    const manager = recordContact(ctx, c, found, request);
    const value = ticks.valueFor(found);
    if (request.last_update === value && ctx.longPollSeconds > 0) {
      await waitForNews(ctx, c, ticks, request);
      return c.body(null, 204);
    }
    if (found.paused || request.last_update === value) return noJob(c, value);
    const waiting = jobsForRunner(ctx.store, found, ctx.now());
    const job = assignFirst(ctx, found, request, waiting);
    if (job === null) return noJob(c, value);
    ctx.log('info', 'job assigned', {
      job: job.id,
      project: job.projectId,
      runner: found.id,
      system: job.systemId,
    });
    const serverUrl = ctx.externalUrl(c.req.raw);
    const assignment = { job, runner: found, manager, serverUrl, queueSize: waiting.length, now: ctx.now() };
    return c.json(renderJobPayload(ctx.store, assignment), 201);
  });
  return app;
}

/**
 * Nothing changed since the runner asked last: with long polling the request is held until something does. Even then
 * its answer is 204, as from GitLab's Workhorse; the runner gets the job when it asks again.
 * https://gitlab.com/gitlab-org/gitlab/-/blob/master/workhorse/internal/builds/register.go
 */
async function waitForNews(
  ctx: SandboxContext,
  c: Context,
  ticks: QueueTicks,
  request: z.infer<typeof requestSchema>,
): Promise<void> {
  const end = Date.now() + ctx.longPollSeconds * 1000;
  for (let left = ctx.longPollSeconds; left > 0; left = (end - Date.now()) / 1000) {
    await ticks.nextChange(left, c.req.raw.signal);
    const runner = ctx.store.runners.by('token', request.token)[0];
    if (c.req.raw.signal.aborted || runner === undefined || ticks.valueFor(runner) !== request.last_update)
      return;
  }
}

function noJob(c: Context, lastUpdate: string): Response {
  return c.body(null, 204, { 'X-GitLab-Last-Update': lastUpdate });
}

/** The first job that can be had: one whose checks fail is failed, and the next is tried. */
function assignFirst(
  ctx: SandboxContext,
  runner: Runner,
  identity: RunnerIdentity,
  waiting: readonly Job[],
): Job | null {
  const features = declaredFeatures(identity);
  for (const candidate of waiting) {
    const job = ctx.ci.assignJob(candidate.id, { runner, systemId: identity.system_id, features });
    if (job !== null) return job;
  }
  return null;
}
