// The page in windows of every width, in the dark, and for those who use no mouse.
import { describe, expect, it } from 'vitest';
import { createFakeCore } from '../fakes/fake-core.ts';
import { canBrowse } from './needs.ts';
import { usePages } from './open-page.ts';
import { createPageWorld } from './page-world.ts';

const { serve, open } = usePages();

describe.skipIf(!canBrowse)('every window', () => {
  it.each([480, 720, 1280])('of %i px shows every page without scrolling sideways', async (width) => {
    const doors = await serve(createPageWorld(100).core);
    const page = await open(doors, '/', { viewport: { width, height: 700 } });
    for (const route of [
      '/',
      '/jobs',
      '/jobs/2',
      '/runners',
      '/runners/00000001',
      '/pools',
      '/pools/demo',
      '/hardware',
      '/hardware/GPU-5a1c77de',
      '/engines',
      '/certificates',
      '/certificates?tab=other',
      '/people',
      '/people/ana',
      '/people?tab=sign-in',
    ]) {
      await page.goto(`${doors.address}/#${route}`);
      await page.getByRole('heading', { level: 1 }).or(page.getByRole('complementary')).first().waitFor();
      const wide = () =>
        page.evaluate<string[]>(
          `[document.documentElement, ...document.querySelectorAll('main, main *')]
          .filter((element) => !element.closest('[role=log]'))
          .filter((element) => ['auto', 'scroll', 'visible'].includes(getComputedStyle(element).overflowX))
          .filter((element) => element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1)
          .map((element) => element.tagName + '.' + element.className)`,
        );
      await expect.poll(wide).toEqual([]);
    }
  });

  it.each([480, 1280])('of %i px scrolls what is in it, and never as a whole', async (width) => {
    const doors = await serve(createPageWorld(100).core);
    const page = await open(doors, '/', { viewport: { width, height: 400 } });
    for (const route of [
      '/',
      '/jobs',
      '/jobs/2',
      '/runners',
      '/runners/00000001',
      '/pools',
      '/pools/demo',
      '/hardware',
      '/hardware/GPU-5a1c77de',
      '/engines',
      '/certificates',
      '/certificates?tab=other',
      '/people',
      '/people/ana',
      '/people?tab=sign-in',
    ]) {
      await page.goto(`${doors.address}/#${route}`);
      await page.getByRole('heading', { level: 1 }).or(page.getByRole('complementary')).first().waitFor();
      expect(await page.evaluate('document.documentElement.scrollHeight')).toBe(400);
    }
  });

  it.each([
    [1280, 'left', true],
    [720, 'left', false],
    [480, 'below', true],
  ] as const)('of %i px has the pages %s', async (width, where, hasWords) => {
    const page = await open(await serve(createFakeCore()), '/', { viewport: { width, height: 700 } });
    const link = page.getByRole('link', { name: 'Runners' });
    const box = await link.boundingBox();
    expect((box?.y ?? 0) > 600).toBe(where === 'below');
    expect(await link.getByText('Runners').isVisible()).toBe(hasWords);
  });

  it.each([400, 500, 600, 1280])('of %i px reads its sentence, and nothing stands on it', async (width) => {
    const page = await open(await serve(createFakeCore()), '/notifications', {
      viewport: { width, height: 700 },
    });
    const sentence = page.getByRole('heading', { level: 1, name: 'Nothing needs you.' });
    await sentence.waitFor();
    expect((await sentence.boundingBox())?.height).toBeLessThan(60);
    const name = await page.getByText('Notifications', { exact: true }).last().boundingBox();
    const press = await page.getByRole('button', { name: 'Send a test' }).boundingBox();
    if (name === null || press === null) throw new Error('the head of the page is not shown');
    expect(press.y >= name.y + name.height || press.x >= name.x + name.width).toBe(true);
  });

  it.each([420, 900])('of %i px has room for the settings of a pool', async (width) => {
    const doors = await serve(createPageWorld(20).core);
    const page = await open(doors, '/pools/demo', { viewport: { width, height: 600 } });
    await page.getByRole('button', { name: 'Edit' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Longest life').scrollIntoViewIfNeeded();
    for (const name of ['Show what changes', 'Close (Escape)']) {
      const box = await dialog.getByRole('button', { name }).boundingBox();
      expect(
        box === null ? null : box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y < 600,
      ).toBe(true);
    }
    expect(await dialog.evaluate('document.querySelector("dialog").scrollWidth')).toBeLessThanOrEqual(width);
  });

  it('is dark where the system is', async () => {
    const doors = await serve(createFakeCore());
    const ground = async (colorScheme: 'light' | 'dark'): Promise<string> => {
      const page = await open(doors, '/', { colorScheme });
      return page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    };
    expect(await ground('light')).toBe('rgb(247, 248, 249)');
    expect(await ground('dark')).toBe('rgb(14, 17, 19)');
  });

  it('is light on paper, whose ground printers leave away, also where the system is dark', async () => {
    const page = await open(await serve(createFakeCore()), '/', { colorScheme: 'dark' });
    const ink = (): Promise<string> => page.evaluate<string>('getComputedStyle(document.body).color');
    expect(await ink()).toBe('rgb(231, 234, 236)');
    await page.emulateMedia({ media: 'print' });
    expect(await ink()).toBe('rgb(23, 27, 31)');
  });

  it('is left to its content by the first Tab', async () => {
    const page = await open(await serve(createFakeCore()));
    await page.keyboard.press('Tab');
    const skip = page.getByRole('button', { name: 'Skip to the content' });
    expect(await skip.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('MAIN');
  });
});
