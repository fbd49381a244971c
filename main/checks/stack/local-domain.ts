// Domains that devices ask their neighbours about instead of a name server.
import { withStack } from './check.ts';

/** `.local` is mDNS's: https://www.rfc-editor.org/rfc/rfc6762#section-3 */
export const checkLocalDomain = withStack(({ domain }) =>
  domain !== 'local' && !domain.endsWith('.local')
    ? []
    : [
        {
          key: 'stack.name-local',
          severity: 'warning',
          subject: domain,
          message: `Names below ${domain} are asked of the devices nearby (mDNS) and not of a name server: dig finds them, browsers on Apple's, Windows and many Linux machines do not.`,
          next: 'Choose another domain in the answers: the default `<lab>.home.arpa` is made for homes, or one of your own.',
          evidence: [`Domain: ${domain}`],
        },
      ],
);
