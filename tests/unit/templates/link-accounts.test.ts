// Whether GitLab gives an account to whoever has its e-mail address, by who keeps the addresses.
import { expect, it } from 'vitest';
import { renderStack } from '../../../main/templates/render-stack.ts';
import { bundledTemplates, someAnswers, someFacts } from '../../fakes/stack-templates.ts';

const templates = bundledTemplates();
const directory = {
  ...{ kind: 'ldap', address: 'ldaps://ldap.example.net', baseDn: 'dc=example,dc=net' },
  user: 'cn=reader,dc=example,dc=net',
};
const okta = { provider: 'okta', issuer: 'https://example.okta.com', clientId: 'gitlab' };

it.each([
  ['the lab’s own file, which root administers', {}, true],
  ['a directory, where people may change theirs', { directory }, false],
  [
    'a provider that vouches for them, whatever directory the answers still name',
    { sso: 'oidc', oidc: okta, directory },
    true,
  ],
] as const)('by address: %s', (_, change, links) => {
  const rendering = renderStack({ answers: someAnswers(change), templates, facts: someFacts() });
  if (!rendering.ok) throw new Error(JSON.stringify(rendering.problems));
  const text = rendering.stack.files.find(({ path }) => path === 'gitlab/gitlab.rb')?.content;
  expect(text?.match(/^gitlab_rails\['omniauth_auto_link_user'\] = .*$/gm)).toEqual([
    `gitlab_rails['omniauth_auto_link_user'] = ${links ? "['openid_connect']" : 'false'}`,
  ]);
  expect(text).not.toMatch(links ? /Not by their e-mail/ : /time by their e-mail/);
});
