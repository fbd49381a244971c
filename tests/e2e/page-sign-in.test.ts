// Signing in, on the People page in a real browser: each program with its last test, other providers, a directory.
import { describe, expect, it } from 'vitest';
import { noStack } from '../fakes/fake-access-calls.ts';
import { accessLab as lab } from '../fakes/page-labs.ts';
import { canBrowse } from './needs.ts';
import { usePages } from './open-page.ts';
import { button, heading, lastInput } from './page-parts.ts';

const { serve, open } = usePages();

describe.skipIf(!canBrowse)('signing in', () => {
  it('is shown for every program with its last test, and tested on demand', async () => {
    const { core } = lab();
    const page = await open(await serve(core), '/people?tab=sign-in');
    await heading(page, 'Authelia signs people in to 3 programs');
    const grafana = page.getByRole('listitem', { name: 'Grafana' });
    await grafana.getByText('Traefik lets everybody through without asking.').waitFor();
    await grafana.getByText('2 h ago').waitFor();
    await page.getByRole('listitem', { name: 'Traefik' }).getByText('Not tried yet').waitFor();
    await button(page, 'Test now: Grafana').click();
    await grafana.getByText('Works', { exact: true }).waitFor();
    expect(lastInput(core, 'sso.test')).toEqual({ client: 'grafana' });
    await button(page, 'Test every sign-in').click();
    await page.getByRole('listitem', { name: 'Traefik' }).getByText('Works', { exact: true }).waitFor();
  });

  it('with another provider tells what to enter there, and forgets the secret with the test', async () => {
    const { core } = lab();
    const page = await open(await serve(core), '/people?tab=sign-in');
    await button(page, 'Keycloak, Okta, authentik, Google…').click();
    const form = page.getByRole('form', { name: 'Try another provider' });
    await form.getByText('Copy the secret from the tab Credentials.').waitFor();
    await form.getByText('https://gitlab.lab.home.arpa/users/auth/openid_connect/callback').waitFor();
    await button(form, 'Test this provider').click();
    await form.getByText('it begins with https://').waitFor();
    expect(await form.getByLabel('Issuer').evaluate('document.activeElement.name')).toBe('issuer');
    await form.getByLabel('Issuer').fill('https://keycloak.example.net/realms/lab');
    await form.getByLabel('Client id').fill('gitlab');
    await form.getByLabel('Client secret').fill('a-pretended-secret');
    await button(form, 'Test this provider').click();
    await form.getByText('https://keycloak.example.net/realms/lab answers').waitFor();
    expect(lastInput(core, 'sso.check')).toMatchObject({
      oidc: { provider: 'keycloak' },
      secret: 'a-pretended-secret',
    });
    expect(await form.getByLabel('Client secret').inputValue()).toBe('');
    expect(await page.content()).not.toContain('a-pretended-secret');
  });

  it('by a directory is tried with its password, which is forgotten, and shows whom it finds', async () => {
    const { core } = lab();
    const page = await open(await serve(core), '/people?tab=sign-in');
    await button(page, 'Test a directory').click();
    const form = page.getByRole('form', { name: 'Try a directory' });
    await form.getByLabel('Server', { exact: true }).fill('ldap.example.net');
    await form.getByLabel('Base DN').fill('dc=example,dc=net');
    await form.getByLabel('Who searches').fill('cn=reader,dc=example,dc=net');
    await form.getByLabel('Their password').fill('wrong');
    await button(form, 'Test this directory').click();
    await form.getByText('The directory refuses name or password.').waitFor();
    expect(await form.getByLabel('Their password').inputValue()).toBe('');
    await form.getByLabel('Encrypted by').selectOption('starttls');
    await form.getByLabel('Their password').fill('right');
    await form.getByLabel('A person to look for').fill('an');
    await form.getByLabel('A person to look for').press('Enter');
    await form.getByRole('rowheader', { name: 'ana' }).waitFor();
    expect(lastInput(core, 'directory.test')).toMatchObject({
      directory: { address: 'ldap://ldap.example.net', startTls: true },
      ...{ password: 'right', search: 'an' },
    });
    await form.getByText(/^autogit directory test an --answers lab\.yaml/).waitFor();
  });

  it('is taught where no stack is', async () => {
    const page = await open(await serve(lab(noStack).core), '/people?tab=sign-in');
    await page.getByText('No stack, so nothing to sign in to').waitFor();
  });
});
