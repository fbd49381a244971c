// A log that is read while it grows loses nothing.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLogPart } from '../../../../main/adapters/gitlab/job-log.ts';

/** Reads a log as often as it grew to one of `lengths`, and once more at its end. */
function follow(log: Uint8Array, lengths: readonly number[]): string {
  let [text, offset] = ['', 0];
  for (const length of [...lengths].sort((a, b) => a - b)) {
    const part = readLogPart(log.subarray(0, length), offset, false);
    [text, offset] = [text + part.text, part.nextOffset];
  }
  return text + readLogPart(log, offset, true).text;
}

describe('a log that is read while it grows', () => {
  it('is the whole text, wherever it is cut', () => {
    const texts = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(texts, fc.array(fc.nat(160)), (text, lengths) => {
        expect(follow(Buffer.from(text), lengths)).toBe(Buffer.from(text).toString());
      }),
    );
  });

  it('goes on behind bytes that are no text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.array(fc.nat(40)), (noise, lengths) => {
        const log = Buffer.concat([noise, Buffer.from('\nend\n')]);
        expect(follow(log, lengths).endsWith('\nend\n')).toBe(true);
      }),
    );
  });
});
