// A CI file after reading: every keyword checked and typed, nothing evaluated yet.
import type {
  ArtifactsSpec,
  CacheSpec,
  CiVariable,
  ImageSpec,
  JobSpec,
  RetrySpec,
  ServiceSpec,
} from '../pipeline-spec.ts';
import type { Expression } from '../rules/expression.ts';

export interface CacheKeyFiles {
  readonly files: readonly string[];
  readonly prefix: string | null;
}

/** A cache whose key may depend on files of the commit, and whose policy may be a variable. */
export interface CacheConfig extends Omit<CacheSpec, 'key' | 'policy'> {
  readonly key: string | CacheKeyFiles;
  readonly policy: string;
}

/** Keywords that a job takes from `default:` when it does not say them itself. */
export interface InheritableConfig {
  readonly beforeScript?: readonly string[];
  readonly afterScript?: readonly string[];
  readonly image?: ImageSpec;
  readonly services?: readonly ServiceSpec[];
  readonly cache?: readonly CacheConfig[];
  readonly artifacts?: readonly ArtifactsSpec[];
  readonly retry?: RetrySpec;
  readonly tags?: readonly string[];
  readonly timeoutSeconds?: number;
  readonly interruptible?: boolean;
}

/** One combination of a `parallel:matrix`, in the order of its keys. */
export type MatrixCell = readonly (readonly [key: string, value: string])[];

export type ParallelConfig =
  | { readonly kind: 'number'; readonly total: number }
  | { readonly kind: 'matrix'; readonly cells: readonly MatrixCell[] };

export interface NeedConfig {
  readonly job: string;
  readonly artifacts: boolean;
  readonly optional: boolean;
  /** Which instances of a parallel job; all of them without it. */
  readonly parallel?: ParallelConfig;
}

export interface ChangesConfig {
  readonly paths: readonly string[];
  readonly compareTo: string | null;
}

export interface RuleConfig {
  readonly condition?: Expression;
  readonly changes?: ChangesConfig;
  readonly exists?: readonly string[];
  readonly when?: JobSpec['when'] | 'never';
  readonly startInSeconds?: number;
  readonly allowFailure?: boolean;
  readonly interruptible?: boolean;
  readonly variables: readonly CiVariable[];
  readonly needs?: readonly NeedConfig[];
}

/** `only` or `except`: every part that is there has a condition that holds. */
export interface PolicyConfig {
  readonly refs?: readonly string[];
  readonly variables?: readonly Expression[];
  readonly changes?: readonly string[];
}

export interface JobConfig {
  readonly name: string;
  readonly stage: string;
  readonly script: readonly string[];
  readonly inherited: InheritableConfig;
  readonly variables: readonly CiVariable[];
  readonly when?: JobSpec['when'];
  readonly startInSeconds?: number;
  readonly allowFailure?: JobSpec['allowFailure'];
  readonly needs?: readonly NeedConfig[];
  readonly dependencies?: readonly string[];
  readonly parallel?: ParallelConfig;
  readonly rules?: readonly RuleConfig[];
  readonly only?: PolicyConfig;
  readonly except?: PolicyConfig;
  readonly coverage?: string;
  readonly environment?: string;
  /** The job triggers a pipeline or has `run:` steps instead of a script: nothing that a runner here can do. */
  readonly notCarriedOut: boolean;
}

export interface FileConfig {
  readonly stages: readonly string[];
  readonly variables: readonly CiVariable[];
  readonly workflow: { readonly name?: string; readonly rules?: readonly RuleConfig[] };
  readonly jobs: readonly JobConfig[];
}
