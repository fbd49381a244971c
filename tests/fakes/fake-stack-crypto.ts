// Keys, digests and certificates that are only texts: it counts instead of throwing dice.
import { z } from 'zod';
import type { CertificateFacts } from '../../main/model/stack/certificate-facts.ts';
import { readPem } from '../../main/model/stack/pem.ts';
import type { Crypto } from '../../main/stack-ports.ts';
import { stackFailure, StackFaults } from './fake-stack-faults.ts';

const day = 24 * 3_600_000;

const paperSchema = z.object({
  names: z.array(z.string()),
  from: z.number(),
  to: z.number(),
  serial: z.number(),
  /** `public`; `own`: its root is in the file; otherwise a part of the file that has its root. */
  chain: z.string().optional(),
});
type Paper = Readonly<z.infer<typeof paperSchema>>;

/** A certificate as the fake writes it, for tests that need one of a person's own. */
export function paper(content: Paper): string {
  return `-----BEGIN CERTIFICATE-----\n${JSON.stringify(content)}\n-----END CERTIFICATE-----\n`;
}

function contentOf(certificate: string): Paper {
  try {
    return paperSchema.parse(JSON.parse(certificate.split('\n')[1] ?? ''));
  } catch {
    throw stackFailure('stack.certificate-invalid');
  }
}

function factsOf(certificate: string): CertificateFacts {
  const { names, from, to, serial } = contentOf(certificate);
  return {
    ...{ subject: `CN=${names[0] ?? ''}`, issuer: 'CN=Fake', names, from, to },
    ...{
      fingerprint: String(serial).padStart(2, '0'),
      key: { kind: 'ec', curve: 'P-256' },
      digest: 'sha256',
    },
    ...{ isAuthority: false, mayServe: true, limits: null, issuerUrl: null, signer: null },
  };
}

/** A key as the fake writes it; it belongs to the certificate of the same number. */
export function keyOf(serial: number): string {
  return `-----BEGIN PRIVATE KEY-----\n${serial}\n-----END PRIVATE KEY-----\n`;
}

/** The port's in-memory twin. */
export function fakeCrypto(faults: StackFaults = new StackFaults()): Crypto {
  let serial = 0;
  const next = (): number => (serial += 1);
  const made = (
    names: readonly string[],
    from: number,
    days: number,
  ): { certificate: string; key: string } => {
    const own = next();
    return {
      certificate: paper({ names: [...names], from, to: from + days * day, serial: own }),
      key: keyOf(own),
    };
  };
  return {
    random: (length) =>
      faults.at('crypto.random', () => String(next()).padStart(3, '0').padStart(length, 'r').slice(-length)),
    rsaKey: () => faults.around('crypto.rsaKey', () => `-----BEGIN PRIVATE KEY-----\nrsa${next()}\n`),
    pbkdf2: (secret) =>
      faults.around('crypto.pbkdf2', () => `$pbkdf2-sha512$310000$${next()}$${secret.length}`),
    argon2id: (password) =>
      faults.around('crypto.argon2id', () => `$argon2id$v=19$${next()}$${password.length}`),
    authority: (name, _, now) => faults.around('crypto.authority', () => made([name], now, 3_650)),
    leaf: (_, names, now) => faults.around('crypto.leaf', () => made(names, now, 397)),
    trace: (certificate, known) =>
      faults.around('crypto.trace', () => {
        const { chain = 'public' } = contentOf(certificate);
        if (chain === 'public') return { kind: 'public' as const };
        const isKnown = chain === 'own' || known?.includes(chain) === true;
        return isKnown
          ? { kind: 'own' as const, root: known ?? certificate }
          : { kind: 'lost' as const, issuer: chain };
      }),
    describe: (text) => faults.around('crypto.describe', () => readPem(text).certificates.map(factsOf)),
    keyProblem: async () => null,
    read: (certificate) => faults.around('crypto.read', () => contentOf(certificate)),
    matches: (certificate, key) =>
      faults.around('crypto.matches', () => key === keyOf(contentOf(certificate).serial)),
  };
}
