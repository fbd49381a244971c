// Which of the instance's and the project's own variables a pipeline or job gets.
import type { CiVariable } from '../ci/pipeline-spec.ts';
import type { ProjectVariable } from '../state.ts';
import type { SandboxStore } from '../store.ts';
import { matchesPattern } from './refs.ts';

/** A variable of the instance or of a project. */
export type SecretVariable = Pick<
  ProjectVariable,
  'key' | 'value' | 'variableType' | 'protected' | 'masked' | 'raw' | 'environmentScope'
>;

/** All that may apply to a project's pipelines, the instance's first: the project's own win. */
export function variablesAround(store: SandboxStore, projectId: number): readonly SecretVariable[] {
  const instance = store.instanceVariables.all().map((one) => ({ ...one, environmentScope: '*' }));
  return [...instance, ...store.projectVariables.by('projectId', projectId)];
}

/** Protected ones only on protected refs; the more particular environment scope wins, so it comes later. */
export function secretVariables(
  all: readonly SecretVariable[],
  protectedRef: boolean,
  environment: string | null,
): CiVariable[] {
  return all
    .filter((variable) => protectedRef || !variable.protected)
    .filter((variable) => matchesScope(variable.environmentScope, environment))
    .sort((a, b) => literalLength(a.environmentScope) - literalLength(b.environmentScope))
    .map((variable) => ({
      key: variable.key,
      value: variable.value,
      public: false,
      masked: variable.masked,
      file: variable.variableType === 'file',
      raw: variable.raw,
    }));
}

function matchesScope(scope: string, environment: string | null): boolean {
  return scope === '*' || (environment !== null && matchesPattern(scope, environment));
}

function literalLength(scope: string): number {
  return scope.replaceAll('*', '').length;
}
