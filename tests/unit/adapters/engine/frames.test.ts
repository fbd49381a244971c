// Output of containers, however it is cut into parts.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFrames } from '../../../../main/adapters/engine/frames.ts';

function frame(stream: number, text: string): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

it('is told apart into both streams', () => {
  const all = Buffer.concat([frame(1, 'one\n'), frame(2, ''), frame(2, 'wrong\n'), frame(1, 'two')]);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: all.length })), (cuts) => {
      const edges = [0, ...cuts.toSorted((a, b) => a - b), all.length];
      const frames = createFrames();
      const found = edges.slice(1).flatMap((end, index) => frames.add(all.subarray(edges[index], end)));
      const of = (from: string): string =>
        found
          .filter((one) => one.from === from)
          .map(({ content }) => content.toString())
          .join('');
      expect([of('stdout'), of('stderr')]).toEqual(['one\ntwo', 'wrong\n']);
    }),
  );
});
