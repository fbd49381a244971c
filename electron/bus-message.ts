// Messages of D-Bus to bytes and back. https://dbus.freedesktop.org/doc/dbus-specification.html#message-protocol
import { BusReader, BusWriter, align } from './bus-values.ts';
import type { BusValue } from './bus-values.ts';

export const messageType = { call: 1, answer: 2, error: 3, signal: 4 } as const;

/** Numbers of header fields. */
export const busField = {
  path: 1,
  interface: 2,
  member: 3,
  error: 4,
  reply: 5,
  destination: 6,
  sender: 7,
  signature: 8,
} as const;

export interface BusMessage {
  /** Of `messageType`. */
  readonly type: number;
  readonly serial: number;
  readonly fields: ReadonlyMap<number, BusValue>;
  readonly body: readonly BusValue[];
}

export interface OutgoingMessage {
  readonly type: number;
  readonly serial: number;
  /** Number, signature and value of each header field; that of the body's signature is added. */
  readonly fields: readonly (readonly [field: number, signature: string, value: BusValue])[];
  readonly signature: string;
  readonly body: readonly BusValue[];
}

/** What a whole message may have; a bus that sends more is broken. */
const mostBytes = 16 * 1_048_576;

export function encodeMessage({ type, serial, fields, signature, body }: OutgoingMessage): Buffer {
  const content = new BusWriter();
  content.values(signature, body);
  const head = new BusWriter();
  const all = signature === '' ? fields : [...fields, [busField.signature, 'g', signature] as const];
  head.values('yyyyuua(yv)', [
    ...[0x6c, type, 0, 1, content.bytes().length, serial],
    all.map(([code, kind, value]) => [code, { signature: kind, value }]),
  ]);
  head.pad(8);
  return Buffer.concat([head.bytes(), content.bytes()]);
}

/** The first whole message of `data` and how long it is; `null` while it is not all there. Throws on what is none. */
export function decodeMessage(
  data: Buffer,
): { readonly message: BusMessage; readonly length: number } | null {
  if (data.length < 16) return null;
  const bodyLength = data.readUInt32LE(4);
  const headEnd = align(16 + data.readUInt32LE(12), 8);
  const length = headEnd + bodyLength;
  if (data[0] !== 0x6c || length > mostBytes) throw new TypeError('this is no message of a bus');
  if (data.length < length) return null;
  const [, type, , , , serial, list] = new BusReader(data).values('yyyyuua(yv)');
  const fields = new Map<number, BusValue>();
  for (const pair of listOf(list)) {
    const [code, value] = listOf(pair);
    if (typeof code === 'number' && value !== undefined) fields.set(code, value);
  }
  const signature = textOf(fields.get(busField.signature));
  const body = new BusReader(data.subarray(headEnd, length)).values(signature);
  return { message: { type: Number(type), serial: Number(serial), fields, body }, length };
}

/** A value that should be an array or a structure; empty where it is none. */
function listOf(value: BusValue | undefined): readonly BusValue[] {
  return typeof value === 'object' && !('signature' in value) ? value : [];
}

/** A value that should be text; empty where it is none. */
export function textOf(value: BusValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
