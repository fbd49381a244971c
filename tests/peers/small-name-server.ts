// A name server that knows one answer to every question, for what the lab's own asks of others.
import { createSocket } from 'node:dgram';

export interface SmallNameServer {
  readonly port: number;
  /** Names that were asked for, in small letters. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** Answers each question for an A record with `address`, others with nothing. UDP, on the loopback. */
export async function startSmallNameServer(address: string): Promise<SmallNameServer> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (message, { port }) => {
    const { name, type, end } = readQuestion(message);
    asked.push(name);
    socket.send(reply(message.subarray(0, end), type === 1 ? address : null), port, '127.0.0.1');
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    port: socket.address().port,
    asked,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** https://www.rfc-editor.org/rfc/rfc1035#section-4.1 */
function readQuestion(message: Buffer) {
  const labels: string[] = [];
  let at = 12;
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length).toLowerCase());
    at += length + 1;
  }
  return { name: labels.join('.'), type: message.readUInt16BE(at + 1), end: at + 5 };
}

function reply(question: Buffer, address: string | null): Buffer {
  const head = Buffer.from(question);
  // An answer, with recursion; one question, one or no record, nothing else.
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(address === null ? 0 : 1, 6);
  head.writeUInt32BE(0, 8);
  if (address === null) return head;
  const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)]);
  return Buffer.concat([head, record]);
}
