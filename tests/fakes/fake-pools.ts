// What a pretended lab says about its pools beside their settings.
import type { Output } from '../../main/contract/contract.ts';
import type { FakeWorld } from './fake-world.ts';

/** Pools that would fit the pretended machine: the one that is there, and a larger one, which `adds` brings. */
export function readyPools(world: FakeWorld, adds: boolean): Output<'pool.ready'>['pools'] {
  const { pools } = world.snapshot();
  const [first] = pools;
  const isThere = pools.some(({ name }) => name === 'large');
  if (adds && !isThere && first !== undefined)
    world.change(({ snapshot }) => ({
      snapshot: { ...snapshot, pools: [...snapshot.pools, { ...first, name: 'large', cpus: 12 }] },
    }));
  const common = { runUntagged: false, max: 2 };
  return [
    {
      ...{ ...common, name: 'demo', tags: ['docker'], cpus: 1, memoryMiB: 512 },
      ...{ state: 'changed', purpose: 'Jobs of every kind.' },
    },
    {
      ...{ ...common, name: 'large', tags: ['large'], cpus: 12, memoryMiB: 16_384 },
      ...{ state: isThere || adds ? 'there' : 'missing', purpose: 'Builds that need many processors.' },
    },
  ];
}

/** What the use of its jobs says of each pool, or of the one that is named: the advice that its status has. */
export function adviceOf(world: FakeWorld, name: string | undefined): Output<'pool.advice'> {
  const asked = world.snapshot().pools.filter((pool) => name === undefined || pool.name === name);
  return asked.map((pool) => {
    const items = pool.advice ?? [];
    const fits = 'Its limits fit the 12 jobs that were measured.';
    return {
      ...{ pool: pool.name, state: items.length === 0 ? 'fits' : 'change', jobs: 12, items, usage: [] },
      sentence: items.length === 0 ? fits : items.map(({ sentence }) => sentence).join(' '),
    };
  });
}

const simulated: Output<'pool.simulate'>['now'] = {
  ...{ waitP50: 1_500, waitP95: 61_000, waitMost: 90_000, neverTaken: 0, utilisation: 0.5 },
  ...{ runnerHours: 30.5, peakRunners: 4, peakMemoryMiB: 4_096, peakCpus: null },
};

/** What other settings would have done: with another `max`, shorter waits for more hours. */
export function replayed(days: number, max: number | undefined): Output<'pool.simulate'> {
  return {
    ...{ days, jobs: 400, enough: true, sentence: '95 % of 400 jobs began within 61.0 s.' },
    ...{ recorded: { waitP50: 1_400, waitP95: 60_000 }, now: simulated },
    changed: max === undefined ? null : { ...simulated, waitP95: 1_500, runnerHours: 40 },
    ...{ changes: [], latencies: { seeMs: 1_500, startMs: 1_500 } },
  };
}
