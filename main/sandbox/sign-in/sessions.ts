// Sessions of browsers: kept in memory, so that whoever restarts the sandbox signs in anew.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { SandboxContext } from '../context.ts';
import type { Attempt } from './openid-client.ts';

/** The oldest ends where there would be more. */
const mostSessions = 1_000;
/** An attempt to sign in that takes longer has been given up. Milliseconds. */
const attemptMs = 15 * 60_000;

export interface Session {
  readonly csrf: string;
  userId: number | null;
  attempt: { readonly flow: Attempt; readonly until: number } | null;
  /** Path of the page that asked to sign in first. */
  returnTo: string | null;
  /** Shown once, as text. */
  notice: string | null;
  expiresAt: number;
}

export interface Sessions {
  /** That of the browser, or a new one. */
  of(c: Context): Session;
  /** The browser is somebody from now on, under another name that nobody could have put there before. */
  signIn(c: Context, userId: number): Session;
  end(c: Context): void;
  /** Whether a form was made by a page of this session. */
  isOwnForm(session: Session, token: unknown): boolean;
  begin(session: Session, flow: Attempt): void;
  /** Ends the attempt, whatever comes of it; `null`: there is none. */
  takeAttempt(session: Session): Attempt | null;
}

export function createSessions(ctx: Pick<SandboxContext, 'store' | 'now' | 'externalUrl'>): Sessions {
  const all = new Map<string, Session>();
  const now = (): number => ctx.now().getTime();
  const isSecure = (c: Context): boolean => ctx.externalUrl(c.req.raw).startsWith('https:');
  const nameFor = (c: Context): string => (isSecure(c) ? '__Host-sandbox_session' : 'sandbox_session');
  const put = (c: Context, session: Session): Session => {
    const id = randomBytes(32).toString('base64url');
    all.set(id, session);
    for (const [oldest] of all) if (all.size > mostSessions) all.delete(oldest);
    // Lax: the provider's answer comes from another site, by GET.
    setCookie(c, nameFor(c), id, { path: '/', httpOnly: true, sameSite: 'Lax', secure: isSecure(c) });
    return session;
  };
  const fresh = (): Session => ({
    ...{ csrf: randomBytes(32).toString('base64url'), userId: null, attempt: null, returnTo: null },
    ...{ notice: null, expiresAt: now() + ctx.store.settings().sessionExpireDelay * 60_000 },
  });
  const find = (c: Context): Session | null => {
    const session = all.get(getCookie(c, nameFor(c)) ?? '');
    return session === undefined || session.expiresAt <= now() ? null : session;
  };
  const end = (c: Context): void => void all.delete(getCookie(c, nameFor(c)) ?? '');
  return {
    of: (c) => find(c) ?? put(c, fresh()),
    signIn: (c, userId) => {
      const returnTo = find(c)?.returnTo ?? null;
      end(c);
      return put(c, { ...fresh(), userId, returnTo });
    },
    end,
    isOwnForm: ({ csrf }, token) =>
      typeof token === 'string' &&
      token.length === csrf.length &&
      timingSafeEqual(Buffer.from(token), Buffer.from(csrf)),
    begin: (session, flow) => {
      session.attempt = { flow, until: now() + attemptMs };
    },
    takeAttempt: (session) => {
      const { attempt } = session;
      session.attempt = null;
      return attempt === null || attempt.until <= now() ? null : attempt.flow;
    },
  };
}
