// Redirections that lead in a circle, or away from https.
import type { DoorAnswer } from '../../model/stack/surroundings.ts';
import type { Finding } from '../hardware/check.ts';
import { withStack } from './check.ts';

function bare(url: string): string {
  return url.replace(/\/$/, '').toLowerCase();
}

function findingOf({ url, location, status }: DoorAnswer): readonly Finding[] {
  if (location === null || !url.startsWith('https://')) return [];
  const evidence = [`${url}: ${status ?? ''}, leads to ${location}`];
  if (bare(location) === bare(url))
    return [
      {
        ...{ key: 'stack.redirect-loop', severity: 'error', subject: url },
        message: `${url} leads to itself: browsers say "too many redirects".`,
        next: 'Mostly a service thinks that it was asked by http: look for X-Forwarded-Proto, and for a second proxy in front of Traefik that ends TLS.',
        evidence,
      },
    ];
  if (location.startsWith('http://'))
    return [
      {
        ...{ key: 'stack.redirect-insecure', severity: 'warning', subject: url },
        message: `${url} leads to an address without TLS: cookies are not sent there, a login fails with 422, and clone addresses begin with http.`,
        next: "The service's own address has to begin with https (GitLab: external_url). If you changed gitlab.rb by hand, let AutoGit write it again: autogit stack plan shows the difference.",
        evidence,
      },
    ];
  return [];
}

export const checkRedirect = withStack((_, { around: { doors } }) => doors.flatMap(findingOf));
