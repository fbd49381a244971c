// A place of updates on this machine for tests: keys, lists, packages, and a server that serves them well or badly.
import { createHash, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { manifestBytes, signBytes, updateKeyOf } from '../../electron/update-release.ts';
import type { UpdateFile, UpdateKey, UpdateManifest, UpdateRelease } from '../../main/model/updates.ts';

export interface Signer {
  readonly pem: string;
  readonly key: UpdateKey;
}

/** A key pair of the test's own. */
export function makeSigner(): Signer {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { pem, key: updateKeyOf(pem) };
}

export const day = 86_400_000;

/** A package with this content. */
export function fileOf(
  name: string,
  content: Uint8Array,
  kind = 'deb',
  arch: string = process.arch,
): UpdateFile {
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { kind, arch, name, size: content.length, sha256 };
}

export function releaseOf(
  version: string,
  files: readonly UpdateFile[] = [],
  from: string | null = null,
): UpdateRelease {
  return { version, date: '2026-11-20', changelog: `What is new in ${version}`, from, files: [...files] };
}

export function manifestOf(
  releases: readonly UpdateRelease[],
  parts: Partial<UpdateManifest> = {},
): UpdateManifest {
  const expires = new Date(Date.UTC(2100, 0, 1)).toISOString();
  return {
    ...{ schema: 1, program: 'autogit', channel: 'stable', sequence: 1, expires },
    releases: [...releases],
    ...parts,
  };
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface UpdatePlace {
  readonly address: string;
  /** Paths that were asked for, with where they were to begin. */
  readonly asked: readonly string[];
  /** Serves these bytes, in parts where somebody asks for one. */
  put(name: string, content: Uint8Array): void;
  /** Signs and serves a list. */
  publish(manifest: UpdateManifest, signers: readonly Signer[]): void;
  /** Answers so instead; `null`: as before. */
  answer(name: string, how: Answer | null): void;
  close(): Promise<void>;
}

function sendPart(content: Uint8Array, request: IncomingMessage, response: ServerResponse): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (from === 0) {
    response.writeHead(200, { 'content-length': content.length }).end(content);
    return;
  }
  if (from >= content.length) {
    response.writeHead(416).end();
    return;
  }
  const range = `bytes ${from}-${content.length - 1}/${content.length}`;
  response.writeHead(206, { 'content-range': range }).end(content.subarray(from));
}

export async function openPlace(): Promise<UpdatePlace> {
  const contents = new Map<string, Uint8Array>();
  const answers = new Map<string, Answer>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const name = decodeURIComponent((request.url ?? '/').slice(1));
    asked.push(`${name}${request.headers.range === undefined ? '' : ` ${request.headers.range}`}`);
    const own = answers.get(name);
    const content = contents.get(name);
    if (own !== undefined) own(request, response);
    else if (content === undefined) response.writeHead(404).end();
    else sendPart(content, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  const put = (name: string, content: Uint8Array): void => void contents.set(name, content);
  return {
    ...{ address: `http://127.0.0.1:${bound.port}`, asked, put },
    publish: (manifest, signers) => {
      const bytes = manifestBytes(manifest);
      put('updates.json', bytes);
      put(
        'updates.json.sig',
        Buffer.from(
          signBytes(
            bytes,
            signers.map(({ pem }) => pem),
          ),
        ),
      );
    },
    answer: (name, how) => {
      if (how === null) answers.delete(name);
      else answers.set(name, how);
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
