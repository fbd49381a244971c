// Settings, Audit, About, the palette and the keys in a real browser.
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { createFakeCore } from '../fakes/fake-core.ts';
import type { FakeCore } from '../fakes/fake-core.ts';
import { createFakeWorld } from '../fakes/fake-world.ts';
import { createSettingsCalls } from '../fakes/fake-settings-calls.ts';
import { axeFaultsOf } from './audit.ts';
import { canBrowse } from './needs.ts';
import { usePages } from './open-page.ts';
import { createPageWorld } from './page-world.ts';

const { serve, open } = usePages();

const doors = ['cli', 'http', 'desktop'] as const;
const records = Array.from({ length: 1_200 }, (_, index) => ({
  ...{ at: Date.now() - index * 60_000, door: doors[index % 3] ?? 'cli' },
  ...(index % 4 === 0
    ? { request: 'settings.change', subject: 'log.level', outcome: 'done' }
    : { request: 'pool.set', subject: '<img src=x onerror=alert(1)>', outcome: 'settings.invalid' }),
}));

function core(text?: string): FakeCore {
  return createFakeCore(createFakeWorld(), undefined, {
    ...(text === undefined ? {} : createSettingsCalls(text)),
    'audit.list': () => records,
  });
}

const heading = (page: Page, name: string): Promise<void> =>
  page.getByRole('heading', { level: 1, name }).waitFor();
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

describe.skipIf(!canBrowse)('settings', () => {
  it('are changed after their plan, told with default and line, and taken back', async () => {
    const own = core();
    const page = await open(await serve(own), '/settings');
    await heading(page, 'Every setting has its default.');
    await page.getByLabel('log.level').selectOption('debug');
    await page.getByRole('dialog').getByText('Taken up at once.').waitFor();
    await page.getByRole('dialog').getByText('autogit settings set log.level debug').waitFor();
    await button(page, 'Change it').click();
    await button(page, 'Close').click();
    await heading(page, '1 setting differs from the default.');
    await page.getByRole('link', { name: /^Changed/ }).click();
    await page.getByText('Default: info').waitFor();
    await button(page, 'Back to the default').click();
    await button(page, 'Take the default').click();
    await button(page, 'Close').click();
    await heading(page, 'Every setting has its default.');
    const asked = own.calls.findLast(({ name }) => name === 'settings.change');
    expect(asked?.input).toMatchObject({ path: 'log.level', value: null, dryRun: false });
  });

  it('are found by what they do, and refuse at once what is no value', async () => {
    const page = await open(await serve(core()), '/settings');
    await heading(page, 'Every setting has its default.');
    await page.keyboard.press('/');
    await page.keyboard.type('graphics exclusive');
    await expect.poll(() => page.getByText('gpus.exclusive', { exact: true }).count()).toBe(1);
    expect(await page.getByText('log.level', { exact: true }).count()).toBe(0);
  });

  it('that are lists of places or times are changed where they are seen, also while there are none', async () => {
    const page = await open(await serve(core()), '/settings/backups.targets');
    await heading(page, 'Every setting has its default.');
    const row = page
      .getByRole('listitem')
      .filter({ has: page.getByText('backups.targets', { exact: true }) });
    await row.getByRole('link', { name: 'Open Backups' }).waitFor();
    expect(await row.getByRole('textbox').count()).toBe(0);
  });

  it('of a broken file say what is wrong where, and change nothing', async () => {
    const page = await open(await serve(core('log:\n  level: loud\n')), '/settings');
    await heading(page, 'The settings file has 1 problem; the defaults are in force.');
    await page.getByText('line 2: log.level is "loud"').waitFor();
    expect(await page.getByLabel('log.level').isDisabled()).toBe(true);
  });

  it('of this browser hold at once and after loading, without a frame in another look', async () => {
    const page = await open(await serve(core()), '/settings', { colorScheme: 'light' });
    const ground = (): Promise<string> =>
      page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    await button(page, 'Dark').click();
    expect(await ground()).toBe('rgb(14, 17, 19)');
    await page.getByLabel('Size of text').selectOption('200');
    await page.getByLabel('Dates and numbers').selectOption('de-DE');
    await page.getByText('12.345,6').waitFor();
    // What stands in the page before the page's own program has run.
    await page.addInitScript(
      `document.addEventListener('DOMContentLoaded', () => { window.early = { ...document.documentElement.dataset }; })`,
    );
    await page.reload();
    await page.getByText('12.345,6').waitFor();
    expect(await page.evaluate('window.early')).toMatchObject({ theme: 'dark', text: '200' });
    // Text of twice the size has the layout of half the window.
    expect(await page.getByRole('link', { name: 'Jobs', exact: true }).getByText('Jobs').isVisible()).toBe(
      false,
    );
  });

  it.each([
    ['light', 1280],
    ['dark', 480],
  ] as const)(
    'and the pages beside them can be used by everybody in %s at %i px',
    async (colorScheme, width) => {
      const page = await open(await serve(core()), '/settings', {
        colorScheme,
        viewport: { width, height: 800 },
      });
      for (const route of ['/settings', '/audit', '/about']) {
        await page.goto(`${new URL(page.url()).origin}/#${route}`);
        await page.getByRole('heading', { level: 1 }).waitFor();
        expect([route, await axeFaultsOf(page)]).toEqual([route, []]);
      }
      await page.keyboard.press('Control+k');
      await page.getByRole('option').first().waitFor();
      expect(['palette', await axeFaultsOf(page)]).toEqual(['palette', []]);
    },
  );
});

