// Updates on the About page in a real browser: from a look to the plan of an installation, pushed as it goes on.
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { createFakeCore } from '../fakes/fake-core.ts';
import type { FakeCore } from '../fakes/fake-core.ts';
import { createFakeUpdates, someInstall, someUpdate } from '../fakes/fake-update-calls.ts';
import type { FakeUpdates } from '../fakes/fake-update-calls.ts';
import { axeFaultsOf } from './audit.ts';
import { canBrowse } from './needs.ts';
import { usePages } from './open-page.ts';

const { serve, open } = usePages();

function core(updates: FakeUpdates): FakeCore {
  return createFakeCore(undefined, undefined, undefined, undefined, undefined, updates);
}

const address = 'https://updates.example.org/autogit';
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const part = (page: Page) => page.getByRole('region', { name: 'Updates' });

describe.skipIf(!canBrowse)('updates', () => {
  it('without a place say so, and lead to the setting', async () => {
    const page = await open(await serve(core(createFakeUpdates())), '/about');
    await part(page).getByText('It asks nobody for updates').waitFor();
    expect(await button(page, 'Look now').count()).toBe(0);
    await page.getByRole('link', { name: 'Set the place' }).click();
    await expect.poll(() => page.url()).toContain('#/settings/updates.address');
  });

  it('are looked for, read as text, downloaded after their plan, followed, and installed by the system', async () => {
    const updates = createFakeUpdates({
      state: 'current',
      sentence: 'AutoGit 0.11.0 is the newest.',
      address,
    });
    const own = core(updates);
    const page = await open(await serve(own), '/about');
    await part(page).getByText('AutoGit 0.11.0 is the newest.').waitFor();
    updates.move({ install: someInstall });
    await button(page, 'Look now').click();
    await page
      .getByRole('region', { name: 'New in 0.12.0' })
      .getByText('Backups <img src=x onerror=alert(1)>')
      .waitFor();
    await page.getByRole('region', { name: 'New in 0.11.1' }).waitFor();
    await button(page, 'Download 0.12.0').click();
    await page.getByRole('dialog').getByText('autogit update download').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Download AutoGit 0.12.0' }).click();
    await button(page, 'Close').click();
    await button(page, 'Install 0.12.0').click();
    await page.getByRole('dialog').getByText('Jobs go on in their runners').waitFor();
    await button(page, 'Install it; the system asks for the password').click();
    await button(page, 'Close').click();
    await part(page).getByText('takes effect at the next start').first().waitFor();
    // A browser cannot start AutoGit again.
    expect(await button(page, 'Start AutoGit again').count()).toBe(0);
    const asked = own.calls.findLast(({ name }) => name === 'update.install');
    expect(asked?.input).toMatchObject({ ask: true, dryRun: false });
  });

  it('show a download as it goes on, and what was wrong with a list', async () => {
    const updates = createFakeUpdates({
      ...{
        state: 'downloading',
        sentence: 'AutoGit 0.12.0 is being downloaded.',
        address,
        available: someUpdate,
      },
      progress: { received: 24_000_000, total: 96_000_000 },
    });
    const page = await open(await serve(core(updates)), '/about');
    await part(page).getByText('24 MB of 96 MB').waitFor();
    updates.move({ progress: { received: 48_000_000, total: 96_000_000 } });
    await part(page).getByText('48 MB of 96 MB').waitFor();
    const message =
      'The list of updates is not signed by a key that this AutoGit knows, so it does not count.';
    updates.move({
      progress: null,
      state: 'available',
      problem: { key: 'update.signature', message, next: 'Ask.' },
    });
    await part(page).getByText(message).waitFor();
  });

  it.each([
    ['light', 1280],
    ['dark', 480],
  ] as const)('can be used by everybody in %s at %i px', async (colorScheme, width) => {
    const problem = { key: 'update.unreachable', message: 'It does not answer.', next: 'Wait.' };
    const updates = createFakeUpdates({
      ...{
        state: 'ready',
        sentence: 'AutoGit 0.12.0 is downloaded.',
        address,
        available: someUpdate,
        problem,
      },
      ...{ install: someInstall, checkedAt: Date.now() - 60_000, nextCheckAt: Date.now() + 3_600_000 },
      progress: { received: 1, total: 2 },
    });
    const page = await open(await serve(core(updates)), '/about', {
      colorScheme,
      viewport: { width, height: 800 },
    });
    await button(page, 'Install 0.12.0').waitFor();
    expect(await axeFaultsOf(page)).toEqual([]);
    const isWide = await page.evaluate(
      'document.documentElement.scrollWidth > document.documentElement.clientWidth',
    );
    expect(isWide).toBe(false);
  });
});
