// The CI compiler: from the text of a `.gitlab-ci.yml` to the jobs of a pipeline, as GitLab CE 19 makes them.
import type { RegexBudget } from '../untrusted-regex.ts';
import { createRegexBudget, RegexBudgetError } from '../untrusted-regex.ts';
import type { FileConfig } from './config/config.ts';
import type { Place } from './config/findings.ts';
import { noteHeader, readFile } from './config/read-file.ts';
import { checkGraph } from './pipeline/check-graph.ts';
import { countInstances, expandParallel } from './pipeline/expand-parallel.ts';
import { jobSpec } from './pipeline/job-spec.ts';
import type { PipelineScope, PlannedJob } from './pipeline/plan-jobs.ts';
import { planJobs } from './pipeline/plan-jobs.ts';
import type { CiVariable, CompileContext, CompileResult } from './pipeline-spec.ts';
import { evaluateRules } from './rules/evaluate-rules.ts';
import { pathChecks } from './rules/path-checks.ts';
import { expand, expandVariables, mergeVariables, valuesOf } from './variables.ts';
import { resolveExtends } from './yaml/extends.ts';
import { loadYaml } from './yaml/load-yaml.ts';
import { resolveReferences } from './yaml/references.ts';
import { CiFileError, tooBig } from './yaml/yaml-value.ts';

const filteredByWorkflow =
  'The pipeline did not run. Review the workflow:rules configuration for the pipeline.';
const filteredByRules =
  'The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs.';

/** Far above any real pipeline; keeps a file of two megabytes from asking for millions of jobs. */
const maxJobs = 10_000;
const maxJobVariables = 500_000;
const maxVariableText = 20_000_000;

/** Compiles a CI file. Never throws: what is wrong with the file is in the result. */
export function compilePipeline(yamlText: string, context: CompileContext): CompileResult {
  try {
    return compile(yamlText, context);
  } catch (error) {
    if (error instanceof CiFileError || error instanceof RegexBudgetError) {
      return { kind: 'invalid', errors: [error.message] };
    }
    // The stack is exhausted only by nesting far deeper than GitLab reads.
    if (error instanceof RangeError) return { kind: 'invalid', errors: [tooBig] };
    throw error;
  }
}

function compile(yamlText: string, context: CompileContext): CompileResult {
  const regexBudget = createRegexBudget();
  const place: Place = { location: '', path: '', errors: [], unsupported: new Set(), regexBudget };
  const loaded = loadYaml(yamlText);
  const root = resolveReferences(resolveExtends(loaded.root));
  if (loaded.header !== null) noteHeader(place, loaded.header);
  const file = readFile(place, root, loaded.otherKeys);
  if (place.errors.length > 0) return { kind: 'invalid', errors: place.errors };
  noteMissingAbilities(place, file, context);
  return assemble(file, context, place);
}

function assemble(
  file: FileConfig,
  context: CompileContext,
  { unsupported, regexBudget }: Pick<Place, 'unsupported' | 'regexBudget'>,
): CompileResult {
  const requested = countInstances(file.jobs);
  const variableText = file.variables.reduce((sum, { value }) => sum + value.length, 0);
  const variables = requested * file.variables.length;
  if (requested > maxJobs || variables > maxJobVariables || requested * variableText > maxVariableText) {
    return { kind: 'invalid', errors: [`Pipeline has too many jobs! Requested ${String(requested)}.`] };
  }
  const instances = expandParallel(file.jobs);
  const problem = checkGraph(file.stages, instances);
  if (problem !== null) return { kind: 'invalid', errors: [problem] };
  const workflow = runWorkflow(file, context, regexBudget);
  if (workflow.kind !== 'runs') return workflow;
  const plan = planJobs(workflow.scope, file, instances);
  if (plan.kind === 'invalid') return plan;
  const edges = ['.pre', '.post'];
  if (plan.jobs.every((job) => edges.includes(job.instance.config.stage)))
    return { kind: 'none', reason: filteredByRules };
  return pipeline(file, workflow.scope, workflow.name, plan.jobs, unsupported);
}

function pipeline(
  file: FileConfig,
  scope: PipelineScope,
  name: string | null,
  planned: readonly PlannedJob[],
  unsupported: ReadonlySet<string>,
): CompileResult {
  const carriedOut = planned.filter((job) => !job.instance.config.notCarriedOut);
  if (carriedOut.length === 0) {
    return {
      kind: 'none',
      reason: `The sandbox carries out none of these keywords: ${[...unsupported].join(', ')}.`,
    };
  }
  const present = new Set(carriedOut.map((job) => job.instance.name));
  const jobs = carriedOut.map((job) => jobSpec(job, present, scope.context, scope.paths));
  const used = new Set(jobs.map((job) => job.stage));
  const stages = file.stages.filter((stage) => used.has(stage));
  return { kind: 'pipeline', stages, jobs, name, unsupported: [...unsupported] };
}

type WorkflowResult =
  | { readonly kind: 'runs'; readonly scope: PipelineScope; readonly name: string | null }
  | Extract<CompileResult, { kind: 'invalid' | 'none' }>;

/** GitLab: lib/gitlab/ci/pipeline/chain/evaluate_workflow_rules.rb */
function runWorkflow(file: FileConfig, context: CompileContext, budget: RegexBudget): WorkflowResult {
  const paths = pathChecks(context);
  const { rules, name } = file.workflow;
  const values = globalValues(context, file.variables);
  const result = rules === undefined ? null : evaluateRules(rules, { values, budget }, paths);
  if (result?.kind === 'failed') {
    return { kind: 'invalid', errors: [`Failed to parse rule for workflow: ${result.message}`] };
  }
  if (result?.kind === 'none' || (result?.kind === 'matched' && result.rule.when === 'never')) {
    return { kind: 'none', reason: filteredByWorkflow };
  }
  const variables = result === null ? file.variables : mergeVariables(file.variables, result.rule.variables);
  const shownName = name === undefined ? '' : expand(name, globalValues(context, variables)).trim();
  return {
    kind: 'runs',
    scope: { context, paths, budget, variables },
    name: shownName === '' ? null : shownName,
  };
}

/** Values that the workflow may refer to. Circles are left unexpanded here; each job reports them. */
function globalValues(
  context: CompileContext,
  fileVariables: readonly CiVariable[],
): ReadonlyMap<string, string> {
  const variables = mergeVariables(context.predefinedVariables ?? [], fileVariables, context.variables);
  const expanded = expandVariables(variables, { keepUndefined: false, keepFileAndRaw: false });
  return valuesOf(expanded.kind === 'circular' ? variables : expanded.variables);
}

/** Keywords that need something of the context that is not there. */
function noteMissingAbilities(place: Place, file: FileConfig, context: CompileContext): void {
  const comparesRefs = (rules: FileConfig['workflow']['rules']): boolean =>
    context.changedPathsSince === undefined &&
    (rules ?? []).some((rule) => (rule.changes?.compareTo ?? null) !== null);
  if (comparesRefs(file.workflow.rules)) place.unsupported.add('workflow.rules.changes.compare_to');
  for (const job of file.jobs) {
    if (comparesRefs(job.rules)) place.unsupported.add(`${job.name}.rules.changes.compare_to`);
    const digests = (job.inherited.cache ?? []).some((cache) => typeof cache.key !== 'string');
    if (digests && context.digestFiles === undefined) place.unsupported.add(`${job.name}.cache.key.files`);
  }
}
