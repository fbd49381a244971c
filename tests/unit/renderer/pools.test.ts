import { describe, expect, it } from 'vitest';
import type { PoolView } from '../../../main/contract/snapshot.ts';
import { poolSchema } from '../../../main/model/pool.ts';
import {
  poolLook,
  poolStateWords,
  servesWords,
  settingsWords,
  sizeWords,
} from '../../../renderer/state/pools.ts';
import { filterPools, poolFilterOf, poolGroups, poolQueryOf } from '../../../renderer/state/pool-filter.ts';
import { someProof } from '../../e2e/lab-parts.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const [first] = createFakeWorld().snapshot().pools;
if (first === undefined) throw new Error('the lab has no pool');
const pool = (change: Partial<PoolView>): PoolView => ({ ...first, ...change });
const runners = (busy: number): PoolView['runners'] => ({ starting: 0, idle: 0, busy, leaving: 0 });

describe('a pool', () => {
  it.each([
    ['Ready', {}],
    ['Paused', { paused: true, ready: false, waiting: 3 }],
    ['Not ready', { ready: false, waiting: 3 }],
    ['Full', { waiting: 1, max: 2, runners: runners(2) }],
    ['Full', { waiting: 1, max: 0 }],
    ['Starting', { waiting: 1, max: 2, runners: runners(1) }],
    ['Working', { runners: runners(1) }],
    ['Proof failed', { runners: runners(1), proof: someProof(0, 'failed') }],
    ['Not proven', { proof: { ...someProof(0), state: 'unproven' as const } }],
  ])('is called %s', (word, change) => expect(poolLook(pool(change)).word).toBe(word));

  it('says what its state means where a word is not enough', () => {
    expect(poolStateWords(pool({}))).toBeNull();
    expect(poolStateWords(pool({ paused: true }))).toContain('until it is resumed');
    expect(poolStateWords(pool({ waiting: 1, max: 1, runners: runners(1) }))).toBe(
      '1 job waits until its runner is free.',
    );
  });

  it.each([
    ['no limit', { cpus: null, memoryMiB: null }],
    ['0.5 CPUs', { cpus: 0.5, memoryMiB: null }],
    ['1 CPU, 0.5 GB', { cpus: 1, memoryMiB: 512 }],
  ])('gives each runner %s', (words, change) => expect(sizeWords(pool(change))).toBe(words));

  it.each([
    [{ tags: [], runUntagged: false }, 'No job: it has no tags.'],
    [{ tags: [], runUntagged: true }, 'Jobs without tags, of every project.'],
    [
      { tags: ['a', 'b'], runUntagged: true, scope: 'group:lab/web' },
      'Jobs whose tags are all among a, b, and jobs without tags, of the group lab/web.',
    ],
    [
      { tags: ['a'], runUntagged: false, protectedOnly: true },
      'Jobs whose tags are all among a, of every project, of protected branches and tags only.',
    ],
  ])('of %j serves', (change, words) => expect(servesWords(pool(change))).toBe(words));

  it('has every setting in words, and tells those that somebody has set', () => {
    const window = { days: ['mon', 'tue'], from: '08:00', to: '18:00', timeZone: 'Europe/Berlin', count: 2 };
    const settings = poolSchema.parse({ name: 'a', idleTime: 60, cache: 'none', max: 4, warm: [window] });
    const all = settingsWords(settings).flatMap((group) => group.settings);
    const said = (name: string) => all.find((one) => one.name === name);
    expect(said('idleTime')).toMatchObject({ words: 'Idle time', value: '1 min', isUsual: false });
    expect(said('max')).toMatchObject({ value: '4', isUsual: true });
    expect(said('memoryMiB')).toMatchObject({ value: 'no limit', isUsual: true });
    expect(said('warm')?.value).toBe('mon, tue 08:00 to 18:00 Europe/Berlin: 2');
    expect(said('scope')).toMatchObject({ value: 'every project' });
    expect(said('tags')).toMatchObject({ value: 'none' });
  });
});

describe('the filter of pools', () => {
  const pools = [
    pool({ name: 'small', tags: ['docker'], waiting: 2 }),
    pool({ name: 'gpu', tags: ['cuda'], proof: someProof(0, 'failed') }),
    pool({ name: 'web', tags: [], scope: 'group:lab/web', paused: true }),
  ];

  it.each([
    ['all of them', {}, ['small', 'gpu', 'web']],
    ['those for which jobs wait', { state: 'waiting' }, ['small']],
    ['those to look at', { state: 'trouble' }, ['gpu']],
    ['those that are paused', { state: 'paused' }, ['web']],
    ['a tag', { text: 'CUDA' }, ['gpu']],
    ['a group', { text: 'lab/web' }, ['web']],
    ['nothing', { state: 'paused', text: 'gpu' }, []],
  ])('finds %s', (_, query, found) => {
    expect(filterPools(pools, poolFilterOf(query)).map(({ name }) => name)).toEqual(found);
  });

  it('stands in the address as it was', () => {
    for (const group of poolGroups)
      expect(poolFilterOf(poolQueryOf({ group, text: 'a' }))).toEqual({ group, text: 'a' });
  });
});
