// Who is served next: fair between projects, and nobody waits for ever.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Job } from '../../../main/model/job.ts';
import { inTurn } from '../../../main/plan/fair-share.ts';
import type { Claimant } from '../../../main/plan/fair-share.ts';
import { runs, runsBy } from '../../fakes/arbitrary-world.ts';
import { now, someJob } from '../../fakes/world.ts';

const minute = 60_000;

/** The ids in their turn; the priority of a job is that of its first tag. */
function turn(jobs: readonly Job[], recent: Readonly<Record<number, number>> = {}): readonly number[] {
  const waiting = jobs.filter(({ status }) => status === 'pending');
  const projects = new Map<number, Claimant>();
  for (const { projectId } of jobs) {
    const runs = jobs.filter((job) => job.projectId === projectId && job.status === 'running').length;
    projects.set(projectId, { burdenMs: runs * minute + (recent[projectId] ?? 0), ahead: new Map() });
  }
  const order = inTurn({
    places: Uint32Array.from(waiting.keys()),
    ids: Float64Array.from(waiting, ({ id }) => id),
    seenAt: Float64Array.from(waiting, ({ firstSeenAt }) => firstSeenAt),
    claimantOf: (place) => projects.get(waiting[place]?.projectId ?? 0) ?? { burdenMs: 0, ahead: new Map() },
    priorityOf: (place) => Number(waiting[place]?.tags[0] ?? 0),
  });
  return Array.from(order, (place) => waiting[place]?.id ?? 0);
}

const wait = (id: number, projectId: number, ago = 0, priority = 0): Job =>
  someJob({ id, projectId, firstSeenAt: now - ago, tags: [String(priority)] });

describe('the order in which jobs are served', () => {
  it('the oldest first', () => {
    expect(turn([wait(1, 1, 5), wait(2, 1, 9), wait(3, 1, 5)])).toEqual([2, 1, 3]);
  });

  it('a project with one job does not wait behind a project with many', () => {
    const many = [1, 2, 3, 4].map((id) => wait(id, 1, 1_000));
    expect(turn([...many, wait(5, 2)])).toEqual([1, 5, 2, 3, 4]);
  });

  it('what a project has running or has used lately counts against it', () => {
    const running = someJob({ id: 9, projectId: 1, status: 'running' });
    expect(turn([running, wait(1, 1, 1_000), wait(2, 2)])).toEqual([2, 1]);
    expect(turn([wait(1, 1, 1_000), wait(2, 2)], { 1: 10 * minute })).toEqual([2, 1]);
    expect(turn([wait(1, 1, 11 * minute), wait(2, 2)], { 1: 10 * minute })).toEqual([1, 2]);
  });

  it('a higher priority goes first, until the other has waited five minutes more for each point', () => {
    expect(turn([wait(1, 1, 4 * minute), wait(2, 2, 0, 1)])).toEqual([2, 1]);
    expect(turn([wait(1, 1, 6 * minute), wait(2, 2, 0, 1)])).toEqual([1, 2]);
  });

  it('is the same by digits, as very many are sorted, as by comparing figure with figure', () => {
    const ages = fc.array(fc.oneof(fc.nat(100), fc.nat(2 ** 31), fc.nat(2 ** 42)), {
      minLength: 3,
      maxLength: 9,
    });
    fc.assert(
      fc.property(ages, fc.nat(3_600_000), (some, use) => {
        const jobs = Array.from({ length: 600 }, (_, index) =>
          wait(((index * 7) % 601) + 1, index % 5, some[index % some.length] ?? 0),
        );
        const ahead = new Map<number, number>();
        const dueOf = ({ projectId, firstSeenAt }: Job): number => {
          const before = ahead.get(projectId) ?? 0;
          ahead.set(projectId, before + 1);
          return firstSeenAt + before * minute + (projectId === 1 ? use : 0);
        };
        const order = jobs
          .toSorted((a, b) => a.firstSeenAt - b.firstSeenAt || a.id - b.id)
          .map((job) => ({ id: job.id, due: dueOf(job) }))
          .toSorted((a, b) => a.due - b.due);
        expect(turn(jobs, { 1: use })).toEqual(order.map(({ id }) => id));
      }),
      { numRuns: runsBy(4) },
    );
  });

  it('every job has its turn once, and two jobs of one project and priority stay in their order', () => {
    const arbitrary = fc.uniqueArray(
      fc.record({
        id: fc.integer({ min: 1, max: 10_000 }),
        projectId: fc.integer({ min: 1, max: 5 }),
        ago: fc.integer({ min: 0, max: 100 * minute }),
        priority: fc.integer({ min: -2, max: 2 }),
      }),
      { selector: ({ id }) => id },
    );
    fc.assert(
      fc.property(arbitrary, fc.dictionary(fc.constantFrom('1', '2'), fc.nat(3_600_000)), (list, recent) => {
        const jobs = list.map(({ id, projectId, ago, priority }) => wait(id, projectId, ago, priority));
        const order = turn(jobs, recent);
        expect(order.toSorted()).toEqual(jobs.map(({ id }) => id).toSorted());
        const place = new Map(order.map((id, index) => [id, index]));
        for (const a of jobs)
          for (const b of jobs) {
            const alike = a.projectId === b.projectId && a.tags[0] === b.tags[0];
            if (alike && a.firstSeenAt < b.firstSeenAt)
              expect(place.get(a.id)).toBeLessThan(place.get(b.id) ?? -1);
          }
      }),
      { numRuns: runs },
    );
  });
});

