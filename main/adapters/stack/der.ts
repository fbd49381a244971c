// Reads what of a certificate's bytes Node does not tell: by what it is signed, and for whom a root may sign.
import { isIPv4 } from 'node:net';
import type { NameLimits } from '../../model/stack/certificate-facts.ts';

interface Element {
  readonly tag: number;
  readonly content: Buffer;
  /** Where the next one begins. */
  readonly end: number;
}

/** One element of DER; `null` where it does not lie within the bytes. https://www.itu.int/rec/T-REC-X.690 */
function elementAt(bytes: Buffer, at: number): Element | null {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) return null;
  const extra = first < 0x80 ? 0 : first & 0x7f;
  if (extra > 4 || at + 2 + extra > bytes.length) return null;
  const length = extra === 0 ? first & 0x7f : bytes.readUIntBE(at + 2, extra);
  const start = at + 2 + extra;
  if (start + length > bytes.length) return null;
  return { tag, content: bytes.subarray(start, start + length), end: start + length };
}

function childrenOf(bytes: Buffer): readonly Element[] {
  const children: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const child = elementAt(bytes, at);
    if (child === null) return children;
    children.push(child);
    at = child.end;
  }
  return children;
}

function numbersOf(content: Buffer): string {
  const numbers: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      numbers.push(value);
      value = 0;
    }
  }
  const [first = 0, ...rest] = numbers;
  const head = Math.min(2, Math.floor(first / 40));
  return [head, first - head * 40, ...rest].join('.');
}

/** https://www.rfc-editor.org/rfc/rfc8017#appendix-C, https://www.rfc-editor.org/rfc/rfc5758 */
const digests: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.2': 'md2',
  '1.2.840.113549.1.1.3': 'md4',
  '1.2.840.113549.1.1.4': 'md5',
  '1.2.840.113549.1.1.5': 'sha1',
  '1.3.14.3.2.29': 'sha1',
  '1.2.840.10040.4.3': 'sha1',
  '1.2.840.10045.4.1': 'sha1',
  '1.2.840.113549.1.1.14': 'sha224',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.1': 'sha224',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
};

/** The digest that a certificate is signed with; `null`: not known, or it has none of its own. */
export function digestOf(certificate: Buffer): string | null {
  const [, algorithm] = childrenOf(elementAt(certificate, 0)?.content ?? Buffer.alloc(0));
  const [name] = childrenOf(algorithm?.content ?? Buffer.alloc(0));
  return name === undefined ? null : (digests[numbersOf(name.content)] ?? null);
}

const nameConstraints = '2.5.29.30';

/** Content of one extension; `null`: the certificate has none like it. */
function extensionOf(certificate: Buffer, wanted: string): Buffer | null {
  const [body] = childrenOf(elementAt(certificate, 0)?.content ?? Buffer.alloc(0));
  // `extensions [3] EXPLICIT`: https://www.rfc-editor.org/rfc/rfc5280#section-4.1
  const wrapper = childrenOf(body?.content ?? Buffer.alloc(0)).find(({ tag }) => tag === 0xa3);
  const [list] = childrenOf(wrapper?.content ?? Buffer.alloc(0));
  for (const { content } of childrenOf(list?.content ?? Buffer.alloc(0))) {
    const parts = childrenOf(content);
    const [name] = parts;
    if (name !== undefined && numbersOf(name.content) === wanted) return parts.at(-1)?.content ?? null;
  }
  return null;
}

/** Address and mask, one after the other, as `10.0.0.0/8`. */
function networkOf(bytes: Buffer): string {
  const half = bytes.length / 2;
  const bits = [...bytes.subarray(half)].reduce(
    (sum, byte) => sum + byte.toString(2).replaceAll('0', '').length,
    0,
  );
  const address =
    half === 4
      ? [...bytes.subarray(0, half)].join('.')
      : (bytes.subarray(0, half).toString('hex').match(/.{4}/g) ?? []).join(':');
  return `${isIPv4(address) ? address : new URL(`http://[${address}]`).hostname.slice(1, -1)}/${bits}`;
}

/** For whom a root may sign; `null`: it says nothing about that. https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.10 */
export function limitsOf(certificate: Buffer): NameLimits | null {
  const extension = extensionOf(certificate, nameConstraints);
  if (extension === null) return null;
  const permitted = childrenOf(elementAt(extension, 0)?.content ?? Buffer.alloc(0)).find(
    ({ tag }) => tag === 0xa0,
  );
  const bases = childrenOf(permitted?.content ?? Buffer.alloc(0)).flatMap(
    ({ content }) => elementAt(content, 0) ?? [],
  );
  const names = bases.filter(({ tag }) => tag === 0x82).map(({ content }) => content.toString('ascii'));
  const addresses = bases
    .filter(({ tag, content }) => tag === 0x87 && (content.length === 8 || content.length === 32))
    .map(({ content }) => networkOf(content));
  return {
    names: names.length === 0 ? null : names,
    addresses: addresses.length === 0 ? null : addresses,
  };
}
