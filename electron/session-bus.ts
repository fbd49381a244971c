// The person's session bus on Linux: as much of D-Bus as notices and the tray need.
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { busField, decodeMessage, encodeMessage, messageType, textOf } from './bus-message.ts';
import type { BusMessage, OutgoingMessage } from './bus-message.ts';
import type { BusValue } from './bus-values.ts';

export interface BusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly BusValue[];
}

export interface BusSignal {
  readonly member: string;
  readonly body: readonly BusValue[];
}

export interface SessionBus {
  /** Rejects where the bus, or who is asked, does not answer. */
  call(call: BusCall): Promise<readonly BusValue[]>;
  /** Signals of one interface, from now on. Rejects where the bus refuses. */
  follow(name: string, onSignal: (signal: BusSignal) => void): Promise<void>;
  isOpen(): boolean;
  close(): void;
}

/** Milliseconds that whoever is asked has for an answer. */
const answerMs = 3000;

/** A call to the bus itself. */
export function onBus(member: string, signature = '', body: readonly BusValue[] = []): BusCall {
  const bus = 'org.freedesktop.DBus';
  return { destination: bus, path: '/org/freedesktop/DBus', interface: bus, member, signature, body };
}

/** What a call is on the wire, but for its number. */
export function callMessage(call: BusCall): Omit<OutgoingMessage, 'serial'> {
  const { destination, path, member, signature = '', body = [] } = call;
  return {
    type: messageType.call,
    fields: [
      [busField.path, 'o', path],
      [busField.interface, 's', call.interface],
      [busField.member, 's', member],
      [busField.destination, 's', destination],
    ],
    ...{ signature, body },
  };
}

/** With what this process says to the bus who it is. https://dbus.freedesktop.org/doc/dbus-specification.html#auth-protocol */
export function greeting(): string {
  return `\0AUTH EXTERNAL ${Buffer.from(String(process.getuid?.() ?? 0)).toString('hex')}\r\n`;
}

/** The path of a bus that listens on a Unix socket, by its address; abstract names begin with NUL. */
export function socketOf(address: string | undefined): string | null {
  for (const one of (address ?? '').split(';')) {
    const found = /^unix:(?:.*,)?(path|abstract)=([^,]+)/.exec(one);
    const name = found === null ? null : unescaped(found[2] ?? '');
    if (name !== null) return found?.[1] === 'abstract' ? `\0${name}` : name;
  }
  return null;
}

/** Bytes that an address may not have as they are stand there as `%20`. */
function unescaped(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Joins the bus at `address`. Rejects where there is none. */
export async function joinSessionBus(address: string | undefined): Promise<SessionBus> {
  const path = socketOf(address);
  if (path === null) throw new Error('there is no session bus');
  const socket = connect(path);
  // Once nothing else keeps the application, the bus does not.
  socket.unref();
  await once(socket, 'connect', { signal: AbortSignal.timeout(answerMs) });
  const bus = new Connection(socket);
  await bus.enter();
  return bus;
}

type Waiting = (message: BusMessage | null) => void;

class Connection implements SessionBus {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #followed = new Map<string, (signal: BusSignal) => void>();
  #rest: Buffer = Buffer.alloc(0);
  #serial = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => this.close());
    socket.on('close', () => this.close());
  }

  async enter(): Promise<void> {
    this.#socket.write(greeting());
    const said: unknown[] = await once(this.#socket, 'data', { signal: AbortSignal.timeout(answerMs) });
    if (!String(said[0]).startsWith('OK ')) {
      this.close();
      throw new Error('the session bus does not take us');
    }
    this.#socket.on('data', (data: Buffer) => this.#read(data));
    this.#socket.write('BEGIN\r\n');
    await this.call(onBus('Hello'));
  }

  isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  async call(call: BusCall) {
    if (!this.isOpen()) throw new Error('the session bus is gone');
    const message = await this.#answer(this.#send(callMessage(call)));
    if (message?.type === messageType.answer) return message.body;
    const why = message === null ? 'no answer' : textOf(message.fields.get(busField.error));
    throw new Error(`${call.destination} ${call.member}: ${why}`);
  }

  async follow(name: string, onSignal: (signal: BusSignal) => void): Promise<void> {
    this.#followed.set(name, onSignal);
    await this.call(onBus('AddMatch', 's', [`type='signal',interface='${name}'`]));
  }

  close(): void {
    this.#socket.destroy();
    for (const tell of this.#waiting.values()) tell(null);
    this.#waiting.clear();
  }

  #send(message: Omit<OutgoingMessage, 'serial'>): number {
    this.#serial += 1;
    this.#socket.write(encodeMessage({ ...message, serial: this.#serial }));
    return this.#serial;
  }

  #answer(serial: number): Promise<BusMessage | null> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle(serial, null), answerMs);
      this.#waiting.set(serial, (message) => {
        clearTimeout(timer);
        resolve(message);
      });
    });
  }

  #settle(serial: number, message: BusMessage | null): void {
    const tell = this.#waiting.get(serial);
    this.#waiting.delete(serial);
    tell?.(message);
  }

  #read(data: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, data]);
    try {
      for (let next = decodeMessage(this.#rest); next !== null; next = decodeMessage(this.#rest)) {
        this.#rest = this.#rest.subarray(next.length);
        this.#take(next.message);
      }
    } catch {
      this.close();
    }
  }

  #take({ type, fields, body, ...message }: BusMessage): void {
    if (type === messageType.signal) {
      const member = textOf(fields.get(busField.member));
      this.#followed.get(textOf(fields.get(busField.interface)))?.({ member, body });
      return;
    }
    const reply = fields.get(busField.reply);
    if (type !== messageType.call && typeof reply === 'number')
      this.#settle(reply, { type, fields, body, ...message });
  }
}

/** Whether somebody has this name. */
export async function hasOwner(bus: SessionBus, name: string): Promise<boolean> {
  const [owned] = await bus.call(onBus('NameHasOwner', 's', [name]));
  return owned === true;
}
