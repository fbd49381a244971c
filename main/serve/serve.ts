// The doors of a running core: a unix socket for this machine's user, and HTTP on the loopback address.
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { chmod, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { AutoGitError, messageOf } from '../errors.ts';
import type { Core } from '../index.ts';
import type { Log } from '../log.ts';
import type { AppOptions } from './app.ts';
import { builtPage, openPage } from './page.ts';
import { openSessions } from './session.ts';
import { keepToken } from './token.ts';
import { limitTries } from './tries.ts';

export interface ServeOptions {
  readonly core: Pick<Core, 'through'>;
  readonly paths: { readonly socket: string; readonly httpToken: string };
  /** TCP port on 127.0.0.1; 0 or absent: any free one. */
  readonly port?: number;
  readonly log: Log;
  /** Milliseconds between two heartbeats of a silent stream. */
  readonly beatMs?: number;
  /** Folder of the built page, when it is not where the build puts it. */
  readonly page?: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface Doors {
  /** `http://127.0.0.1:<port>`. */
  readonly address: string;
  readonly socket: string;
  /** Ends streams, lets running requests finish for two seconds, and removes the socket. */
  close(): Promise<void>;
}

/** Milliseconds that running requests have to end when the doors close. */
const graceMs = 2000;

type Listen = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * What answers is read with the first request: it is made over `fetch`'s classes, for which Node reads the whole of
 * `fetch` and compiles a parser of HTTP, some 13 MB that a desktop which nobody asks does not need.
 */
function lateListener(app: AppOptions): Listen {
  let loading: Promise<Listen> | null = null;
  return async (request, response) => {
    const listen = await (loading ??= import('./listener.ts').then(({ listenerFor }) => listenerFor(app)));
    // Who has gone meanwhile is not heard to go any more.
    if (!response.destroyed) await listen(request, response);
  };
}

function listening(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    listen();
  });
}

async function listenOnSocket(server: Server, socket: string): Promise<void> {
  if (process.platform === 'win32') return listening(server, () => server.listen(socket));
  // The caller holds the home's lock, so whatever lies there is of a core that died.
  await rm(socket, { force: true });
  await listening(server, () => {
    const before = process.umask(0o177);
    try {
      server.listen(socket);
    } finally {
      process.umask(before);
    }
  });
  await chmod(socket, 0o600);
}

async function listenOnLoopback(server: Server, port: number): Promise<void> {
  try {
    await listening(server, () => server.listen(port, '127.0.0.1'));
  } catch (error) {
    throw new AutoGitError({
      key: 'core.port-taken',
      message: `AutoGit cannot listen on 127.0.0.1:${port}: ${messageOf(error)}.`,
      next: 'Choose another port with --port, or leave it out for a free one.',
      fields: { port },
      cause: error,
    });
  }
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function closed(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    const hurry = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(hurry);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** Opens both doors. Rejects with `core.port-taken`. */
export async function startServe(options: ServeOptions): Promise<Doors> {
  const { core, paths } = options;
  const log = options.log.topic('http');
  const now = options.now ?? Date.now;
  const closing = new AbortController();
  const common = { log, closing: closing.signal, beatMs: options.beatMs ?? 15_000 };
  const token = await keepToken(paths.httpToken);
  const serverFor = (app: AppOptions): Server => {
    const listener = lateListener(app);
    return createServer((request, response) => {
      listener(request, response).catch((error: unknown) => {
        log.error('a request could not be answered', { error });
        response.destroy();
      });
    });
  };
  const local = serverFor({ ...common, core: core.through('cli'), web: null });
  const web: Server = serverFor({
    ...common,
    core: core.through('http'),
    web: {
      port: () => portOf(web.address()),
      token,
      sessions: openSessions(token, now),
      page: openPage(options.page ?? builtPage),
      tries: limitTries(now),
    },
  });
  const close = async (): Promise<void> => {
    closing.abort();
    await Promise.all([closed(local), closed(web)]);
    if (process.platform !== 'win32') await rm(paths.socket, { force: true });
  };
  try {
    await listenOnLoopback(web, options.port ?? 0);
    await listenOnSocket(local, paths.socket);
  } catch (error) {
    await close();
    throw error;
  }
  return { address: `http://127.0.0.1:${portOf(web.address())}`, socket: paths.socket, close };
}
