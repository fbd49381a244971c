// The page with a thousand jobs of which a hundred change every second: it never holds up its reader.
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Snapshot } from '../../main/contract/snapshot.ts';
import { openDoors } from '../fakes/open-doors.ts';
import type { OpenDoors } from '../fakes/open-doors.ts';
import { launchBrowser } from './browser.ts';
import { buildPage } from './built-page.ts';
import { countLongTasks, measureLongTasks } from './long-tasks.ts';
import { canBrowse } from './needs.ts';
import { createPageWorld } from './page-world.ts';
import type { PageWorld } from './page-world.ts';

const measuredMs = 10_000;
const perSecond = 100;

let browser: Browser;
let world: PageWorld;
let doors: OpenDoors;
let page: Page;

beforeAll(async () => {
  if (!canBrowse) return;
  await buildPage();
  browser = await launchBrowser();
});
afterAll(() => (canBrowse ? browser.close() : undefined));

beforeEach(async () => {
  world = createPageWorld(1_000);
  doors = await openDoors({ core: world.core });
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await countLongTasks(page);
  await page.goto(`${doors.address}/#token=${doors.token}`);
  await page.getByRole('navigation').getByRole('link', { name: 'Jobs' }).click();
  await page
    .getByRole('row', { name: /Running/ })
    .first()
    .waitFor();
});
afterEach(async () => {
  world.stop();
  await page.close();
  await doors.close();
});

/** Works with the list as a person would, for as long as it is measured. */
async function work(): Promise<void> {
  const end = performance.now() + measuredMs;
  const grid = page.getByRole('grid', { name: 'Jobs' });
  while (performance.now() < end) {
    await grid.hover();
    await page.mouse.wheel(0, 1_500);
    await page.waitForTimeout(400);
    await page.mouse.wheel(0, -1_500);
    await page.mouse.move(20, 400);
    await page.waitForTimeout(400);
  }
}

describe.skipIf(!canBrowse)('a thousand jobs, a hundred changes a second', () => {
  it('are shown without a task of more than 50 ms', async () => {
    world.start(perSecond);
    const before = world.steps();
    expect(await measureLongTasks(browser, page, () => page.waitForTimeout(measuredMs))).toEqual([]);
    expect(world.steps() - before).toBeGreaterThan((measuredMs / 1000) * perSecond * 0.9);
  });

  it('are scrolled and pointed at without a task of more than 50 ms', async () => {
    world.start(perSecond);
    expect(await measureLongTasks(browser, page, work)).toEqual([]);
  });

  it('end in the newest state', async () => {
    world.start(perSecond);
    await page.waitForTimeout(2_000);
    world.stop();
    const { jobs } = world.core.world.snapshot();
    const running = jobs.filter(({ status }) => status === 'running');
    const expected = running
      .toSorted((a, b) => (b.startedAt ?? 0) - (a.startedAt ?? 0) || b.id - a.id)
      .slice(0, 10)
      .map(({ name }) => name);
    const shown = page.getByRole('row').filter({ hasText: 'Running' }).getByRole('link');
    await expect.poll(async () => (await shown.allTextContents()).slice(0, 10)).toEqual(expected);
    await page.getByRole('heading', { level: 1, name: `${running.length} jobs running` }).waitFor();
  });
});

describe.skipIf(!canBrowse)('a thousand pools and a thousand runners', () => {
  it.each([
    ['/pools/pool-7', 'Pools'],
    ['/runners', 'Runners'],
  ])('at %s are scrolled while they change, without a task of more than 50 ms', async (route, name) => {
    world.core.world.change(({ snapshot }) => ({ snapshot: { ...snapshot, ...manyOf(snapshot) } }));
    await page.goto(`${doors.address}/#${route}`);
    await page.getByRole('row').nth(8).waitFor();
    const change = setInterval(() => {
      world.core.world.change(({ snapshot }) => ({
        snapshot: {
          ...snapshot,
          pools: snapshot.pools.map((pool, at) =>
            at % 10 === 0 ? { ...pool, waiting: pool.waiting + 1 } : pool,
          ),
        },
      }));
    }, 100);
    const scroll = async (): Promise<void> => {
      await page.getByRole('grid', { name }).hover();
      for (let turn = 0; turn < 10; turn += 1) {
        await page.mouse.wheel(0, turn < 5 ? 3_000 : -3_000);
        await page.waitForTimeout(200);
      }
    };
    expect(await measureLongTasks(browser, page, scroll).finally(() => clearInterval(change))).toEqual([]);
  });
});

/** The first pool and the first runner, a thousand times. */
function manyOf({ pools, runners }: Snapshot): Pick<Snapshot, 'pools' | 'runners'> {
  const numbers = Array.from({ length: 1_000 }, (_, at) => at);
  return {
    pools: numbers.flatMap((at) => pools.slice(0, 1).map((pool) => ({ ...pool, name: `pool-${at}` }))),
    runners: numbers.flatMap((at) => runners.slice(1, 2).map((runner) => ({ ...runner, id: `r${at}` }))),
  };
}
