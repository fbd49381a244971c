// What is in a file that should hold PEM, told from its text alone: blocks, or what else it seems to be.

/** Files with more are not read: far above any chain, key, and set of public roots. Bytes. */
export const mostPemBytes = 1_000_000;

/** What lies there instead of PEM. */
export type Misfit =
  'empty' | 'pkcs12' | 'keystore' | 'der' | 'der-key' | 'utf-16' | 'bare-base64' | 'cut' | 'other';

export interface PemKey {
  readonly text: string;
  readonly isEncrypted: boolean;
  /** Of OpenSSH, which no web server reads. */
  readonly isSsh: boolean;
}

export interface PemContents {
  /** Each with its lines of beginning and end. */
  readonly certificates: readonly string[];
  readonly keys: readonly PemKey[];
  /** `CERTIFICATE REQUEST`, `PKCS7`, `PUBLIC KEY`. */
  readonly others: readonly string[];
  /** `null`: there is PEM. */
  readonly misfit: Misfit | null;
}

interface Block {
  readonly label: string;
  readonly text: string;
}

/** Each part of the text is looked at once, whatever somebody has written into it. */
function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = [];
  const begin = /-----BEGIN ([A-Z0-9 ]{1,40})-----/g;
  for (let found = begin.exec(text); found !== null; found = begin.exec(text)) {
    const [head, label = ''] = found;
    const tail = `-----END ${label}-----`;
    const at = text.indexOf(tail, found.index + head.length);
    if (at === -1) break;
    begin.lastIndex = at + tail.length;
    blocks.push({ label, text: `${text.slice(found.index, begin.lastIndex)}\n` });
  }
  return blocks;
}

/** What openssl writes before a key, and what every reader passes over. */
const harmlessLabels: readonly string[] = ['EC PARAMETERS', 'DH PARAMETERS'];

function keyOf({ label, text }: Block): PemKey {
  const isEncrypted =
    label.startsWith('ENCRYPTED') || text.includes('ENCRYPTED\n') || /: 4,ENCRYPTED/.test(text);
  return { text, isEncrypted, isSsh: label.startsWith('OPENSSH') };
}

/**
 * What begins like this, where it was read as text: bytes that are none have become U+FFFD, those of ASCII are there.
 * https://www.rfc-editor.org/rfc/rfc7292#section-4 begins with version 3, a certificate with one sequence in another.
 */
const shapes: readonly (readonly [Misfit, RegExp])[] = [
  ['pkcs12', /^0[^]{1,5}\u0002\u0001\u0003/],
  ['keystore', /^\ufffd{4}/],
  ['utf-16', /^(?:\ufffd\ufffd|\ufeff)?[^]?\0?-\0-\0/],
  ['der-key', /^0[^]{1,4}\u0002\u0001[\u0000\u0001]/],
  ['der', /^0[\u0000-\u0008\ufffd][^]{0,4}/],
  ['bare-base64', /^\s*MII[A-Za-z0-9+/=\s]+$/],
  ['cut', /-----BEGIN [A-Z0-9 ]{1,40}-----/],
];

function misfitOf(text: string): Misfit {
  if (text.trim() === '') return 'empty';
  return shapes.find(([, shape]) => shape.test(text))?.[0] ?? 'other';
}

/** Never throws, and takes no longer for a hostile text than for one of ours. */
export function readPem(text: string): PemContents {
  const blocks = blocksOf(text).filter(({ label }) => !harmlessLabels.includes(label));
  const isKey = ({ label }: Block): boolean => label.endsWith('PRIVATE KEY');
  // Traefik passes over OpenSSL's own form, `TRUSTED CERTIFICATE`.
  const isCertificate = ({ label }: Block): boolean => label === 'CERTIFICATE';
  return {
    certificates: blocks.filter(isCertificate).map((block) => block.text),
    keys: blocks.filter(isKey).map(keyOf),
    others: blocks.filter((block) => !isKey(block) && !isCertificate(block)).map(({ label }) => label),
    misfit: blocks.length === 0 ? misfitOf(text) : null,
  };
}

/** A path as a shell takes it for one word. */
export function wordOf(path: string): string {
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
