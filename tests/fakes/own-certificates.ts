// Certificates of every kind that a person may bring, good and bad, made by openssl in a folder of their own.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface MadeCertificate {
  readonly certificate: string;
  readonly key: string;
}

interface Wish {
  /** Of who signs; missing: itself. */
  readonly by?: string;
  readonly names?: string;
  readonly days?: number;
  readonly isAuthority?: boolean;
  /** `rsa:1024`, `ec:secp256k1`. */
  readonly kind?: string;
  readonly digest?: string;
  readonly usage?: string;
  readonly more?: readonly string[];
}

export interface CertificateWorkshop {
  /** Absolute path of a file in the folder. */
  path(name: string): string;
  make(name: string, wish?: Wish): MadeCertificate;
  /** Runs openssl in the folder. */
  openssl(...words: readonly string[]): void;
  write(name: string, content: string | Buffer): string;
  read(name: string): Buffer;
  remove(): void;
}

function kindWords(kind: string): readonly string[] {
  const [family = '', size = ''] = kind.split(':');
  if (family === 'ec') return ['-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${size}`];
  return size === '' ? ['-newkey', family] : ['-newkey', `${family}:${size}`];
}

export function certificateWorkshop(): CertificateWorkshop {
  const folder = mkdtempSync(path.join(tmpdir(), 'autogit-own-'));
  const at = (name: string): string => path.join(folder, name);
  const openssl = (...words: readonly string[]): void =>
    void execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
  return {
    path: at,
    openssl,
    read: (name) => readFileSync(at(name)),
    write: (name, content) => {
      writeFileSync(at(name), content);
      return at(name);
    },
    remove: () => rmSync(folder, { recursive: true }),
    make: (
      name,
      {
        by,
        names,
        days = 90,
        isAuthority = false,
        kind = 'ec:prime256v1',
        digest = 'sha256',
        usage,
        more = [],
      } = {},
    ) => {
      openssl(
        ...['req', '-x509', ...kindWords(kind), '-nodes', `-${digest}`, '-days', String(days)],
        ...['-subj', `/O=Lab/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.pem`],
        ...(by === undefined ? [] : ['-CA', `${by}.pem`, '-CAkey', `${by}.key`]),
        ...['-addext', `basicConstraints=critical,CA:${isAuthority ? 'TRUE' : 'FALSE'}`],
        ...(names === undefined ? [] : ['-addext', `subjectAltName=${names}`]),
        ...(usage === undefined ? [] : ['-addext', `extendedKeyUsage=${usage}`]),
        ...more.flatMap((extension) => ['-addext', extension]),
      );
      const text = (file: string): string => readFileSync(at(file), 'utf8');
      return { certificate: text(`${name}.pem`), key: text(`${name}.key`) };
    },
  };
}
