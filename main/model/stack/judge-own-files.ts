// Whether two files are a certificate and its key in the form that Traefik reads, and how to make them so.
import { fatalProblem, good } from './own-seen.ts';
import type { OwnSeen, SeenText, Verdict } from './own-seen.ts';
import { mostPemBytes, readPem, wordOf } from './pem.ts';
import type { Misfit, PemContents } from './pem.ts';

type Role = 'certificate' | 'key';

/** `The key /etc/ssl/lab.key` */
export function nameOf(role: Role, { path }: SeenText): string {
  return `The ${role}${path === null ? '' : ` ${path}`}`;
}

function fileOf(role: Role, { path }: SeenText): string {
  return wordOf(path ?? (role === 'key' ? 'key-file' : 'certificate-file'));
}

function fromPkcs12(file: string): string {
  return `Take it apart, with -legacy added where openssl refuses an old one: openssl pkcs12 -in ${file} -clcerts -nokeys -out certificate.pem && openssl pkcs12 -in ${file} -cacerts -nokeys >> certificate.pem && openssl pkcs12 -in ${file} -nocerts -nodes -out key.pem`;
}

/** What a file that holds no PEM is, and how it becomes PEM. */
function misfitVerdict(misfit: Misfit, role: Role, seen: SeenText): Verdict {
  const name = nameOf(role, seen);
  const file = fileOf(role, seen);
  switch (misfit) {
    case 'empty':
      return fatalProblem(
        'stack.certificate-unreadable',
        `${name} is empty.`,
        'Copy the file once more; the copying may have broken off.',
      );
    case 'pkcs12':
      return fatalProblem(
        'stack.certificate-format',
        `${name} is a PKCS#12 file (.pfx, .p12), and Traefik reads PEM.`,
        fromPkcs12(file),
      );
    case 'keystore':
      return fatalProblem(
        'stack.certificate-format',
        `${name} is a Java keystore, and Traefik reads PEM.`,
        `Make a PKCS#12 file of it: keytool -importkeystore -srckeystore ${file} -destkeystore lab.p12 -deststoretype PKCS12. ${fromPkcs12('lab.p12')}`,
      );
    case 'der':
    case 'der-key':
      return derVerdict(misfit === 'der-key' || role === 'key', name, file);
    case 'utf-16':
      return fatalProblem(
        'stack.certificate-format',
        `${name} is written in UTF-16, as PowerShell does, and Traefik reads ASCII.`,
        `Change that: iconv -f UTF-16 -t UTF-8 ${file} > ${role}.pem`,
      );
    case 'bare-base64':
      return fatalProblem(
        'stack.certificate-format',
        `${name} lacks its first and last line.`,
        role === 'key'
          ? 'Begin the file with the line -----BEGIN PRIVATE KEY----- and end it with -----END PRIVATE KEY-----.'
          : 'Begin the file with the line -----BEGIN CERTIFICATE----- and end it with -----END CERTIFICATE-----.',
      );
    case 'cut':
      return fatalProblem(
        'stack.certificate-invalid',
        `${name} breaks off: the line -----END …----- is missing.`,
        'Copy the file once more.',
      );
    case 'other':
      return fatalProblem(
        'stack.certificate-invalid',
        `${name} is no PEM file: nothing in it begins with -----BEGIN.`,
        `Give the file that whoever made the ${role} calls PEM.`,
      );
  }
}

function derVerdict(isKey: boolean, name: string, file: string): Verdict {
  return fatalProblem(
    'stack.certificate-format',
    `${name} is in binary form (DER), and Traefik reads PEM.`,
    isKey
      ? `Convert it: openssl pkey -inform DER -in ${file} -out key.pem`
      : `Convert it: openssl x509 -inform DER -in ${file} -out certificate.pem`,
  );
}

