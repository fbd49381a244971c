// Browsers are made to insist on https only where that can be taken back before anybody is locked out.
import { describe, expect, it } from 'vitest';
import { bundledTemplates } from '../../fakes/stack-templates.ts';
import { fileOf, rendered } from './small-templates.ts';

const templates = bundledTemplates();
const domain = 'lab.example.org';
const acme = { mode: 'acme-http', email: 'ana@example.org' };
const acmeProven = [`acme-http port-80 ${domain}`];

function headersOf(
  answers: Readonly<Record<string, unknown>>,
  facts: { readonly acmeProven?: readonly string[] } = {},
): string {
  const stack = rendered({ templates, answers: { domain, ...answers }, facts });
  expect(fileOf(stack, 'gitlab/gitlab.rb')).toContain("gitlab_rails['nginx']['hsts_max_age'] = 0");
  return fileOf(stack, 'traefik/dynamic/middlewares.yml');
}

describe('HSTS', () => {
  it.each([
    ['an own authority', { tls: { mode: 'local-ca' } }, {}],
    ['an own certificate', { tls: { mode: 'own', certificate: '/a.pem', key: '/a.key' } }, {}],
    ["Let's Encrypt's staging authority", { tls: { ...acme, staging: true } }, { acmeProven }],
    ["Let's Encrypt that has not worked yet", { tls: acme }, {}],
    [
      'an authority of a network of its own',
      { tls: { ...acme, server: 'https://ca.lan/acme/directory', ca: '/root.pem' } },
      { acmeProven },
    ],
    ['an answer that wants none', { tls: acme, templates: { traefik: { hstsDays: 0 } } }, { acmeProven }],
  ])('is not sent with %s, and an earlier one is taken back', (_, answers, facts) => {
    const text = headersOf(answers, facts);
    expect(text).toContain('Strict-Transport-Security: max-age=0');
    expect(text).not.toContain('stsSeconds');
  });

  it('holds for a day at first where every device trusts the certificate, and as long as somebody says', () => {
    expect(headersOf({ tls: acme }, { acmeProven })).toContain('stsSeconds: 86400\n');
    const longer = headersOf({ tls: acme, templates: { traefik: { hstsDays: 30 } } }, { acmeProven });
    expect(longer).toContain('stsSeconds: 2592000\n');
    expect(longer).not.toMatch(/stsPreload|stsIncludeSubdomains|max-age=0/);
  });
});
