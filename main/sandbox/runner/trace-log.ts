// A job's log in memory: what was written, its size limit and its checksum.
import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';

/** The log of one job. Grows up to the limit, then says so once and drops the rest. */
export class TraceLog {
  readonly #limitBytes: number;
  #data = Buffer.alloc(64 * 1024);
  #size = 0;
  #checksum = 0;
  #full = false;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get size(): number {
    return this.#size;
  }

  /** CRC-32 of the whole log, as the final update carries it. */
  get checksum(): string {
    return `crc32:${this.#checksum.toString(16).padStart(8, '0')}`;
  }

  append(text: string): void {
    if (this.#full || text === '') return;
    const bytes = Buffer.from(text, 'utf8');
    const room = this.#limitBytes - this.#size;
    if (bytes.length < room) {
      this.#push(bytes);
      return;
    }
    this.#full = true;
    this.#push(cutAtCharacter(bytes, room));
    this.#push(Buffer.from(limitMessage(this.#limitBytes), 'utf8'));
  }

  /** At most `count` bytes from `offset` on; empty beyond the end. */
  bytes(offset: number, count: number): Buffer {
    return this.#data.subarray(Math.min(offset, this.#size), Math.min(offset + count, this.#size));
  }

  #push(bytes: Buffer): void {
    const size = this.#size + bytes.length;
    if (size > this.#data.length) {
      const grown = Buffer.alloc(Math.max(size, this.#data.length * 2));
      this.#data.copy(grown, 0, 0, this.#size);
      this.#data = grown;
    }
    bytes.copy(this.#data, this.#size);
    this.#size = size;
    this.#checksum = crc32(bytes, this.#checksum);
  }
}

/** The first `count` bytes or a little less, so that no character is cut in two. */
function cutAtCharacter(bytes: Buffer, count: number): Buffer {
  let end = count;
  while (end > 0 && ((bytes[end] ?? 0) & 0b1100_0000) === 0b1000_0000) end -= 1;
  return bytes.subarray(0, end);
}

function limitMessage(limitBytes: number): string {
  return (
    `\n\u001b[33;1mJob's log exceeded limit of ${limitBytes} bytes.\n` +
    'Job execution will continue but no more output will be collected.\u001b[0;m\n'
  );
}

/** Where an answer to a trace PATCH says that the server's copy ends, from its `Range: 0-<size>`; 0 if it says nothing. */
export function parseRangeEnd(range: string | null): number {
  const match = /^\d+-(\d+)$/.exec(range ?? '');
  return match === null ? 0 : Number(match[1]);
}

/** `Content-Range` of a piece of the log: inclusive, without a total. `length` is above 0. */
export function renderContentRange(offset: number, length: number): string {
  return `${offset}-${offset + length - 1}`;
}
