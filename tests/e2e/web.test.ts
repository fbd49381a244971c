// The web door in a real browser: signing in and out, and what pages of other origins cannot do.
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser } from './browser.ts';
import { buildPage } from './built-page.ts';
import { canBrowse } from './needs.ts';
import { freePort, startServing } from './serve-process.ts';
import type { ServeProcess } from './serve-process.ts';

let browser: Browser;
let folder: string;
let home: string;
let core: ServeProcess;
let context: BrowserContext;
let page: Page;
/** What the browser refused to do for our pages. */
let refused: string[];

beforeAll(async () => {
  if (!canBrowse) return;
  await buildPage();
  browser = await launchBrowser();
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-web-'));
  home = path.join(folder, 'home');
  core = await startServing(home, await freePort());
});
afterAll(async () => {
  if (!canBrowse) return;
  await browser.close();
  await core.stop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  context = await browser.newContext();
  refused = [];
  page = await context.newPage();
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) refused.push(message.text());
  });
});
afterEach(() => context.close());

const form = (of = page) => of.getByRole('heading', { name: 'Sign in to AutoGit' });
const lab = (of = page) => of.getByRole('link', { name: 'Jobs' }).first();

function portOf({ address }: ServeProcess): number {
  return Number(new URL(address).port);
}

async function enterByLink(of = page, by = core): Promise<void> {
  await of.goto(`${by.address}/#token=${by.token}`);
  await lab(of).waitFor();
}

describe.skipIf(!canBrowse)('the page of autogit serve', () => {
  it('asks who is there, says that a token is wrong, and takes the right one', async () => {
    await page.goto(core.address);
    await form().waitFor();
    await page.locator('input[name=token]').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('The token is not the right one.').waitFor();
    await page.locator('input[name=token]').fill(core.token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await lab().waitFor();
    expect(refused).toEqual([]);
  });

  it('signs in by the link, which is not left in the address or the history', async () => {
    await enterByLink();
    expect(page.url()).toBe(`${core.address}/`);
    // The browser's own empty page is the one before.
    expect(await page.evaluate<number>('history.length')).toBeLessThanOrEqual(2);
    await page.goto(`${core.address}/jobs`);
    await lab().waitFor();
    const kept = await page.evaluate<string>(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])',
    );
    expect(kept).not.toContain(core.token);
    expect(kept).not.toContain('autogit-');
    expect(refused).toEqual([]);
  });

  it('stays signed in over a restart of the core, until there is a new token', async () => {
    await enterByLink();
    await core.stop();
    core = await startServing(home, portOf(core));
    await page.reload();
    await lab().waitFor();
    await core.stop();
    await rm(path.join(home, 'run', 'http-token'));
    core = await startServing(home, portOf(core));
    await page.reload();
    await form().waitFor();
  });

  it('signs out', async () => {
    await enterByLink();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await form().waitFor();
    await page.reload();
    await form().waitFor();
    expect(await context.cookies()).toEqual([]);
  });

  it('is signed in to two homes at once', async () => {
    const other = await startServing(path.join(folder, 'other'), await freePort());
    try {
      const second = await context.newPage();
      await enterByLink();
      await enterByLink(second, other);
      for (const each of [page, second]) {
        await each.reload();
        await lab(each).waitFor();
      }
      expect(await context.cookies()).toHaveLength(2);
    } finally {
      await other.stop();
    }
  });
});

/** A page of another port of this machine: to cookies it is the same site. Its script knows our address as `core`. */
async function openOther(): Promise<{ server: Server; address: string }> {
  const text = `<!doctype html><title>other</title><body><script>const core = '${core.address}';</script></body>`;
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end(text);
  });
  const at = await freePort();
  await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
  return { server, address: `http://127.0.0.1:${at}` };
}

async function mode(): Promise<string | undefined> {
  const headers = { authorization: `Bearer ${core.token}` };
  const answer = await fetch(`${core.address}/api/v1/status`, { headers });
  return /"mode":"(\w+)"/.exec(await answer.text())?.[1];
}

describe.skipIf(!canBrowse)('a page of another port, in the browser of somebody who is signed in', () => {
  let other: { server: Server; address: string };
  beforeEach(async () => {
    other = await openOther();
    await enterByLink();
    await page.goto(other.address);
  });
  afterEach(() => {
    other.server.closeAllConnections();
    other.server.close();
  });

  it('cannot read', async () => {
    for (const at of ['/api/v1/status', '/session', '/openapi.json', '/']) {
      const read = (how: string): Promise<string> =>
        page.evaluate<string>(
          `fetch(core + '${at}', ${how}).then(async (it) => it.type + (await it.text()), () => 'refused')`,
        );
      expect(await read("{ credentials: 'include' }")).toBe('refused');
      expect(await read("{ mode: 'no-cors', credentials: 'include' }")).toBe('refused');
      expect(await read(`{ headers: { authorization: 'Bearer ${core.token}' } }`)).toBe('refused');
    }
  });

  it('cannot change anything, by script or by form', async () => {
    for (const how of ["mode: 'no-cors'", "headers: { 'content-type': 'application/json' }", "mode: 'cors'"])
      await page.evaluate(
        `fetch(core + '/api/v1/lab/drain', { method: 'POST', credentials: 'include', body: '{}', ${how} }).catch(String)`,
      );
    const answered = page.waitForResponse(`${core.address}/api/v1/lab/drain`);
    await page.evaluate(`
      document.body.innerHTML = '<form method=post action="' + core + '/api/v1/lab/drain"></form>';
      document.forms[0].submit();
    `);
    expect((await answered).status()).toBe(403);
    await page.waitForURL(`${core.address}/api/v1/lab/drain`);
    expect(await mode()).toBe('serve');
    await page.goto(core.address);
    await lab().waitFor();
  });

  it('cannot sign the person out', async () => {
    await page.evaluate(
      "fetch(core + '/session', { method: 'DELETE', credentials: 'include' }).catch(String)",
    );
    await page.goto(core.address);
    await lab().waitFor();
  });

  it('cannot frame the page', async () => {
    await page.evaluate(`new Promise((shown) => {
      const frame = document.createElement('iframe');
      frame.onload = shown;
      frame.src = core;
      document.body.append(frame);
    })`);
    const inside = page.frames().filter((frame) => frame !== page.mainFrame());
    expect(inside).toHaveLength(1);
    expect(await inside[0]?.locator('#root').count()).toBe(0);
  });

  it('cannot hold on to a window of it', async () => {
    const opened = context.waitForEvent('page');
    await page.evaluate('void (globalThis.held = window.open(core))');
    const popup = await opened;
    await lab(popup).waitFor();
    expect(await popup.evaluate<boolean>('window.opener === null')).toBe(true);
    expect(await page.evaluate<boolean>('globalThis.held.closed')).toBe(true);
  });
});
