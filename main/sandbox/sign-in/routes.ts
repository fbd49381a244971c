// `/users/sign_in`, `/users/auth/openid_connect` and what belongs to them, with the paths and words of GitLab.
import { Hono } from 'hono';
import type { Context } from 'hono';
import { checkPassword, hashPassword } from '../api/credentials.ts';
import type { SandboxContext } from '../context.ts';
import type { User } from '../state.ts';
import { accountOf, link, refusalOf } from './accounts.ts';
import type { OpenIdSettings } from './omniauth-settings.ts';
import { createOpenIdClient, newAttempt, OpenIdError } from './openid-client.ts';
import type { OpenIdClient } from './openid-client.ts';
import { page, profilePage, signInPage } from './pages.ts';
import { createSessions } from './sessions.ts';
import type { Session, Sessions } from './sessions.ts';

const signInPath = '/users/sign_in';
const profilePath = '/-/user_settings/profile';
/** Characters of a reason that somebody else has written. */
const mostReason = 300;

/** The provider, and how it is asked. */
export interface OpenIdConnect {
  readonly settings: OpenIdSettings;
  readonly fetch: typeof globalThis.fetch;
}

interface Desk {
  readonly ctx: SandboxContext;
  readonly sessions: Sessions;
  readonly settings: OpenIdSettings | null;
  readonly client: OpenIdClient | null;
}

export function signInRoutes(ctx: SandboxContext): Hono {
  const open = ctx.openId ?? null;
  const client = open && createOpenIdClient({ entry: open.settings, fetch: open.fetch, now: ctx.now });
  const desk: Desk = { ctx, sessions: createSessions(ctx), settings: open?.settings ?? null, client };
  const app = new Hono();
  for (const path of ['/users/*', profilePath])
    app.use(path, async (c, next) => {
      await next();
      // No `form-action`: browsers apply it to where a form's answer leads, too, which is the provider.
      c.header(
        'Content-Security-Policy',
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
      );
      c.header('Cache-Control', 'no-store');
      c.header('Referrer-Policy', 'no-referrer');
      c.header('X-Content-Type-Options', 'nosniff');
    });
  app.get(signInPath, (c) => showSignIn(c, desk));
  app.post(signInPath, (c) => signInByPassword(c, desk));
  app.post('/users/sign_out', async (c) => {
    if (!(await isOwnForm(c, desk))) return refuseForm(c);
    desk.sessions.end(c);
    return c.redirect(signInPath);
  });
  if (client !== null) {
    app.post('/users/auth/openid_connect', (c) => beginOpenId(c, { ...desk, client }));
    app.get('/users/auth/openid_connect/callback', (c) => endOpenId(c, { ...desk, client }));
  }
  app.all('/users/auth/*', (c) => c.html(page('404: Page not found', ''), 404));
  app.get(profilePath, (c) => showProfile(c, desk));
  return app;
}

/** Who the session is of, as long as the account may be used. */
function personOf({ userId }: Session, { store }: SandboxContext): User | null {
  const user = userId === null ? undefined : store.users.get(userId);
  return user === undefined || refusalOf(user) !== null ? null : user;
}

function takeNotice(session: Session): string | null {
  const { notice } = session;
  session.notice = null;
  return notice;
}

function showSignIn(c: Context, { ctx, sessions, settings }: Desk): Response | Promise<Response> {
  const session = sessions.of(c);
  if (personOf(session, ctx) !== null) return c.redirect(profilePath);
  const { csrf } = session;
  return c.html(signInPage({ csrf, notice: takeNotice(session), label: settings?.label ?? null }));
}

function showProfile(c: Context, { ctx, sessions }: Desk): Response | Promise<Response> {
  const session = sessions.of(c);
  const user = personOf(session, ctx);
  if (user === null) {
    session.returnTo = profilePath;
    return backToSignIn(c, session, 'You need to sign in or sign up before continuing.');
  }
  const identities = user.identities.map(({ provider, externUid }) => `${provider}:${externUid}`);
  const rows = [
    ...[['id', String(user.id)] as const, ['username', user.username] as const, ['name', user.name] as const],
    ...[['email', user.email] as const, ['identities', identities.join(' ')] as const],
  ];
  return c.html(profilePage({ csrf: session.csrf, notice: takeNotice(session), rows }));
}

