// A job's log from a byte offset on: bytes become text, and none is counted as another number of them.
import type { JobLogPart } from '../../ports.ts';

/** Bytes at the end that begin a character of UTF-8 and do not end it. */
function cutAtEnd(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes.at(-back) ?? 0;
    if (byte >= 0x80 && byte < 0xc0) continue;
    return lengthOf(byte) > back ? back : 0;
  }
  return 0;
}

/** Bytes of the character that begins with this one. https://www.rfc-editor.org/rfc/rfc3629#section-4 */
function lengthOf(first: number): number {
  if (first < 0xc2 || first > 0xf4) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

/**
 * The text from `offset` on. A character that is not whole yet is left for the next time, unless `ended`: then
 * nothing comes any more. Bytes that are no text become U+FFFD.
 */
export function readLogPart(log: Uint8Array, offset: number, ended: boolean): JobLogPart {
  const rest = log.subarray(offset);
  const taken = rest.subarray(0, rest.length - (ended ? 0 : cutAtEnd(rest)));
  return { text: Buffer.from(taken).toString('utf8'), nextOffset: offset + taken.length };
}
