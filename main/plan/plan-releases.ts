// Warm and prepared runners: which of them begin for the jobs that wait, and which are not needed.
import type { Container, RunnerRecord } from '../model/runner.ts';
import type { Action, Observed } from '../model/world.ts';
import { freshValue } from './freshness.ts';
import type { PoolDemand } from './plan-demand.ts';
import { runnerKey } from './runners.ts';
import type { Runner } from './runners.ts';

type Here = Runner & { readonly container: Container };

/** Lets a runner begin that waits for the go, or whose container only has to be started. */
export function releaseOf({ id, node }: Runner, container: Container, reason: string): Action {
  const key = runnerKey('release-runner', id);
  return { kind: 'release-runner', key, target: `runner ${id}`, reason, node, container };
}

/** Removes the container of a runner that has ended, or that nobody starts any more. */
export function removalOf({ id, node }: Runner, container: Container): Action {
  const { name, state } = container;
  const reason = state === 'created' ? `${name} was never started` : `${name} has ended`;
  const key = runnerKey('remove-runner', id);
  return { kind: 'remove-runner', key, target: `runner ${id}`, reason, node, container };
}

/** Whether AutoGit may have ended in the middle of its start, or of giving it the go. */
export function isHalfBegun({ phase }: RunnerRecord): boolean {
  return phase === 'prepared' || phase === 'released';
}

/**
 * Lets as many begin as jobs are placed on them, the oldest first; those that are left over of the prepared ones are
 * removed, and those of the warm ones that are more than the pool keeps leave. `cleared`: what is done with runners anyway.
 */
export function planReleases(
  pools: readonly PoolDemand[],
  runners: readonly Runner[],
  { nodes }: Pick<Observed, 'nodes'>,
  cleared: readonly Action[],
): readonly Action[] {
  const spoken = new Set(cleared.map(({ target }) => target));
  const answering = new Set(nodes.flatMap(({ id, engine }) => (freshValue(engine) === null ? [] : [id])));
  const here = runners.filter(
    (runner): runner is Here =>
      isWaiting(runner) && answering.has(runner.node) && !spoken.has(`runner ${runner.id}`),
  );
  if (here.length === 0) return [];
  const byPool = Map.groupBy(here, ({ pool }) => pool);
  return [
    ...pools.flatMap((wish) => releasesOf(wish, byPool.get(wish.pool.name) ?? [])),
    ...here
      .filter(({ state, pool }) => state === 'prepared' && !pools.some((wish) => wish.pool.name === pool))
      .map((runner) => removalOf(runner, runner.container)),
  ];
}

function isWaiting({ state, container }: Runner): boolean {
  return container !== null && (state === 'warm' || state === 'prepared');
}

function releasesOf(
  { pool, jobs, release, surplus }: PoolDemand,
  waiting: readonly Here[],
): readonly Action[] {
  const warm = waiting.filter(({ state }) => state === 'warm').toSorted((a, b) => a.freeSince - b.freeSince);
  const prepared = waiting.filter(({ state }) => state === 'prepared');
  const why = `${jobs.length === 1 ? 'a job waits' : `${jobs.length} jobs wait`} for pool ${pool.name}`;
  const begin = [...warm, ...prepared].slice(0, release);
  const rest = warm.filter((runner) => !begin.includes(runner));
  return [
    ...begin.map((runner) => releaseOf(runner, runner.container, why)),
    ...prepared
      .filter((runner) => !begin.includes(runner))
      .map((runner) => removalOf(runner, runner.container)),
    ...rest.slice(rest.length - Math.min(surplus, rest.length)).map((runner) => dismissalOf(runner)),
  ];
}

function dismissalOf({ id, node, pool, container }: Here): Action {
  const reason = `pool ${pool} keeps fewer ready`;
  return {
    ...{ kind: 'stop-runner', key: runnerKey('stop-runner', id), target: `runner ${id}` },
    ...{ reason, node, container },
  };
}