/** What is shown is text of the session: nothing of an address comes onto a page. */
function backToSignIn(c: Context, session: Session, notice: string): Response {
  session.notice = notice;
  return c.redirect(signInPath);
}

async function isOwnForm(c: Context, { sessions }: Desk): Promise<boolean> {
  const { authenticity_token: token } = await c.req.parseBody();
  return sessions.isOwnForm(sessions.of(c), token ?? c.req.header('x-csrf-token'));
}

function refuseForm(c: Context): Response | Promise<Response> {
  return c.html(page('422: The change you requested was rejected', ''), 422);
}

/** What a password is compared with where nobody has the name, so that both take as long. */
const nobodysPassword = hashPassword('nobody has this one');

async function signInByPassword(c: Context, desk: Desk): Promise<Response> {
  const { ctx, sessions } = desk;
  if (!(await isOwnForm(c, desk))) return refuseForm(c);
  const body = await c.req.parseBody();
  const [login, password] = [body['user[login]'], body['user[password]']].map((one) =>
    typeof one === 'string' ? one : '',
  );
  const isThis = (text: string): boolean => text.toLowerCase() === login?.toLowerCase();
  const user = ctx.store.users.find(({ username, email }) => isThis(username) || isThis(email));
  const isRight = checkPassword(password ?? '', user?.passwordHash ?? nobodysPassword);
  const session = sessions.of(c);
  const isOpen = ctx.store.settings().passwordAuthenticationEnabledForWeb;
  if (user === undefined || !isRight || !isOpen)
    return backToSignIn(c, session, 'Invalid login or password.');
  return letIn(c, user, desk);
}

function letIn(c: Context, user: User, { ctx, sessions }: Desk): Response {
  const refusal = refusalOf(user);
  if (refusal !== null) return backToSignIn(c, sessions.of(c), refusal);
  const { store, now } = ctx;
  store.users.update(user.id, { state: 'active', lastActivityOn: now().toISOString().slice(0, 10) });
  const session = sessions.signIn(c, user.id);
  const { returnTo } = session;
  session.returnTo = null;
  return c.redirect(returnTo ?? profilePath);
}

type OpenDesk = Desk & { readonly client: OpenIdClient };

function failed(c: Context, session: Session, reason: string): Response {
  const short = reason.slice(0, mostReason);
  return backToSignIn(c, session, `Could not authenticate you from OpenIDConnect because "${short}".`);
}

async function beginOpenId(c: Context, desk: OpenDesk): Promise<Response> {
  const { sessions, client, ctx } = desk;
  if (!(await isOwnForm(c, desk))) return refuseForm(c);
  const session = sessions.of(c);
  const flow = newAttempt();
  try {
    const url = await client.begin(flow);
    sessions.begin(session, flow);
    return c.redirect(url);
  } catch (error) {
    if (!(error instanceof OpenIdError)) throw error;
    ctx.log('warn', 'a sign-in could not begin', { error: error.message });
    return failed(c, session, error.message);
  }
}

async function endOpenId(c: Context, { sessions, client, settings, ctx }: OpenDesk): Promise<Response> {
  const session = sessions.of(c);
  const { state, code, error, error_description: detail, iss } = c.req.query();
  const flow = sessions.takeAttempt(session);
  const isAnswer = flow !== null && state === flow.state;
  if (!isAnswer) return failed(c, session, "Csrf detected | Invalid 'state' parameter");
  if (error !== undefined) return failed(c, session, [error, detail].filter(Boolean).join(' | '));
  // https://www.rfc-editor.org/rfc/rfc9207 GitLab's library does not look at it; another provider's answer is none of ours.
  if (iss !== undefined && iss !== settings?.issuer)
    return failed(c, session, 'The answer is of another issuer');
  if (code === undefined || settings === null) return failed(c, session, 'Missing code');
  try {
    const person = await client.finish(code, flow);
    const present = personOf(session, ctx);
    if (present === null)
      return letIn(c, accountOf(ctx, person, settings), { ctx, sessions, settings, client });
    link(ctx, present, person.uid);
    session.notice = 'Authentication method updated';
    return c.redirect(profilePath);
  } catch (problem) {
    if (!(problem instanceof OpenIdError)) throw problem;
    ctx.log('warn', 'a sign-in was refused', { error: problem.message });
    return failed(c, session, problem.message);
  }
}
