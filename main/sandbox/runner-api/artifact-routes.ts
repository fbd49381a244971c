// `POST` and `GET /jobs/:id/artifacts`: artifacts from and to jobs.
import { readFile, rm } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import { findJobOfToken } from '../api/credentials.ts';
import type { SandboxContext } from '../context.ts';
import { parseDuration } from '../ci/duration.ts';
import { openArtifact } from '../downloads.ts';
import type { Job } from '../state.ts';
import { RunnerApiError } from './answers.ts';
import { parseDotenv } from './dotenv.ts';
import { authenticateJob, jobTokenOf } from './job-identity.ts';
import { receiveUpload } from './upload.ts';
import type { Upload } from './upload.ts';

const uploadSchema = z.object({
  artifact_type: z.string().default('archive'),
  artifact_format: z.enum(['zip', 'gzip', 'raw']).default('zip'),
  expire_in: z.string().optional(),
});
type UploadParams = z.infer<typeof uploadSchema>;

/** Mounted under `/api/v4`. */
export function artifactRoutes(ctx: SandboxContext): Hono {
  const app = new Hono();
  app.post('/jobs/:id/artifacts', async (c) => {
    authenticateJob(ctx, c, jobTokenOf(c));
    const params = uploadSchema.safeParse(c.req.query());
    if (!params.success)
      throw new RunnerApiError(400, '400 Bad request - artifact_format does not have a valid value');
    const upload = await receiveUpload(
      c,
      ctx.store.files,
      ctx.store.settings().maxArtifactsSize * 1024 * 1024,
    );
    try {
      const variables = params.data.artifact_type === 'dotenv' ? await readDotenv(upload, params.data) : null;
      // Receiving takes a while: the job may be over, or gone.
      keepArtifact(ctx, authenticateJob(ctx, c, jobTokenOf(c)), params.data, upload, variables);
    } finally {
      await rm(upload.path, { force: true });
    }
    return c.text('201', 201);
  });
  app.get('/jobs/:id/artifacts', (c) => downloadArtifact(ctx, c));
  return app;
}

function keepArtifact(
  ctx: SandboxContext,
  job: Job,
  params: UploadParams,
  upload: Upload,
  dotenvVariables: Job['dotenvVariables'] | null,
): void {
  const known = ctx.store.artifacts.by('jobId', job.id).find((one) => one.fileType === params.artifact_type);
  if (known?.sha256 === upload.sha256) return;
  if (known !== undefined) throw new RunnerApiError(400, 'another artifact of the same type already exists');
  const expireAt = expiry(ctx, params.expire_in);
  // Record and file in one step: a process killed in between leaves a file that is swept away at the next start.
  ctx.store.transaction(() => {
    const patch = dotenvVariables === null ? {} : { dotenvVariables };
    ctx.store.jobs.update(job.id, { artifactsExpireAt: expireAt, ...patch });
    const artifact = ctx.store.artifacts.insert({
      jobId: job.id,
      projectId: job.projectId,
      fileType: params.artifact_type,
      fileFormat: params.artifact_format,
      filename: upload.filename,
      size: upload.size,
      sha256: upload.sha256,
      expireAt,
      createdAt: ctx.now().toISOString(),
    });
    ctx.store.files.keepArtifact(upload.path, artifact.id);
  });
}

function expiry(ctx: SandboxContext, expireIn: string | undefined): string | null {
  const seconds = parseDuration(expireIn ?? ctx.store.settings().defaultArtifactsExpireIn);
  return seconds === null ? null : new Date(ctx.now().getTime() + seconds * 1000).toISOString();
}

/** GitLab's default limit (`dotenv_size`). */
const maxDotenvBytes = 5 * 1024;

async function readDotenv(upload: Upload, params: UploadParams): Promise<Job['dotenvVariables']> {
  const tooBig = new RunnerApiError(
    400,
    `Dotenv Artifact Too Big. Maximum Allowable Size: ${maxDotenvBytes}`,
  );
  if (upload.size >= maxDotenvBytes) throw tooBig;
  const content = await readFile(upload.path);
  const text = params.artifact_format === 'gzip' ? unzipDotenv(content) : content;
  const parsed = text === null ? null : parseDotenv(text.toString());
  if (parsed === null) throw new RunnerApiError(400, 'Invalid Format');
  return parsed;
}

/** What a few compressed kilobytes may grow to. */
const maxUnzippedBytes = 1024 * 1024;

function unzipDotenv(content: Buffer): Buffer | null {
  try {
    return gunzipSync(content, { maxOutputLength: maxUnzippedBytes });
  } catch {
    return null;
  }
}

/** A running job may fetch the artifacts of jobs of its own project. */
function downloadArtifact(ctx: SandboxContext, c: Context): Response {
  const asker = findJobOfToken(ctx.store, jobTokenOf(c));
  if (asker === undefined) throw new RunnerApiError(401, '401 Unauthorized');
  const job = ctx.store.jobs.get(Number(c.req.param('id')));
  if (job === undefined || job.projectId !== asker.projectId) throw new RunnerApiError(403, '403 Forbidden');
  const archive = ctx.store.artifacts.by('jobId', job.id).find((one) => one.fileType === 'archive');
  const download = archive === undefined ? null : openArtifact(ctx.store.files, archive);
  if (download === null) throw new RunnerApiError(404, '404 Not Found');
  return download;
}
