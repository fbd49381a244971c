// Pools that fit a machine.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Gpu } from '../../../main/model/gpu.ts';
import { mismatchesOf } from '../../../main/model/matching.ts';
import { settingsSchema } from '../../../main/model/settings.ts';
import { archOf, comparePools, modelTag, readyPools } from '../../../main/plan/ready-pools.ts';
import type { MachineFacts } from '../../../main/plan/ready-pools.ts';
import { runsBy } from '../../fakes/arbitrary-world.ts';

const gib = 1024;
const desktop: MachineFacts = { cpus: 8, memoryMiB: 32 * gib, arch: 'amd64', emulated: [], gpus: [] };

const rtx: Gpu = {
  ...{ id: 'GPU-1', node: 'node-1', vendor: 'nvidia', model: 'NVIDIA GeForce RTX 5080', memoryMiB: 16_303 },
  ...{ pciAddress: '0000:01:00.0', renderNode: '/dev/dri/renderD128', parent: null, cards: 1 },
  ...{ integrated: false, numaNode: null, use: { usable: true } },
};

const poolsOf = (change: Partial<MachineFacts> = {}) =>
  readyPools({ ...desktop, ...change }).map(({ pool }) => pool);
const namesOf = (change: Partial<MachineFacts> = {}): readonly string[] =>
  poolsOf(change).map(({ name }) => name);
/** The pools that take a job with these tags. */
const taking = (tags: readonly string[], change: Partial<MachineFacts> = {}): readonly string[] =>
  poolsOf(change)
    .filter((pool) => mismatchesOf({ tags, project: 'a/b' }, pool).length === 0)
    .map(({ name }) => name);

describe('sizes', () => {
  it('are those that fit; the usual one is 4 processors and 6 GB', () => {
    expect(namesOf()).toEqual(['default', 'micro', 'small']);
    expect(poolsOf()[0]).toMatchObject({ cpus: 4, memoryMiB: 6 * gib, max: 2 });
    expect(poolsOf()[0]?.tags).toEqual(['docker', 'autogit', 'amd64', 'medium']);
    expect(namesOf({ cpus: 24, memoryMiB: 64 * gib })).toEqual([
      'default',
      'micro',
      'small',
      'large',
      'xlarge',
    ]);
  });

  it('on a machine too small for the usual one let two jobs run at once', () => {
    expect(poolsOf({ cpus: 2, memoryMiB: 4 * gib })[0]).toMatchObject({ cpus: 1, memoryMiB: 1_536, max: 2 });
    expect(poolsOf({ cpus: 1, memoryMiB: 512 })).toHaveLength(1);
  });

  it('give untagged jobs and those of the general tags to one pool alone', () => {
    for (const tags of [[], ['docker'], ['docker', 'autogit'], ['amd64'], ['medium']])
      expect(taking(tags, { cpus: 24, memoryMiB: 64 * gib })).toEqual(['default']);
    expect(taking(['large'], { cpus: 24, memoryMiB: 64 * gib })).toEqual(['large']);
  });

  it('never want more at once than the machine has, and are valid settings', () => {
    const facts = fc.record({
      cpus: fc.integer({ min: 1, max: 256 }),
      memoryMiB: fc.integer({ min: 256, max: 4_000_000 }),
    });
    fc.assert(
      fc.property(facts, (some) => {
        const pools = poolsOf(some);
        expect(settingsSchema.parse({ pools }).pools).toEqual(pools);
        expect(new Set(pools.map(({ name }) => name)).size).toBe(pools.length);
        for (const { max, cpus } of pools)
          expect(max * (cpus ?? 0)).toBeLessThanOrEqual(Math.max(some.cpus, cpus ?? 0));
      }),
      { numRuns: runsBy(10) },
    );
  });
});

describe('graphics cards', () => {
  it('get one pool for each model, with the tags of labs and so many runners as there are cards', () => {
    const gpus = [
      rtx,
      { ...rtx, id: 'GPU-2' },
      { ...rtx, id: 'card', vendor: 'amd' as const, model: 'Radeon RX 7900 XTX', memoryMiB: null },
    ];
    expect(namesOf({ gpus }).slice(3)).toEqual(['gpu-rtx-5080', 'gpu-rx-7900-xtx']);
    const [, , , nvidia, amd] = poolsOf({ gpus });
    expect(nvidia).toMatchObject({
      max: 2,
      jobsPerRunner: 1,
      runUntagged: false,
      gpu: { vendor: 'nvidia', count: 1, mode: 'exclusive', memoryMiB: 16_303 },
    });
    expect(nvidia?.tags).toEqual(['docker', 'autogit', 'amd64', 'gpu', 'nvidia', 'cuda', 'gpu:rtx-5080']);
    expect(amd).toMatchObject({ max: 1, gpu: { vendor: 'amd', memoryMiB: null } });
    expect(taking(['gpu', 'cuda'], { gpus })).toEqual(['gpu-rtx-5080']);
  });

  it.each([
    ['that containers cannot use', { use: { usable: false, why: 'No toolkit.', fix: 'Install it.' } }],
    ['that drive the screen', { integrated: true }],
    ['that are slices of another', { parent: 'GPU-0' }],
  ])('%s get none', (_, change) => {
    expect(namesOf({ gpus: [{ ...rtx, ...change }] })).toEqual(namesOf());
  });

  it.each([
    ['NVIDIA GeForce RTX 3090 Ti', 'rtx-3090-ti'],
    ['AMD Radeon RX 7900 XTX', 'rx-7900-xtx'],
    ['Intel(R) Arc(TM) A770 Graphics', 'arc-a770'],
    ['NVIDIA', 'card'],
    ['"$(rm -rf /)"\n', 'rm-rf'],
  ])('of model %s are called %s', (model, tag) => {
    expect(modelTag(model)).toBe(tag);
  });
});

describe('processors', () => {
  it('that are emulated get a pool each, and the machine’s own none', () => {
    const pools = poolsOf({ emulated: ['amd64', 'arm64'] });
    expect(pools.slice(3)).toEqual([
      expect.objectContaining({
        name: 'emulated-arm64',
        tags: ['arm64', 'emulated'],
        arch: 'arm64',
        executor: 'image',
        max: 1,
      }),
    ]);
    expect(taking(['docker'], { emulated: ['arm64'] })).toEqual(['default']);
    expect(taking(['arm64'], { emulated: ['arm64'] })).toEqual(['emulated-arm64']);
  });

  it.each([
    ['x86_64', 'amd64'],
    ['amd64', 'amd64'],
    ['aarch64', 'arm64'],
    ['sparc', null],
    ['toString', null],
  ])('%s is %s', (name, arch) => {
    expect(archOf(name)).toBe(arch);
  });
});

describe('beside the pools that there are', () => {
  it('each is there, changed or missing', () => {
    const ready = readyPools(desktop);
    const [first, second] = ready.map(({ pool }) => pool);
    if (first === undefined || second === undefined) throw new Error('there are two');
    expect(comparePools(ready, [first, { ...second, max: 99 }]).map(({ state }) => state)).toEqual([
      'there',
      'changed',
      'missing',
    ]);
  });
});
