// The HTTP application: the contract's requests, health, and the rules that hold for every request.
import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { contract } from '../contract/contract.ts';
import type { CallName, CoreDoor, StreamName } from '../contract/contract.ts';
import { fieldsOf } from '../contract/fields.ts';
import { nearest } from '../model/nearest.ts';
import { AutoGitError } from '../errors.ts';
import type { Log } from '../log.ts';
import { errorShapeOf, httpStatusOf } from './answer.ts';
import { openApiDocument } from './openapi.ts';
import { fromBody, fromQuery, parseInput, readBody } from './read-input.ts';
import { readinessOf } from './readiness.ts';
import { oldRoutes, routes } from './routes.ts';
import { answerStream, formatFor } from './stream.ts';
import { addBrowserHeaders, guardWeb } from './web.ts';
import type { WebDoor } from './web.ts';

export interface AppOptions {
  readonly core: CoreDoor;
  readonly log: Log;
  /** `null` for the unix socket, which only its owner can open. */
  readonly web: WebDoor | null;
  /** Fires when the door closes: ends every stream. */
  readonly closing: AbortSignal;
  /** Milliseconds between two heartbeats of a silent stream. */
  readonly beatMs: number;
}

type Variables = { requestId: string };
type Ctx = Context<{ Variables: Variables }>;
type App = Hono<{ Variables: Variables }>;

function refuse(c: Ctx, error: unknown): Response {
  const shape = errorShapeOf(error);
  if (shape.key === 'http.token-wrong') c.header('WWW-Authenticate', 'Bearer realm="autogit"');
  if (shape.key === 'http.too-many-tries') c.header('Retry-After', String(shape.fields.seconds));
  return c.json({ ok: false, error: shape }, httpStatusOf(shape.key));
}

async function givenInput(c: Ctx, name: CallName | StreamName): Promise<unknown> {
  if (c.req.method === 'POST') return fromBody(await readBody(c.req.raw.body));
  return fromQuery(fieldsOf(contract[name].input), new URL(c.req.url).searchParams);
}

async function answerCall(c: Ctx, name: CallName, core: CoreDoor): Promise<Response> {
  const input = parseInput(name, await givenInput(c, name));
  const value = await core.call(name, input);
  return c.json({ ok: true, value });
}

async function answerItems(c: Ctx, name: StreamName, options: AppOptions): Promise<Response> {
  const input = parseInput(name, await givenInput(c, name));
  const format = formatFor(c.req.header('accept'));
  if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': format.contentType });
  const stop = new AbortController();
  options.closing.addEventListener('abort', () => stop.abort(), { signal: stop.signal });
  if (options.closing.aborted) stop.abort();
  return answerStream(options.core.stream(name, input, stop.signal), format, stop, options.beatMs);
}

/** A request id and an access line for every request, whatever becomes of it. */
function keepAccessLog(app: App, options: AppOptions): void {
  const door = options.web === null ? 'socket' : 'http';
  app.use(async (c, next) => {
    const given = c.req.header('x-request-id') ?? '';
    const id = /^[\w.:-]{1,64}$/.test(given) ? given : randomUUID();
    c.set('requestId', id);
    const begun = performance.now();
    await next();
    c.res.headers.set('x-request-id', id);
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
    c.res.headers.set('x-content-type-options', 'nosniff');
    const ms = Math.round((performance.now() - begun) * 10) / 10;
    const { method, path } = c.req;
    const fields = { id, door, method, path, status: c.res.status, ms };
    // Supervisors and doors ask all the time whether we live; files come with the page that asked for them.
    const level = path === '/health' || path.startsWith('/assets/') ? 'debug' : 'info';
    options.log[level](`${method} ${path} ${c.res.status}`, fields);
  });
}

/** What only reads may be asked by POST too, for inputs that are too long for an address. */
function addRoutes(app: App, options: AppOptions): void {
  for (const route of [...routes, ...oldRoutes]) {
    const answer = (c: Ctx): Promise<Response> =>
      route.kind === 'call' ? answerCall(c, route.name, options.core) : answerItems(c, route.name, options);
    app.on(route.method === 'get' ? ['GET', 'POST'] : ['POST'], route.path, answer);
  }
  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.get('/ready', async (c) => {
    const readiness = readinessOf(await options.core.call('status.show', {}));
    return c.json(readiness, readiness.status === 'ready' ? 200 : 503);
  });
  app.get('/openapi.json', (c) => c.json(openApiDocument()));
}

function refuseTheRest(app: App, log: Log): void {
  const paths = [...routes, ...oldRoutes].map((route) => route.path);
  app.notFound((c) => {
    const known = paths.includes(c.req.path) || ['/health', '/ready', '/openapi.json'].includes(c.req.path);
    if (known) {
      const next =
        'See /openapi.json: what changes something or may have secrets in it is sent by POST, the rest by GET.';
      return refuse(
        c,
        new AutoGitError({ key: 'http.method-wrong', message: `${c.req.method} does not work here.`, next }),
      );
    }
    const meant = nearest(c.req.path, paths);
    const message = 'There is nothing at this address.';
    const next = meant === null ? 'See /openapi.json for what there is.' : `Did you mean ${meant}?`;
    return refuse(c, new AutoGitError({ key: 'http.path-unknown', message, next }));
  });
  app.onError((error, c) => {
    if (!(error instanceof AutoGitError)) log.error('a request failed', { id: c.get('requestId'), error });
    return refuse(c, error);
  });
}

/** The application of one door. */
export function createApp(options: AppOptions): App {
  const app: App = new Hono();
  keepAccessLog(app, options);
  if (options.web !== null) app.use(addBrowserHeaders(), guardWeb(options.web));
  addRoutes(app, options);
  refuseTheRest(app, options.log);
  return app;
}