describe('random arrivals', () => {
  const project = fc.integer({ min: 1, max: 6 });
  const lab = fc.record({
    seats: fc.integer({ min: 1, max: 3 }),
    arrivals: fc.array(
      fc.record({
        project,
        priority: fc.integer({ min: -1, max: 1 }),
        lasts: fc.integer({ min: 1, max: 4 }),
      }),
      {
        minLength: 1,
        maxLength: 120,
      },
    ),
    /** A project that always has jobs waiting, of the highest priority. */
    greedy: fc.boolean(),
  });

  interface Served {
    readonly job: Job;
    readonly lasts: number;
  }

  /** Minutes until each of the arrivals was served, one arriving each minute, while a greedy project brings two more. */
  function serve({
    seats,
    arrivals,
    greedy,
  }: typeof lab extends fc.Arbitrary<infer T> ? T : never): ReadonlyMap<number, number> {
    const waited = new Map<number, number>();
    let queue: readonly Served[] = [];
    let running: readonly (Served & { readonly until: number })[] = [];
    let serial = 1_000_000;
    for (let at = 0; waited.size < arrivals.length && at < 20_000; at += 1) {
      const time = now + at * minute;
      const arrival = arrivals[at];
      const come = (id: number, projectId: number, priority: number): Job => ({
        ...wait(id, projectId, 0, priority),
        firstSeenAt: time,
      });
      if (arrival !== undefined)
        queue = [...queue, { job: come(at, arrival.project, arrival.priority), lasts: arrival.lasts }];
      // Never more than could be served: an overload for ever lets the queue grow for ever, in any order.
      if (greedy && queue.length < 3 * seats)
        queue = [
          ...queue,
          { job: come((serial += 1), 99, 1), lasts: 1 },
          { job: come((serial += 1), 99, 1), lasts: 1 },
        ];
      running = running.filter(({ until }) => until > at);
      const jobs = [
        ...queue.map(({ job }) => job),
        ...running.map(({ job }) => ({ ...job, status: 'running' as const })),
      ];
      for (const id of turn(jobs).slice(0, seats - running.length)) {
        const next = queue.find(({ job }) => job.id === id);
        if (next === undefined) continue;
        queue = queue.filter((item) => item !== next);
        running = [...running, { ...next, until: at + next.lasts }];
        if (id < 1_000_000) waited.set(id, at - id);
      }
    }
    return waited;
  }

  it('every job is served within a time that is known when it comes', () => {
    fc.assert(
      fc.property(lab, (world) => {
        const waited = serve(world);
        expect(waited.size).toBe(world.arrivals.length);
        // All that came before it, one after the other, and the head start of the highest priority and of its project.
        const work = world.arrivals.reduce((sum, { lasts }) => sum + lasts, 0);
        const bound = work + world.arrivals.length + 2 * 5 * 2 + 20 * world.seats;
        for (const minutes of waited.values()) expect(minutes).toBeLessThanOrEqual(bound * 2);
      }),
      { numRuns: runsBy(4) },
    );
  });
});
