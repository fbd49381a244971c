// What goes wrong with a directory, in words: what was found, and what to do.
import { isIP } from 'node:net';
import { InvalidCredentialsError, ResultCodeError } from 'ldapts';
import { messageOf } from '../../errors.ts';
import { placeOfDirectory } from '../../model/stack/directory.ts';
import type { LdapDirectory } from '../../model/stack/directory.ts';
import { OnlyCommonName } from './directory-line.ts';
import { Silent, codeOf, deadlineMs } from './open-socket.ts';

export interface Words {
  readonly message: string;
  readonly next: string;
}

function where(directory: LdapDirectory): string {
  const { host, port } = placeOfDirectory(directory);
  return `${isIP(host) === 6 ? `[${host}]` : host}, port ${port}`;
}

/** Why nobody could be connected to. */
export function connectWords(error: unknown, directory: LdapDirectory): Words {
  const { host, port } = placeOfDirectory(directory);
  const check = `Check the address, and whether a firewall lets this machine reach port ${port}.`;
  if (error instanceof Silent)
    return {
      message: `${where(directory)} has not answered within ${deadlineMs / 1_000} s.`,
      next: check,
    };
  switch (codeOf(error)) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NONAME':
      return {
        message: `The name ${host} leads nowhere.`,
        next: "Check its spelling, and whether this machine's name server knows it.",
      };
    case 'ECONNREFUSED':
      return {
        message: `${where(directory)}: nothing listens there.`,
        next: 'Check the port (389 for ldap://, 636 for ldaps://), and whether the directory runs.',
      };
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return { message: `${where(directory)} cannot be reached from here.`, next: check };
    default:
      return { message: `${where(directory)} cannot be connected to: ${messageOf(error)}.`, next: check };
  }
}

