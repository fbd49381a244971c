// `PUT /jobs/:id` and `PATCH /jobs/:id/trace`: a runner reports on its job.
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import type { SandboxContext } from '../context.ts';
import { assertNever } from '../../model/assert.ts';
import { offerEnd } from '../pipelines/assign-job.ts';
import { isOnOffer, isOnRunner } from '../pipelines/job-steps.ts';
import type { Job } from '../state.ts';
import { RunnerApiError, forbidden, readParams } from './answers.ts';
import { authenticateJob, jobTokenOf } from './job-identity.ts';
import { recordJobContact } from './runner-identity.ts';
import { appendPiece, needsResend } from './trace.ts';

/** Seconds between two pieces of a log: what GitLab says while somebody watches the job (else 60). */
const traceIntervalSeconds = 3;

const updateSchema = z.looseObject({
  token: z.string().optional(),
  state: z.string().optional(),
  failure_reason: z.string().optional(),
  exit_code: z.coerce.number().int().nullish(),
  checksum: z.string().optional(),
  output: z.looseObject({ checksum: z.string().optional(), bytesize: z.number().optional() }).nullish(),
});
type JobUpdate = z.infer<typeof updateSchema>;

/** Mounted under `/api/v4`. */
export function jobRoutes(ctx: SandboxContext): Hono {
  const app = new Hono();
  app.put('/jobs/:id', async (c) => {
    const update = await readParams(c, updateSchema);
    const job = authenticateJob(ctx, c, jobTokenOf(c, update.token));
    recordJobContact(ctx, job.runnerId, job.systemId);
    const status = isOnOffer(job, ctx.now()) ? answerOffer(ctx, job, update) : applyUpdate(ctx, job, update);
    return c.text(String(status), status, { 'Job-Status': ctx.store.jobs.need(job.id).status });
  });
  app.patch('/jobs/:id/trace', async (c) => {
    authenticateJob(ctx, c, jobTokenOf(c));
    const range = c.req.header('content-range');
    if (range === undefined) throw new RunnerApiError(400, '400 Missing header Content-Range');
    const piece = new Uint8Array(await c.req.arrayBuffer());
    // Receiving takes a while: the job may be over, or gone.
    const job = authenticateJob(ctx, c, jobTokenOf(c));
    recordJobContact(ctx, job.runnerId, job.systemId);
    return patchTrace(ctx, c, job, range, piece);
  });
  return app;
}

/**
 * The first phase: the runner was offered the job and is preparing (`pending`), or begins (`running`).
 * https://gitlab.com/gitlab-org/gitlab/-/blob/master/app/services/ci/update_build_state_service.rb
 */
function answerOffer(ctx: SandboxContext, job: Job, update: JobUpdate): 200 | 400 {
  switch (update.state) {
    case 'pending':
      ctx.store.jobs.update(job.id, { offeredUntil: offerEnd(ctx.now()) });
      return 200;
    case 'running':
      ctx.ci.acceptJob(job.id);
      return 200;
    default:
      return 400;
  }
}

function applyUpdate(ctx: SandboxContext, job: Job, update: JobUpdate): 200 | 400 | 409 | 412 {
  switch (update.state) {
    case 'pending':
      return 409;
    case 'running':
      ctx.store.jobs.update(job.id, { updatedAt: ctx.now().toISOString() });
      return 200;
    case 'success':
      return finish(ctx, job, update, { state: 'success' });
    case 'failed': {
      const reason = update.failure_reason ?? 'unknown_failure';
      return finish(ctx, job, update, { state: 'failed', reason, exitCode: update.exit_code ?? null });
    }
    default:
      return 400;
  }
}

function finish(
  ctx: SandboxContext,
  job: Job,
  update: JobUpdate,
  end: Parameters<SandboxContext['ci']['finishJob']>[1],
): 200 | 412 {
  const checksum = update.output?.checksum ?? update.checksum;
  if (needsResend(ctx.store, job, checksum)) {
    ctx.log('warn', 'trace differs from the runner’s, asked for it again', { job: job.id, checksum });
    // In this order: a process killed in between asks once more instead of keeping the wrong trace.
    ctx.store.files.resetTrace(job.id);
    ctx.store.jobs.update(job.id, { traceChecksum: checksum ?? null });
    return 412;
  }
  if (checksum !== undefined) ctx.store.jobs.update(job.id, { traceChecksum: checksum });
  const ended = ctx.ci.finishJob(job.id, end);
  ctx.log('info', 'job finished', { job: job.id, status: ended.status, reason: ended.failureReason });
  return 200;
}

function patchTrace(ctx: SandboxContext, c: Context, job: Job, range: string, piece: Uint8Array): Response {
  const result = appendPiece(ctx.store, job.id, range, piece);
  switch (result.kind) {
    case 'too_large':
      if (isOnRunner(job))
        ctx.ci.finishJob(job.id, { state: 'failed', reason: 'trace_size_exceeded', exitCode: null });
      throw forbidden();
    case 'out_of_range':
      throw new RunnerApiError(416, '416 Range Not Satisfiable', { Range: `0-${result.size}` });
    case 'appended':
      ctx.store.jobs.update(job.id, { updatedAt: ctx.now().toISOString() });
      return c.text('202', 202, {
        'Job-Status': job.status,
        Range: `0-${result.size}`,
        'X-GitLab-Trace-Update-Interval': String(traceIntervalSeconds),
      });
    default:
      return assertNever(result);
  }
}
