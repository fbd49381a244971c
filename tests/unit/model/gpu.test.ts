// The setting `gpu` of a pool, and the label `autogit.gpu`.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gpuNeedSchema, modeOf, parseGpuLabel, renderGpuLabel } from '../../../main/model/gpu.ts';
import type { GpuGrant, GpuMode } from '../../../main/model/gpu.ts';
import { someGrant } from '../../fakes/gpus.ts';

const hex = fc.stringMatching(/^[0-9a-f]{8}$/);
const id = fc.oneof(
  hex.map((text) => `GPU-${text}-0000-0000-0000-000000000000`),
  hex.map((text) => `MIG-GPU-${text}-0000/7/0`),
  hex.map((text) => `${text.slice(0, 4)}:03:00.0`),
);
const mode: fc.Arbitrary<GpuMode> = fc.oneof(
  fc.constant({ kind: 'exclusive' as const }),
  fc.record({ kind: fc.constant('shared' as const), jobs: fc.integer({ min: 2, max: 64 }) }),
  fc.record({ kind: fc.constant('fraction' as const), memoryMiB: fc.integer({ min: 64, max: 16_777_216 }) }),
);
const grant: fc.Arbitrary<GpuGrant> = fc.record({
  node: fc.constantFrom('n1', 'n2'),
  vendor: fc.constantFrom('nvidia', 'amd', 'intel'),
  ids: fc.uniqueArray(id, { minLength: 1, maxLength: 16 }),
  mode,
});

describe('the label autogit.gpu', () => {
  it('says everything of a grant but its node', () => {
    fc.assert(
      fc.property(grant, (given) => {
        expect(parseGpuLabel(given.node, renderGpuLabel(given))).toEqual(given);
      }),
      { numRuns: 1000 },
    );
  });

  it('is refused whenever it is not exactly what would be written', () => {
    const wrong = fc.oneof(
      fc.anything(),
      fc.string(),
      fc.tuple(grant, fc.nat(), fc.string({ maxLength: 2 })).map(([given, at, text]) => {
        const label = renderGpuLabel(given);
        const cut = at % (label.length + 1);
        return label.slice(0, cut) + text + label.slice(cut + 1);
      }),
    );
    fc.assert(
      fc.property(wrong, (value) => {
        const parsed = parseGpuLabel('n1', value);
        if (parsed !== null) expect(renderGpuLabel(parsed)).toBe(value);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    '',
    ';;',
    'nvidia;exclusive;',
    'nvidia;exclusive;GPU-a,GPU-a',
    'nvidia;exclusive;GPU a',
    'nvidia;shared;GPU-a',
    'nvidia;shared=0;GPU-a',
    'nvidia;fraction=1e9;GPU-a',
    'matrox;exclusive;GPU-a',
    'nvidia;exclusive;GPU-a;more',
    'nvidia;exclusive;../../dev/sda',
    `nvidia;exclusive;${'a'.repeat(3000)}`,
    `nvidia;exclusive;${Array.from({ length: 17 }, (_, index) => `GPU-${index}`).join(',')}`,
  ])('is not taken from a wrong text (%#)', (text) => {
    expect(parseGpuLabel('n1', text)).toBeNull();
  });

  it('reads as it is documented', () => {
    expect(renderGpuLabel(someGrant({ ids: ['GPU-a', 'GPU-b'] }))).toBe('nvidia;exclusive;GPU-a,GPU-b');
    expect(
      renderGpuLabel(
        someGrant({ vendor: 'amd', ids: ['0000:03:00.0'], mode: { kind: 'fraction', memoryMiB: 4096 } }),
      ),
    ).toBe('amd;fraction=4096;0000:03:00.0');
  });
});

describe('the setting gpu', () => {
  it('is one exclusive card of any maker when nothing is said', () => {
    const need = gpuNeedSchema.parse({});
    expect(need).toEqual({
      count: 1,
      vendor: null,
      memoryMiB: null,
      mode: 'exclusive',
      jobsPerCard: 4,
      fractionMiB: null,
    });
    expect(modeOf(need)).toEqual({ kind: 'exclusive' });
  });

  it('gives each mode its size', () => {
    expect(modeOf(gpuNeedSchema.parse({ mode: 'shared', jobsPerCard: 3 }))).toEqual({
      kind: 'shared',
      jobs: 3,
    });
    expect(modeOf(gpuNeedSchema.parse({ mode: 'fraction', fractionMiB: 4096 }))).toEqual({
      kind: 'fraction',
      memoryMiB: 4096,
    });
  });

  it.each([
    ['count', { count: 0 }],
    ['count', { count: 17 }],
    ['count', { count: NaN }],
    ['count', { count: 1.5 }],
    ['vendor', { vendor: 'NVIDIA' }],
    ['memoryMiB', { memoryMiB: -1 }],
    ['memoryMiB', { memoryMiB: 16_777_217 }],
    ['mode', { mode: 'half' }],
    ['jobsPerCard', { mode: 'shared', jobsPerCard: 1 }],
    ['fractionMiB', { mode: 'fraction' }],
    ['fractionMiB', { fractionMiB: 4096 }],
    ['', { extra: 1 }],
  ])('names the field %j of %j', (field, value) => {
    const parsed = gpuNeedSchema.safeParse(value);
    expect(parsed.error?.issues.map(({ path }) => path.join('.'))).toEqual([field]);
  });
});
