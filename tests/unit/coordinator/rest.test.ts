// A lab in which nothing happens costs next to nothing.
import { describe, expect, it } from 'vitest';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';

const hour = 3_600_000;

describe('an hour at rest', () => {
  it.each([1, 100])(
    'asks GitLab no more than 1,200 times and changes nothing, with %i pools',
    async (count) => {
      const pools = Array.from({ length: count }, (_, index) => ({
        name: `pool-${index}`,
        tags: [`tag-${index}`],
      }));
      const world = createWorld({ pools });
      const lab = await openLab(world);
      await lab.until('every pool is ready', (snapshot) => snapshot.pools.every(({ ready }) => ready));
      const before = {
        gitlab: world.gitlab.calls.length,
        engine: world.engine.calls.length,
        version: lab.snapshot().version,
      };
      await world.clock.advance(hour);
      expect(world.gitlab.calls.length - before.gitlab).toBeLessThanOrEqual(1_200);
      expect(world.gitlab.calls.length - before.gitlab).toBeGreaterThan(500);
      const engineCalls = world.engine.calls.slice(before.engine);
      expect(engineCalls.length).toBeLessThan(2_000);
      expect(engineCalls.filter(({ method }) => !/^(info|list|has)/.test(method))).toEqual([]);
      expect(lab.snapshot().runners).toEqual([]);
      await closeLab(world, lab);
      world.store.close();
    },
  );
});
