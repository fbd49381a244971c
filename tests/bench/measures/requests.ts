// How often a core at rest asks GitLab, by the number of its pools.
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { Measure } from '../frame.ts';

const poolCounts = [1, 10, 100] as const;
const minute = 60_000;

/** Calls of one hour, after ten minutes in which everything has come to rest. */
async function countAnHour(count: number): Promise<number> {
  const pools = Array.from({ length: count }, (_, index) => ({
    name: `pool-${index}`,
    tags: [`tag-${index}`],
  }));
  const world = createWorld({ pools });
  const lab = await openLab(world);
  await world.clock.advance(10 * minute);
  const before = world.gitlab.calls.length;
  await world.clock.advance(60 * minute);
  const calls = world.gitlab.calls.length - before;
  await closeLab(world, lab);
  return calls;
}

export const requests: Measure = {
  name: 'requests',
  about: 'requests to GitLab in an hour at rest, with 1, 10 and 100 pools',
  needsEngine: false,
  run: async () => {
    const samples = [];
    for (const count of poolCounts)
      samples.push({
        what: `requests at rest with ${count} ${count === 1 ? 'pool' : 'pools'}`,
        unit: 'per hour' as const,
        values: [await countAnHour(count)],
      });
    return {
      samples,
      budgets: [
        {
          what: 'requests to GitLab at rest, whatever the number of pools',
          ...{ unit: 'per hour', better: 'lower', limit: 1_200 },
          measured: Math.max(...samples.flatMap(({ values }) => values)),
        },
      ],
      notes: [
        'the whole core on a fake clock and a fake GitLab; calls are counted where the core makes them, and each of those at rest is one request (the list of runner entries is one page for 100 pools). One hour is always the same, so there is one sample.',
      ],
    };
  },
};
