// Rules about cookies, domains and addresses. https://www.authelia.com/configuration/session/introduction/
import { getPublicSuffix } from 'tldts';
import { at, has, list, text } from './document.ts';
import { broken, fine, warned } from './rule.ts';
import type { Broken, Rule } from './rule.ts';

interface Cookie {
  readonly domain: string;
  readonly portal: string | null;
  readonly redirection: string | null;
}

function cookiesOf(configuration: unknown): readonly Cookie[] {
  return list(configuration, 'session.cookies').map((cookie) => ({
    domain: text(cookie, 'domain') ?? '',
    portal: text(cookie, 'authelia_url'),
    redirection: text(cookie, 'default_redirection_url'),
  }));
}

function rule(id: string, judge: (cookie: Cookie, others: readonly Cookie[]) => readonly Broken[]): Rule {
  return {
    id,
    judge: ({ configuration }) => {
      const cookies = cookiesOf(configuration);
      return cookies.flatMap((cookie, index) => judge(cookie, cookies.slice(0, index)));
    },
  };
}

function isAddress(domain: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(domain) || domain.includes(':');
}

/** Host of an address that begins with https or wss; `null`: it begins with something else. */
function secureHost(url: string): string | null {
  return /^(?:https|wss):\/\/([^/:?#@]+)/i.exec(url)?.[1]?.toLowerCase() ?? null;
}

function isBelow(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

function tidyUrl(url: string): string {
  return url.replace(/\/$/, '').toLowerCase();
}

const sameDomain = 'Give it the domain that the answers have.';

export const domainRules: readonly Rule[] = [
  {
    id: 'cookie-there',
    judge: ({ configuration }) =>
      cookiesOf(configuration).length > 0
        ? fine
        : broken('session.cookies has no entry', 'Give it one with domain and authelia_url.'),
  },
  rule('cookie-whole', ({ domain, portal }) =>
    domain !== '' && portal !== null
      ? fine
      : broken('an entry of session.cookies lacks domain or authelia_url', sameDomain),
  ),
  rule('cookie-dot', ({ domain }) =>
    domain === '' || domain.includes('.') || isAddress(domain)
      ? fine
      : broken(`the cookie domain ${domain} is a single name, without a dot`, sameDomain),
  ),
  rule('cookie-wildcard', ({ domain }) =>
    domain.startsWith('*.')
      ? broken(
          `the cookie domain ${domain} has a wildcard`,
          'Write the domain itself: it holds for all below it.',
        )
      : fine,
  ),
  rule('cookie-characters', ({ domain }) =>
    !domain.includes('.') ||
    isAddress(domain) ||
    domain.startsWith('*.') ||
    /^\.?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+(?::\d+)?$/.test(domain)
      ? fine
      : broken(`the cookie domain ${domain} is none`, sameDomain),
  ),
  {
    ...rule('cookie-address', ({ domain }) =>
      isAddress(domain)
        ? broken(
            `the cookie domain ${domain} is an address: passkeys and names below it cannot work`,
            'Use a domain, such as the one that the answers have.',
          )
        : fine,
    ),
    severity: 'warning',
  },
  rule('cookie-public-suffix', ({ domain }) =>
    domain.includes('.') && getPublicSuffix(domain, { allowPrivateDomains: true }) === domain
      ? broken(
          `below the cookie domain ${domain} anybody may have names (public suffix list)`,
          `Put a name of yours before it: lab.${domain}`,
        )
      : fine,
  ),
  rule('cookie-overlap', ({ domain }, others) => {
    const other = others.find((one) => isBelow(domain, one.domain) || isBelow(one.domain, domain));
    if (other === undefined) return fine;
    // Authelia looks only whether a later one is below an earlier one.
    return (isBelow(domain, other.domain) ? broken : warned)(
      `the cookie domains ${domain} and ${other.domain} overlap`,
      'Keep the wider one of them.',
    );
  }),
  rule('portal-https', ({ portal }) =>
    portal === null || secureHost(portal) !== null
      ? fine
      : broken(
          `authelia_url ${portal} does not begin with https://`,
          'Browsers send its cookie by https alone.',
        ),
  ),
  rule('portal-below', ({ domain, portal }) => {
    const host = portal === null ? null : secureHost(portal);
    return host === null || domain === '' || isBelow(host, domain)
      ? fine
      : broken(`authelia_url ${portal ?? ''} is not below the cookie domain ${domain}`, sameDomain);
  }),
  rule('redirection-https', ({ domain, redirection }) => {
    if (redirection === null) return fine;
    const host = secureHost(redirection);
    return host !== null && isBelow(host, domain)
      ? fine
      : broken(
          `default_redirection_url ${redirection} is not below https://…${domain}`,
          'Give an address of the lab, such as that of GitLab.',
        );
  }),
  rule('redirection-elsewhere', ({ portal, redirection }) =>
    portal !== null && redirection !== null && tidyUrl(portal) === tidyUrl(redirection)
      ? broken(
          'default_redirection_url is authelia_url itself',
          'Give an address of the lab, such as that of GitLab.',
        )
      : fine,
  ),
  {
    id: 'cookie-former',
    judge: ({ configuration }) =>
      has(configuration, 'session.cookies') &&
      (has(configuration, 'session.domain') || has(configuration, 'default_redirection_url'))
        ? broken(
            'session.domain or default_redirection_url of former versions stands beside session.cookies',
            'Take the former setting out.',
          )
        : fine,
  },
  {
    id: 'same-site',
    judge: ({ configuration }) =>
      [configuration, ...list(configuration, 'session.cookies')]
        .map((part, index) => at(part, index === 0 ? 'session.same_site' : 'same_site'))
        .some((value) => value !== undefined && !['none', 'lax', 'strict'].some((known) => known === value))
        ? broken('same_site of a cookie is neither none, lax nor strict', 'Write lax.')
        : fine,
  },
];
