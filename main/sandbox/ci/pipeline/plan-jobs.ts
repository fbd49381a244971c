// Decides for each job whether it is part of the pipeline, and how. GitLab: lib/gitlab/ci/pipeline/seed/build.rb
import type { FileConfig, JobConfig, RuleConfig } from '../config/config.ts';
import type { CiVariable, CompileContext, NeedSpec } from '../pipeline-spec.ts';
import type { RegexBudget } from '../../untrusted-regex.ts';
import { evaluateRules } from '../rules/evaluate-rules.ts';
import { passesPolicies } from '../rules/evaluate-policy.ts';
import type { PathChecks } from '../rules/path-checks.ts';
import type { VariableValues } from '../variables.ts';
import {
  expand,
  expandExisting,
  expandVariables,
  fileVariable,
  mergeVariables,
  valuesOf,
} from '../variables.ts';
import type { JobInstance } from './expand-parallel.ts';

/** What all jobs of a pipeline share. */
export interface PipelineScope {
  readonly context: CompileContext;
  readonly paths: PathChecks;
  readonly budget: RegexBudget;
  /** Variables of the file, with those of the workflow rule that applies. */
  readonly variables: readonly CiVariable[];
}

/** A job that is part of the pipeline. */
export interface PlannedJob {
  readonly instance: JobInstance;
  /** The rule that let it in, when it has rules. */
  readonly rule: RuleConfig | null;
  readonly needs: readonly NeedSpec[] | null;
  /** Of the file, the job and its rule. */
  readonly variables: readonly CiVariable[];
  readonly texts: ExpandedTexts;
}

/** Those of the job's texts that GitLab expands before a runner sees them. */
export interface ExpandedTexts {
  readonly tags: readonly string[];
  readonly environment: string | undefined;
  readonly cachePolicies: readonly string[];
}

type JobPlan =
  | { readonly kind: 'in'; readonly job: PlannedJob }
  | { readonly kind: 'out' }
  | { readonly kind: 'failed'; readonly message: string };

export type JobsPlan =
  | { readonly kind: 'planned'; readonly jobs: readonly PlannedJob[] }
  | { readonly kind: 'invalid'; readonly errors: readonly string[] };

/** Plans jobs in the order of their stages. */
export function planJobs(
  scope: PipelineScope,
  file: FileConfig,
  instances: readonly JobInstance[],
): JobsPlan {
  const position = new Map(file.stages.map((stage, index) => [stage, index]));
  const stageOf = (job: JobInstance): number => position.get(job.config.stage) ?? 0;
  const ordered = [...instances].sort((one, other) => stageOf(one) - stageOf(other));
  const plans = ordered.map((instance) => planJob(scope, instance));
  const jobs = plans.flatMap((plan) => (plan.kind === 'in' ? [plan.job] : []));
  const names = new Set(jobs.map((job) => job.instance.name));
  const errors = plans.flatMap((plan) => {
    if (plan.kind === 'failed') return [plan.message];
    return plan.kind === 'in' ? needsErrors(plan.job, names) : [];
  });
  return errors.length > 0 ? { kind: 'invalid', errors } : { kind: 'planned', jobs };
}

const expandFully = { keepUndefined: false, keepFileAndRaw: false };

function planJob(scope: PipelineScope, instance: JobInstance): JobPlan {
  const { config } = instance;
  const own = mergeVariables(scope.variables, config.variables, instance.matrixVariables);
  const evaluated = evaluationVariables(scope.context, instance, own);
  const expanded = expandVariables(evaluated, expandFully);
  if (expanded.kind === 'circular')
    return { kind: 'failed', message: `${instance.name}: ${expanded.message}` };
  const values = valuesOf(expanded.variables);
  const evaluation = { values, budget: scope.budget };
  if (config.rules === undefined) {
    if (!passesPolicies(config, { context: scope.context, evaluation, paths: scope.paths }))
      return { kind: 'out' };
    const texts = expandTexts(config, valuesOf(evaluated), values);
    return { kind: 'in', job: { instance, rule: null, needs: instance.needs, variables: own, texts } };
  }
  const result = evaluateRules(config.rules, evaluation, scope.paths);
  if (result.kind === 'failed') {
    return { kind: 'failed', message: `Failed to parse rule for ${instance.name}: ${result.message}` };
  }
  if (result.kind === 'none' || result.rule.when === 'never') return { kind: 'out' };
  const { rule, index } = result;
  const needs = instance.ruleNeeds[index] ?? instance.needs;
  const variables = mergeVariables(own, rule.variables);
  const withRule = evaluationVariables(scope.context, instance, variables);
  const texts = expandTexts(
    config,
    valuesOf(evaluated),
    rule.variables.length === 0 ? values : expandLoosely(withRule),
  );
  return { kind: 'in', job: { instance, rule, needs, variables, texts } };
}

/** A rule's variables may bring a circle in; it stays unexpanded. */
function expandLoosely(variables: readonly CiVariable[]): VariableValues {
  const expanded = expandVariables(variables, expandFully);
  return valuesOf(expanded.kind === 'circular' ? variables : expanded.variables);
}

/** Tags are expanded with values as they are written, the others with references in them expanded. */
function expandTexts(
  { inherited, environment }: JobConfig,
  raw: VariableValues,
  values: VariableValues,
): ExpandedTexts {
  return {
    tags: (inherited.tags ?? []).map((tag) => expandExisting(tag, raw)),
    environment: environment === undefined ? undefined : expand(environment, values),
    cachePolicies: (inherited.cache ?? []).map((cache) => expand(cache.policy, values)),
  };
}

/** Variables that texts of the job may refer to, lowest precedence first. */
function evaluationVariables(
  context: CompileContext,
  instance: JobInstance,
  own: readonly CiVariable[],
): readonly CiVariable[] {
  const ofJob = [
    fileVariable('CI_JOB_NAME', instance.name),
    fileVariable('CI_JOB_STAGE', instance.config.stage),
    ...nodeVariables(instance),
  ];
  return mergeVariables(context.predefinedVariables ?? [], ofJob, own, context.variables);
}

/** `CI_NODE_INDEX` and `CI_NODE_TOTAL` of a parallel job. */
export function nodeVariables({ node }: JobInstance): readonly CiVariable[] {
  if (node === null) return [];
  return [
    fileVariable('CI_NODE_INDEX', String(node.index)),
    fileVariable('CI_NODE_TOTAL', String(node.total)),
  ];
}

/** `ci_needs_size_limit` */
const maxNeeds = 50;

function needsErrors({ instance, needs }: PlannedJob, names: ReadonlySet<string>): readonly string[] {
  if (needs === null) return [];
  const { name } = instance;
  if (needs.length > maxNeeds) {
    const listed = `but you have listed ${String(needs.length)}. See needs keyword documentation for more details`;
    return [`${name}: one job can only need ${String(maxNeeds)} others, ${listed}`];
  }
  return needs
    .filter((need) => !need.optional && !names.has(need.job))
    .map(
      (need) =>
        `'${name}' job needs '${need.job}' job, but '${need.job}' does not exist in the pipeline. ` +
        'This might be because of the only, except, or rules keywords. ' +
        'To need a job that sometimes does not exist in the pipeline, use needs:optional.',
    );
}
