// Sessions of the web page: a signed date in a cookie. Nothing is kept, so that a restart ends none of them.
import { createHash, createHmac } from 'node:crypto';
import { isSameToken } from './token.ts';

/** Milliseconds for which an unused session lasts: a month, as for a page that stands open in a tab. */
const lifeMs = 30 * 24 * 3_600_000;
/** A session in use is prolonged once a day. */
const renewMs = 24 * 3_600_000;

export interface Sessions {
  readonly cookieName: string;
  /** The `Set-Cookie` line of a session that begins, or goes on, now. */
  begin(): string;
  /** The `Set-Cookie` line that makes a browser forget. */
  end(): string;
  /** What a `Cookie` line holds; `aging` is open too, and worth a new date. */
  read(cookies: string | undefined): 'none' | 'open' | 'aging';
}

/**
 * Sessions under a token: another token ends them all. Browsers send cookies to every port of a host
 * (https://www.rfc-editor.org/rfc/rfc6265#section-8.5), so each home has a name of its own.
 */
export function openSessions(token: string, now: () => number): Sessions {
  const id = createHash('sha256').update(`autogit cookie ${token}`).digest('hex').slice(0, 12);
  const cookieName = `autogit-${id}`;
  const sign = (until: string): string =>
    createHmac('sha256', token).update(`autogit session until ${until}`).digest('base64url');
  const line = (value: string, seconds: number): string =>
    `${cookieName}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict`;
  const valueIn = (cookies: string): string | undefined =>
    cookies
      .split(';')
      .map((pair) => pair.trim())
      .find((pair) => pair.startsWith(`${cookieName}=`))
      ?.slice(cookieName.length + 1);
  return {
    cookieName,
    begin: () => {
      const until = String(now() + lifeMs);
      return line(`${until}.${sign(until)}`, lifeMs / 1000);
    },
    end: () => line('', 0),
    read: (cookies = '') => {
      const [, until = '', signature = ''] = /^(\d{1,16})\.([\w-]{43})$/.exec(valueIn(cookies) ?? '') ?? [];
      if (until === '' || !isSameToken(signature, sign(until))) return 'none';
      const left = Number(until) - now();
      if (left <= 0) return 'none';
      return left < lifeMs - renewMs ? 'aging' : 'open';
    },
  };
}
