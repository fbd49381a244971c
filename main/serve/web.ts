// What only the HTTP door has: headers for browsers, the page itself, its login, and the guard before the rest.
import type { Context, MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { AutoGitError } from '../errors.ts';
import { checkCaller, checkSite, checkSource, tokenWrong } from './guard.ts';
import type { Guard, GuardedRequest } from './guard.ts';
import { notBuilt } from './page.ts';
import type { Page, PageFile } from './page.ts';
import { fromBody, readBody } from './read-input.ts';
import { apiPrefix } from './routes.ts';
import { isSameToken } from './token.ts';
import type { Tries } from './tries.ts';

export interface WebDoor extends Guard {
  readonly page: Page;
  readonly tries: Tries;
}

/** Scripts, styles and requests of our own origin, pictures also from the page itself; nothing else, nothing inline. */
export const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const unusedFeatures = ['camera', 'display-capture', 'geolocation', 'microphone', 'payment', 'usb'];

const browserHeaders: readonly (readonly [name: string, value: string])[] = [
  ['content-security-policy', contentPolicy],
  ['referrer-policy', 'no-referrer'],
  ['cross-origin-opener-policy', 'same-origin'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['permissions-policy', unusedFeatures.map((name) => `${name}=()`).join(', ')],
];

const sessionPath = '/session';
/** Answers without a token, so that a supervisor can ask whether we live. */
const livePath = '/health';
/** What a browser may be sent to that is no address of the page. */
const noPage: ReadonlySet<string> = new Set([sessionPath, livePath, '/ready', '/openapi.json']);

const loginSchema = z.strictObject({ token: z.string() });

function guarded({ req }: Context): GuardedRequest {
  return {
    method: req.method,
    host: req.header('host'),
    origin: req.header('origin'),
    fetchSite: req.header('sec-fetch-site'),
    authorization: req.header('authorization'),
    cookies: req.header('cookie'),
  };
}

/** Whether a browser was sent here to show something: to a page of ours, whatever its address. */
function isVisit({ req }: Context): boolean {
  const shows =
    req.header('accept')?.includes('text/html') === true && req.header('authorization') === undefined;
  return shows && !noPage.has(req.path) && !`${req.path}/`.startsWith(`${apiPrefix}/`);
}

function answerFile(c: Context, { bytes, contentType, cacheControl }: PageFile): Response {
  return c.body(bytes, 200, { 'content-type': contentType, 'cache-control': cacheControl });
}

/** A file of the page, its front for every other address that a browser shows, or `null`: it is not about the page. */
async function answerPage(c: Context, page: Page): Promise<Response | null> {
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD') return null;
  const file = c.req.path === '/' ? null : await page.file(c.req.path);
  if (file !== null) return answerFile(c, file);
  if (c.req.path.startsWith('/assets/')) return c.text('There is no such file.', 404);
  if (!isVisit(c)) return null;
  const front = await page.front();
  return front === null ? c.html(notBuilt, 503) : answerFile(c, front);
}

async function answerLogin(c: Context, { token, sessions, tries }: WebDoor): Promise<Response> {
  const given = loginSchema.safeParse(fromBody(await readBody(c.req.raw.body)));
  if (!given.success) {
    throw new AutoGitError({
      key: 'request.invalid',
      message: 'A login is a JSON object with one text: token.',
      next: 'Send {"token": "…"} with the token from run/http-token in the home folder.',
    });
  }
  tries.check();
  if (!isSameToken(given.data.token.trim(), token)) {
    tries.failed();
    throw tokenWrong(false);
  }
  tries.passed();
  return c.body(null, 204, { 'set-cookie': sessions.begin() });
}

/** Begins, shows or ends a session; `null` for other addresses. */
async function answerSession(c: Context, door: WebDoor): Promise<Response | null> {
  if (c.req.path !== sessionPath) return null;
  if (c.req.method === 'POST') return answerLogin(c, door);
  if (c.req.method === 'DELETE') return c.body(null, 204, { 'set-cookie': door.sessions.end() });
  if (c.req.method !== 'GET') return null;
  checkCaller(guarded(c), door);
  return c.body(null, 204);
}

/** Answers for the page and its session, and lets only callers pass who may use the API. */
export function guardWeb(door: WebDoor): MiddlewareHandler {
  return async (c, next) => {
    const request = guarded(c);
    checkSource(request, door);
    const shown = await answerPage(c, door.page);
    if (shown !== null) return shown;
    checkSite(request, door);
    const answered = await answerSession(c, door);
    if (answered !== null) return answered;
    if (c.req.path === livePath) return next();
    const proof = checkCaller(request, door);
    await next();
    if (proof === 'aging') c.res.headers.append('set-cookie', door.sessions.begin());
  };
}

/** Tells browsers, with every answer, to keep what we send to ourselves. */
export function addBrowserHeaders(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    for (const [name, value] of browserHeaders) c.res.headers.set(name, value);
  };
}
