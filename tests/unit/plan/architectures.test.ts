// Pools for a processor: native before emulated, and an issue where nobody has it.
import { describe, expect, it } from 'vitest';
import type { ArchStatus } from '../../../main/model/emulation.ts';
import { gpuNeedSchema } from '../../../main/model/gpu.ts';
import {
  processorIssues,
  processorsOf,
  waysOf,
  whyLeaveProcessor,
} from '../../../main/plan/architectures.ts';
import { planDemand } from '../../../main/plan/plan-demand.ts';
import { cheapestFirst } from '../../../main/plan/pool-order.ts';
import { someInfo } from '../../fakes/some-engine.ts';
import type { HostNode } from '../../../main/model/world.ts';
import { fresh, now, someJob, someNode, somePool, someView } from '../../fakes/world.ts';

const node = (architecture: string, emulates?: readonly string[]) =>
  someNode(fresh(someView({ info: someInfo({ architecture, ...(emulates ? { emulates } : {}) }) })));
const native = somePool({ name: 'big', memoryMiB: 8000 });
const arm = somePool({ name: 'arm', executor: 'image', arch: 'arm64', memoryMiB: 100 });

const someStatus = (change: Partial<ArchStatus>): ArchStatus => ({
  ...{
    architecture: 'arm64',
    state: 'qemu',
    usable: true,
    handler: null,
    own: false,
    spec: '',
    reason: null,
    fix: null,
  },
  ...{ probe: { at: now, machine: 'aarch64', failure: null }, ...change },
});

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

  it('counts as tried, where it was looked at, and not as the engine guesses', () => {
    const amd64 = { architecture: 'amd64', emulates: ['arm64'] };
    const tried = (status: Partial<ArchStatus>) => ({ ...amd64, architectures: [someStatus(status)] });
    expect(waysOf(arm, tried({}))).toBe('emulated');
    expect(waysOf(arm, tried({ usable: false, reason: 'Not tried.' }))).toBe(null);
    expect(waysOf({ ...arm, executor: 'container' }, tried({}))).toBe(null);
    expect(waysOf({ ...arm, executor: 'container' }, tried({ state: 'native' }))).toBe('native');
    expect(waysOf(arm, { ...amd64, architectures: [] }), 'not looked at yet').toBe(null);
    expect(waysOf({ ...arm, arch: '386' }, { ...amd64, architectures: [] })).toBe('native');
  });

  it('that is emulated never has a graphics card', () => {
    const gpu = gpuNeedSchema.parse({});
    const nodes = [node('amd64', ['arm64'])];
    expect(waysOf({ ...arm, gpu }, { architecture: 'amd64', emulates: ['arm64'] })).toBe(null);
    expect(waysOf({ ...arm, gpu }, { architecture: 'arm64' })).toBe('native');
    expect(processorIssues([{ ...arm, gpu }], nodes)).toMatchObject([
      { key: 'pool.arch-gpu', message: expect.stringContaining('cannot use a GPU') as unknown },
    ]);
  });

  it('whose emulator is broken is an issue of its own; one that is being tried is none', () => {
    const on = (status: Partial<ArchStatus>) => [{ ...node('amd64'), architectures: [someStatus(status)] }];
    const broken = { state: 'broken', usable: false, reason: 'It crashes.', fix: 'Mend it' } as const;
    expect(processorIssues([arm], on(broken))).toMatchObject([
      {
        key: 'pool.arch-broken',
        message: expect.stringContaining('It crashes. Its jobs wait.') as unknown,
        next: 'Mend it. Or: autogit pool set arm --arch none',
      },
    ]);
    const untried = { usable: false, reason: 'Not tried.', fix: 'Wait.', probe: null };
    expect(processorIssues([arm], on(untried))).toEqual([]);
    expect(whyLeaveProcessor(arm, on(untried))).toBeNull();
    expect(whyLeaveProcessor(arm, on(broken))).toBe('nothing runs arm64 any more');
    expect(whyLeaveProcessor(native, on(broken))).toBeNull();
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
