// A connection to a directory: its encryption is judged here, and it is never made anew behind anybody's back.
import { once } from 'node:events';
import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, rootCertificates } from 'node:tls';
import type { ConnectionOptions, PeerCertificate, TLSSocket } from 'node:tls';
import { Client } from 'ldapts';
import type { DirectoryQuestion } from '../../access-ports.ts';
import { placeOfDirectory } from '../../model/stack/directory.ts';
import { within } from './open-socket.ts';

/** Of everything that one connection brings. Bytes. */
const mostBytes = 16 * 1024 * 1024;

/** The certificate names no host the way that Go, and so Authelia, asks for. */
export class OnlyCommonName extends Error {
  override readonly name = 'OnlyCommonName';
}

/** Whatever a directory sends without end does not fill the memory. It speaks only when it is asked: nothing is missed. */
function bounded<S extends Socket>(socket: S): S {
  let bytes = 0;
  socket.on('data', (part: Buffer) => {
    bytes += part.length;
    if (bytes > mostBytes) socket.destroy(new Error('it sends more than anybody can read'));
  });
  return socket;
}

/** How a directory has to prove who it is: as Authelia asks for it. */
function tlsOptions({ directory, root }: DirectoryQuestion): ConnectionOptions {
  const name = directory.serverName ?? placeOfDirectory(directory).host;
  return {
    host: name,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    // What this machine alone trusts helps nobody in a container.
    ca: root === null ? [...rootCertificates] : [...rootCertificates, root],
    minVersion: 'TLSv1.2',
    checkServerIdentity: (_, certificate) => judgeIdentity(name, certificate),
  };
}

function judgeIdentity(name: string, certificate: PeerCertificate): Error | undefined {
  const wrong = checkServerIdentity(name, certificate);
  if (wrong !== undefined) return wrong;
  return certificate.subjectaltname === undefined
    ? new OnlyCommonName(`the certificate has no name but its subject's`)
    : undefined;
}

/** Encrypts from the first byte. Rejects like TLS, or with `Silent`; the connection is over then. */
export async function secure(socket: Socket, question: DirectoryQuestion): Promise<TLSSocket> {
  const encrypted = connectTls({ ...tlsOptions(question), socket });
  try {
    await within(once(encrypted, 'secureConnect'));
    return encrypted.on('error', () => undefined);
  } catch (error) {
    encrypted.on('error', () => undefined).destroy();
    socket.destroy();
    throw error;
  }
}

/** Speaks LDAP over a connection that is there. */
export function clientOver(socket: Socket): Client {
  let isTaken = false;
  return new Client({
    url: 'ldap://directory',
    createConnection: () => {
      // It would connect again by itself, without encryption and without a name.
      if (isTaken) throw new Error('the directory has ended the connection');
      isTaken = true;
      return bounded(socket);
    },
    createSecureConnection: (options: unknown) => bounded(connectTls(asOptions(options))),
  });
}

function asOptions(options: unknown): ConnectionOptions {
  return typeof options === 'object' && options !== null ? options : {};
}

/** Asks for encryption, and begins it. Rejects with what the directory answers, like TLS, or with `Silent`. */
export async function startTls(client: Client, question: DirectoryQuestion): Promise<void> {
  await within(client.startTLS(tlsOptions(question)));
}
