// A whole stack without Authelia whose people sign in by a provider that somebody else runs: here, another Authelia.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { consent, firstFactor } from './authelia-portal.ts';
import { describeWithPeer, findLoginPeer } from './peers.ts';
import { openAuthelia } from './real-authelia.ts';
import type { RealAuthelia } from './real-authelia.ts';
import { openBrowser } from './stack-browser.ts';
import { openGuest } from './stack-guest.ts';
import type { StackGuest } from './stack-guest.ts';
import { base } from './stack-images.ts';
import { openStackLab } from './stack-lab.ts';
import type { StackLab } from './stack-lab.ts';

const peer = await findLoginPeer();
const lab = `t${randomBytes(3).toString('hex')}`;
const password = 'correct horse battery';
const patience = 60_000;
const peopleSchema = z.array(z.object({ id: z.number(), username: z.string(), state: z.string() }));

describeWithPeer('one login by a provider of others', peer, (found) => {
  let stack: StackLab;
  let guest: StackGuest;
  let provider: RealAuthelia;
  let page: Page;
  const ends: (() => Promise<unknown>)[] = [];

  /** GitLab's container asks the engine for names: there the provider's leads to this machine. */
  const relayToProvider = async (): Promise<string> => {
    const { hostname, port } = new URL(provider.issuer);
    const [address = ''] = provider.connect.split(':');
    const program = `const net = require('node:net');
      net.createServer((one) => {
        const other = net.connect(${port}, ${JSON.stringify(address)});
        one.on('error', () => other.destroy()).pipe(other).on('error', () => one.destroy()).pipe(one);
      }).listen(${port});`;
    const network = ['--network', `autogit-${lab}_inner`, '--network-alias', hostname];
    return stack.docker('run', '--detach', '--rm', ...network, base, 'node', '-e', program);
  };

  beforeAll(async () => {
    const programs = found();
    stack = await openStackLab(lab, programs);
    ends.push(stack.close);
    guest = await openGuest(stack);
    ends.push(guest.close);
    const gateway = await stack.docker(
      ...['network', 'inspect', 'bridge', '--format', '{{(index .IPAM.Config 0).Gateway}}'],
    );
    const gitlab = new URL(guest.url).origin;
    provider = await openAuthelia(programs.authelia ?? '', {
      address: gateway,
      answers: { templates: { authelia: { factors: 'one_factor' } } },
      // Its only client is the GitLab of this stack.
      configuration: (text) => text.replace(/https:\/\/gitlab\.[a-z.]+:\d+(?=\/users\/auth\/)/, gitlab),
    });
    ends.push(provider.close);
    const ca = join(guest.folder, 'provider.crt');
    await writeFile(ca, provider.root);
    await guest.answer({
      sso: 'oidc',
      oidc: { provider: 'other', issuer: provider.issuer, clientId: 'gitlab', ca },
    });
    const secret = await stack.cli(['stack', 'set-secret', 'oidc-client-secret', '--lab', lab], {
      input: provider.clientSecret,
    });
    expect(secret.code, secret.stderr + secret.stdout).toBe(0);
    const { code, stdout, stderr } = await guest.up('--yes');
    expect(code, stderr + stdout).toBe(0);
    const relay = await relayToProvider();
    ends.push(() => stack.docker('rm', '--force', relay));
    const [address = ''] = provider.connect.split(':');
    const browser = await openBrowser(stack, guest.folder, { [new URL(provider.issuer).hostname]: address });
    ends.push(() => browser.close());
    page = await browser.newPage();
    page.setDefaultTimeout(patience);
  });
  afterAll(async () => {
    for (const end of ends.toReversed()) await end();
  });

  const press = async (): Promise<void> => {
    await page.goto(`${guest.url}/users/sign_in`);
    await page.getByTestId('oidc-login-button').click();
  };
  const people = async () => peopleSchema.parse(JSON.parse(await guest.api('/users')));

  it('brings up no Authelia of its own, and says who signs people in', async () => {
    expect(Object.keys(await stack.containers())).not.toContain('authelia');
    const shown: unknown = JSON.parse((await stack.cli(['sso', 'show', '--json'])).stdout);
    expect(shown).toMatchObject({ kind: 'oidc', issuer: provider.issuer, clients: [{ id: 'gitlab' }] });
  });

  it('has a new person wait for an administrator, because anybody may have an account there', async () => {
    await press();
    await firstFactor(page, 'admin', password);
    const to = await consent(page);
    if (to !== null) await page.goto(to);
    await expect
      .poll(() => page.getByRole('alert').textContent(), { timeout: patience })
      .toContain('pending approval');
    expect((await people()).find(({ username }) => username === 'admin')?.state).toBe(
      'blocked_pending_approval',
    );
  });

  it('lets the person in as themselves once an administrator has said so', async () => {
    const id = (await people()).find(({ username }) => username === 'admin')?.id ?? 0;
    await guest.api(`/users/${id}/approve`, {});
    await press();
    const identities = page.getByTestId('identities');
    await identities.waitFor();
    expect(new URL(page.url()).host).toBe(new URL(guest.url).host);
    expect(await identities.textContent()).toMatch(/^openid_connect:[0-9a-f-]{36}$/);
    expect(await page.getByTestId('username').textContent()).toBe('admin');
  });
});
