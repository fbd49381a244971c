// Certificates that Traefik could not get or renew: said in words, and no longer once they have come.
import { describe, expect, it } from 'vitest';
import { tlsSchema } from '../../../main/model/stack/answers.ts';
import type { ServedCertificate } from '../../../main/model/stack/surroundings.ts';
import { findingIn, keysOf, someDoor, someNow } from '../../fakes/stack-subject.ts';

describe('certificates that Traefik asks for', () => {
  const domain = 'lab.example.net';
  const url = `https://gitlab.${domain}/`;
  const answers = {
    tls: tlsSchema.parse({ mode: 'acme-dns', email: 'ana@example.net', provider: 'cloudflare' }),
  };
  const failedAt = someNow - 3_600_000;
  const failure = {
    ...{
      key: 'acme.token-refused' as const,
      at: failedAt,
      domains: [domain, `*.${domain}`],
      said: 'cloudflare: 403',
    },
    isRenewal: true,
  };
  const seen = (change: Partial<ServedCertificate>) => {
    const certificate = {
      ...{ subject: domain, issuer: 'R13', names: [domain, `*.${domain}`] },
      ...{ from: someNow - 65 * 86_400_000, to: someNow + 25 * 86_400_000, ...change },
    };
    return { answers, around: { doors: [{ ...someDoor, url, certificate }], acmeFailures: [failure] } };
  };

  it('are told long before the present one ends, when they are not renewed', () => {
    const found = findingIn(seen({}), 'acme.token-refused');
    expect(found.severity).toBe('warning');
    expect(found.message).toContain('does not let it write the record');
    expect(found.message).toContain('The present one is served until');
    expect(keysOf(seen({})), 'the end itself is weeks away').not.toContain('stack.certificate-ending');
  });

  it('are an error where none is served', () => {
    expect(findingIn(seen({ subject: 'TRAEFIK DEFAULT CERT' }), 'acme.token-refused').severity).toBe('error');
  });

  it('are not spoken of once they have come', () => {
    expect(keysOf(seen({ from: failedAt - 1_800_000 }))).not.toContain('acme.token-refused');
  });
});
