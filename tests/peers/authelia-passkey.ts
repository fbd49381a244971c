// Passkeys on Authelia's own pages: a browser that has them built in, registering one, signing in with it.
import type { CDPSession, Page } from 'playwright';
import { expect } from 'vitest';

/** What a phone or a laptop has inside, with a finger always on it; it is the page's, and keeps its keys. */
export async function withAuthenticator(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', automaticPresenceSimulation: true },
      ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
    },
  });
  return session;
}

/** At Authelia, by somebody who is signed in there. `code` reads what Authelia sends to make sure who it is. */
export async function registerPasskey(page: Page, auth: string, code: () => Promise<string>): Promise<void> {
  await page.goto(`${auth}/settings/two-factor-authentication`);
  await page.locator('#webauthn-credential-add').click();
  const asked = page.locator('#one-time-code');
  await asked.waitFor();
  await asked.fill(await code());
  const verified = page.waitForResponse((answer) => answer.request().method() === 'PUT');
  await page.locator('#dialog-verify').click();
  expect((await verified).status(), await (await verified).text()).toBe(200);
  await page.locator('#webauthn-credential-description').fill('Laptop');
  await page.locator('#dialog-next').click();
  await page.getByText('Laptop', { exact: true }).waitFor();
}

/** Without a name and without a password. */
export async function signInWithPasskey(page: Page): Promise<void> {
  await page.waitForURL((url) => url.hostname.startsWith('auth.'));
  await page.locator('#passkey-sign-in-button').click();
  await page.waitForURL((url) => !url.hostname.startsWith('auth.') || url.pathname !== '/');
}
