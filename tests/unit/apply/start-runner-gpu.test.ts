// Starting a runner whose jobs get graphics cards: written down before the engine is asked, and asked for in its way.
import { describe, expect, it } from 'vitest';
import { startRunner } from '../../../main/apply/start-runner.ts';
import { gpuNeedSchema } from '../../../main/model/gpu.ts';
import type { GpuHandout } from '../../../main/model/gpu.ts';
import { grantSchema } from '../../../main/model/grant.ts';
import { label } from '../../../main/model/labels.ts';
import type { Action } from '../../../main/model/world.ts';
import type { ContainerSpec } from '../../../main/ports.ts';
import { applyBench } from '../../fakes/fake-context.ts';
import type { Bench } from '../../fakes/fake-context.ts';
import { FakeEngine } from '../../fakes/fake-engine.ts';
import { FakeGitlab } from '../../fakes/fake-gitlab.ts';
import { grantOf } from '../../fakes/gpu-world.ts';
import { address, network, runnerImage, somePool, someRecord } from '../../fakes/world.ts';

const need = gpuNeedSchema.parse({});
const byFile: GpuHandout = {
  grant: grantOf('card-1'),
  request: { gpus: null, devices: ['/dev/kfd', '/dev/dri/renderD128'], groups: ['109'] },
};
const byName: GpuHandout = {
  grant: { ...grantOf('GPU-a'), vendor: 'nvidia' },
  request: { gpus: { driver: 'cdi', ids: ['nvidia.com/gpu=GPU-a'] }, devices: [], groups: [] },
};

function start(
  gpu: GpuHandout | null,
  executor: 'container' | 'image' = 'container',
): Extract<Action, { kind: 'start-runner' }> {
  return {
    ...{
      kind: 'start-runner',
      key: 'start-runner:default:0',
      target: 'slot default/0',
      reason: 'a job waits',
    },
    ...{ node: 'node-1', pool: somePool({ gpu: gpu === null ? null : need, executor }), slot: 0 },
    ...{ image: runnerImage, network, specHash: 'h', address, gpu },
  };
}

interface Ground {
  readonly bench: Bench;
  readonly specs: ContainerSpec[];
  /** Labels of the containers, and whether the record was there when the engine was asked. */
  readonly recorded: unknown[];
}

async function open(): Promise<Ground> {
  const specs: ContainerSpec[] = [];
  const recorded: unknown[] = [];
  const engine = new FakeEngine({
    images: [runnerImage],
    onStart: ({ spec }) => {
      specs.push(spec);
      recorded.push(bench.store.liveRunners().map(({ grant }) => grant));
    },
  });
  const bench = applyBench({ engine, gitlab: new FakeGitlab() });
  await engine.createNetwork(network, {});
  return { bench, specs, recorded };
}

describe('a runner with graphics cards', () => {
  it('is written down with them before it starts, and carries their label', async () => {
    const { bench, specs, recorded } = await open();
    await startRunner.apply(start(byFile), bench);
    expect(recorded).toEqual([[byFile.grant]]);
    expect(specs[0]?.labels[label.gpu]).toBe('amd;exclusive;card-1');
    expect(bench.store.liveRunners()).toMatchObject([{ grant: byFile.grant }]);
  });

  it('has them itself with executor container, and NVIDIA is told to add no other', async () => {
    const { bench, specs } = await open();
    await startRunner.apply(start(byName), bench);
    expect(specs[0]?.gpu).toEqual(byName.request);
    expect(specs[0]?.env).toMatchObject({ NVIDIA_VISIBLE_DEVICES: 'void' });
  });

  it('hands the groups that may open them to the user of its jobs', async () => {
    const { bench, specs } = await open();
    await startRunner.apply(start(byFile), bench);
    expect(specs[0]?.env).toMatchObject({ AUTOGIT_GPU_GROUPS: '109' });
  });

  it('grants them to its jobs with executor image, and has none itself', async () => {
    const { bench, specs } = await open();
    await startRunner.apply(start(byFile, 'image'), bench);
    expect(specs[0]?.gpu).toBeUndefined();
    expect(grantSchema.parse(JSON.parse(specs[0]?.labels[label.grant] ?? ''))).toMatchObject({
      ...{ gpus: null, devices: ['/dev/kfd', '/dev/dri/renderD128'], groups: ['109'] },
      gpuLabel: 'amd;exclusive;card-1',
    });
  });
});

describe('a runner without graphics cards', () => {
  it('sees none, also where the engine gives every container all of them', async () => {
    const { bench, specs } = await open();
    await startRunner.apply(start(null), bench);
    expect(specs[0]?.env).toEqual({ NVIDIA_VISIBLE_DEVICES: 'void' });
    expect(specs[0]?.gpu).toBeUndefined();
    expect(specs[0]?.labels[label.gpu]).toBe('');
  });

  it('says nothing of them to a gateway, which may be of before', async () => {
    const { bench, specs } = await open();
    await startRunner.apply(start(null, 'image'), bench);
    expect(specs[0]?.labels[label.grant]).not.toMatch(/groups|gpuLabel/);
  });
});

describe('a card that was given away between plan and start', () => {
  it('is not given twice: nothing is written down and nothing made', async () => {
    const { bench, specs } = await open();
    bench.store.insertRunner(someRecord({ id: 'bbbbbbbb', pool: 'other', grant: grantOf('card-1') }));
    await expect(startRunner.apply(start(byFile), bench)).rejects.toMatchObject({ key: 'gpu.taken' });
    expect(bench.store.liveRunners()).toHaveLength(1);
    expect(specs).toHaveLength(0);
  });

  it('is shared where both share it', async () => {
    const { bench, specs } = await open();
    const shared = { ...grantOf('card-1'), mode: { kind: 'shared', jobs: 2 } } as const;
    bench.store.insertRunner(someRecord({ id: 'bbbbbbbb', pool: 'other', grant: shared }));
    await startRunner.apply(start({ ...byFile, grant: shared }), bench);
    expect(specs).toHaveLength(1);
  });

  it('is missed by a pool that needs one and was planned without', async () => {
    const { bench } = await open();
    const action = { ...start(null), pool: somePool({ gpu: need }) };
    await expect(startRunner.apply(action, bench)).rejects.toMatchObject({ key: 'gpu.taken' });
  });
});
