// `only` and `except`. GitLab: lib/gitlab/ci/build/policy/
import type { JobConfig, PolicyConfig } from '../config/config.ts';
import type { CompileContext } from '../pipeline-spec.ts';
import { compileDelimitedRegex, isDelimitedRegex, matchesRegex } from '../../untrusted-regex.ts';
import type { Evaluation } from './expression.ts';
import { isTruthful } from './expression.ts';
import type { PathChecks } from './path-checks.ts';

interface Situation {
  readonly context: CompileContext;
  readonly evaluation: Evaluation;
  readonly paths: PathChecks;
}

/** Whether a job without rules is part of the pipeline. Without `only` it is there for branches and tags: always. */
export function passesPolicies(job: Pick<JobConfig, 'only' | 'except'>, situation: Situation): boolean {
  const only = job.only === undefined ? [] : partsOf(job.only, situation);
  const except = job.except === undefined ? [] : partsOf(job.except, situation);
  return only.every((part) => part()) && !except.some((part) => part());
}

function partsOf(policy: PolicyConfig, situation: Situation): readonly (() => boolean)[] {
  const { context, evaluation, paths } = situation;
  const { refs, variables, changes } = policy;
  return [
    ...(refs === undefined ? [] : [() => refs.some((ref) => matchesRef(ref, context, evaluation))]),
    ...(variables === undefined
      ? []
      : [() => variables.some((condition) => isTruthful(condition, evaluation))]),
    ...(changes === undefined ? [] : [() => paths.changesMatch(changes, null) === true]),
  ];
}

/** `pattern@group/project` holds in that project only. */
function matchesRef(text: string, context: CompileContext, evaluation: Evaluation): boolean {
  const [pattern = '', project] = splitOnce(text, '@');
  if (project !== undefined && evaluation.values.get('CI_PROJECT_PATH') !== project) return false;
  if (pattern === 'branches') return context.refType === 'branch';
  if (pattern === 'tags') return context.refType === 'tag';
  if (pattern === context.source || pattern === plurals[context.source]) return true;
  if (!isDelimitedRegex(pattern)) return pattern === context.ref;
  const regex = compileDelimitedRegex(pattern, evaluation.budget);
  return regex !== null && matchesRegex(regex, context.ref, evaluation.budget);
}

const plurals: Readonly<Record<CompileContext['source'], string>> = {
  push: 'pushes',
  web: 'webs',
  api: 'apis',
  trigger: 'triggers',
  schedule: 'schedules',
};

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
