// Certificates for engines behind TLS: read when a connection is opened, so that renewed ones are taken up.
import { readFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { AutoGitError, messageOf } from '../../errors.ts';

/** Where the material of a connection lies: `ca.pem`, `cert.pem` and `key.pem` in one folder, none of them required. */
export interface TlsFiles {
  readonly folder: string;
  /** True: without an own authority it cannot be meant. */
  readonly needsCa: boolean;
}

interface Material {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

function tlsError(shown: string, why: string, next: string, cause?: unknown): AutoGitError {
  return new AutoGitError({
    key: 'engine.tls',
    message: `No secure connection to the container engine at ${shown}: ${why}.`,
    next,
    fields: { host: shown },
    cause,
  });
}

async function readPem(path: string, shown: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw tlsError(
      shown,
      `${path} cannot be read (${messageOf(error)})`,
      'Make the file readable for you.',
      error,
    );
  }
}

async function readMaterial({ folder, needsCa }: TlsFiles, shown: string): Promise<Material> {
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readPem(join(folder, name), shown)),
  );
  const missing = [
    ...(ca === undefined && needsCa ? ['ca.pem'] : []),
    ...(cert === undefined && key !== undefined ? ['cert.pem'] : []),
    ...(key === undefined && cert !== undefined ? ['key.pem'] : []),
  ];
  if (missing.length > 0) {
    const next = 'Put it there, or name the folder that has the certificates: DOCKER_CERT_PATH.';
    throw tlsError(shown, `${missing.join(' and ')} is missing in ${folder}`, next);
  }
  return { ca, cert, key };
}

/** As Node's own agent has it: a connection that nobody uses is closed after so many milliseconds. */
const kept = { keepAlive: true, timeout: 5_000 } as const;

/** What keeps the connections to an engine behind TLS. Rejects with `engine.tls` when its material cannot be used. */
export async function openTlsAgent(files: TlsFiles | null, shown: string): Promise<Agent> {
  if (files === null) return new Agent(kept);
  const material = await readMaterial(files, shown);
  try {
    createSecureContext(material);
  } catch (error) {
    const next = 'Look whether ca.pem, cert.pem and key.pem are PEM files and belong together.';
    throw tlsError(shown, `the files in ${files.folder} cannot be used (${messageOf(error)})`, next, error);
  }
  return new Agent({ ...material, ...kept });
}

/** Codes of Node and OpenSSL that speak of a handshake: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const tlsCode =
  /^(ERR_(SSL|TLS|OSSL)_|EPROTO$|CERT_|CRL_|CA_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_|PATH_LENGTH_|HOSTNAME_MISMATCH|ERROR_IN_CERT)/;

const meanings: readonly (readonly [RegExp, string, string])[] = [
  [
    /^CERT_HAS_EXPIRED$/,
    'its certificate has expired',
    'Renew the certificate of the engine, and look at the clocks of both machines.',
  ],
  [/^CERT_NOT_YET_VALID$/, 'its certificate is not valid yet', 'Look at the clocks of both machines.'],
  [
    /ALTNAME_INVALID$|^HOSTNAME_MISMATCH$/,
    'its certificate is for another name',
    'Use the name that the certificate has, or make one for this name.',
  ],
  [/EXPIRED$/, 'it refused our certificate, which has expired', 'Renew cert.pem and key.pem.'],
  [
    /ALERT/,
    'it refused our certificate',
    'Give it a certificate of the authority that it trusts: cert.pem and key.pem beside ca.pem.',
  ],
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|RECORD_OVERFLOW|^EPROTO$/,
    'what listens there does not speak TLS',
    'Unset DOCKER_TLS_VERIFY, or correct the address.',
  ],
];

/** An error of the handshake as `engine.tls`; `null` for any other. */
export function handshakeError(shown: string, code: string | null, cause: unknown): AutoGitError | null {
  if (code === null || !tlsCode.test(code)) return null;
  const known = meanings.find(([pattern]) => pattern.test(code));
  const why = known?.[1] ?? `its certificate is not trusted (${messageOf(cause)})`;
  return tlsError(shown, why, known?.[2] ?? 'Put the authority that signed it into ca.pem.', cause);
}
