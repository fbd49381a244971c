// Plan, let the world answer, plan again: where this leads, over generated labs and simulated time.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pool } from '../../../main/model/pool.ts';
import { runsBy } from '../../fakes/arbitrary-world.ts';
import { Simulation } from '../../fakes/simulator.ts';
import type { SimulatedJob } from '../../fakes/simulated-lab.ts';
import { somePool } from '../../fakes/world.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Numbers from 0 to 1 that follow from a seed. https://prng.di.unimi.it/splitmix64.c, cut to 32 bits */
function chanceFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

const poolArbitrary: fc.Arbitrary<readonly Pool[]> = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      tags: fc.subarray(['docker', 'gpu', 'arm64']),
      runUntagged: fc.boolean(),
      max: fc.integer({ min: 1, max: 4 }),
      idleTime: fc.integer({ min: 1, max: 60 }),
    }),
    { minLength: 1, selector: ({ name }) => name },
  )
  .map((pools) => pools.map(somePool));

const labArbitrary = fc.record({
  pools: poolArbitrary,
  seed: fc.integer(),
  jobs: fc.array(
    fc.record({
      tags: fc.subarray(['docker', 'gpu', 'arm64']),
      after: fc.integer({ min: 0, max: 5 * minute }),
      lastsMs: fc.integer({ min: 100, max: 2 * minute }),
    }),
    { maxLength: 12 },
  ),
});

type Lab = typeof labArbitrary extends fc.Arbitrary<infer T> ? T : never;

function simulate(
  { pools, seed, jobs }: Lab,
  trouble: { readonly failing?: number; readonly dying?: number },
) {
  const simulation = new Simulation({ pools, chance: chanceFrom(seed), ...trouble });
  for (const { tags, after, lastsMs } of jobs)
    simulation.addJob({ tags, lastsMs, arrivesAt: simulation.time + after });
  return simulation;
}

function isMatched(tags: readonly string[], pools: readonly Pool[]): boolean {
  return pools.some((pool) =>
    tags.length === 0 ? pool.runUntagged : tags.every((tag) => pool.tags.includes(tag)),
  );
}

/** Runs on until every job that a pool may take has been taken, once, and nothing is left of any runner. */
function expectToSettle(simulation: Simulation, pools: readonly Pool[], withinMs: number): void {
  const isDone = ({ status, tags }: SimulatedJob): boolean =>
    status === 'success' || status === 'failed' || (status === 'pending' && !isMatched(tags, pools));
  simulation.runUntil(() => simulation.jobs.every(isDone) && simulation.leftovers.length === 0, withinMs);
  expect(simulation.violations).toEqual([]);
  for (const { id, tags, taken } of simulation.jobs)
    expect({ id, taken }).toEqual({ id, taken: isMatched(tags, pools) ? 1 : 0 });
  expect(simulation.leftovers).toEqual([]);
}