/** Of OpenSSL and Node, that a certificate leads to a root that nobody has named. */
const unknownRoots = [
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_GET_ISSUER_CERT'],
  ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CERT_UNTRUSTED'],
];
const tooOld = [
  ...['ERR_SSL_UNSUPPORTED_PROTOCOL', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'ERR_SSL_VERSION_TOO_LOW'],
  ...['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'ERR_SSL_NO_PROTOCOLS_AVAILABLE', 'ERR_SSL_DH_KEY_TOO_SMALL'],
  ...['ERR_SSL_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED', 'ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY'],
];

/** Why there is no encryption that could be trusted. */
export function tlsWords(error: unknown, directory: LdapDirectory): Words {
  const { host, port } = placeOfDirectory(directory);
  const name = directory.serverName ?? host;
  const code = codeOf(error);
  if (error instanceof Silent)
    return {
      message: `${where(directory)} has begun no TLS within ${deadlineMs / 1_000} s.`,
      next: 'Check the port: on 389 a directory waits for StartTLS, on 636 for ldaps://.',
    };
  if (error instanceof OnlyCommonName)
    return {
      message: `The directory's certificate says ${name} only as its subject, which nobody accepts any more, also not Authelia.`,
      next: `Have it made anew with ${name} as subject alternative name.`,
    };
  if (code === 'CERT_HAS_EXPIRED')
    return {
      message: "The directory's certificate, or one that it leads to, has ended.",
      next: 'Have it renewed on the directory.',
    };
  if (code === 'CERT_NOT_YET_VALID')
    return {
      message: "The directory's certificate is not valid yet.",
      next: 'Compare the clocks of this machine and of the directory.',
    };
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return {
      message: `The directory's certificate is not for ${name}.`,
      next: 'Use the name that it is for as address, or give that name as serverName.',
    };
  if (unknownRoots.includes(code))
    return {
      message: "The directory's certificate leads to a root that is not known.",
      next:
        directory.ca === null
          ? 'Give the PEM file of its root as ca.'
          : `It is not the root in ${directory.ca}, or certificates between are missing: the directory has to send them, or they stand in that file.`,
    };
  if (tooOld.includes(code))
    return {
      message: 'The directory speaks only TLS that is too old, or too weak: at least TLS 1.2 is asked for.',
      next: 'Allow TLS 1.2 or 1.3 with usual ciphers on the directory.',
    };
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG')
    return {
      message: `${where(directory)} answers without TLS.`,
      next: 'Write ldap:// with startTls: true, or the port for ldaps://, mostly 636.',
    };
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return {
      message: `${where(directory)} has ended the connection instead of beginning TLS.`,
      next: `Check whether port ${port} is the one for ${placeOfDirectory(directory).isTls ? 'ldaps:// (the other one wants ldap:// with startTls: true)' : 'ldap://'}, and whether the directory has a certificate.`,
    };
  return {
    message: `TLS with ${where(directory)} has failed: ${messageOf(error)}.`,
    next: "The directory's log says more about it.",
  };
}

/** StartTLS was refused in words of LDAP. */
export function startTlsWords(error: ResultCodeError): Words {
  return {
    message: `The directory does not offer StartTLS (result ${error.code}).`,
    next: 'Give it a certificate, or use ldaps:// if it has that.',
  };
}

/** https://learn.microsoft.com/en-us/windows/win32/debug/system-error-codes, in hex behind "data" */
const activeDirectory: Readonly<Record<string, Words>> = {
  '525': { message: 'There is no such user.', next: 'Check the answer user, letter by letter.' },
  '52e': {
    message: 'The password is wrong.',
    next: 'Set it anew: autogit stack set-secret directory-password',
  },
  '530': { message: 'The account may not sign in at this time.', next: 'Change its hours in the directory.' },
  '531': { message: 'The account may not sign in from here.', next: 'Change its machines in the directory.' },
  '532': { message: 'The password has expired.', next: 'Set another one in the directory.' },
  '533': { message: 'The account is disabled.', next: 'Enable it in the directory.' },
  '701': { message: 'The account has expired.', next: 'Give it another end in the directory.' },
  '773': { message: 'The password has to be changed first.', next: 'Change it in the directory.' },
  '775': { message: 'The account is locked.', next: 'Unlock it in the directory, then check the password.' },
};

/** What a directory says of an account besides the result: draft-behera-ldap-password-policy. */
const policies: Readonly<Record<number, string>> = { 0: '532', 1: '775', 2: '773' };

/** Why the name and the password of who searches are not accepted; `policy`: what the directory adds. */
export function bindWords(error: unknown, { user }: LdapDirectory, policy: number | null): Words {
  if (error instanceof InvalidCredentialsError || (error instanceof ResultCodeError && error.code === 49)) {
    const data = /\bdata ([0-9a-f]{3})\b/.exec(error.message)?.[1];
    const known = activeDirectory[data ?? policies[policy ?? -1] ?? ''];
    if (known !== undefined) return { ...known, message: `${user}: ${known.message}` };
    return {
      message: `The directory does not accept ${user}: its password is wrong, or there is no such user.`,
      next: 'Check the answer user, and set the password anew: autogit stack set-secret directory-password',
    };
  }
  return resultWords(error, `sign ${user} in`);
}

function limited(doing: string, why: string, next: string): Words {
  return { message: `The directory does not ${doing}: ${why}.`, next };
}

/** Results of LDAP in words. https://www.rfc-editor.org/rfc/rfc4511#appendix-A */
export function resultWords(error: unknown, doing: string, base = ''): Words {
  if (error instanceof Silent)
    return limited(
      doing,
      `no answer came within ${deadlineMs / 1_000} s`,
      'Ask whoever runs the directory; an index for its attributes may be missing.',
    );
  const code = error instanceof ResultCodeError ? error.code : null;
  switch (code) {
    case 3:
    case 11:
      return limited(
        doing,
        'that is beyond a limit of its own',
        'Search further below with additionalUsersDn and additionalGroupsDn.',
      );
    case 8:
    case 13:
      return limited(doing, 'it asks for encryption first', 'Write ldaps://, or startTls: true.');
    case 10:
      return limited(
        doing,
        'it sends on to another directory, and that is not followed',
        'Give the address of the directory that has the people itself.',
      );
    case 32:
      return limited(
        doing,
        `there is no ${base === '' ? 'such entry' : base}`,
        'Check baseDn and what is before it.',
      );
    case 34:
      return limited(doing, 'a distinguished name is not written as one', 'Check baseDn and user.');
    case 48:
    case 53:
      return limited(doing, 'it is not willing to', "The directory's log says why.");
    case 50:
      return limited(doing, 'who searches may not', 'Give that account the right to read people and groups.');
    case 51:
    case 52:
      return limited(doing, 'it is busy or being maintained', 'Try again later.');
    case null:
      return limited(doing, messageOf(error).split('\n').at(-1) ?? '', "The directory's log says more.");
    default:
      return limited(doing, `it answers with result ${code}`, "The directory's log says why.");
  }
}
