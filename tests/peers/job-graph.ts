// A pipeline of many jobs that need one another, and what GitLab makes of it: pure.
export interface GraphJob {
  readonly name: string;
  readonly stage: number;
  /** `null`: it waits for all earlier stages. */
  readonly needs: readonly string[] | null;
  readonly fails: boolean;
  readonly allowFailure: boolean;
  readonly when: 'on_success' | 'on_failure' | 'always';
}

export type GraphStatus = 'success' | 'failed' | 'skipped';

const stages = 5;

/** The same jobs for the same seed; each needs only jobs before it in the list. */
export function createGraph(count: number, seed: number): readonly GraphJob[] {
  // https://en.wikipedia.org/wiki/Linear_congruential_generator, with the numbers of Numerical Recipes.
  let state = seed;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  return Array.from({ length: count }, (_, index): GraphJob => {
    const needed = Array.from({ length: 1 + below(3) }, () => `job-${below(Math.max(1, index))}`);
    const kind = below(10);
    return {
      name: `job-${index}`,
      stage: Math.floor((index * stages) / count),
      needs: index === 0 || kind === 0 ? [] : kind < 3 ? null : [...new Set(needed)],
      fails: below(30) === 0,
      allowFailure: below(3) === 0,
      when: (['on_failure', 'always'] as const)[below(12)] ?? 'on_success',
    };
  });
}

/** The `.gitlab-ci.yml` of the graph. Jobs get by without the repository. */
export function renderGraph(jobs: readonly GraphJob[]): string {
  const blocks = jobs.map(({ name, stage, needs, fails, allowFailure, when }) =>
    [
      `${name}:`,
      `  stage: stage-${stage}`,
      `  script: exit ${fails ? 1 : 0}`,
      `  when: ${when}`,
      `  allow_failure: ${String(allowFailure)}`,
      ...(needs === null ? [] : [`  needs: [${needs.join(', ')}]`]),
    ].join('\n'),
  );
  const names = Array.from({ length: stages }, (_, stage) => `stage-${stage}`);
  return [`stages: [${names.join(', ')}]`, 'variables: {GIT_STRATEGY: none}', ...blocks, ''].join('\n');
}

/** The jobs that a job waits for. */
export function jobsBefore(job: GraphJob, jobs: readonly GraphJob[]): readonly GraphJob[] {
  return jobs.filter((other) =>
    job.needs === null ? other.stage < job.stage : job.needs.includes(other.name),
  );
}

/**
 * How the jobs end on GitLab: a needed job that was skipped skips, one of an earlier stage that was skipped does not.
 * https://docs.gitlab.com/ci/yaml/#needs
 */
export function expectedStatuses(jobs: readonly GraphJob[]): ReadonlyMap<string, GraphStatus> {
  const ended = new Map<string, GraphStatus>();
  for (const job of jobs) {
    const before = jobsBefore(job, jobs).map(({ name, allowFailure }) => ({
      status: ended.get(name),
      allowFailure,
    }));
    const blocked = job.needs !== null && before.some(({ status }) => status === 'skipped');
    const failed = before.some(({ status, allowFailure }) => status === 'failed' && !allowFailure);
    const runs = {
      on_success: !blocked && !failed,
      on_failure: !blocked && failed,
      always: true,
    }[job.when];
    ended.set(job.name, !runs ? 'skipped' : job.fails ? 'failed' : 'success');
  }
  return ended;
}
