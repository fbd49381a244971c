// Parts of a pretended lab that pages show beside jobs and runners: graphics cards, and the proof of a pool.
import type { GpuView, PoolView } from '../../main/contract/snapshot.ts';

/** A card that a job has, one that is kept, and one that is not well. */
export function someGpus(now: number): GpuView[] {
  const card = { node: 'local', vendor: 'nvidia', memoryMiB: 16_303, parent: null, why: null } as const;
  const common = { ...card, use: 'shared' } as const;
  return [
    {
      ...{ ...common, id: 'GPU-5a1c77de', model: 'RTX 5080', celsius: 71, state: 'in-use' },
      holders: [{ by: 'job 9 of music/player', since: now - 65_000 }],
      why: 'It is held by job 9 of music/player.',
    },
    {
      ...{ ...common, id: 'GPU-0b44e210', model: 'RTX 5080', celsius: 38, state: 'reserved', holders: [] },
      use: 'off',
      why: 'It is kept for the model server.',
    },
    {
      ...{ ...common, id: '0000:03:00.0', model: 'Radeon RX 9070', vendor: 'amd', memoryMiB: null },
      ...{ celsius: null, state: 'drained', holders: [] },
      why: 'It has thrown errors since this morning. Restart the machine.',
    },
  ];
}

/** A proof of some hours ago, or one that has failed at the memory. */
export function someProof(
  now: number,
  state: 'proven' | 'failed' = 'proven',
): NonNullable<PoolView['proof']> {
  const hasFailed = state === 'failed';
  return {
    state,
    at: now - 3 * 3_600_000,
    sentence: hasFailed
      ? 'It does not give its jobs what it promises.'
      : 'It gives its jobs what it promises.',
    fix: null,
    claims: [
      { name: 'job', state: 'held', sentence: 'A job ran to its end in 4 s.', fix: null },
      hasFailed
        ? {
            ...{ name: 'memory', state: 'failed', sentence: 'The job saw all memory of the machine.' },
            fix: 'Switch to control groups of version 2, then: autogit pool prove demo',
          }
        : { name: 'memory', state: 'held', sentence: 'The job saw 512 MiB.', fix: null },
      { name: 'registry', state: 'unknown', sentence: 'This GitLab has no registry.', fix: null },
    ],
  };
}

/** What the use of its jobs says about a pool. */
export const someAdvice: NonNullable<PoolView['advice']> = [
  {
    ...{ setting: 'memoryMiB', kind: 'too-large', from: 4_096, to: 1_024 },
    sentence: 'No job has used more than 0.8 GB of its 4.3 GB: 3 more could run at once.',
  },
];
