// Cookies that browsers do not keep, or send where they should not.
import { withStack } from './check.ts';

function nameOf(cookie: string): string {
  return /^[^=;]*/.exec(cookie)?.[0].trim() ?? '';
}

/** Only what is a session: preferences may lack what follows. */
const session = /session|authelia/i;

export const checkCookies = withStack((stack, { around: { doors } }) =>
  doors.flatMap(({ url, cookies }) =>
    cookies
      .filter((cookie) => session.test(nameOf(cookie)))
      .flatMap((cookie) => {
        const isSecure = /;\s*secure(?:;|$)/i.test(cookie);
        const [, domain] = /;\s*domain=\.?([^;\s]+)/i.exec(cookie.toLowerCase()) ?? [];
        const isForeign =
          domain !== undefined && domain !== stack.domain && !domain.endsWith(`.${stack.domain}`);
        if (isSecure && !isForeign) return [];
        return [
          {
            key: 'stack.cookie-refused',
            severity: 'warning' as const,
            subject: `${nameOf(cookie)} at ${url}`,
            message: isForeign
              ? `The session of ${url} is set for ${domain}, which is not the lab's domain: browsers do not keep it, and the login begins again and again.`
              : `The session of ${url} is set without "secure": it would be sent without TLS, too.`,
            next: 'The domain in the answers, in gitlab.rb and in the configuration of Authelia must be the same: autogit stack plan shows what differs.',
            evidence: [
              `Cookie ${nameOf(cookie)}: ${isSecure ? 'secure' : 'not secure'}, domain ${domain ?? 'of the host'}`,
            ],
          },
        ];
      }),
  ),
);
