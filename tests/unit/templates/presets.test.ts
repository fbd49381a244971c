import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { presets } from '../../../main/model/stack/answers.ts';
import { sizesOf, suitablePreset } from '../../../main/templates/presets.ts';

const gib = 2 ** 30;

describe('the preset of a machine', () => {
  it.each([
    [4, 4, 'minimal'],
    [5.7, 6, 'homelab'],
    [8, 6, 'homelab'],
    [15.5, 8, 'team'],
    [64, 16, 'beast'],
    [64, 4, 'team'],
    [64, 1, 'minimal'],
  ] as const)('%d GB and %d threads: %s', (memory, threads, preset) => {
    expect(suitablePreset({ memoryBytes: memory * gib, threads })).toBe(preset);
  });

  it('is small where nothing is known', () => {
    expect(suitablePreset({ memoryBytes: null, threads: null })).toBe('minimal');
  });

  it('leaves one person with 6 cores and 6 GB room for more', () => {
    const sizes = sizesOf(suitablePreset({ memoryBytes: 6 * gib, threads: 6 }), {
      memoryBytes: 6 * gib,
      threads: 6,
    });
    expect(sizes).toMatchObject({ name: 'homelab', pumaWorkers: 2, monitoring: false, kas: false });
    expect(sizes.usualMiB).toBeLessThan(5 * 1_024);
  });

  it('fits its machine, and every size of it is one that GitLab takes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 512 }), fc.integer({ min: 1, max: 256 }), (memory, threads) => {
        const facts = { memoryBytes: memory * gib, threads };
        const chosen = sizesOf(suitablePreset(facts), facts);
        expect(chosen.usualMiB).toBeLessThanOrEqual(memory * 1_024 * 0.9);
        expect(chosen.memoryMiB).toBeLessThanOrEqual(memory * 1_024);
        for (const preset of presets) {
          const sizes = sizesOf(preset, facts);
          expect(sizes.cpus).toBeLessThanOrEqual(threads);
          expect(sizes.cpus).toBeGreaterThanOrEqual(1);
          expect(sizes.leastMiB).toBeLessThanOrEqual(sizes.usualMiB);
          expect(sizes.usualMiB).toBeLessThanOrEqual(sizes.memoryMiB);
          expect(
            Object.values(sizes).every((value) => typeof value !== 'number' || Number.isInteger(value)),
          ).toBe(true);
        }
      }),
    );
  });
});
