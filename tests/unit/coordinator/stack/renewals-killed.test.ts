// Cores die while they renew certificate and token: nothing that does not belong together is served, and nothing is lost.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KillPoint } from '../../../fakes/fake-stack-faults.ts';
import { coreOf, served, stand } from '../../../fakes/renewal-bench.ts';

const day = 24 * 3_600_000;

describe('cores that are killed at any calls of a renewal', () => {
  /** Core after core dies at its point; what is served is a pair that matches, and the last one ends the work. */
  async function expectEnds(kills: readonly KillPoint[]): Promise<void> {
    const { world } = await stand();
    const before = served(world);
    world.clock.pass(340 * day);
    for (const point of kills) {
      const { renewals } = coreOf(world);
      world.faults.killAt(point);
      await renewals.look();
      world.faults.revive();
      const { certificate, key } = served(world);
      expect(await world.crypto.matches(certificate ?? '', key ?? '')).toBe(true);
    }
    await coreOf(world).renewals.look();
    const after = served(world);
    expect(after.certificate).not.toBe(before.certificate);
    expect(await world.crypto.matches(after.certificate ?? '', after.key ?? '')).toBe(true);
    expect([...world.gitlab.tokens.keys()]).toEqual([world.secrets.kept.get('gitlab.token')]);
    world.clock.pass(day);
    const last = coreOf(world);
    await last.renewals.look();
    expect(last.renewals.issues()).toEqual([]);
    expect(world.folder.paths('lab').filter((path) => path.endsWith('.pem'))).toHaveLength(2);
  }

  it('leave a pair that matches, and the next one ends the work', async () => {
    const { world, renewals } = await stand();
    world.clock.pass(340 * day);
    world.faults.calls.length = 0;
    await renewals.look();
    const count = world.faults.calls.length;
    expect(count).toBeGreaterThan(15);
    for (let call = 0; call < count; call += 1)
      for (const when of ['before', 'after'] as const) await expectEnds([{ call, when }]);
  });

  it('leave it so also one after the other', async () => {
    const kill = fc.record({ call: fc.nat({ max: 50 }), when: fc.constantFrom('before', 'after') });
    const kills = fc.array(kill, { minLength: 2, maxLength: 4 });
    await fc.assert(fc.asyncProperty(kills, expectEnds), { numRuns: 40 });
  });
});
