// The pause before a page that crashed is shown again.
import { expect, it } from 'vitest';
import { crashPause } from '../../../electron/crash-pause.ts';

it('is a moment for a page that crashes once', () => {
  expect(crashPause(null, 0)).toBe(1000);
  expect(crashPause(60_000, 3_600_000)).toBe(1000);
});

it('grows to a minute for a page that crashes as soon as it is shown', () => {
  const pauses: number[] = [];
  for (let last: number | null = null; pauses.length < 9; pauses.push(last))
    last = crashPause(last, last ?? 0);
  expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});
