// The job that a server hands to a runner, parsed leniently: servers differ in what they leave out or null.
import { z } from 'zod';

const text = z.preprocess((value) => value ?? '', z.string());
const flag = z.preprocess((value) => value ?? false, z.boolean());
const count = z.preprocess((value) => value ?? 0, z.number());
const texts = z.preprocess((value) => value ?? [], z.array(z.string()).readonly());

function listOf<T extends z.ZodType>(item: T) {
  return z.preprocess((value) => value ?? [], z.array(item).readonly());
}

function part<T extends z.ZodRawShape>(shape: T) {
  return z.preprocess((value) => value ?? {}, z.object(shape).readonly());
}

const when = z.preprocess(
  (value) => (value === '' ? 'on_success' : (value ?? 'on_success')),
  z.enum(['on_success', 'on_failure', 'always']),
);

const variable = part({ key: text, value: text, public: flag, masked: flag, file: flag, raw: flag });

const artifact = part({
  name: text,
  untracked: flag,
  paths: texts,
  exclude: texts,
  when,
  expire_in: text,
  artifact_type: text,
  artifact_format: z.preprocess(
    (value) => (value === '' ? 'zip' : (value ?? 'zip')),
    z.enum(['zip', 'gzip', 'raw']),
  ),
});

const cache = part({
  key: text,
  untracked: flag,
  policy: z.preprocess((value) => (value === '' ? 'pull-push' : (value ?? 'pull-push')), z.string()),
  paths: texts,
  when,
  fallback_keys: texts,
});

const dependency = part({
  id: count,
  name: text,
  token: text,
  artifacts_file: part({ filename: text, size: count }),
});

const job = z
  .object({
    id: z.number(),
    token: z.string(),
    allow_git_fetch: flag,
    job_info: part({ name: text, stage: text, project_id: count, project_full_path: text }),
    git_info: part({ repo_url: text, ref: text, sha: text, refspecs: texts, depth: count }),
    runner_info: part({ timeout: count }),
    variables: listOf(variable),
    steps: listOf(part({ name: text, script: texts, timeout: count })),
    artifacts: listOf(artifact),
    cache: listOf(cache),
    dependencies: listOf(dependency),
    features: part({ trace_sections: flag, token_mask_prefixes: texts, failure_reasons: texts }),
  })
  .readonly();

/** A job as `POST /jobs/request` returns it; keys that this runner does not use are dropped. */
export type Job = z.output<typeof job>;
export type JobVariable = z.output<typeof variable>;
export type JobArtifact = z.output<typeof artifact>;
export type JobCache = z.output<typeof cache>;
export type JobDependency = z.output<typeof dependency>;

/** What is needed to speak for a job, even when the rest of it cannot be read. */
export type JobCredentials = Pick<Job, 'id' | 'token'>;

const credentials = z.object({ id: z.number(), token: z.string() });

export type ParsedJob =
  | { readonly kind: 'job'; readonly job: Job }
  /** The job is ours but unusable: it has to be failed, with this message. */
  | { readonly kind: 'unusable'; readonly credentials: JobCredentials; readonly message: string }
  | { readonly kind: 'invalid'; readonly message: string };

/** Reads the body of a 201 answer to `POST /jobs/request`. */
export function parseJob(body: unknown): ParsedJob {
  const parsed = job.safeParse(body);
  if (parsed.success) return { kind: 'job', job: parsed.data };
  const message = z.prettifyError(parsed.error);
  const known = credentials.safeParse(body);
  return known.success
    ? { kind: 'unusable', credentials: known.data, message }
    : { kind: 'invalid', message };
}
