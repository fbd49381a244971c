// Pools for a processor: native before emulated, and an issue where nobody has it.
import { describe, expect, it } from 'vitest';
import { processorIssues, processorsOf, waysOf } from '../../../main/plan/architectures.ts';
import { planDemand } from '../../../main/plan/plan-demand.ts';
import { cheapestFirst } from '../../../main/plan/pool-order.ts';
import { someInfo } from '../../fakes/some-engine.ts';
import type { HostNode } from '../../../main/model/world.ts';
import { fresh, now, someJob, someNode, somePool, someView } from '../../fakes/world.ts';

const node = (architecture: string, emulates?: readonly string[]) =>
  someNode(fresh(someView({ info: someInfo({ architecture, ...(emulates ? { emulates } : {}) }) })));
const native = somePool({ name: 'big', memoryMiB: 8000 });
const arm = somePool({ name: 'arm', executor: 'image', arch: 'arm64', memoryMiB: 100 });

describe('the processor of a pool', () => {
  it('is native, emulated for executor image, or not there', () => {
    const amd64 = { architecture: 'amd64', emulates: ['arm64'] };
    expect(waysOf(arm, amd64)).toBe('emulated');
    expect(waysOf({ ...arm, executor: 'container' }, amd64)).toBe(null);
    expect(waysOf({ ...arm, arch: '386' }, amd64)).toBe('native');
    expect(waysOf({ ...arm, arch: null }, amd64)).toBe('native');
    expect(waysOf(arm, { architecture: 'arm64' })).toBe('native');
    expect(waysOf(arm, { architecture: 'amd64' })).toBe(null);
  });

  it('puts native pools before smaller ones that are emulated', () => {
    const { emulated } = processorsOf([native, arm], [node('amd64', ['arm64'])]);
    expect([...emulated]).toEqual(['arm']);
    expect([arm, native].sort((a, b) => cheapestFirst(a, b, emulated))).toEqual([native, arm]);
    expect([native, arm].sort((a, b) => cheapestFirst(a, b))).toEqual([arm, native]);
  });

  it('that no node has starts nothing: another pool that fits does', () => {
    const pools = [native, arm];
    const startsOn = (nodes: readonly HostNode[]) =>
      planDemand(
        ...([[someJob()], pools, [], [], now, {}, undefined, processorsOf(pools, nodes)] as const),
      ).pools.map(({ pool, start }) => [pool.name, start]);
    expect(startsOn([node('arm64')])).toEqual([
      ['big', 0],
      ['arm', 1],
    ]);
    expect(startsOn([node('amd64')])).toEqual([
      ['big', 1],
      ['arm', 0],
    ]);
  });

  it('that no node has is an issue, which names the way out', () => {
    expect(processorIssues([native, arm], [node('amd64')])).toMatchObject([
      {
        key: 'pool.arch-unavailable',
        subject: 'pool arm',
        message: expect.stringContaining('arm64') as unknown,
        next: expect.stringContaining('autogit pool set arm --arch none') as unknown,
      },
    ]);
    expect(processorIssues([native, arm], [node('amd64', ['arm64'])])).toEqual([]);
    expect(processorIssues([native, arm], [])).toEqual([]);
  });
});