describe('plan, let the world answer, plan again', () => {
  it('every job runs once, and every runner goes', () => {
    fc.assert(
      fc.property(labArbitrary, (lab) => {
        const simulation = simulate(lab, {});
        expectToSettle(simulation, lab.pools, hour);
      }),
      { numRuns: runsBy(8) },
    );
  });

  it('also when actions fail and runners die', () => {
    fc.assert(
      fc.property(labArbitrary, (lab) => {
        const simulation = simulate(lab, { failing: 0.3, dying: 0.2 });
        expectToSettle(simulation, lab.pools, 4 * hour);
      }),
      { numRuns: runsBy(8) },
    );
  });

  it('also when the core is killed again and again', () => {
    fc.assert(
      fc.property(
        labArbitrary,
        fc.array(fc.integer({ min: 1, max: 40 * second }), { maxLength: 20 }),
        (lab, gaps) => {
          const simulation = simulate(lab, { failing: 0.1 });
          for (const gap of gaps) {
            simulation.run(gap);
            simulation.crash();
          }
          expectToSettle(simulation, lab.pools, 2 * hour);
        },
      ),
      { numRuns: runsBy(8) },
    );
  });

  it('also when engine and GitLab come and go', () => {
    const outages = fc.array(
      fc.record({
        after: fc.integer({ min: 1, max: minute }),
        what: fc.constantFrom('engineDown', 'gitlabDown'),
        lasts: fc.integer({ min: 1, max: 5 * minute }),
      }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(labArbitrary, outages, (lab, list) => {
        const simulation = simulate(lab, { failing: 0.1 });
        for (const { after, what, lasts } of list) {
          simulation.run(after);
          simulation[what] = true;
          simulation.run(lasts);
          simulation[what] = false;
        }
        expectToSettle(simulation, lab.pools, 4 * hour);
      }),
      { numRuns: runsBy(8) },
    );
  });

  it('a drain empties the lab, and jobs that came meanwhile run after it', () => {
    fc.assert(
      fc.property(labArbitrary, fc.integer({ min: 1, max: 5 * minute }), (lab, when) => {
        const simulation = simulate(lab, { failing: 0.1 });
        simulation.run(when);
        simulation.mode = 'drain';
        simulation.runUntil(() => simulation.leftovers.length === 0, 30 * minute);
        expect(simulation.leftovers).toEqual([]);
        simulation.mode = 'serve';
        expectToSettle(simulation, lab.pools, 2 * hour);
      }),
      { numRuns: runsBy(8) },
    );
  });

  it('warm runners serve jobs too, also when the core is killed again and again, and leave when nobody keeps them', () => {
    const kept = fc.integer({ min: 1, max: 3 });
    const gaps = fc.array(fc.integer({ min: 1, max: 40 * second }), { maxLength: 12 });
    fc.assert(
      fc.property(labArbitrary, kept, gaps, (lab, min, list) => {
        const simulation = simulate(lab, { failing: 0.1 });
        simulation.pools = lab.pools.map((pool) => ({ ...pool, min: Math.min(min, pool.max) }));
        for (const gap of list) {
          simulation.run(gap);
          simulation.crash();
        }
        simulation.run(30 * minute);
        expect(simulation.jobs.filter(({ taken }) => taken > 1)).toEqual([]);
        for (const { name, min: wanted } of simulation.pools)
          expect(simulation.containers.filter((one) => one.pool === name && one.gated)).toHaveLength(wanted);
        simulation.pools = lab.pools;
        expectToSettle(simulation, lab.pools, hour);
      }),
      { numRuns: runsBy(8) },
    );
  });

  it('a job gets a warm runner at once, and one after the other leaves the stock full', () => {
    const pools = [somePool({ min: 1, idleTime: 10 })];
    const simulation = new Simulation({ pools, chance: chanceFrom(7) });
    simulation.run(minute);
    for (let index = 0; index < 20; index += 1) {
      const job = simulation.addJob({ tags: ['docker'], arrivesAt: simulation.time, lastsMs: second });
      expect(simulation.runUntil(() => job.status === 'running', 5_600)).toBe(true);
      simulation.run(minute);
      expect(simulation.containers.map(({ gated }) => gated)).toEqual([true]);
    }
    expect(simulation.violations).toEqual([]);
  });

  it('a job that GitLab gives to nobody does not use up the warm runners', () => {
    const pools = [somePool({ min: 2, max: 50 })];
    const simulation = new Simulation({ pools, chance: chanceFrom(7) });
    simulation.addJob({ tags: ['docker'], arrivesAt: simulation.time, lastsMs: second, refused: true });
    simulation.run(6 * hour);
    expect(simulation.starts.length / 6).toBeLessThan(3 * 13);
    expect(simulation.alive('default')).toBeLessThanOrEqual(6);
  });

  it('a drain of runners that have just begun and lose the signal ends all the same', () => {
    const pools = [somePool({ idleTime: 3_600 })];
    const simulation = new Simulation({ pools, chance: chanceFrom(7) });
    simulation.addJob({ tags: ['docker'], arrivesAt: simulation.time, lastsMs: second });
    simulation.runUntil(() => simulation.containers.length > 0, minute);
    simulation.mode = 'drain';
    simulation.run(minute);
    expect(simulation.leftovers).toEqual([]);
    expect(simulation.planned.filter(({ kind }) => kind === 'stop-runner')).toHaveLength(2);
  });

  it('a changed pool gets new runners and ends no job', () => {
    fc.assert(
      fc.property(labArbitrary, fc.integer({ min: 1, max: 5 * minute }), (lab, when) => {
        const simulation = simulate(lab, {});
        simulation.run(when);
        simulation.pools = lab.pools.map((pool) => ({ ...pool, memoryMiB: 512 }));
        expectToSettle(simulation, lab.pools, hour);
        expect(simulation.jobs.filter(({ status }) => status === 'failed')).toEqual([]);
      }),
      { numRuns: runsBy(8) },
    );
  });
});

describe('a day', () => {
  const pools = [somePool({ max: 3 })];
  const day = (trouble: object = {}): Simulation =>
    new Simulation({ pools, chance: chanceFrom(7), ...trouble });

  it('at rest: the ground is laid once, then nothing is planned', () => {
    const simulation = day();
    simulation.run(24 * hour);
    expect(simulation.planned.map(({ kind }) => kind)).toEqual(['create-network', 'write-entry']);
  });

  it('of one job an hour: one runner for each, five idle minutes, and gone', () => {
    const simulation = day();
    for (let index = 0; index < 24; index += 1)
      simulation.addJob({ tags: ['docker'], arrivesAt: simulation.time + index * hour, lastsMs: minute });
    simulation.run(24 * hour);
    expectToSettle(simulation, pools, minute);
    expect(simulation.starts).toHaveLength(24);
    expect(simulation.planned.filter(({ kind }) => kind === 'stop-runner')).toEqual([]);
    expect(simulation.planned.filter(({ kind }) => kind === 'remove-runner')).toHaveLength(24);
  });

  it('of a job every two minutes: one runner serves them all', { timeout: 60_000 }, () => {
    const simulation = day();
    for (let index = 0; index < 700; index += 1)
      simulation.addJob({
        tags: ['docker'],
        arrivesAt: simulation.time + index * 2 * minute,
        lastsMs: second,
      });
    simulation.run(24 * hour);
    expectToSettle(simulation, pools, minute);
    expect(simulation.starts).toHaveLength(1);
  });

  it('of a job that GitLab gives to nobody: no pool is filled with runners for it', () => {
    const large = [somePool({ max: 100 })];
    const simulation = new Simulation({ pools: large, chance: chanceFrom(7) });
    simulation.addJob({ tags: ['docker'], arrivesAt: simulation.time, lastsMs: second, refused: true });
    simulation.run(24 * hour);
    const perHour = simulation.starts.length / 24;
    expect(perHour).toBeLessThan(2 * 13);
    expect(simulation.alive('default')).toBeLessThanOrEqual(3);
  });

  it('of runners that never come up: no more tries than the table allows', () => {
    const one = [somePool({ max: 1 })];
    const simulation = new Simulation({ pools: one, chance: chanceFrom(7), dying: 1 });
    simulation.addJob({ tags: ['docker'], arrivesAt: simulation.time, lastsMs: second });
    simulation.run(24 * hour);
    const [first, ...others] = simulation.starts.map(({ at }) => at);
    const gaps = others.map((at, index) => at - (others[index - 1] ?? first ?? 0));
    const table = [1, 2, 5, 15, 60].map((seconds) => seconds * second);
    table.forEach((wait, index) => expect(gaps[index]).toBeGreaterThanOrEqual(wait));
    for (const gap of gaps.slice(table.length)) expect(gap).toBeGreaterThanOrEqual(5 * minute);
    expect(gaps.length).toBeGreaterThan(250);
    expect(simulation.violations).toEqual([]);
  });
});
