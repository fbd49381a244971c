// The window's own scheme: the only place that a page of AutoGit comes from.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { app, protocol } from 'electron';
import type { Session } from 'electron';
import { noPage, pageFile, pageHeaders, pageScheme } from './page-files.ts';

/** Before the application is ready. A standard scheme has an origin, a secure one may be trusted with the bridge. */
export function declarePageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: pageScheme, privileges: { standard: true, secure: true, codeCache: true } },
  ]);
}

async function answer(folder: string, request: Request): Promise<Response> {
  const file = request.method === 'GET' ? pageFile(folder, request.url) : null;
  const body = file === null ? null : await readFile(file).catch(() => null);
  if (body !== null) return new Response(new Uint8Array(body), { headers: pageHeaders(file) });
  if (file === path.join(folder, 'index.html')) {
    return new Response(noPage, { status: 503, headers: pageHeaders(file) });
  }
  return new Response('There is nothing at this address.', { status: 404, headers: pageHeaders(null) });
}

/** Serves `folder` to one session. */
export function servePage(session: Session, folder: string): void {
  session.protocol.handle(pageScheme, (request) => answer(folder, request));
}

/**
 * Links of other programs (deep-links.ts) come to an installed AutoGit. On Linux its desktop entry says so, and a program
 * that said it, too, would change the person's settings.
 */
export function registerLinks(): void {
  if (app.isPackaged && process.platform !== 'linux') app.setAsDefaultProtocolClient(pageScheme);
}
