// How long one plan takes when very many jobs wait, and how long it keeps everything else from running.
import { plan } from '../../../main/plan/plan.ts';
import type { Job } from '../../../main/model/job.ts';
import type { Pool } from '../../../main/model/pool.ts';
import {
  atGitlab,
  fresh,
  now,
  runnerImage,
  someDesired,
  someEntry,
  someJob,
  someNode,
  someObserved,
  somePool,
  someView,
} from '../../fakes/world.ts';
import { p95 } from '../frame.ts';
import type { Measure } from '../frame.ts';

/** Of each size, so many plans in each round: the first ones show the compiler at work, the rest the planner. */
const sizes = [
  { jobs: 10_000, pools: 100, plans: 20 },
  { jobs: 100_000, pools: 1_000, plans: 2 },
] as const;
const kinds = ['docker', 'amd64', 'arm64', 'gpu', 'cuda', 'large', 'small'] as const;

function makePools(count: number): readonly Pool[] {
  return Array.from({ length: count }, (_, index) =>
    somePool({
      name: `pool-${index}`,
      tags: [...kinds.filter((_kind, bit) => ((index + 1) >> bit) % 2 === 1), `own-${index % 20}`],
      runUntagged: index % 10 === 0,
      max: 4,
    }),
  );
}

/** Most fit several pools, some none; from 300 projects. */
function makeJobs(count: number): readonly Job[] {
  return Array.from({ length: count }, (_, index) =>
    someJob({
      id: index + 1,
      projectId: index % 300,
      project: `group/project-${index % 300}`,
      tags: kinds.filter((_kind, bit) => (index >> bit) % 5 === 1).slice(0, 3),
      firstSeenAt: now - (index % 600) * 1_000,
    }),
  );
}

/** Milliseconds of each plan; each is of a world that was read anew. */
function timePlans(jobCount: number, poolCount: number, plans: number): readonly number[] {
  const pools = makePools(poolCount);
  const entries = pools.map((pool, index) => {
    const { name, tags, runUntagged } = pool;
    return someEntry({ pool: name, entryId: index + 1, tags, runUntagged });
  });
  const desired = someDesired({ pools });
  return Array.from({ length: plans }, () => {
    const observed = someObserved({
      jobs: makeJobs(jobCount),
      entries,
      entriesAtGitlab: fresh(entries.map(atGitlab)),
      nodes: [someNode(fresh(someView({ images: [runnerImage] })))],
    });
    const startedAt = performance.now();
    plan(desired, observed, now);
    return performance.now() - startedAt;
  });
}

export const planning: Measure = {
  name: 'planning',
  about: 'one plan of 10,000 waiting jobs over 100 pools, and of 100,000 over 1,000',
  needsEngine: false,
  run: async ({ rounds }) => {
    const samples = sizes.map(({ jobs, pools, plans }) => ({
      what: `plan of ${jobs.toLocaleString('en-US')} jobs over ${pools.toLocaleString('en-US')} pools`,
      unit: 'ms' as const,
      values: timePlans(jobs, pools, rounds * plans),
    }));
    const [first] = samples;
    return {
      samples,
      budgets: [
        {
          what: 'planning 10,000 jobs over 100 pools, p95',
          ...{ unit: 'ms', measured: p95(first?.values ?? []), limit: 8, better: 'lower' },
        },
      ],
      notes: [
        'the first plans count too; nothing else runs in the process, so a plan is also how long the event loop is blocked.',
      ],
    };
  },
};
