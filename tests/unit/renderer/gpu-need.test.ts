import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gpuNeedSchema } from '../../../main/model/gpu.ts';
import {
  gpuNeedOf,
  gpuText,
  gpuWords,
  joinGpuParts,
  splitGpuText,
} from '../../../renderer/state/gpu-need.ts';

const need = fc
  .record({
    count: fc.integer({ min: 1, max: 16 }),
    vendor: fc.option(fc.constantFrom('nvidia', 'amd', 'intel')),
    memoryMiB: fc.option(fc.integer({ min: 1, max: 100_000 })),
    mode: fc.constantFrom('exclusive', 'shared', 'fraction'),
    fractionMiB: fc.integer({ min: 64, max: 100_000 }),
  })
  .map(({ fractionMiB, ...rest }) =>
    gpuNeedSchema.parse({ ...rest, fractionMiB: rest.mode === 'fraction' ? fractionMiB : null }),
  );

describe('the GPUs of a pool', () => {
  it('are the same after they were shown and read', () => {
    fc.assert(
      fc.property(need, (given) => {
        expect(gpuNeedSchema.parse(gpuNeedOf(gpuText(given)))).toEqual(given);
      }),
    );
  });

  it.each([
    ['', { count: '0' }],
    ['2', { count: '2' }],
    ['count=1,vendor=amd', { count: '1', vendor: 'amd', mode: 'exclusive' }],
  ])('are read from %s', (text, parts) => expect(splitGpuText(text)).toMatchObject(parts));

  it('leave out what does not matter', () => {
    const parts = { ...splitGpuText('count=1'), jobsPerCard: '9', fractionMiB: '64' };
    expect(joinGpuParts(parts)).toBe('count=1');
    expect(joinGpuParts({ ...parts, count: '0' })).toBe('');
  });

  it.each([
    ['', 'none'],
    ['count=1', '1 GPU, for itself alone'],
    ['count=2,vendor=nvidia,mode=shared,jobsPerCard=3', '2 NVIDIA GPUs, shared by at most 3 runners'],
    [
      'count=1,memoryMiB=16000,mode=fraction,fractionMiB=4000',
      '1 GPU with at least 16.8 GB, 4.2 GB of its memory',
    ],
  ])('%s in words', (text, words) => expect(gpuWords(text)).toBe(words));
});
