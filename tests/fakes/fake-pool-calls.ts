// Requests about pools of a pretended lab: what is set is seen at once. With the parts that other requests share.
import type { CallName, Outcome, Output, ParsedInput } from '../../main/contract/contract.ts';
import type { Snapshot } from '../../main/contract/snapshot.ts';
import { AutoGitError } from '../../main/errors.ts';
import { poolSchema } from '../../main/model/pool.ts';
import { readyPools } from './fake-pools.ts';
import type { FakeWorld } from './fake-world.ts';

export type Calls = { readonly [N in CallName]: (input: ParsedInput<N>) => Output<N> };

/** What a pretended command answers. */
export function outcome(dryRun: boolean, message: string): Outcome {
  const actions = dryRun ? [{ kind: 'pretend', target: 'lab', reason: message }] : [];
  return { dryRun, actions, message, next: null };
}

/** Throws `pool.unknown`. */
export function found<T>(rows: readonly T[], fits: (row: T) => boolean): T {
  const row = rows.find(fits);
  if (row !== undefined) return row;
  throw new AutoGitError({ key: 'pool.unknown', message: 'There is none.', next: 'Choose another.' });
}

type PoolCalls = Pick<
  Calls,
  | 'pool.show'
  | 'pool.add'
  | 'pool.set'
  | 'pool.pause'
  | 'pool.resume'
  | 'pool.remove'
  | 'pool.ready'
  | 'pool.prove'
>;

/** Pools of the pretended lab. */
export function poolCalls(world: FakeWorld): PoolCalls {
  const change = (
    { name, dryRun }: { readonly name: string; readonly dryRun: boolean },
    message: string,
    deed: (pools: Snapshot['pools']) => Snapshot['pools'],
  ): Output<'pool.set'> => {
    if (!dryRun) world.change(({ snapshot }) => ({ snapshot: { ...snapshot, pools: deed(snapshot.pools) } }));
    const changes = [{ path: `pools.${name}`, impact: 'none' as const, effect: 'Taken up at once.' }];
    return { ...outcome(dryRun, message), changes };
  };
  const set =
    (name: string, fields: object) =>
    (pools: Snapshot['pools']): Snapshot['pools'] =>
      pools.map((pool) => (pool.name === name ? { ...pool, ...fields } : pool));
  return {
    'pool.show': ({ name }) => {
      const { runners, pools } = world.snapshot();
      const status = found(pools, (pool) => pool.name === name);
      const { tags, runUntagged, max, idleTime, cpus, memoryMiB, protectedOnly, paused } = status;
      const settings = { name, tags, runUntagged, max, idleTime, cpus, memoryMiB, protectedOnly, paused };
      return { status, settings: poolSchema.parse(settings), runners, jobs: [] };
    },
    'pool.add': (input) =>
      change(input, `Pool "${input.name}" is there.`, (pools) => {
        const [first] = pools;
        return first === undefined ? pools : [...pools, { ...first, name: input.name }];
      }),
    'pool.set': ({ name, dryRun, ...fields }) =>
      change({ name, dryRun }, `Pool "${name}" has changed.`, set(name, definedOf(fields))),
    'pool.pause': (input) =>
      change(input, `Pool "${input.name}" is paused.`, set(input.name, { paused: true })),
    'pool.resume': (input) =>
      change(input, `Pool "${input.name}" goes on.`, set(input.name, { paused: false })),
    'pool.prove': ({ name, dryRun }) => outcome(dryRun, `Pool "${name}" will be proven.`),
    'pool.ready': ({ apply, dryRun }) => ({
      ...outcome(dryRun, apply ? 'Pool "large" is there.' : '1 pool fits and is missing.'),
      ...{ changes: [], pools: readyPools(world, apply && !dryRun) },
    }),
    'pool.remove': (input) =>
      change(input, `Pool "${input.name}" is gone.`, (pools) =>
        pools.filter((pool) => pool.name !== input.name),
      ),
  };
}

function definedOf(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
