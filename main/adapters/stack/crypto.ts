// Keys, digests and certificates, made where they do not hold up the core.
import {
  X509Certificate,
  createPrivateKey,
  generateKeyPair,
  pbkdf2,
  randomBytes,
  randomInt,
} from 'node:crypto';
import { promisify } from 'node:util';
import { messageOf } from '../../errors.ts';
import type { Crypto } from '../../stack-ports.ts';
import { issueLeaf, issueRoot } from './certificates.ts';
import { traceChain } from './chain.ts';
import { describeCertificates } from './describe.ts';
import { certificateInvalid } from './errors.ts';
import { parseNames } from './subject-names.ts';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** What Authelia takes by default: https://www.authelia.com/reference/guides/passwords/ */
const pbkdf2Choice = { rounds: 310_000, digest: 'sha512', bytes: 64, salt: 16 } as const;
const argon2Choice = { t: 3, m: 65_536, p: 4, dkLen: 32 } as const;
/** How long the event loop is held at a time. Milliseconds. */
const argon2TickMs = 5;

const derive = promisify(pbkdf2);
const generateKeys = promisify(generateKeyPair);

/** The port on Node's own cryptography, and on libraries for what that does not have everywhere. */
export function createCrypto(): Crypto {
  return {
    random: (length) => Array.from({ length }, () => letters[randomInt(letters.length)]).join(''),
    async rsaKey() {
      const { privateKey } = await generateKeys('rsa', { modulusLength: 2048 });
      return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    },
    async pbkdf2(secret) {
      const { rounds, digest, bytes, salt: saltBytes } = pbkdf2Choice;
      const salt = randomBytes(saltBytes);
      const derived = await derive(secret, salt, rounds, bytes, digest);
      return `$pbkdf2-sha512$${rounds}$${adapted(salt)}$${adapted(derived)}`;
    },
    async argon2id(password) {
      const { argon2idAsync } = await import('@noble/hashes/argon2.js');
      const salt = randomBytes(16);
      const derived = await argon2idAsync(password, salt, { ...argon2Choice, asyncTick: argon2TickMs });
      const { m, t, p } = argon2Choice;
      return `$argon2id$v=19$m=${m},t=${t},p=${p}$${unpadded(salt)}$${unpadded(Buffer.from(derived))}`;
    },
    authority: issueRoot,
    leaf: issueLeaf,
    async read(text) {
      const { subjectAltName = '', validFrom, validTo } = parse(text);
      const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
      return { names: parseNames(subjectAltName), from, to };
    },
    async keyProblem(text) {
      try {
        createPrivateKey(text);
        return null;
      } catch (error) {
        return messageOf(error);
      }
    },
    async matches(text, keyText) {
      const certificate = parse(text);
      try {
        return certificate.checkPrivateKey(createPrivateKey(keyText));
      } catch (error) {
        throw certificateInvalid(
          'key',
          keyText.includes('ENCRYPTED') ? 'it is encrypted' : messageOf(error),
          error,
        );
      }
    },
    async describe(text) {
      return describeCertificates(text);
    },
    async trace(text, known, now) {
      return traceChain(text, known, now);
    },
  };
}

/** Base64 without padding, with `.` for `+`: https://passlib.readthedocs.io/en/stable/lib/passlib.utils.binary.html#passlib.utils.binary.ab64_encode */
function adapted(bytes: Buffer): string {
  return unpadded(bytes).replaceAll('+', '.');
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

/** Of a chain, the first: that of the server. */
function parse(text: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch (error) {
    throw certificateInvalid('certificate', messageOf(error), error);
  }
}
