// Signs in at Authelia from a browser: on its own pages where the program has them, otherwise by the requests that they make.
import type { Page } from 'playwright';
import { z } from 'zod';

const answerSchema = z.object({ data: z.object({ redirect: z.string().optional() }).nullish() });
const consentSchema = z.object({
  data: z.object({ client_id: z.string(), claims: z.array(z.string()).nullable() }),
});
const acceptedSchema = z.object({ data: z.object({ redirect_uri: z.string() }) });

/** From within the page, with its cookies and within what its policy allows. */
async function ask(page: Page, path: string, body?: unknown): Promise<unknown> {
  const text = await page.evaluate(
    async ([to, sent]) => {
      const headers = { 'Content-Type': 'application/json' };
      const init = sent === null ? {} : { method: 'POST', headers, body: sent };
      const answer = await fetch(to, init);
      return `${answer.status} ${await answer.text()}`;
    },
    [path, body === undefined ? null : JSON.stringify(body)] as const,
  );
  const [, status, rest = ''] = /^(\d+) ([\s\S]*)$/.exec(text) ?? [];
  if (status !== '200') throw new Error(`${path} answers ${text}`);
  return JSON.parse(rest);
}

/** What brought the browser here, which goes on once somebody is signed in. */
function flowOf(page: Page): Readonly<Record<string, string>> {
  const told = new URL(page.url()).searchParams;
  const [flow, flowID, targetURL] = [told.get('flow'), told.get('flow_id'), told.get('rd')];
  return { ...(flow && { flow }), ...(flowID && { flowID }), ...(targetURL && { targetURL }) };
}

/** A build without pages has one that loads nothing. */
export const hasPages = async (page: Page): Promise<boolean> =>
  (await page.locator('script[type=module][src]').count()) > 0;

const isAuthelias = (url: URL): boolean => url.hostname.startsWith('auth.');

/** Where Authelia's own page has gone on to by itself; `null`: it asks for more. */
async function left(page: Page, asking: RegExp): Promise<string | null> {
  await page.waitForURL((url) => !isAuthelias(url) || !asking.test(url.pathname));
  const url = new URL(page.url());
  return isAuthelias(url) && url.pathname.startsWith('/2fa') ? null : url.href;
}

/** Waits for the page, gives name and password, and goes where that leads: the address, `null`: it leads nowhere. */
export async function firstFactor(page: Page, username: string, password: string): Promise<string | null> {
  await page.waitForURL(isAuthelias);
  if (await hasPages(page)) {
    await page.locator('#username-textfield').fill(username);
    await page.locator('#password-textfield').fill(password);
    await page.locator('#sign-in-button').click();
    return left(page, /^\/$/);
  }
  const body = { username, password, keepMeLoggedIn: false, ...flowOf(page) };
  return follow(page, await ask(page, '/api/firstfactor', body));
}

export async function secondFactor(page: Page, token: string): Promise<string | null> {
  if (await hasPages(page)) {
    await page.locator('#otp-input input').first().click();
    await page.keyboard.type(token);
    return left(page, /^\/2fa/);
  }
  return follow(page, await ask(page, '/api/secondfactor/totp', { token, ...flowOf(page) }));
}

async function follow(page: Page, answer: unknown): Promise<string | null> {
  const to = answerSchema.parse(answer).data?.redirect;
  if (to !== undefined) await page.goto(to);
  return to ?? null;
}

/** Agrees once and for good, where Authelia asks: where to go then; `null`: it does not ask, or its page has gone there by itself. */
export async function consent(page: Page): Promise<string | null> {
  const { hostname, pathname, searchParams } = new URL(page.url());
  const id = searchParams.get('flow_id');
  if (!hostname.startsWith('auth.') || !pathname.startsWith('/consent') || id === null) return null;
  if (await hasPages(page)) {
    // Drawn anew all the time, it never comes to rest under a pointer.
    await page.getByLabel('Remember Consent').dispatchEvent('click');
    await page.locator('#openid-consent-accept').click();
    await left(page, /^\/consent/);
    return null;
  }
  const { data } = consentSchema.parse(await ask(page, `/api/oidc/consent?flow_id=${id}`));
  const body = {
    flow_id: id,
    client_id: data.client_id,
    consent: true,
    pre_configure: true,
    claims: data.claims ?? [],
  };
  return acceptedSchema.parse(await ask(page, '/api/oidc/consent', body)).data.redirect_uri;
}
