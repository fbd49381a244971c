// The window beside a headless core with a thousand jobs: from the core to a row and back, at a hundred changes a second.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { JobView } from '../../main/contract/snapshot.ts';
import type { Doors } from '../../main/serve/serve.ts';
import { announceCore } from './announced-core.ts';
import { buildDesktop, launchDesktop, makeHome } from './desktop-app.ts';
import type { Desktop, TestHome } from './desktop-app.ts';
import { canShowDesktop } from './needs.ts';
import { createPageWorld } from './page-world.ts';
import { startScreen } from './screen.ts';
import type { Screen } from './screen.ts';

let screen: Screen;
let home: TestHome;
let doors: Doors;
let desktop: Desktop;
const world = createPageWorld(1000);

beforeAll(async () => {
  if (!canShowDesktop) return;
  await buildDesktop();
  screen = await startScreen();
  home = await makeHome();
  doors = await announceCore(home.folder, world.core);
  desktop = await launchDesktop({ screen, home: home.folder });
  await desktop.page.getByText('Live', { exact: true }).waitFor();
});
afterAll(async () => {
  if (!canShowDesktop) return;
  world.stop();
  await desktop.quit();
  await doors.close();
  await screen.stop();
  await home.remove();
});

const traced = z.object({
  name: z.string(),
  pid: z.number(),
  tid: z.number(),
  tdur: z.number().optional(),
  args: z.object({ name: z.string().optional() }).loose(),
});

/**
 * Milliseconds of each task of the page's main thread during `forMs`, in time of that thread: what the machine did
 * meanwhile for others does not count.
 */
async function taskTimes(page: Page, forMs: number): Promise<readonly number[]> {
  const session = await page.context().newCDPSession(page);
  const events: z.infer<typeof traced>[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...z.array(traced).parse(value)));
  await session.send('Tracing.start', { traceConfig: { includedCategories: ['toplevel'] } });
  await page.waitForTimeout(forMs);
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  const main = events.find(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
  return events
    .filter(({ name, pid, tid }) => name.endsWith('RunTask') && pid === main?.pid && tid === main.tid)
    .map(({ tdur = 0 }) => tdur / 1000);
}

describe.skipIf(!canShowDesktop)('the window of a busy lab', () => {
  it('shows what the core says, and the core hears what is pressed', async () => {
    const { page } = desktop;
    await page.getByRole('link', { name: 'Jobs' }).first().click();
    await page.getByRole('grid').waitFor();
    const id = world.core.world.snapshot().jobs.find(({ status }) => status === 'running')?.id;
    const change = (to: Partial<JobView>): void =>
      world.core.world.change(({ snapshot }) => ({
        snapshot: {
          ...snapshot,
          jobs: snapshot.jobs.map((job) => (job.id === id ? { ...job, ...to } : job)),
        },
      }));
    change({ name: 'the only one' });
    await page.getByLabel('Words to look for in jobs').fill('the only one');
    const row = page.getByRole('row').filter({ hasText: 'the only one' });
    await row.getByText('Running').waitFor();
    change({ status: 'failed' });
    await row.getByText('Failed', { exact: true }).waitFor();
    await page.getByLabel('Words to look for in jobs').fill('');

    await page.getByRole('link', { name: 'Overview' }).first().click();
    await page.getByRole('button', { name: 'Drain' }).click();
    await page.getByRole('button', { name: 'Start no more runners' }).click();
    await expect.poll(() => world.core.calls.at(-1)).toEqual({ name: 'lab.drain', input: { dryRun: false } });
    await page.keyboard.press('Escape');
  });

  it('stays smooth at 100 changes a second', async () => {
    const { page } = desktop;
    await page.getByRole('link', { name: 'Jobs' }).first().click();
    await page.getByRole('grid').waitFor();
    world.start(100);
    const before = world.steps();
    const times = await taskTimes(page, 5000);
    expect(times.length).toBeGreaterThan(100);
    expect(times.filter((ms) => ms > 50)).toEqual([]);
    expect(world.steps() - before).toBeGreaterThan(300);
    world.stop();
    // What is shown in the end is the newest state, however fast it came.
    const sentence = world.core.world.snapshot().sentence;
    await page.getByRole('link', { name: 'Overview' }).first().click();
    await page.getByRole('heading', { name: sentence }).waitFor();
  });
});
