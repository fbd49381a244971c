// Every page for everybody: axe in light and dark and in windows of every width, text twice as large, no motion, no mouse.
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { pageNames } from '../../renderer/state/route.ts';
import { axeFaultsOf } from './audit.ts';
import { canBrowse } from './needs.ts';
import { usePages } from './open-page.ts';
import { createPageWorld } from './page-world.ts';

const { serve, open } = usePages();

/** What is open beside lists, and further tabs. */
const details = [
  '/jobs/2',
  '/runners/00000001',
  '/pools/demo',
  '/hardware/GPU-5a1c77de',
  '/certificates?tab=other',
  '/people/ana',
  '/people?tab=sign-in',
] as const;
const pages = pageNames.map((name) => (name === 'overview' ? '/' : `/${name}`));
const routes = [...pages, ...details];

/** Goes there, and waits until what is asked for has come. */
async function goTo(page: Page, address: string, route: string): Promise<void> {
  await page.goto(`${address}/#${route}`);
  await page.getByRole('heading', { level: 1 }).or(page.getByRole('complementary')).first().waitFor();
  await expect.poll(() => page.getByText(/^Reading|^Looking for/).count()).toBe(0);
}

type Faults = Readonly<Record<string, readonly string[]>>;

/** What is wrong on any page, by its address. */
async function faultsOfAll(
  page: Page,
  address: string,
  look: (page: Page) => Promise<readonly string[]>,
  places: readonly string[] = routes,
): Promise<Faults> {
  const found: Record<string, readonly string[]> = {};
  for (const route of places) {
    await goTo(page, address, route);
    const faults = await look(page);
    if (faults.length > 0) found[route] = faults;
  }
  return found;
}

/** What scrolls sideways although it should fit. A log may. */
const tooWide = `[document.documentElement, ...document.querySelectorAll('main, main *')]
  .filter((one) => !one.closest('[role=log], pre'))
  .filter((one) => ['auto', 'scroll', 'visible'].includes(getComputedStyle(one).overflowX))
  .filter((one) => one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.tagName + '.' + one.className)`;

/** What moves although nothing should. */
const moving = `document.getAnimations().map((one) => one.effect.target.outerHTML.slice(0, 120))
  .concat([...document.querySelectorAll('*')]
    .filter((one) => !['0s', ''].includes(getComputedStyle(one).transitionDuration.split(', ')[0]))
    .map((one) => 'transition: ' + one.outerHTML.slice(0, 120)))`;

/** What can have the focus, to be ticked off; of radio buttons with one name, one has it. */
const watchFocus = `(() => {
  const canHave = (one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({ visibilityProperty: true }) &&
    !one.closest('[inert]');
  const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')].filter(canHave);
  const nameOf = (one) => one.type === 'radio' && one.name !== '' ? 'radio ' + one.name : one;
  globalThis.unreached = new Map(all.map((one) => [nameOf(one), one]));
  globalThis.unseen = [];
  const isSeen = (one) => {
    for (let at = one, up = 0; at !== null && up < 4; at = at.parentElement, up += 1) {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at);
      if (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) return true;
      if (at.matches(':focus-within') && boxShadow !== 'none') return true;
    }
    const next = one.nextElementSibling;
    return next !== null && getComputedStyle(next).outlineStyle !== 'none';
  };
  if (globalThis.focusWatch !== undefined) document.removeEventListener('focusin', globalThis.focusWatch);
  globalThis.focusWatch = ({ target }) => {
    globalThis.unreached.delete(nameOf(target));
    if (!isSeen(target)) globalThis.unseen.push('not seen: ' + target.outerHTML.slice(0, 160));
  };
  document.addEventListener('focusin', globalThis.focusWatch);
  document.activeElement?.blur();
  return all.length;
})()`;
const unreached = `[...globalThis.unreached.values()].filter((one) => one.isConnected)
  .map((one) => 'not reached: ' + one.outerHTML.slice(0, 160)).concat([...new Set(globalThis.unseen)])`;

async function walk(page: Page): Promise<readonly string[]> {
  const count = await page.evaluate<number>(watchFocus);
  for (let turn = 0; turn < count + 10; turn += 1) await page.keyboard.press('Tab');
  return page.evaluate<string[]>(unreached);
}

describe.skipIf(!canBrowse)('every page', () => {
  it.each([480, 1024, 2560])('in a window of %i px passes axe, in light and in dark', async (width) => {
    const doors = await serve(createPageWorld(40).core);
    // Without motion no colour is looked at halfway.
    const page = await open(doors, '/', { viewport: { width, height: 900 }, reducedMotion: 'reduce' });
    const look = async (): Promise<readonly string[]> => {
      await page.emulateMedia({ colorScheme: 'light' });
      const light = await axeFaultsOf(page);
      await page.emulateMedia({ colorScheme: 'dark' });
      // What is not of colour is the same in the dark.
      const dark = await axeFaultsOf(page, ['color-contrast', 'link-in-text-block']);
      return [...light, ...dark.map((fault) => `dark: ${fault}`)];
    };
    // Beside a list there is the same in a wide window as in one of 1024 px.
    const places = width > 1024 ? pages : routes;
    expect(await faultsOfAll(page, doors.address, look, places)).toEqual({});
  });

  it('has room for text twice as large', async () => {
    const doors = await serve(createPageWorld(40).core);
    // As a browser has it at 200 %: half the room, twice the dots.
    const page = await open(doors, '/', { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 });
    expect(await faultsOfAll(page, doors.address, () => page.evaluate<string[]>(tooWide))).toEqual({});
  });

  it('stands still for those who want that', async () => {
    const doors = await serve(createPageWorld(40).core);
    const page = await open(doors, '/', { reducedMotion: 'reduce' });
    expect(await faultsOfAll(page, doors.address, () => page.evaluate<string[]>(moving))).toEqual({});
  });

  it('is walked through by Tab alone, and shows where one is', async () => {
    const doors = await serve(createPageWorld(12).core);
    const page = await open(doors, '/');
    expect(await faultsOfAll(page, doors.address, walk)).toEqual({});
  });
});
