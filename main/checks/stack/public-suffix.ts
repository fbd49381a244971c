// Domains under which anybody may have names: browsers keep no common cookies there.
import { getPublicSuffix } from 'tldts';
import { withStack } from './check.ts';

/** https://publicsuffix.org: single sign-on sets a cookie for the whole domain, which browsers refuse for these. */
export const checkPublicSuffix = withStack(({ domain, answers }) =>
  getPublicSuffix(domain, { allowPrivateDomains: true }) !== domain
    ? []
    : [
        {
          key: 'stack.name-public-suffix',
          severity: answers.sso === 'authelia' ? 'error' : 'warning',
          subject: domain,
          message: `${domain} is a domain below which anybody may have names (it is on the public suffix list): browsers refuse the cookie that single sign-on needs.`,
          next: `Put a name of yours before it: lab.${domain}`,
          evidence: [`Public suffix of ${domain}: ${domain}`],
        },
      ],
);
