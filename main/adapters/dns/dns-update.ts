// Updates of a name server by RFC 2136, signed with a key (RFC 8945): one message that adds a record and removes it again.
import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { messageOf } from '../../errors.ts';
import { ancestors, Incomplete, Refused, required } from './token-door.ts';
import type { Given, TokenDoor } from './token-door.ts';

/** Milliseconds, for one try; there are three. */
const patienceMs = 2_000;
const tries = 3;
const types = { SOA: 6, TXT: 16, TSIG: 250 } as const;
const classes = { IN: 1, NONE: 254, ANY: 255 } as const;
/** Seconds by which clocks may differ. */
const fudge = 300;

interface Key {
  readonly name: string;
  readonly algorithm: string;
  readonly secret: Buffer;
}

interface Server {
  readonly host: string;
  readonly port: number;
}

/** `given`: `DNSUPDATE_…` of lego. Throws `Incomplete` for what cannot be right. */
export function createUpdateDoor(given: Given): TokenDoor {
  const server = serverOf(required(given, 'DNSUPDATE_NAMESERVER'));
  const key = keyOf(given);
  return {
    zoneOf: (domain) => zoneOf(server, domain, given['DNSUPDATE_ZONES'] ?? ''),
    // In one message both, so that nothing is left when nobody comes back to remove it.
    add: async (zone, name, value) => {
      const { host, port } = server;
      const address = isIP(host) === 0 ? (await lookup(host)).address : host;
      const message = signed(updateOf(zone, name, value), key);
      judge(await exchangeUdp({ host: address, port }, message.bytes), message.mac, key);
      return async () => undefined;
    },
  };
}

