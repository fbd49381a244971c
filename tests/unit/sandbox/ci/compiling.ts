// What the tests of the CI compiler share: a context, and results as the cases need them.
import { compilePipeline } from '../../../../main/sandbox/ci/compile.ts';
import type {
  CiVariable,
  CompileContext,
  CompileResult,
  JobSpec,
} from '../../../../main/sandbox/ci/pipeline-spec.ts';

export const variable = (key: string, value: string, more: Partial<CiVariable> = {}): CiVariable => ({
  key,
  value,
  public: true,
  masked: false,
  file: false,
  raw: false,
  ...more,
});

export const mainBranch: CompileContext = {
  ref: 'main',
  refType: 'branch',
  source: 'push',
  variables: [],
  predefinedVariables: [variable('CI_COMMIT_BRANCH', 'main'), variable('CI_PIPELINE_SOURCE', 'push')],
  changedPaths: ['src/app.ts', 'docs/guide.md'],
  treePaths: ['Dockerfile', 'src/app.ts', 'src/lib/util.rb', 'docs/guide.md', 'package-lock.json'],
};

export const compile = (yaml: string, context: Partial<CompileContext> = {}): CompileResult =>
  compilePipeline(yaml, { ...mainBranch, ...context });

/** The pipeline of a file that must compile. */
export function pipelineOf(
  yaml: string,
  context: Partial<CompileContext> = {},
): Extract<CompileResult, { kind: 'pipeline' }> {
  const result = compile(yaml, context);
  if (result.kind !== 'pipeline') throw new Error(`no pipeline: ${JSON.stringify(result)}`);
  return result;
}

/** A job of a file that must compile. */
export function jobOf(yaml: string, name = 'job', context: Partial<CompileContext> = {}): JobSpec {
  const found = pipelineOf(yaml, context).jobs.find((job) => job.name === name);
  if (found === undefined) throw new Error(`no job ${name}`);
  return found;
}

export const jobNames = (yaml: string, context: Partial<CompileContext> = {}): readonly string[] =>
  pipelineOf(yaml, context).jobs.map((job) => job.name);

/** Errors of a file that must not compile. */
export function errorsOf(yaml: string, context: Partial<CompileContext> = {}): readonly string[] {
  const result = compile(yaml, context);
  if (result.kind !== 'invalid') throw new Error(`not invalid: ${JSON.stringify(result)}`);
  return result.errors;
}

export const valuesOf = (variables: readonly CiVariable[]): Record<string, string> =>
  Object.fromEntries(variables.map(({ key, value }) => [key, value]));
