// The window's own scheme: the only place that a page of AutoGit comes from.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { app, protocol } from 'electron';
import type { ProtocolRequest, ProtocolResponse, Session } from 'electron';
import { noPage, pageFile, pageHeaders, pageScheme } from './page-files.ts';

/** Chromium's `net::ERR_FAILED`. */
const netFailed = -2;

/** Before the application is ready. A standard scheme has an origin, a secure one may be trusted with the bridge. */
export function declarePageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: pageScheme, privileges: { standard: true, secure: true, codeCache: true } },
  ]);
}

async function answer(folder: string, { method, url }: ProtocolRequest): Promise<ProtocolResponse> {
  const file = method === 'GET' ? pageFile(folder, url) : null;
  const data = file === null ? null : await readFile(file).catch(() => null);
  if (data !== null) return { statusCode: 200, headers: pageHeaders(file), data };
  if (file === path.join(folder, 'index.html'))
    return { statusCode: 503, headers: pageHeaders(file), data: Buffer.from(noPage) };
  const nothing = Buffer.from('There is nothing at this address.');
  return { statusCode: 404, headers: pageHeaders(null), data: nothing };
}

/**
 * Serves `folder` to one session. `protocol.handle`, which Electron would rather have, answers with `Response`: Node then
 * reads its whole `fetch` and compiles a parser of HTTP to machine code, some 13 MB that stay for as long as the desktop runs.
 */
export function servePage(session: Session, folder: string): void {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
  session.protocol.registerBufferProtocol(pageScheme, (request, respond) => {
    answer(folder, request).then(respond, () => respond({ error: netFailed }));
  });
}

/**
 * Links of other programs (deep-links.ts) come to an installed AutoGit. On Linux its desktop entry says so, and a program
 * that said it, too, would change the person's settings.
 */
export function registerLinks(): void {
  if (app.isPackaged && process.platform !== 'linux') app.setAsDefaultProtocolClient(pageScheme);
}
