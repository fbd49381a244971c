// Values of D-Bus messages to bytes and back, by their signature; little endian.

/** A variant, to be written. Read variants are their value. */
export interface Variant {
  readonly signature: string;
  readonly value: BusValue;
}
export type BusValue = number | string | boolean | Variant | readonly BusValue[];

/** The next multiple of `size`. */
export function align(offset: number, size: number): number {
  return Math.ceil(offset / size) * size;
}

const sizes: Readonly<Record<string, number>> = {
  ...{ y: 1, g: 1, v: 1, n: 2, q: 2, b: 4, i: 4, u: 4, s: 4, o: 4, a: 4 },
  ...{ x: 8, t: 8, d: 8, '(': 8, '{': 8 },
};

function sizeOf(type: string): number {
  return sizes[type[0] ?? ''] ?? 1;
}

/** The complete types of a signature: `ia{sv}av` is `i`, `a{sv}`, `av`. */
export function typesOf(signature: string): readonly string[] {
  const types: string[] = [];
  for (let at = 0; at < signature.length;) {
    const end = endOfType(signature, at);
    types.push(signature.slice(at, end));
    at = end;
  }
  return types;
}

function endOfType(signature: string, at: number): number {
  const first = signature[at];
  if (first === 'a') return endOfType(signature, at + 1);
  if (first !== '(' && first !== '{') return at + 1;
  let depth = 0;
  for (let end = at; end < signature.length; end += 1) {
    if ('({'.includes(signature[end] ?? '')) depth += 1;
    if (')}'.includes(signature[end] ?? '')) depth -= 1;
    if (depth === 0) return end + 1;
  }
  throw new Error(`${signature} does not end`);
}

export class BusWriter {
  #bytes = Buffer.alloc(0);

  bytes(): Buffer {
    return this.#bytes;
  }

  pad(size: number): void {
    this.#add(Buffer.alloc(align(this.#bytes.length, size) - this.#bytes.length));
  }

  values(signature: string, values: readonly BusValue[]): void {
    typesOf(signature).forEach((type, index) => this.#value(type, values[index] ?? 0));
  }

  #add(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
  }

  #number(size: number, value: number): void {
    const bytes = Buffer.alloc(size);
    if (value < 0) bytes.writeIntLE(value, 0, size);
    else bytes.writeUIntLE(value, 0, size);
    this.#add(bytes);
  }

  #value(type: string, value: BusValue): void {
    this.pad(sizeOf(type));
    if (typeof value === 'number') this.#number(sizeOf(type), value);
    else if (typeof value === 'boolean') this.#number(4, value ? 1 : 0);
    else if (typeof value === 'string') this.#string(type, value);
    else if ('signature' in value) {
      this.#string('g', value.signature);
      this.values(value.signature, [value.value]);
    } else if (type.startsWith('a')) this.#array(type.slice(1), value);
    else this.values(type.slice(1, -1), value);
  }

  #string(type: string, value: string): void {
    const bytes = Buffer.from(`${value}\0`);
    this.#number(type === 'g' ? 1 : 4, bytes.length - 1);
    this.#add(bytes);
  }

  #array(type: string, values: readonly BusValue[]): void {
    const lengthAt = this.#bytes.length;
    this.#number(4, 0);
    this.pad(sizeOf(type));
    const start = this.#bytes.length;
    for (const value of values) this.#value(type, value);
    this.#bytes.writeUInt32LE(this.#bytes.length - start, lengthAt);
  }
}

export class BusReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  values(signature: string): readonly BusValue[] {
    return typesOf(signature).map((type) => this.#value(type));
  }

  #number(size: number, signed: boolean): number {
    const at = this.#at;
    this.#at += size;
    return signed ? this.#bytes.readIntLE(at, size) : this.#bytes.readUIntLE(at, size);
  }

  #text(size: number): string {
    const length = this.#number(size, false);
    const start = this.#at;
    this.#at += length + 1;
    return this.#bytes.toString('utf8', start, start + length);
  }

  #value(type: string): BusValue {
    this.#at = align(this.#at, sizeOf(type));
    switch (type[0]) {
      case 'v':
        return this.values(this.#text(1))[0] ?? 0;
      case 's':
      case 'o':
        return this.#text(4);
      case 'g':
        return this.#text(1);
      case 'b':
        return this.#number(4, false) === 1;
      case 'd':
      case 'x':
      case 't': {
        this.#at += 8;
        return Number(this.#bytes.readBigInt64LE(this.#at - 8));
      }
      case 'a': {
        const length = this.#number(4, false);
        this.#at = align(this.#at, sizeOf(type.slice(1)));
        const end = this.#at + length;
        const items: BusValue[] = [];
        while (this.#at < end) items.push(this.#value(type.slice(1)));
        return items;
      }
      case '(':
      case '{':
        return this.values(type.slice(1, -1));
      default:
        return this.#number(sizeOf(type), type === 'i' || type === 'n');
    }
  }
}