function serverOf(text: string): Server {
  const [, six, name, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? [];
  const host = six ?? name;
  if (host === undefined) throw new Incomplete(`DNSUPDATE_NAMESERVER ${text} is no address`);
  return { host, port: Number(port ?? 53) };
}

function keyOf(given: Given): Key {
  const secret = Buffer.from(required(given, 'DNSUPDATE_TSIG_SECRET'), 'base64');
  if (secret.length < 8) throw new Incomplete('DNSUPDATE_TSIG_SECRET is no secret in base 64');
  const algorithm = required(given, 'DNSUPDATE_TSIG_ALGORITHM').replace(/\.$/, '');
  if (!/^hmac-sha(?:1|224|256|384|512)$/.test(algorithm))
    throw new Incomplete(`DNSUPDATE_TSIG_ALGORITHM ${algorithm} is unknown`);
  return { name: required(given, 'DNSUPDATE_TSIG_KEY').toLowerCase(), algorithm, secret };
}

/** The zone as the server itself tells, or as the person says. */
async function zoneOf({ host, port }: Server, domain: string, zones: string): Promise<string | null> {
  const given = zones.split(',').flatMap((one) => one.trim().replace(/\.$/, '') || []);
  if (given.length > 0) return ancestors(domain).find((one) => given.includes(one)) ?? null;
  const resolver = new Resolver({ timeout: patienceMs, tries });
  const address = isIP(host) === 0 ? (await lookup(host)).address : host;
  resolver.setServers([isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`]);
  for (const zone of ancestors(domain)) {
    try {
      await resolver.resolveSoa(zone);
      return zone;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (!['ENODATA', 'ENOTFOUND', 'EREFUSED'].includes(code))
        throw new Error(`the name server is silent: ${messageOf(error)}`, { cause: error });
    }
  }
  return null;
}

function nameBytes(name: string): Buffer {
  const labels = name
    .replace(/\.$/, '')
    .split('.')
    .filter((label) => label !== '');
  const parts = labels.map((label) => {
    const bytes = Buffer.from(label, 'latin1');
    if (bytes.length > 63) throw new Incomplete(`${label} is longer than a name may be`);
    return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  });
  return Buffer.concat([...parts, Buffer.from([0])]);
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16BE(value, index * 2));
  return bytes;
}

function seconds(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** https://www.rfc-editor.org/rfc/rfc2136#section-2.5: add to a set, then delete that one of it. */
function updateOf(zone: string, name: string, value: string): Buffer {
  const text = Buffer.from(value, 'latin1');
  const data = Buffer.concat([Buffer.from([text.length]), text]);
  const record = (cls: number, ttl: number): Buffer =>
    Buffer.concat([nameBytes(name), numbers(types.TXT, cls), seconds(ttl), numbers(data.length), data]);
  return Buffer.concat([
    // Operation UPDATE; one zone, no prerequisite, two updates.
    numbers(randomInt(0x1_0000), 0x2800, 1, 0, 2, 0),
    ...[nameBytes(zone), numbers(types.SOA, classes.IN)],
    ...[record(classes.IN, 60), record(classes.NONE, 0)],
  ]);
}

/** https://www.rfc-editor.org/rfc/rfc8945#section-4.3 */
function signed(message: Buffer, key: Key): { readonly bytes: Buffer; readonly mac: Buffer } {
  const time = Math.floor(Date.now() / 1000);
  const stamp = Buffer.concat([numbers(Math.floor(time / 2 ** 32)), seconds(time % 2 ** 32), numbers(fudge)]);
  const variables = [nameBytes(key.name), numbers(classes.ANY), seconds(0), nameBytes(key.algorithm), stamp];
  const mac = hmac(key, [message, ...variables, numbers(0, 0)]);
  const data = Buffer.concat([
    ...[nameBytes(key.algorithm), stamp, numbers(mac.length), mac],
    ...[numbers(message.readUInt16BE(0), 0, 0)],
  ]);
  const bytes = Buffer.concat([
    ...[
      message,
      nameBytes(key.name),
      numbers(types.TSIG, classes.ANY),
      seconds(0),
      numbers(data.length),
      data,
    ],
  ]);
  bytes.writeUInt16BE(1, 10);
  return { bytes, mac };
}

function hmac({ algorithm, secret }: Key, parts: readonly Buffer[]): Buffer {
  return createHmac(algorithm.replace('hmac-', ''), secret).update(Buffer.concat(parts)).digest();
}

async function exchangeUdp({ host, port }: Server, message: Buffer): Promise<Buffer> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await sendOnce({ host, port }, message);
    } catch (error) {
      if (tried >= tries) throw error;
    }
  }
}

function sendOnce({ host, port }: Server, message: Buffer): Promise<Buffer> {
  const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4');
  return new Promise<Buffer>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the name server is silent')), patienceMs);
    const end = (): void => clearTimeout(timer);
    socket.once('error', (error) => {
      end();
      reject(error);
    });
    // What others send meanwhile is no answer.
    socket.on('message', (answer) => {
      if (answer.length < 12 || answer.readUInt16BE(0) !== message.readUInt16BE(0)) return;
      end();
      resolve(answer);
    });
    socket.connect(port, host, () => socket.send(message));
  }).finally(() => socket.close());
}

const codes: Readonly<Record<number, string>> = {
  ...{ 1: 'FORMERR', 2: 'SERVFAIL', 3: 'NXDOMAIN', 4: 'NOTIMP', 5: 'REFUSED', 9: 'NOTAUTH', 10: 'NOTZONE' },
};

/** Throws `Refused` with 401 where the key is wrong, with 403 where it may not do this. */
function judge(answer: Buffer, mac: Buffer, key: Key): void {
  const code = answer.readUInt16BE(2) & 0xf;
  if (code === 0) {
    if (!isSigned(answer, mac, key)) throw new Error('somebody else than the name server has answered');
    return;
  }
  const said = `the name server says ${codes[code] ?? `code ${code}`}`;
  if (code === 9 && isSigned(answer, mac, key))
    throw new Refused(403, `${said}: the key is right, and may not change this name`);
  // Some name servers say the same of a key that is right and may not change this name.
  if (code === 9)
    throw new Refused(
      401,
      `${said}: it does not know the key, its secret is another, it may not change this name, or the clocks differ`,
    );
  throw new Refused(403, said);
}

/** Whether who answers has the key, too: the last record signs all before it, and what was asked. */
function isSigned(answer: Buffer, mac: Buffer, key: Key): boolean {
  const owner = nameBytes(key.name);
  const at = answer.toString('latin1').toLowerCase().lastIndexOf(owner.toString('latin1'));
  if (at < 12 || answer.readUInt16BE(10) === 0) return false;
  const head = at + owner.length + 10 + nameBytes(key.algorithm).length;
  if (head + 10 > answer.length) return false;
  const stamp = answer.subarray(head, head + 8);
  const size = answer.readUInt16BE(head + 8);
  const theirs = answer.subarray(head + 10, head + 10 + size);
  const message = Buffer.from(answer.subarray(0, at));
  message.writeUInt16BE(answer.readUInt16BE(10) - 1, 10);
  const variables = [owner, numbers(classes.ANY), seconds(0), nameBytes(key.algorithm), stamp, numbers(0, 0)];
  const ours = hmac(key, [numbers(mac.length), mac, message, ...variables]);
  return theirs.length === ours.length && timingSafeEqual(theirs, ours);
}
