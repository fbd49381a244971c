// Takes the output of a container apart, while it comes, into what is of which stream.

export interface Frame {
  readonly from: 'stdout' | 'stderr';
  readonly content: Buffer;
}

/** Of a frame: the first of its 8 bytes is the stream, the last 4 are the length of what follows. */
const headerBytes = 8;

/** https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach */
export function createFrames(): { add(part: Buffer): readonly Frame[] } {
  let rest: Buffer = Buffer.alloc(0);
  return {
    add: (part) => {
      rest = rest.length === 0 ? part : Buffer.concat([rest, part]);
      const found: Frame[] = [];
      while (rest.length >= headerBytes) {
        const end = headerBytes + rest.readUInt32BE(4);
        if (rest.length < end) break;
        found.push({ from: rest[0] === 2 ? 'stderr' : 'stdout', content: rest.subarray(headerBytes, end) });
        rest = rest.subarray(end);
      }
      return found;
    },
  };
}
