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
import { callMessage, greeting, onBus } from '../../electron/session-bus.ts';
import type { BusCall } from '../../electron/session-bus.ts';

/** What a call is answered with. */
export interface BusAnswer {
  readonly signature: string;
  readonly body: readonly BusValue[];
}

export interface Bus {
  call(call: BusCall): Promise<readonly BusValue[]>;
  /** A signal with one truth value, to everybody who follows it. */
  emit(signal: Pick<BusCall, 'path' | 'interface' | 'member'>, value: boolean): void;
  /** Answers calls from now on; `null` is an error to the caller. */
  serve(answer: (member: string, body: readonly BusValue[], sender: string) => BusAnswer | null): void;
  close(): void;
}

/** Joins the bus at `address` (`unix:path=…`). */
export async function joinBus(address: string): Promise<Bus> {
  const socket = connect(/unix:path=([^,]+)/.exec(address)?.[1] ?? '');
  await once(socket, 'connect');
  socket.write(greeting());
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

  const call: Bus['call'] = async (asked) => {
    const sent = send(callMessage(asked));
    const message = await new Promise<BusMessage>((resolve) => waiting.set(sent, resolve));
    waiting.delete(sent);
    if (message.type === 3) throw new Error(`${asked.member}: ${text(message.fields.get(field.error))}`);
    return message.body;
  };
  const bus: Bus = {
    call,
    serve: (answer) => {
      answerCall = answer;
    },
    emit: ({ path, member, ...from }, value) => {
      const fields: (readonly [number, string, BusValue])[] = [
        [field.path, 'o', path],
        [field.interface, 's', from.interface],
        [field.member, 's', member],
      ];
      send({ type: 4, fields, signature: 'b', body: [value] });
    },
    close: () => socket.destroy(),
  };
  await call(onBus('Hello'));
  return bus;
}
