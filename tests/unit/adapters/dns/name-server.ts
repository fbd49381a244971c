// A name server of a test, on loopback: enough of the DNS for questions about addresses.
import { createSocket } from 'node:dgram';
import { onTestFinished } from 'vitest';

/** Codes of https://www.iana.org/assignments/dns-parameters/: 0 fine, 2 it failed, 3 no such name, 5 refused. */
export interface NameAnswer {
  readonly code?: 0 | 2 | 3 | 5;
  readonly addresses?: readonly string[];
}

/** Its address with the port; `null` of `answer`: it says nothing. */
export async function nameServer(
  answer: (name: string, type: 'A' | 'AAAA') => NameAnswer | null,
): Promise<string> {
  const socket = createSocket('udp4');
  socket.on('message', (question, peer) => {
    const { name, type, end } = parseQuestion(question);
    const said = answer(name, type);
    if (said === null) return;
    const { code = 0, addresses = [] } = said;
    const head = Buffer.from(question.subarray(0, 12));
    head.writeUInt16BE(0x8580 | code, 2);
    head.writeUInt16BE(addresses.length, 6);
    head.fill(0, 8);
    const records = addresses.map((address) => record(type, address));
    socket.send(Buffer.concat([head, question.subarray(12, end), ...records]), peer.port, peer.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  onTestFinished(() => void socket.close());
  return `127.0.0.1:${socket.address().port}`;
}

function parseQuestion(message: Buffer): {
  readonly name: string;
  readonly type: 'A' | 'AAAA';
  readonly end: number;
} {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('ascii', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), type: message.readUInt16BE(at + 1) === 28 ? 'AAAA' : 'A', end: at + 5 };
}

/** For the name of the question. */
function record(type: 'A' | 'AAAA', address: string): Buffer {
  const data =
    type === 'A'
      ? Buffer.from(address.split('.').map(Number))
      : Buffer.from(
          address
            .split(':')
            .map((group) => group.padStart(4, '0'))
            .join(''),
          'hex',
        );
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type === 'A' ? 1 : 28, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
