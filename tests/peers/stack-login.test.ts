// One login for everything, for real: Authelia, Traefik and a browser, with the sandbox as GitLab, from the rendered files alone.
import { randomBytes } from 'node:crypto';
import { URI } from 'otpauth';
import type { BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { registerPasskey, signInWithPasskey, withAuthenticator } from './authelia-passkey.ts';
import { consent, firstFactor, hasPages, secondFactor } from './authelia-portal.ts';
import { describeWithPeer, findLoginPeer, findRedis } from './peers.ts';
import { openBrowser } from './stack-browser.ts';
import { openGuest } from './stack-guest.ts';
import type { StackGuest } from './stack-guest.ts';
import { openStackLab } from './stack-lab.ts';
import type { StackLab } from './stack-lab.ts';

const peer = await findLoginPeer();
/** Where this machine has Redis, Authelia keeps its sessions there. */
const sessions = (await findRedis()).found === null ? 'memory' : 'redis';
const lab = `t${randomBytes(3).toString('hex')}`;
const patience = 60_000;

const testSchema = z.object({
  good: z.boolean(),
  tests: z.array(
    z.object({
      client: z.string(),
      good: z.boolean(),
      steps: z.array(z.object({ key: z.string(), state: z.string(), message: z.string() })),
    }),
  ),
});

describeWithPeer('one login for everything', peer, (found) => {
  let stack: StackLab;
  let guest: StackGuest;
  /** Of the first person, who is root in GitLab, and of one who was added. */
  let password: string;
  let anasPassword: string;
  const opened: BrowserContext[] = [];
  const auth = `https://auth.${lab}.home.arpa`;
  const profile = '/-/user_settings/profile';

  const newPage = async (): Promise<Page> => {
    const context = await openBrowser(stack, guest.folder);
    opened.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(patience);
    return page;
  };
  const upWell = async (factors: 'one_factor' | 'two_factor'): Promise<void> => {
    await guest.answer({ sso: 'authelia', templates: { authelia: { factors, sessions } } });
    const { code, stdout, stderr } = await guest.up('--yes');
    expect(code, stderr + stdout).toBe(0);
  };
  const press = async (page: Page): Promise<void> => {
    await page.goto(`${guest.url}/users/sign_in`);
    await page.getByTestId('oidc-login-button').click();
  };
  /** Agrees where Authelia asks, until GitLab shows who it is. */
  const arrive = async (page: Page): Promise<string> => {
    const to = await consent(page);
    if (to !== null) await page.goto(to);
    const done = page.getByTestId('identities');
    await done.waitFor();
    expect(new URL(page.url()).pathname).toBe(profile);
    return (await done.textContent()) ?? '';
  };
  const people = async (): Promise<readonly { readonly id: number; readonly username: string }[]> =>
    z.array(z.object({ id: z.number(), username: z.string() })).parse(JSON.parse(await guest.api('/users')));
  /** Asks Authelia as its own page does. */
  const attempt = async (name: string, secret: string): Promise<string> => {
    const body = JSON.stringify({ username: name, password: secret, keepMeLoggedIn: false });
    const target = `${auth}:${stack.ports.https}/api/firstfactor`;
    const asked = [
      '--header',
      'Content-Type: application/json',
      '--data',
      body,
      '--write-out',
      ' %{http_code}',
    ];
    return stack.named('curl', ['--silent', '--cacert', guest.ca, ...asked, target]);
  };

  beforeAll(async () => {
    stack = await openStackLab(lab, found());
    guest = await openGuest(stack);
    await upWell('one_factor');
    const { stdout } = await stack.cli(['stack', 'secret', 'authelia-admin-password', '--json']);
    password = z.object({ value: z.string() }).parse(JSON.parse(stdout)).value;
    const added = await stack.cli(['user', 'add', 'ana', '--email', `ana@${lab}.home.arpa`, '--json']);
    expect(added.code, added.stderr + added.stdout).toBe(0);
    anasPassword = z.object({ password: z.string() }).parse(JSON.parse(added.stdout)).password;
  });
  afterAll(async () => {
    for (const context of opened) await context.close();
    await stack.close();
    await guest.close();
  });

  it('is found to work by the test that needs nobody', async () => {
    const { stdout, stderr } = await stack.cli(['sso', 'test', '--json']);
    const tested = testSchema.parse(JSON.parse(stdout));
    const open = tested.tests.flatMap(({ steps }) => steps.filter(({ state }) => state !== 'good'));
    // This machine asks another name server than the lab's.
    expect(
      open.map(({ key }) => key),
      stdout + stderr,
    ).toEqual(['sso.name']);
    expect(tested.good).toBe(true);
    expect(tested.tests.map(({ client }) => client)).toEqual(['gitlab', 'traefik']);
    const shown: unknown = JSON.parse((await stack.cli(['sso', 'show', '--json'])).stdout);
    expect(shown).toMatchObject({ clients: [{ last: { good: true } }, { last: { good: true } }] });
  });

  let page: Page;
  let identity: string;
  it('lets a person into GitLab by name and password, as themselves', async () => {
    page = await newPage();
    await press(page);
    await firstFactor(page, 'ana', anasPassword);
    identity = await arrive(page);
    expect(identity).toMatch(/^openid_connect:[0-9a-f-]{36}$/);
    expect(await page.getByTestId('username').textContent()).toBe('ana');
  });

  it('knows the person again whatever GitLab calls them since, and asks for nothing twice', async () => {
    const known = (await people()).find(({ username }) => username === 'ana');
    await guest.curl(
      `/api/v4/users/${known?.id ?? 0}`,
      ...['--request', 'PUT', '--header', `PRIVATE-TOKEN: ${await guest.rootToken()}`],
      ...['--header', 'Content-Type: application/json', '--data', '{"username":"anna"}'],
    );
    await page.getByTestId('sign-out-link').click();
    await page.getByTestId('oidc-login-button').click();
    expect(await arrive(page)).toBe(identity);
    expect(await page.getByTestId('username').textContent()).toBe('anna');
    expect((await people()).length).toBe(2);
  });

  it('ends GitLab’s session with GitLab’s sign-out', async () => {
    await page.getByTestId('sign-out-link').click();
    await page.goto(`${guest.url}${profile}`);
    expect(new URL(page.url()).pathname).toBe('/users/sign_in');
  });

  it.skipIf(sessions === 'memory')('knows who is signed in also after Authelia was restarted', async () => {
    const id = (await stack.containers())['authelia']?.id ?? '';
    await stack.docker('restart', id);
    const health = () => stack.docker('inspect', '--format', '{{.State.Health.Status}}', id);
    await expect.poll(health, { timeout: patience, interval: 1000 }).toBe('healthy');
    // Traefik hears of it a moment later.
    const status = ['--output', '/dev/null', '--write-out', '%{http_code}'];
    const target = `${auth}:${stack.ports.https}/api/health`;
    const asked = () => stack.named('curl', ['--silent', '--cacert', guest.ca, ...status, target]);
    await expect.poll(asked, { timeout: patience, interval: 1000 }).toBe('200');
    await page.getByTestId('oidc-login-button').click();
    expect(await arrive(page)).toBe(identity);
    await page.getByTestId('sign-out-link').click();
  });

  it('lets a person in with a passkey alone, once they have made one', async (test) => {
    const person = await newPage();
    await press(person);
    await person.waitForURL((url) => url.hostname.startsWith('auth.'));
    if (!(await hasPages(person))) test.skip('this Authelia was built without its pages');
    const authenticator = await withAuthenticator(person);
    await firstFactor(person, 'ana', anasPassword);
    await arrive(person);
    await registerPasskey(person, `${auth}:${stack.ports.https}`, async () => {
      const { stdout, stderr } = await stack.cli(['stack', 'code', '--json']);
      const told = z.object({ code: z.string(), recipient: z.string() }).parse(JSON.parse(stdout));
      expect(told.recipient, stderr).toContain('ana@');
      return told.code;
    });
    await person.context().clearCookies();
    await press(person);
    await signInWithPasskey(person);
    expect(await arrive(person)).toBe(identity);
    await authenticator.detach();
  });

  describe('attacks', () => {
    it('lead no browser to another place after signing in', async () => {
      const thief = await newPage();
      const evil = encodeURIComponent('https://evil.example/');
      await thief.goto(`${auth}:${stack.ports.https}/?rd=${evil}`);
      const to = await firstFactor(thief, 'admin', password);
      expect(new URL(to ?? thief.url()).hostname).toMatch(new RegExp(`\\.${lab}\\.home\\.arpa$`));
      await thief.goto(`${guest.url}/users/sign_in?user_return_to=${evil}`);
      await thief.getByTestId('oidc-login-button').click();
      await arrive(thief);
      expect(new URL(thief.url()).host).toBe(new URL(guest.url).host);
    });

    it('get nothing out of an answer that was used, is somebody else’s, or has no state', async () => {
      const [victim, thief] = [await newPage(), await newPage()];
      const [seen, begun]: [string[], string[]] = [[], []];
      victim.on('request', (request) => void seen.push(request.url()));
      thief.on('request', (request) => void begun.push(request.url()));
      await press(victim);
      await firstFactor(victim, 'ana', anasPassword);
      await arrive(victim);
      const used = new URL(seen.find((url) => url.includes('/callback?')) ?? '');
      const shut = async (state: string | null, words: string): Promise<void> => {
        const url = new URL(used);
        if (state === null) url.searchParams.delete('state');
        else url.searchParams.set('state', state);
        await thief.goto(url.href);
        expect(await thief.getByRole('alert').textContent()).toContain(words);
        await thief.goto(`${guest.url}${profile}`);
        expect(new URL(thief.url()).pathname).toBe('/users/sign_in');
      };
      await shut(used.searchParams.get('state'), "Invalid 'state' parameter");
      await press(thief);
      await thief.waitForURL((url) => url.hostname.startsWith('auth.'));
      const asked = new URL(begun.find((url) => url.includes('/api/oidc/authorization?')) ?? '');
      await shut(asked.searchParams.get('state'), 'invalid_grant');
      await press(thief);
      await thief.waitForURL((url) => url.hostname.startsWith('auth.'));
      await shut(null, "Invalid 'state' parameter");
    });

    it('learn from Authelia of no name whether somebody has it', async () => {
      expect(await attempt('nobody', 'wrong')).toBe(await attempt('ben', 'wrong'));
      const known = await attempt('admin', 'wrong');
      expect(known).toBe(await attempt('nobody', 'wrong'));
      expect(known).toMatch(/ 401$/);
    });

    it('find the page of Traefik shut, whoever they say they are', async () => {
      const url = `https://traefik.${lab}.home.arpa:${stack.ports.https}/`;
      const forged = ['--header', 'Remote-User: admin', '--header', 'Remote-Groups: admins'];
      const status = ['--output', '/dev/null', '--write-out', '%{http_code} %{redirect_url}'];
      const told = await stack.named('curl', ['--silent', '--cacert', guest.ca, ...forged, ...status, url]);
      expect(told).toMatch(new RegExp(`^302 ${auth}:${stack.ports.https}/\\?rd=`));
    });

    it('end after five wrong passwords, and root of GitLab signs in all the same', async () => {
      for (let count = 0; count < 5; count += 1) await attempt('admin', `wrong ${count}`);
      expect(await attempt('admin', password)).toMatch(/ 401$/);
      const { stdout } = await stack.cli(['stack', 'secret', 'gitlab-root-password', '--json']);
      const { value } = z.object({ value: z.string() }).parse(JSON.parse(stdout));
      const root = await newPage();
      await root.goto(`${guest.url}/users/sign_in`);
      await root.locator('#user_login').fill('root');
      await root.locator('#user_password').fill(value);
      await root.getByTestId('sign-in-button').click();
      expect(await root.getByTestId('username').textContent()).toBe('root');
    });
  });

  it('asks for the one-time password where that is the lab’s choice, and lets no blocked person in', async () => {
    await upWell('two_factor');
    const id = (await stack.containers())['authelia']?.id ?? '';
    const config = ['--config', '/config/configuration.yml'];
    const made = await stack.docker(
      'exec',
      id,
      'authelia',
      'storage',
      'user',
      'totp',
      'generate',
      'ana',
      '--force',
      ...config,
    );
    const secret = URI.parse(/otpauth:\/\/[^'"\s]+/.exec(made)?.[0] ?? '');
    const person = await newPage();
    await press(person);
    await firstFactor(person, 'ana', anasPassword);
    await secondFactor(person, 'generate' in secret ? secret.generate() : '');
    expect(await arrive(person)).toBe(identity);
    const known = (await people()).find(({ username }) => username === 'anna');
    await guest.api(`/users/${known?.id ?? 0}/block`, {});
    await person.goto(`${guest.url}${profile}`);
    expect(new URL(person.url()).pathname).toBe('/users/sign_in');
    await person.getByTestId('oidc-login-button').click();
    await expect
      .poll(() => person.getByRole('alert').textContent(), { timeout: patience })
      .toContain('Your account has been blocked');
  });

  it('says what is wrong when Authelia is down, while tokens and root go on working', async () => {
    const id = (await stack.containers())['authelia']?.id ?? '';
    await stack.docker('stop', id);
    const { code, stdout } = await stack.cli(['sso', 'test', 'gitlab', '--json']);
    expect(code, stdout).toBe(1);
    const tested = testSchema.parse(JSON.parse(stdout));
    expect(tested.good).toBe(false);
    const bad = tested.tests[0]?.steps.filter(({ state }) => state === 'bad').map(({ key }) => key);
    expect(bad).toEqual(['sso.discovery', 'sso.gitlab-begin', 'sso.gitlab-reach']);
    expect(JSON.parse(await guest.api('/user'))).toMatchObject({ username: 'root' });
  });
});
