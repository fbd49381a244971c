// `parallel`: one configured job becomes several, and those that need it need all of them or the ones they name.
// GitLab: lib/gitlab/ci/config/normalizer.rb
import type { JobConfig, MatrixCell, NeedConfig, ParallelConfig } from '../config/config.ts';
import type { CiVariable, NeedSpec } from '../pipeline-spec.ts';
import { fileVariable } from '../variables.ts';

/** One job of the pipeline to be, before rules are evaluated. */
export interface JobInstance {
  readonly name: string;
  readonly config: JobConfig;
  /** Which of how many, of a parallel job. */
  readonly node: { readonly index: number; readonly total: number } | null;
  readonly matrixVariables: readonly CiVariable[];
  readonly needs: readonly NeedSpec[] | null;
  /** What the rules at these places put in the place of `needs`. */
  readonly ruleNeeds: readonly (readonly NeedSpec[] | null)[];
  readonly dependencies: readonly string[] | null;
}

interface Part {
  readonly name: string;
  readonly cell: MatrixCell;
}

/** How many jobs the file asks for. */
export const countInstances = (jobs: readonly JobConfig[]): number =>
  jobs.reduce((sum, { parallel }) => sum + (parallel === undefined ? 1 : instancesOf(parallel)), 0);

const instancesOf = (parallel: ParallelConfig): number =>
  parallel.kind === 'number' ? parallel.total : parallel.cells.length;

export function expandParallel(jobs: readonly JobConfig[]): readonly JobInstance[] {
  const parts = new Map(jobs.map((job) => [job.name, partsOf(job.name, job.parallel)]));
  const instances = jobs.flatMap((job) => {
    const own = parts.get(job.name) ?? [];
    return own.map((part, position) => instance(job, part, position, own.length, parts));
  });
  // Two cells of a matrix may have the same name; the later one stays, as in GitLab.
  return [...new Map(instances.map((each) => [each.name, each])).values()];
}

function partsOf(name: string, parallel: ParallelConfig | undefined): readonly Part[] {
  if (parallel === undefined) return [{ name, cell: [] }];
  if (parallel.kind === 'matrix') {
    return parallel.cells.map((cell) => ({
      name: `${name}: [${cell.map(([, value]) => value).join(', ')}]`,
      cell,
    }));
  }
  return Array.from({ length: parallel.total }, (_, index) => ({
    name: `${name} ${String(index + 1)}/${String(parallel.total)}`,
    cell: [],
  }));
}

function instance(
  config: JobConfig,
  part: Part,
  position: number,
  total: number,
  parts: ReadonlyMap<string, readonly Part[]>,
): JobInstance {
  const resolve = (needs: readonly NeedConfig[]): readonly NeedSpec[] =>
    needs.flatMap((need) => resolveNeed(withMatrixValues(need, part.cell), parts));
  return {
    name: part.name,
    config,
    node: config.parallel === undefined ? null : { index: position + 1, total },
    matrixVariables: part.cell.map(([key, value]) => fileVariable(key, value)),
    needs: config.needs === undefined ? null : resolve(config.needs),
    ruleNeeds: (config.rules ?? []).map((rule) => (rule.needs === undefined ? null : resolve(rule.needs))),
    dependencies:
      config.dependencies?.flatMap((name) => parts.get(name)?.map((each) => each.name) ?? [name]) ?? null,
  };
}

function resolveNeed(need: NeedConfig, parts: ReadonlyMap<string, readonly Part[]>): readonly NeedSpec[] {
  const { job, artifacts, optional } = need;
  const known = parts.get(job);
  const wanted = known === undefined || need.parallel === undefined ? known : partsOf(job, need.parallel);
  return (wanted ?? [{ name: job }]).map((part) => ({ job: part.name, artifacts, optional }));
}

/** `$[[ matrix.NAME ]]` in the values of a need stands for this instance's value. */
function withMatrixValues(need: NeedConfig, cell: MatrixCell): NeedConfig {
  const { parallel } = need;
  if (cell.length === 0 || parallel?.kind !== 'matrix') return need;
  const values = new Map(cell);
  const fill = (text: string): string =>
    text.replace(/\$\[\[ *matrix\.(\w+) *\]\]/g, (whole, name: string) => values.get(name) ?? whole);
  const cells = parallel.cells.map((needed) => needed.map(([key, value]) => [key, fill(value)] as const));
  return { ...need, parallel: { kind: 'matrix', cells } };
}
