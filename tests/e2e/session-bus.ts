// A peer on a session bus: as much of D-Bus as a tray's test needs. https://dbus.freedesktop.org/doc/dbus-specification.html
import { once } from 'node:events';
import { connect } from 'node:net';
import {
  busField as field,
  decodeMessage,
  encodeMessage,
  textOf as text,
} from '../../electron/bus-message.ts';
import type { BusMessage, OutgoingMessage } from '../../electron/bus-message.ts';
import type { BusValue } from '../../electron/bus-values.ts';

export interface BusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly BusValue[];
}

/** What a call is answered with. */
export interface BusAnswer {
  readonly signature: string;
  readonly body: readonly BusValue[];
}

export interface Bus {
  call(call: BusCall): Promise<readonly BusValue[]>;
  /** Answers calls from now on; `null` is an error to the caller. */
  serve(answer: (member: string, body: readonly BusValue[], sender: string) => BusAnswer | null): void;
  close(): void;
}

/** Joins the bus at `address` (`unix:path=…`). */
export async function joinBus(address: string): Promise<Bus> {
  const socket = connect(/unix:path=([^,]+)/.exec(address)?.[1] ?? '');
  await once(socket, 'connect');
  const user = Buffer.from(String(process.getuid?.() ?? 0)).toString('hex');
  socket.write(`\0AUTH EXTERNAL ${user}\r\n`);
  await once(socket, 'data');
  socket.write('BEGIN\r\n');

  let serial = 0;
  let rest: Buffer = Buffer.alloc(0);
  let answerCall: Parameters<Bus['serve']>[0] = () => null;
  const waiting = new Map<number, (message: BusMessage) => void>();
  const send = (message: Omit<OutgoingMessage, 'serial'>): number => {
    serial += 1;
    socket.write(encodeMessage({ ...message, serial }));
    return serial;
  };
  const reply = (message: BusMessage): void => {
    const sender = text(message.fields.get(field.sender));
    const answer = answerCall(text(message.fields.get(field.member)), message.body, sender);
    const fields: (readonly [number, string, BusValue])[] = [
      [field.reply, 'u', message.serial],
      [field.destination, 's', sender],
    ];
    if (answer !== null) send({ type: 2, fields, ...answer });
    else
      send({
        type: 3,
        fields: [...fields, [field.error, 's', 'org.freedesktop.DBus.Error.UnknownMethod']],
        signature: '',
        body: [],
      });
  };
  socket.on('data', (data) => {
    rest = Buffer.concat([rest, data]);
    for (let next = decodeMessage(rest); next !== null; next = decodeMessage(rest)) {
      rest = rest.subarray(next.length);
      const { message } = next;
      if (message.type === 1) reply(message);
      else waiting.get(Number(message.fields.get(field.reply) ?? 0))?.(message);
    }
  });

  const call = async ({ destination, path, member, signature = '', body = [], ...to }: BusCall) => {
    const sent = send({
      type: 1,
      fields: [
        [field.path, 'o', path],
        [field.interface, 's', to.interface],
        [field.member, 's', member],
        [field.destination, 's', destination],
      ],
      signature,
      body,
    });
    const message = await new Promise<BusMessage>((resolve) => waiting.set(sent, resolve));
    waiting.delete(sent);
    if (message.type === 3) throw new Error(`${member}: ${text(message.fields.get(field.error))}`);
    return message.body;
  };
  const bus: Bus = {
    call,
    serve: (answer) => {
      answerCall = answer;
    },
    close: () => socket.destroy(),
  };
  await call(onBus('Hello'));
  return bus;
}

/** A call to the bus itself. */
export function onBus(member: string, signature = '', body: readonly BusValue[] = []): BusCall {
  const bus = 'org.freedesktop.DBus';
  return { destination: bus, path: '/org/freedesktop/DBus', interface: bus, member, signature, body };
}
