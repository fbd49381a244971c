// Puts together what the server keeps of a job of the pipeline.
import type { CacheConfig, CacheKeyFiles } from '../config/config.ts';
import { cachePolicies } from '../config/read-cache.ts';
import { noRetry } from '../config/read-inheritable.ts';
import type { CacheSpec, CompileContext, JobSpec } from '../pipeline-spec.ts';
import type { PathChecks } from '../rules/path-checks.ts';
import { mergeVariables } from '../variables.ts';
import type { PlannedJob } from './plan-jobs.ts';
import { nodeVariables } from './plan-jobs.ts';

/** `present` are the names of all jobs that come out; needs and dependencies on others are left out. */
export function jobSpec(
  job: PlannedJob,
  present: ReadonlySet<string>,
  context: CompileContext,
  paths: PathChecks,
): JobSpec {
  const { instance } = job;
  const { config } = instance;
  const { inherited } = config;
  const interruptible = job.rule?.interruptible ?? inherited.interruptible ?? false;
  return {
    name: instance.name,
    stage: config.stage,
    tags: job.texts.tags,
    ...timing(job),
    allowFailure: job.rule?.allowFailure ?? config.allowFailure ?? config.when === 'manual',
    needs: job.needs?.filter((need) => present.has(need.job)) ?? null,
    dependencies: instance.dependencies?.filter((name) => present.has(name)) ?? null,
    script: [...(inherited.beforeScript ?? []), ...config.script],
    afterScript: inherited.afterScript ?? [],
    variables: mergeVariables(nodeVariables(instance), job.variables),
    image: inherited.image ?? null,
    services: inherited.services ?? [],
    artifacts: inherited.artifacts ?? [],
    cache: (inherited.cache ?? []).map((cache, index) =>
      cacheSpec(cache, job.texts.cachePolicies[index], context, paths),
    ),
    retry: inherited.retry ?? noRetry,
    timeoutSeconds: inherited.timeoutSeconds ?? null,
    interruptible,
    ...(config.coverage === undefined ? {} : { coverage: config.coverage }),
    ...(job.texts.environment === undefined ? {} : { environment: job.texts.environment }),
  };
}

function timing({ rule, instance }: PlannedJob): Pick<JobSpec, 'when' | 'startInSeconds'> {
  const ruleWhen = rule?.when === 'never' ? undefined : rule?.when;
  const startIn = rule?.startInSeconds ?? instance.config.startInSeconds;
  const when = ruleWhen ?? instance.config.when ?? 'on_success';
  return { when, ...(when === 'delayed' && startIn !== undefined ? { startInSeconds: startIn } : {}) };
}

function cacheSpec(
  cache: CacheConfig,
  policy: string | undefined,
  context: CompileContext,
  paths: PathChecks,
): CacheSpec {
  return {
    ...cache,
    key: typeof cache.key === 'string' ? cache.key : keyOfFiles(cache.key, context, paths),
    policy: cachePolicies.find((known) => known === policy) ?? 'pull-push',
  };
}

/** GitLab: lib/gitlab/ci/pipeline/seed/build/cache.rb */
function keyOfFiles(key: CacheKeyFiles, context: CompileContext, paths: PathChecks): string {
  const files = paths.findFiles(key.files);
  const digest = files.length === 0 ? undefined : context.digestFiles?.(files);
  return [key.prefix ?? '', digest ?? 'default'].filter((part) => part !== '').join('-');
}
