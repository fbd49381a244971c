// Whether stages, needs and dependencies fit together. GitLab: lib/gitlab/ci/yaml_processor.rb
import type { NeedSpec } from '../pipeline-spec.ts';
import type { JobInstance } from './expand-parallel.ts';

interface Graph {
  readonly stages: ReadonlyMap<string, number>;
  readonly jobs: ReadonlyMap<string, JobInstance>;
}

/** The first thing that is wrong, in GitLab's words, or `null`. */
export function checkGraph(stages: readonly string[], instances: readonly JobInstance[]): string | null {
  const graph: Graph = {
    stages: new Map(stages.map((stage, index) => [stage, index])),
    jobs: new Map(instances.map((job) => [job.name, job])),
  };
  for (const job of instances) {
    const problem = checkJob(graph, stages, job);
    if (problem !== null) return problem;
  }
  return findCircle(graph.jobs);
}

function checkJob(graph: Graph, stages: readonly string[], job: JobInstance): string | null {
  const { stage } = job.config;
  if (!graph.stages.has(stage)) {
    return `${job.name} job: chosen stage ${stage} does not exist; available stages are ${stages.join(', ')}`;
  }
  for (const dependency of job.dependencies ?? []) {
    const problem = checkDependency(graph, job, dependency, 'dependency');
    if (problem !== null) return problem;
  }
  for (const needs of [job.needs, ...job.ruleNeeds]) {
    const problem = checkNeeds(graph, job, needs ?? []);
    if (problem !== null) return problem;
  }
  return null;
}

function checkNeeds(graph: Graph, job: JobInstance, needs: readonly NeedSpec[]): string | null {
  for (const need of needs) {
    if (need.optional && !graph.jobs.has(need.job)) continue;
    const problem = checkDependency(graph, job, need.job, 'need');
    if (problem !== null) return problem;
  }
  const seen = new Set<string>();
  const twice = new Set(needs.map((need) => need.job).filter((name) => seen.size === seen.add(name).size));
  return twice.size === 0
    ? null
    : `${job.name} has the following needs duplicated: ${[...twice].join(', ')}.`;
}

function checkDependency(
  graph: Graph,
  job: JobInstance,
  name: string,
  kind: 'dependency' | 'need',
): string | null {
  const other = graph.jobs.get(name);
  if (other === undefined) return `${job.name} job: undefined ${kind}: ${name}`;
  const stage = graph.stages.get(job.config.stage) ?? 0;
  const otherStage = graph.stages.get(other.config.stage);
  if (otherStage !== undefined && otherStage <= stage) return null;
  return `${job.name} job: ${kind} ${name} is not defined in current or prior stages`;
}

const circular = 'The pipeline has circular dependencies';

/** Searches depth first with a stack of its own: chains of needs may be long. */
function findCircle(jobs: ReadonlyMap<string, JobInstance>): string | null {
  for (const [name, job] of jobs) {
    if (job.needs?.some((need) => need.job === name) === true) return `${circular}: self-dependency: ${name}`;
  }
  const done = new Set<string>();
  for (const start of jobs.keys()) {
    const circle = done.has(start) ? null : circleFrom(jobs, start, done);
    if (circle !== null) return `${circular}: topological sort failed: ${rubyList(circle)}`;
  }
  return null;
}

function circleFrom(
  jobs: ReadonlyMap<string, JobInstance>,
  start: string,
  done: Set<string>,
): readonly string[] | null {
  const pendingNeeds = (name: string): string[] =>
    (jobs.get(name)?.needs ?? []).map((need) => need.job).reverse();
  const path = [{ name: start, pending: pendingNeeds(start) }];
  const open = new Set([start]);
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const next = top.pending.pop();
    if (next === undefined) {
      path.pop();
      open.delete(top.name);
      done.add(top.name);
    } else if (open.has(next)) {
      const names = path.map(({ name }) => name);
      return names.slice(names.indexOf(next));
    } else if (!done.has(next)) {
      open.add(next);
      path.push({ name: next, pending: pendingNeeds(next) });
    }
  }
  return null;
}

const rubyList = (names: readonly string[]): string =>
  `[${names.map((name) => JSON.stringify(name)).join(', ')}]`;
