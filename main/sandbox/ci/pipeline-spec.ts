// What a `.gitlab-ci.yml` compiles to: the boundary between the CI compiler and the sandbox server.

/** A CI variable as GitLab hands it to jobs. */
export interface CiVariable {
  readonly key: string;
  readonly value: string;
  /** Shown in logs and returned to anybody who may see the job. */
  readonly public: boolean;
  readonly masked: boolean;
  /** Written to a file whose path becomes the value. */
  readonly file: boolean;
  /** Not expanded: `$NAME` inside the value stays as it is. */
  readonly raw: boolean;
}

/** Everything outside the file that decides which jobs a pipeline gets. */
export interface CompileContext {
  readonly ref: string;
  readonly refType: 'branch' | 'tag';
  readonly source: 'push' | 'web' | 'api' | 'trigger' | 'schedule';
  /** Predefined, instance, project and pipeline variables, lowest precedence first. */
  readonly variables: readonly CiVariable[];
  /** Variables that those of the file override, such as `CI_COMMIT_SHA`; `variables` override those of the file. */
  readonly predefinedVariables?: readonly CiVariable[];
  /** Paths changed by the push; `null` when there is nothing to compare with (then `changes` is true). */
  readonly changedPaths: readonly string[] | null;
  /** Paths changed since another ref, for `changes:compare_to`; `null` when there is no such ref. */
  readonly changedPathsSince?: (ref: string) => readonly string[] | null;
  /** Every path in the commit's tree, for `exists`. */
  readonly treePaths: readonly string[];
  /** A text that changes with the content of these files of the tree, for `cache:key:files`. */
  readonly digestFiles?: (paths: readonly string[]) => string;
}

export interface ImageSpec {
  readonly name: string;
  readonly entrypoint?: readonly string[];
  readonly pullPolicy?: readonly string[];
  readonly platform?: string;
  readonly user?: string;
}

export interface ServiceSpec extends ImageSpec {
  readonly alias?: string;
  readonly command?: readonly string[];
  readonly variables?: readonly CiVariable[];
}

export interface ArtifactsSpec {
  readonly name?: string;
  readonly untracked: boolean;
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  readonly when: 'on_success' | 'on_failure' | 'always';
  readonly expireIn?: string;
  /** `archive`, or a report's kind such as `junit`. */
  readonly type: string;
  readonly format: 'zip' | 'gzip' | 'raw';
}

export interface CacheSpec {
  readonly key: string;
  readonly untracked: boolean;
  readonly policy: 'pull-push' | 'pull' | 'push';
  readonly paths: readonly string[];
  readonly when: 'on_success' | 'on_failure' | 'always';
  readonly fallbackKeys: readonly string[];
}

export interface NeedSpec {
  /** Full name of the needed job, `parallel` index included. */
  readonly job: string;
  readonly artifacts: boolean;
  readonly optional: boolean;
}

export interface RetrySpec {
  readonly max: 0 | 1 | 2;
  /** Failure reasons that are retried; `always` is all of them. */
  readonly when: readonly string[];
}

/** One job as the pipeline will run it: `extends`, `parallel`, `default` and rules already applied. */
export interface JobSpec {
  readonly name: string;
  readonly stage: string;
  readonly tags: readonly string[];
  readonly when: 'on_success' | 'on_failure' | 'always' | 'manual' | 'delayed';
  /** Seconds, with `when: delayed`. */
  readonly startInSeconds?: number;
  /** `true`, `false`, or the exit codes that do not count as failure. */
  readonly allowFailure: boolean | readonly number[];
  /** `null`: the job waits for the stages before it. */
  readonly needs: readonly NeedSpec[] | null;
  /** Names of jobs whose artifacts are fetched; `null`: all of the earlier stages (or those of `needs`). */
  readonly dependencies: readonly string[] | null;
  /** `before_script` and `script`, one string a line, as GitLab sends them. */
  readonly script: readonly string[];
  readonly afterScript: readonly string[];
  /** The job's own variables (global, job and rule level); predefined ones are not in here. */
  readonly variables: readonly CiVariable[];
  readonly image: ImageSpec | null;
  readonly services: readonly ServiceSpec[];
  readonly artifacts: readonly ArtifactsSpec[];
  readonly cache: readonly CacheSpec[];
  readonly retry: RetrySpec;
  readonly timeoutSeconds: number | null;
  readonly interruptible: boolean;
  readonly coverage?: string;
  readonly environment?: string;
}

export type CompileResult =
  | {
      readonly kind: 'pipeline';
      readonly stages: readonly string[];
      readonly jobs: readonly JobSpec[];
      readonly name: string | null;
      /** Keywords that the sandbox does not carry out, each by its path, e.g. `deploy.trigger`. */
      readonly unsupported: readonly string[];
    }
  /** GitLab creates a failed pipeline with `yaml_errors`, joined by newlines. */
  | { readonly kind: 'invalid'; readonly errors: readonly string[] }
  /** No pipeline is created: filtered by `workflow:rules`, or all jobs filtered out by their rules. */
  | { readonly kind: 'none'; readonly reason: string };
