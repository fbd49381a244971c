// Jobs of a project: list, show, trace, artifacts, cancel, retry, play, erase. GitLab CE has no list over all projects.
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import type { SandboxContext } from '../context.ts';
import { openArtifact } from '../downloads.ts';
import { SandboxError } from '../errors.ts';
import type { Artifact, Job } from '../state.ts';
import { streamBody } from '../stream-body.ts';
import { DEVELOPER, MAINTAINER } from './access.ts';
import { ApiError, forbidden, notFound, unauthorized } from './api-error.ts';
import { requireUser } from './authentication.ts';
import type { ApiEnv } from './authentication.ts';
import { renderJob } from './entities/ci.ts';
import { findProject, findProjectFor, pathNumber } from './lookup.ts';
import { answerPage } from './paging.ts';
import { boolParam, parseParams, readParams, textParam } from './params.ts';
import { filterJobs, jobsSchema } from './pipelines.ts';
import { openZipEntry } from './zip-entry.ts';

const playSchema = z.object({
  job_variables_attributes: z.array(z.object({ key: textParam, value: textParam })).default([]),
});

export function jobRoutes(ctx: SandboxContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const base = '/projects/:id/jobs';
  const show = (c: Context<ApiEnv>, job: Job) => renderJob(ctx.store, job, c.get('baseUrl'), ctx.now());
  app.get(base, async (c) => {
    requireUser(c);
    const raw = await readParams(c);
    const wish = { ...parseParams(jobsSchema, raw), include_retried: true };
    const jobs = filterJobs(ctx.store.jobs.by('projectId', findProject(ctx, c).id), wish);
    return answerPage(c, raw, jobs, (job) => show(c, job), 'uncounted');
  });
  app.get('/job', (c) => {
    const principal = c.get('principal');
    if (principal.kind === 'anonymous') throw unauthorized();
    if (principal.kind !== 'job') throw notFound('Job');
    return c.json(show(c, principal.job));
  });
  artifactRoutes(ctx, app, base);
  app.get(`${base}/:job_id`, (c) => c.json(show(c, findJob(ctx, c))));
  app.get(`${base}/:job_id/trace`, (c) => {
    const job = findJob(ctx, c);
    c.header('Content-Disposition', `infile; filename="${job.id}.log"`);
    c.header('Content-Type', 'text/plain');
    return c.body(new Uint8Array(ctx.store.files.readTrace(job.id)));
  });
  actionRoutes(ctx, app, base, show);
  return app;
}

function actionRoutes(
  ctx: SandboxContext,
  app: Hono<ApiEnv>,
  base: string,
  show: (c: Context<ApiEnv>, job: Job) => unknown,
): void {
  app.post(`${base}/:job_id/cancel`, async (c) => {
    const { force } = parseParams(z.object({ force: boolParam.default(false) }), await readParams(c));
    const job = findJob(ctx, c, force ? MAINTAINER : DEVELOPER);
    const canceled = attempt(() => ctx.ci.cancelJob(job.id, requireUser(c).user.id, force)) ?? job;
    return c.json(show(c, canceled), 201);
  });
  app.post(`${base}/:job_id/retry`, (c) => {
    const job = findJob(ctx, c, DEVELOPER);
    const retried = attempt(() => ctx.ci.retryJob(job.id, requireUser(c).user.id));
    if (retried === null) throw forbidden('Job is not retryable');
    return c.json(show(c, retried), 201);
  });
  app.post(`${base}/:job_id/play`, async (c) => {
    const job = findJob(ctx, c, DEVELOPER);
    const wish = parseParams(playSchema, await readParams(c));
    const variables = wish.job_variables_attributes.map(({ key, value }) => ({
      ...{ key, value, public: false, masked: false, file: false, raw: false },
    }));
    const played = attempt(() => ctx.ci.playJob(job.id, requireUser(c).user.id, variables));
    if (played === null) throw new ApiError(400, { message: '400 Bad request - Unplayable Job' });
    return c.json(show(c, played));
  });
  app.post(`${base}/:job_id/erase`, (c) => {
    const job = findJob(ctx, c, DEVELOPER);
    const erased = attempt(() => ctx.ci.eraseJob(job.id, requireUser(c).user.id));
    if (erased === null) throw forbidden('Job is not erasable!');
    return c.json(show(c, erased), 201);
  });
}

/** `null` when the job's state does not allow it. */
function attempt(work: () => Job): Job | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof SandboxError && error.key === 'sandbox_not_allowed') return null;
    throw error;
  }
}

function findJob(ctx: SandboxContext, c: Context<ApiEnv>, level?: number): Job {
  const project = level === undefined ? findProject(ctx, c) : findProjectFor(ctx, c, level);
  const job = ctx.store.jobs.get(pathNumber(c, 'job_id'));
  if (job?.projectId !== project.id) throw notFound();
  return job;
}

function artifactRoutes(ctx: SandboxContext, app: Hono<ApiEnv>, base: string): void {
  // By the name of the branch or tag and of the job, from the newest pipeline in which that job succeeded.
  app.get(`${base}/artifacts/:ref_name/download`, (c) => sendArchive(ctx, findByName(ctx, c)));
  app.get(
    `${base}/artifacts/:ref_name/raw/:path{.+}`,
    async (c) => await sendEntry(ctx, c, findByName(ctx, c)),
  );
  app.get(`${base}/:job_id/artifacts`, (c) => sendArchive(ctx, findJob(ctx, c)));
  app.get(`${base}/:job_id/artifacts/:path{.+}`, async (c) => await sendEntry(ctx, c, findJob(ctx, c)));
  app.delete(`${base}/:job_id/artifacts`, (c) => {
    ctx.ci.deleteArtifacts(findJob(ctx, c, MAINTAINER).id);
    return c.body(null, 204);
  });
  app.post(`${base}/:job_id/artifacts/keep`, (c) => {
    const job = findJob(ctx, c, DEVELOPER);
    const kept = ctx.store.transaction(() => {
      for (const artifact of ctx.store.artifacts.by('jobId', job.id)) {
        ctx.store.artifacts.update(artifact.id, { expireAt: null });
      }
      return ctx.store.jobs.update(job.id, { artifactsExpireAt: null });
    });
    return c.json(renderJob(ctx.store, kept, c.get('baseUrl'), ctx.now()));
  });
}

function findByName(ctx: SandboxContext, c: Context<ApiEnv>): Job {
  const project = findProject(ctx, c);
  const name = c.req.query('job');
  if (name === undefined) throw new ApiError(400, { error: 'job is missing' });
  const job = ctx.store.jobs
    .by('projectId', project.id)
    .findLast((one) => one.ref === c.req.param('ref_name') && one.name === name && one.status === 'success');
  if (job === undefined) throw notFound();
  return job;
}

function archiveOf(ctx: SandboxContext, job: Job): Artifact {
  const archive = ctx.store.artifacts.by('jobId', job.id).find((one) => one.fileType === 'archive');
  if (archive === undefined) throw notFound();
  return archive;
}

function sendArchive(ctx: SandboxContext, job: Job): Response {
  const download = openArtifact(ctx.store.files, archiveOf(ctx, job));
  if (download === null) throw notFound();
  return download;
}

async function sendEntry(ctx: SandboxContext, c: Context<ApiEnv>, job: Job): Promise<Response> {
  const archive = ctx.store.files.findArtifact(archiveOf(ctx, job));
  const content = archive === null ? null : await openZipEntry(archive, c.req.param('path') ?? '');
  if (content === null) throw notFound();
  return new Response(streamBody(content), { headers: { 'Content-Type': 'application/octet-stream' } });
}
