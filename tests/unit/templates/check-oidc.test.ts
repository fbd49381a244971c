// Answers about another provider of sign-in: what is refused, and what GitLab is told of the rest.
import { describe, expect, it } from 'vitest';
import { oidcProviders } from '../../../main/model/oidc-providers.ts';
import { renderStack } from '../../../main/templates/render-stack.ts';
import { bundledTemplates, someAnswers, someFacts } from '../../fakes/stack-templates.ts';

const templates = bundledTemplates();
const own = { provider: 'keycloak', issuer: 'https://id.example.org/realms/main', clientId: 'gitlab' };

function rendered(oidc: unknown, facts: Parameters<typeof someFacts>[0] = {}) {
  return renderStack({ answers: someAnswers({ sso: 'oidc', oidc }), templates, facts: someFacts(facts) });
}
function problemsOf(...given: Parameters<typeof rendered>): readonly string[] {
  const rendering = rendered(...given);
  return rendering.ok ? [] : rendering.problems.map(({ field, key }) => `${field} ${key}`);
}
function fileOf(path: string, ...given: Parameters<typeof rendered>): string {
  const rendering = rendered(...given);
  if (!rendering.ok) throw new Error(JSON.stringify(rendering.problems));
  return rendering.stack.files.find((file) => file.path === path)?.content ?? '';
}

describe('answers about another provider', () => {
  it('need one', () => {
    expect(problemsOf(null)).toEqual(['oidc stack.oidc-missing']);
    expect(problemsOf({ ...own, provider: 'nobody' })).toEqual(['oidc.provider stack.oidc-provider']);
  });

  it.each([
    'http://id.example.org',
    'id.example.org',
    'https://id.example.org/?realm=main',
    'https://id.example.org/#main',
    'https://id.example.org/?',
    'https://me:secret@id.example.org',
    'https://id.example.org/.well-known/openid-configuration',
  ])('refuse the issuer %s', (issuer) => {
    expect(problemsOf({ ...own, issuer })).toEqual(['oidc.issuer stack.oidc-issuer']);
  });

  it('know how Google calls itself', () => {
    expect(problemsOf({ ...own, provider: 'google' })).toEqual(['oidc.issuer stack.oidc-issuer']);
    expect(problemsOf({ ...own, provider: 'google', issuer: 'https://accounts.google.com' })).toEqual([]);
  });

  it('give GitLab the root that they name, and are refused where that cannot be read', () => {
    const oidc = { ...own, ca: '/srv/root.pem' };
    expect(problemsOf(oidc)).toEqual(['oidc.ca stack.oidc-ca']);
    const facts = { oidcRoot: { certificates: [['MIIB', 'AA==']] } };
    expect(fileOf('gitlab/oidc.crt', oidc, facts)).toBe(
      '-----BEGIN CERTIFICATE-----\nMIIB\nAA==\n-----END CERTIFICATE-----\n',
    );
    expect(fileOf('compose.yaml', oidc, facts)).toContain('/etc/gitlab/trusted-certs/oidc-provider.crt');
  });

  it('bring no Authelia, and ask for the secret that only the person has', () => {
    const rendering = rendered(own);
    if (!rendering.ok) throw new Error('refused');
    expect(rendering.stack.templates).not.toContain('authelia');
    expect(rendering.stack.secrets).toContainEqual(
      expect.objectContaining({ name: 'oidc-client-secret', kind: 'asked' }),
    );
    expect(rendering.stack.names.map(({ name }) => name)).not.toContain('auth.lab.home.arpa');
  });

  it.each(Object.entries(oidcProviders))(
    'never let whoever has an account at %s take somebody else’s',
    (id, known) => {
      const issuer = id === 'google' ? known.issuer : own.issuer;
      const text = fileOf('gitlab/gitlab.rb', { ...own, provider: id, issuer });
      const { linksByEmail, holdsNew } = known;
      expect(text).toContain(
        `gitlab_rails['omniauth_auto_link_user'] = ${linksByEmail ? "['openid_connect']" : 'false'}\n`,
      );
      expect(text).toContain(`gitlab_rails['omniauth_block_auto_created_users'] = ${holdsNew}\n`);
      expect(text).not.toContain('auto_sign_in_with_provider');
    },
  );
});
