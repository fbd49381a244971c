import { describe, expect, it } from 'vitest';
import type { RunnerView } from '../../../main/contract/snapshot.ts';
import { runnerStatusSchema } from '../../../main/contract/snapshot.ts';
import {
  canBeAsked,
  countRunnerGroups,
  filterRunners,
  runnerFilterOf,
  runnerGroups,
  runnerQueryOf,
  runnerStateWords,
} from '../../../renderer/state/runners.ts';

const runner = (id: string, change: Partial<RunnerView>): RunnerView => ({
  id,
  name: `autogit-runner-demo-${id}`,
  pool: 'demo',
  node: 'node-1',
  state: 'idle',
  createdAt: 1,
  startedAt: 2,
  jobId: null,
  ...change,
});

const runners = [
  runner('0a', { state: 'busy', jobId: 41 }),
  runner('0b', { pool: 'gpu', state: 'warm' }),
  runner('0c', { state: 'prepared' }),
];

describe('the filter of runners', () => {
  it.each([
    ['all of them', {}, ['0a', '0b', '0c']],
    ['those with a job', { state: 'busy' }, ['0a']],
    ['those that could take one', { state: 'ready' }, ['0b']],
    ['a group that nobody knows as all', { state: 'odd' }, ['0a', '0b', '0c']],
    ['a pool', { text: 'GPU' }, ['0b']],
    ['a job', { text: '#41' }, ['0a']],
    ['a name', { text: 'runner 0c' }, ['0c']],
    ['nothing', { state: 'busy', text: 'gpu' }, []],
  ])('finds %s', (_, query, found) => {
    expect(filterRunners(runners, runnerFilterOf(query)).map(({ id }) => id)).toEqual(found);
  });

  it('stands in the address as it was', () => {
    for (const group of runnerGroups) {
      const filter = { group, text: 'a b' };
      expect(runnerFilterOf(runnerQueryOf(filter))).toEqual(filter);
    }
  });

  it('counts what each group would show, whatever the state', () => {
    const every = runnerStatusSchema.shape.state.options.map((state, at) => runner(String(at), { state }));
    const counts = countRunnerGroups(every);
    for (const group of runnerGroups)
      expect(counts[group]).toBe(filterRunners(every, { group, text: '' }).length);
    expect(counts.all).toBe(counts.busy + counts.ready + counts.starting + counts.leaving);
  });
});

it.each([
  ['starting', false],
  ['prepared', true],
  ['warm', true],
  ['busy', true],
  ['lost', false],
  ['gone', false],
] as const)('a runner that is %s can be asked to leave: %s', (state, can) => {
  expect(canBeAsked(state)).toBe(can);
});

it('says what a state means where its word does not', () => {
  expect(runnerStateWords('warm')).toContain('as soon as one waits');
  expect(runnerStateWords('busy')).toBeNull();
});
