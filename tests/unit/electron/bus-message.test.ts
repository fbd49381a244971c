// Messages of the session bus: what is written is read again, and what is broken ends.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { busField, decodeMessage, encodeMessage } from '../../../electron/bus-message.ts';
import { socketOf } from '../../../electron/session-bus.ts';

const call = (body: readonly string[]): Buffer =>
  encodeMessage({
    ...{ type: 1, serial: 7, signature: 's'.repeat(body.length), body },
    fields: [[busField.member, 's', 'Notify']],
  });

describe('a message', () => {
  it('is read as it was written, whatever text is in it', () => {
    // A bus has no NUL and no half of a letter.
    const text = fc.string({ unit: 'grapheme' }).filter((one) => !one.includes('\0') && one.isWellFormed());
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), (body) => {
        const bytes = call(body);
        const read = decodeMessage(bytes);
        expect(read?.length).toBe(bytes.length);
        expect(read?.message).toMatchObject({ type: 1, serial: 7, body });
        expect(read?.message.fields.get(busField.member)).toBe('Notify');
      }),
    );
  });

  it('is waited for until all of it is there', () => {
    const bytes = call(['some text']);
    for (let length = 0; length < bytes.length; length += 1)
      expect(decodeMessage(bytes.subarray(0, length))).toBeNull();
    expect(decodeMessage(Buffer.concat([bytes, bytes]))?.length).toBe(bytes.length);
  });

  it('that is none ends, and never hangs', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 200 }), (bytes) => {
        const data = Buffer.from(bytes);
        try {
          const read = decodeMessage(data);
          expect(read === null || read.length <= data.length).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
    const huge = call(['x']);
    huge.writeUInt32LE(0xffff_fff0, 4);
    expect(() => decodeMessage(huge)).toThrow('no message');
  });
});

describe('the address of a bus', () => {
  it.each([
    ['unix:path=/run/user/1000/bus', '/run/user/1000/bus'],
    ['unix:path=/tmp/a%20b,guid=12', '/tmp/a b'],
    ['unix:guid=12,path=/tmp/x', '/tmp/x'],
    ['unix:abstract=/tmp/dbus-x,guid=1', '\0/tmp/dbus-x'],
    ['tcp:host=evil,port=1;unix:path=/tmp/y', '/tmp/y'],
    ['tcp:host=evil,port=1', null],
    ['unix:path=%zz', null],
    [undefined, null],
  ])('%s is %j', (address, path) => {
    expect(socketOf(address)).toBe(path);
  });
});
