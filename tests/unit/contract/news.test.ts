import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyNews } from '../../../main/contract/apply-news.ts';
import { newsBetween, snapshotNewsSchema } from '../../../main/contract/news.ts';
import type { SnapshotNews } from '../../../main/contract/news.ts';
import { keepRows } from '../../../main/contract/same.ts';
import type { JobView, RunnerView, Snapshot } from '../../../main/contract/snapshot.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const world = createFakeWorld();
world.seed(1);
while (world.snapshot().runners.length === 0) world.step();
const base = world.snapshot();

function first<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error('the pretended lab is empty');
  return item;
}

/** Few ids and few values, so that rows often meet themselves, changed or not. */
const jobs: fc.Arbitrary<JobView[]> = fc.uniqueArray(
  fc
    .record({
      id: fc.integer({ min: 1, max: 8 }),
      status: fc.constantFrom('pending' as const, 'running' as const, 'success' as const),
      tags: fc.array(fc.constantFrom('docker', 'gpu', '__proto__'), { maxLength: 2 }),
      runner: fc.option(fc.constantFrom('r1', 'r2')),
    })
    .map((some) => ({ ...first(base.jobs), ...some })),
  { selector: ({ id }) => id, maxLength: 8 },
);
const runners: fc.Arbitrary<RunnerView[]> = fc.uniqueArray(
  fc
    .record({
      id: fc.constantFrom('a', 'b', 'c', 'constructor', '__proto__'),
      state: fc.constantFrom('idle' as const, 'busy' as const),
    })
    .map((some) => ({ ...first(base.runners), ...some })),
  { selector: ({ id }) => id, maxLength: 5 },
);
const pools = fc.uniqueArray(
  fc
    .record({ name: fc.constantFrom('p', 'q', 'r'), waiting: fc.nat({ max: 2 }) })
    .map((some) => ({ ...first(base.pools), ...some })),
  { selector: ({ name }) => name, maxLength: 3 },
);
const snapshots: fc.Arbitrary<Snapshot> = fc
  .record({
    version: fc.nat(),
    at: fc.nat(),
    sentence: fc.constantFrom('Nothing to do.', '1 job runs.'),
    mode: fc.constantFrom('serve' as const, 'drain' as const),
    jobs,
    runners,
    pools,
  })
  .map((some) => ({ ...base, ...some }));

/** As it goes over a wire. */
function sent(news: SnapshotNews): SnapshotNews {
  return snapshotNewsSchema.parse(JSON.parse(JSON.stringify(news)));
}

function change(before: Snapshot, after: Snapshot): Extract<SnapshotNews, { kind: 'change' }> {
  const news = newsBetween(before, after);
  if (news.kind !== 'change') throw new Error('not a change');
  return news;
}

describe('news between two snapshots', () => {
  it('make the one the other, also over a wire', () => {
    fc.assert(
      fc.property(snapshots, snapshots, (before, after) => {
        expect(applyNews(before, newsBetween(before, after))).toEqual(after);
        expect(applyNews(before, sent(newsBetween(before, after)))).toEqual(after);
      }),
    );
  });

  it('lead a reader who has nothing through any row of snapshots', () => {
    fc.assert(
      fc.property(fc.array(snapshots, { minLength: 1, maxLength: 5 }), (row) => {
        let held: Snapshot | null = null;
        let told: Snapshot | null = null;
        for (const next of row) {
          held = applyNews(held, sent(newsBetween(told, next)));
          told = next;
          expect(held).toEqual(next);
        }
      }),
    );
  });

  it('leave every row that has not changed the object that it was', () => {
    fc.assert(
      fc.property(snapshots, snapshots, (before, after) => {
        const now = applyNews(before, sent(newsBetween(before, structuredClone(after))));
        for (const list of ['jobs', 'runners', 'pools'] as const) {
          const old: readonly unknown[] = before[list];
          for (const row of now[list]) {
            const equal = old.filter((other) => JSON.stringify(other) === JSON.stringify(row));
            if (equal.length > 0) expect(equal).toContain(row);
          }
        }
      }),
    );
  });

  it('leave lists the same objects when nothing in them has changed', () => {
    fc.assert(
      fc.property(snapshots, fc.nat(), (before, at) => {
        const news = change(before, { ...structuredClone(before), at });
        expect(news).toMatchObject({ rest: null, jobs: { put: [], order: null } });
        const now = applyNews(before, sent(news));
        for (const list of ['jobs', 'runners', 'pools', 'nodes'] as const)
          expect(now[list]).toBe(before[list]);
      }),
    );
  });

  it('carry the rows that are new or other, and an order only where it is another', () => {
    const job = (id: number, name = 'a'): JobView => ({ ...first(base.jobs), id, name });
    const before = { ...base, jobs: [job(1), job(2), job(3)] };
    expect(change(before, { ...before, jobs: [job(1), job(2, 'b'), job(3)] }).jobs).toEqual({
      put: [job(2, 'b')],
      order: null,
    });
    expect(change(before, { ...before, jobs: [job(4), job(3), job(1)] }).jobs).toEqual({
      put: [job(4)],
      order: [4, 3, 1],
    });
    expect(change(before, { ...before, jobs: [] }).jobs).toEqual({ put: [], order: [] });
  });

  it('cannot begin with a change', () => {
    expect(() => applyNews(null, change(base, { ...base, at: 1 }))).toThrow(TypeError);
  });
});

it('rows made anew are taken from before where they are equal, in the new order', () => {
  const before = [
    { id: 1, tags: ['a'] },
    { id: 2, tags: ['b'] },
  ];
  const idOf = ({ id }: { id: number }): number => id;
  const [one, two] = before;
  const after = keepRows(
    before,
    [
      { id: 2, tags: ['b'] },
      { id: 3, tags: [] },
      { id: 1, tags: ['c'] },
    ],
    idOf,
  );
  expect(after).toEqual([two, { id: 3, tags: [] }, { id: 1, tags: ['c'] }]);
  expect(after[0]).toBe(two);
  expect(after[2]).not.toBe(one);
  expect(keepRows(before, structuredClone(before), idOf)).toBe(before);
});
