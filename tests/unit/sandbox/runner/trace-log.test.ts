import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRangeEnd, renderContentRange, TraceLog } from '../../../../main/sandbox/runner/trace-log.ts';

function whole(log: TraceLog): Buffer {
  return log.bytes(0, log.size);
}

describe('TraceLog', () => {
  it('gives back in pieces of any size what was written, with the checksum of all of it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' })),
        fc.integer({ min: 1, max: 40 }),
        (texts, size) => {
          const log = new TraceLog(1_000_000);
          for (const text of texts) log.append(text);
          const pieces: Buffer[] = [];
          for (let at = 0; at < log.size; at += size) pieces.push(log.bytes(at, size));
          const expected = Buffer.from(texts.join(''));
          expect(Buffer.concat(pieces)).toEqual(expected);
          expect(log.checksum).toBe(`crc32:${crc32(expected).toString(16).padStart(8, '0')}`);
        },
      ),
    );
  });

  it('grows beyond its first size', () => {
    const log = new TraceLog(10_000_000);
    for (let i = 0; i < 50; i += 1) log.append('x'.repeat(10_000));
    expect(log.size).toBe(500_000);
    expect(whole(log).toString()).toBe('x'.repeat(500_000));
  });

  it('stops at the limit between two characters, says so once, and takes no more', () => {
    const log = new TraceLog(10);
    log.append('1234567éé');
    log.append('more');
    expect(whole(log).toString()).toBe(
      "1234567é\n\u001b[33;1mJob's log exceeded limit of 10 bytes.\n" +
        'Job execution will continue but no more output will be collected.\u001b[0;m\n',
    );
  });

  it('has nothing beyond its end', () => {
    const log = new TraceLog(10);
    log.append('abc');
    expect(log.bytes(3, 5)).toHaveLength(0);
    expect(log.bytes(9, 5)).toHaveLength(0);
  });
});

describe('ranges', () => {
  it('are inclusive when sent and a size when received', () => {
    expect(renderContentRange(0, 2055)).toBe('0-2054');
    expect(parseRangeEnd('0-2055')).toBe(2055);
    expect(parseRangeEnd(null)).toBe(0);
    expect(parseRangeEnd('bytes')).toBe(0);
  });
});
