// Cards are found to be held, and free, by what is left after a crash.
import { describe, expect, it } from 'vitest';
import { renderGpuLabel } from '../../../main/model/gpu.ts';
import type { ContainerState } from '../../../main/model/runner.ts';
import { recoverHoldings } from '../../../main/plan/gpu-holdings.ts';
import type { GpuContainer, GpuRecord } from '../../../main/plan/gpu-holdings.ts';
import { someGrant } from '../../fakes/gpus.ts';

const grant = someGrant();
const record: GpuRecord = { node: 'n1', name: 'r1', grant, by: 'job 41', since: 5 };

function container(state: ContainerState, over: Partial<GpuContainer> = {}): GpuContainer {
  return { holder: 'r1', state, label: renderGpuLabel(grant), by: 'runner r1', since: 7, ...over };
}

function recover(
  records: readonly GpuRecord[],
  containers: readonly GpuContainer[] | null,
): ReturnType<typeof recoverHoldings> {
  return recoverHoldings(records, [{ node: 'n1', containers }]);
}

describe('a card is held', () => {
  it('by a start that was only written down', () => {
    expect(recover([record], [])).toEqual([{ node: 'n1', grant, by: 'job 41', since: 5 }]);
  });

  it.each(['created', 'running', 'paused', 'restarting', 'removing'] as const)(
    'by a container that is %s',
    (state) => {
      expect(recover([], [container(state)])).toEqual([{ node: 'n1', grant, by: 'runner r1', since: 7 }]);
    },
  );

  it('once by a runner, its record and the containers of its job, since the first of them', () => {
    const job = container('running', { since: 9, by: 'its job' });
    expect(recover([record], [container('running'), job])).toEqual([
      { node: 'n1', grant, by: 'job 41', since: 5 },
    ]);
  });

  it("by a job's container that outlives its runner", () => {
    expect(recover([], [container('exited'), container('running')])).toHaveLength(1);
  });

  it('by a record of a node that cannot be seen, and the whole node by what may run there', () => {
    expect(recover([record], null).map((holding) => holding.grant)).toEqual([null, grant]);
  });

  it('all of them by a label that cannot be read', () => {
    expect(recover([], [container('running', { label: 'nonsense' })])).toEqual([
      { node: 'n1', grant: null, by: 'runner r1', since: 7 },
    ]);
  });

  it('by what the record says too, where it differs from the label', () => {
    const other = someGrant({ ids: ['GPU-b'] });
    const held = recover([{ ...record, grant: other }], [container('running')]);
    expect(held.map((holding) => holding.grant)).toEqual([grant, other]);
  });
});

describe('nothing is held', () => {
  it.each(['exited', 'dead'] as const)('by a container that is %s, and its record', (state) => {
    expect(recover([record], [container(state)])).toEqual([]);
    expect(recover([], [container(state, { label: 'nonsense' })])).toEqual([]);
  });

  it('without a grant', () => {
    expect(recover([{ ...record, grant: null }], [container('running', { label: null })])).toEqual([]);
  });

  it('by a container of the same name elsewhere that ended, but by the one here', () => {
    const views = [
      { node: 'n1', containers: [] },
      { node: 'n2', containers: [container('exited')] },
    ];
    expect(recoverHoldings([record], views)).toHaveLength(1);
  });
});