describe.skipIf(!canBrowse)('the audit log', () => {
  it('of a thousand requests is drawn in part, narrowed, and leads to its subjects as text', async () => {
    const page = await open(await serve(core()), '/audit');
    await heading(page, '1,200 requests, 900 refused or failed.');
    expect(await page.getByRole('row').count()).toBeLessThan(60);
    await page.getByText('<img src=x onerror=alert(1)>').first().waitFor();
    await page.getByRole('link', { name: /^Done/ }).click();
    await page.getByRole('link', { name: 'settings.change' }).first().click();
    await page.getByRole('complementary').getByRole('link', { name: 'Open what it was about' }).click();
    await expect.poll(() => page.url()).toContain('#/settings/log.level');
  });
});

describe.skipIf(!canBrowse)('about', () => {
  it('has versions, licences with their text, and saves what a helper needs once it was looked at', async () => {
    const page = await open(await serve(core()), '/about');
    await heading(page, 'AutoGit 0.11.0');
    await page.getByRole('button', { name: /^yaml/ }).click();
    await page.getByText('The ISC licence of yaml.').waitFor();
    await page.keyboard.press('Escape');
    await button(page, 'Put it together and look').click();
    const saved = page.waitForEvent('download');
    await button(page, 'Save the archive').click();
    const file = await saved;
    expect(file.suggestedFilename()).toMatch(/^autogit-diagnose-\d{8}-\d{6}\.zip$/);
    expect((await readFile(await file.path())).subarray(0, 4)).toEqual(Buffer.from('PK\u0003\u0004'));
  });
});

describe.skipIf(!canBrowse)('the palette', () => {
  it('opens over a thousand jobs, finds by letters, asks before it does, and gives the focus back', async () => {
    const page = await open(await serve(createPageWorld().core), '/jobs');
    await page.getByRole('grid').focus();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('pau dem');
    await expect.poll(() => page.getByRole('option').first().textContent()).toContain('Pause pool demo');
    expect(await page.getByRole('option').count()).toBeLessThanOrEqual(40);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('option').count()).toBe(0);
    expect(await page.evaluate(`document.activeElement.getAttribute('role')`)).toBe('grid');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('pau dem');
    await expect.poll(() => page.getByRole('option').first().textContent()).toContain('Pause pool demo');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Pause pool demo' }).waitFor();
    await page.getByText('autogit pool pause demo').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('audit');
    await expect.poll(() => page.getByRole('option').first().textContent()).toContain('Audit');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain('#/audit');
  });

  it('and the keys lead to every page, as the list of keys says', async () => {
    const page = await open(await serve(core()));
    const rail = page.getByRole('navigation', { name: 'Pages' });
    const current = () => rail.locator('[aria-current=page]').getAttribute('aria-label');
    await page.keyboard.press('9');
    await expect.poll(current).toBe('People');
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await expect.poll(current).toBe('Audit');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).getByText('g a').waitFor();
    expect(await page.getByRole('dialog').getByText('9 or g u').count()).toBe(1);
  });

  it('has a menu for the pages that have no room in the bar', async () => {
    const page = await open(await serve(core()), '/', { viewport: { width: 480, height: 700 } });
    await button(page, 'More pages').click();
    await page.getByRole('menuitem', { name: 'Audit' }).click();
    await heading(page, '1,200 requests, 900 refused or failed.');
    expect(await page.locator('nav [aria-current=page]').getAttribute('aria-label')).toBe('Audit');
  });
});