/** Of a file that could be read: whether it is too long, or no PEM. `null`: neither. */
function formOf(role: Role, seen: SeenText, { misfit }: PemContents): Verdict | null {
  if ((seen.text?.length ?? 0) > mostPemBytes)
    return fatalProblem(
      'stack.certificate-unreadable',
      `${nameOf(role, seen)} has more than 1 MB.`,
      `A ${role} has some kilobytes: give its file.`,
    );
  return misfit === null ? null : misfitVerdict(misfit, role, seen);
}

function unread(role: Role, { path, why }: SeenText): Verdict {
  return fatalProblem(
    'stack.certificate-unreadable',
    `The file ${path ?? ''}, which the answers name for TLS, cannot be read: ${why ?? 'nobody knows why'}.`,
    `Give the path of a PEM file with the ${role} that AutoGit may read.`,
  );
}

const swapped =
  'Exchange the two: tls.certificate names the file of the certificate, tls.key that of the key.';

export function judgeCertificateFile({ certificate, facts, damage }: OwnSeen): Verdict {
  if (certificate.text === null) return unread('certificate', certificate);
  const contents = readPem(certificate.text);
  const form = formOf('certificate', certificate, contents);
  if (form !== null) return form;
  const name = nameOf('certificate', certificate);
  if (contents.certificates.length === 0)
    return noCertificate(name, fileOf('certificate', certificate), contents);
  if (facts === null)
    return fatalProblem(
      'stack.certificate-invalid',
      `${name} cannot be read: ${damage ?? 'it is damaged'}.`,
      'Copy the file once more, or ask for it again.',
    );
  const many = facts.length === 1 ? 'one certificate' : `${facts.length} certificates`;
  return good(`${name} is PEM and holds ${many}.`);
}

function noCertificate(name: string, file: string, { keys, others }: PemContents): Verdict {
  if (keys.length > 0)
    return fatalProblem('stack.certificate-swapped', `${name} holds a private key.`, swapped);
  if (others.some((label) => label.endsWith('CERTIFICATE REQUEST')))
    return fatalProblem(
      'stack.certificate-format',
      `${name} is the request for one, not the certificate.`,
      'Send it to your authority; what comes back is the certificate.',
    );
  if (others.includes('PKCS7') || others.includes('CMS'))
    return fatalProblem(
      'stack.certificate-format',
      `${name} is a PKCS#7 file (.p7b), and Traefik reads certificates alone.`,
      `Take them out: openssl pkcs7 -print_certs -in ${file} -out certificate.pem`,
    );
  return fatalProblem(
    'stack.certificate-invalid',
    `${name} holds no certificate but ${others.join(', ')}.`,
    'Give the file that begins with -----BEGIN CERTIFICATE-----.',
  );
}

export function judgeKeyFile({ key, keyDamage }: OwnSeen): Verdict {
  if (key.text === null) return unread('key', key);
  const contents = readPem(key.text);
  const form = formOf('key', key, contents);
  if (form !== null) return form;
  const name = nameOf('key', key);
  const file = fileOf('key', key);
  const [first] = contents.keys;
  if (first === undefined)
    return contents.certificates.length > 0
      ? fatalProblem('stack.certificate-swapped', `${name} holds a certificate, and no key.`, swapped)
      : fatalProblem(
          'stack.certificate-invalid',
          `${name} holds no private key but ${contents.others.join(', ')}.`,
          'Give the file that was made together with the request for the certificate.',
        );
  if (first.isEncrypted)
    return fatalProblem(
      'stack.certificate-encrypted',
      `${name} is encrypted with a passphrase, which nobody can type when Traefik starts.`,
      `Take the passphrase away: openssl pkey -in ${file} -out key.pem && chmod 600 key.pem`,
    );
  if (first.isSsh)
    return fatalProblem(
      'stack.certificate-format',
      `${name} is a key of OpenSSH, which web servers do not read.`,
      'Give the key with which the certificate was asked for.',
    );
  if (keyDamage !== null)
    return fatalProblem(
      'stack.certificate-invalid',
      `${name} cannot be read: ${keyDamage}.`,
      'Copy the file once more.',
    );
  return good(`${name} is PEM, without a passphrase.`);
}
