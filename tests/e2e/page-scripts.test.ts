// Pages that are scripts of their own: an update takes the scripts of the page that is open.
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { createFakeCore } from '../fakes/fake-core.ts';
import { createFakeWorld } from '../fakes/fake-world.ts';
import { canBrowse } from './needs.ts';
import { usePages } from './open-page.ts';

const { serve, open } = usePages();

const script = '**/assets/engines-page-*.js';

/** Opens the page, whose script is gone until the whole was loaded `times` times. `loads`: how often it was since. */
async function openWithout(times: number): Promise<{ page: Page; loads: () => number }> {
  const page = await open(await serve(createFakeCore(createFakeWorld())));
  let loads = 0;
  page.on('request', (request) => {
    if (request.isNavigationRequest()) loads += 1;
  });
  await page.route(script, (route) =>
    loads < times ? route.fulfill({ status: 404, body: 'There is no such file.' }) : route.continue(),
  );
  await page.getByRole('link', { name: 'Engines' }).click();
  return { page, loads: () => loads };
}

describe.skipIf(!canBrowse)('a page whose script has gone', () => {
  it('is there after the whole page was loaded anew, by itself', async () => {
    const { page, loads } = await openWithout(1);
    await page.getByRole('button', { name: 'Look again' }).waitFor();
    expect(loads()).toBe(1);
    expect(page.url()).toMatch(/#\/engines$/);
  });

  it('says so where that does not help, and is not loaded for ever', async () => {
    const { page, loads } = await openWithout(2);
    await expect.poll(loads).toBe(1);
    await page.getByRole('alert').getByText('page.script-missing').waitFor();
    await page.getByRole('button', { name: 'Load again' }).click();
    await page.getByRole('button', { name: 'Look again' }).waitFor();
    expect(loads()).toBe(2);
  });
});
