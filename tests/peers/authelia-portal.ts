// Signs in at Authelia from a browser as Authelia's own page does, by its requests: that page is not in every build of it.
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

/** Waits for the page, gives name and password, and goes where that leads: the address, `null`: it leads nowhere. */
export async function firstFactor(page: Page, username: string, password: string): Promise<string | null> {
  await page.waitForURL((url) => url.hostname.startsWith('auth.'));
  const body = { username, password, keepMeLoggedIn: false, ...flowOf(page) };
  return follow(page, await ask(page, '/api/firstfactor', body));
}

export async function secondFactor(page: Page, token: string): Promise<string | null> {
  return follow(page, await ask(page, '/api/secondfactor/totp', { token, ...flowOf(page) }));
}

async function follow(page: Page, answer: unknown): Promise<string | null> {
  const to = answerSchema.parse(answer).data?.redirect;
  if (to !== undefined) await page.goto(to);
  return to ?? null;
}

/** Agrees once and for good, where Authelia asks: where that leads; `null`: it does not ask. */
export async function consent(page: Page): Promise<string | null> {
  const { hostname, pathname, searchParams } = new URL(page.url());
  const id = searchParams.get('flow_id');
  if (!hostname.startsWith('auth.') || !pathname.startsWith('/consent') || id === null) return null;
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
