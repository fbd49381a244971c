// Pages in a real browser, over the real HTTP door and a pretended core; everything is closed after its test.
import type { Browser, BrowserContextOptions, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { FakeCore } from '../fakes/fake-core.ts';
import { openDoors } from '../fakes/open-doors.ts';
import type { OpenDoors } from '../fakes/open-doors.ts';
import { launchBrowser } from './browser.ts';
import { buildPage } from './built-page.ts';
import { canBrowse } from './needs.ts';

export interface Pages {
  serve(core: FakeCore): Promise<OpenDoors>;
  /** Opens an address of the page, such as `/jobs/41`, signed in. A page that complains fails its test. */
  open(doors: OpenDoors, route?: string, options?: BrowserContextOptions): Promise<Page>;
}

/** At the top of a file of tests. */
export function usePages(): Pages {
  let browser: Browser;
  const toClose: (() => Promise<void>)[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    if (!canBrowse) return;
    await buildPage();
    browser = await launchBrowser();
  });
  afterAll(() => (canBrowse ? browser.close() : undefined));
  afterEach(async () => {
    for (const close of toClose.splice(0).reverse()) await close();
    expect(complaints.splice(0)).toEqual([]);
  });

  return {
    serve: async (core) => {
      const doors = await openDoors({ core });
      toClose.push(doors.close);
      return doors;
    },
    open: async (doors, route = '/', options = {}) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
      toClose.push(() => context.close());
      const page = await context.newPage();
      page.on('pageerror', ({ message }) => complaints.push(message));
      page.on('console', (message) => {
        // Tests take the network away; what the page then says of it is looked at on the screen.
        const isExpected = message.text().startsWith('Failed to load resource');
        if (message.type() === 'error' && !isExpected) complaints.push(message.text());
      });
      await page.goto(`${doors.address}/#token=${doors.token}`);
      await page.getByText('Live', { exact: true }).waitFor({ state: 'attached' });
      if (route !== '/') await page.goto(`${doors.address}/#${route}`);
      return page;
    },
  };
}
