// The first run on the real desktop: from an empty home to the first green job, by mouse, and by keyboard over a kill.
import { once } from 'node:events';
import type { Locator, Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { statusSchema } from '../../main/contract/requests/state.ts';
import { deskWorld } from './desk-world.ts';
import { autogit } from './desktop-app.ts';
import { canShowDesktop } from './needs.ts';

const { place, start } = deskWorld();

/** Minutes that a loaded machine may take for an image, a container and six jobs. */
const patience = { timeout: 100_000, interval: 500 };

async function needEngine(test: TestContext): Promise<void> {
  const { nodes } = statusSchema.parse(await autogit(place().home, 'status'));
  if (nodes.every(({ engine }) => engine.state !== 'fresh')) test.skip('there is no container engine');
}

/** Nothing of the sandbox stays on the machine. */
async function cleanUp(): Promise<void> {
  await autogit(place().home, 'lab', 'teardown');
  await autogit(place().home, 'sandbox', 'reset', '--yes');
}

const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });
const heading = (page: Page, name: string): Promise<void> =>
  page.getByRole('heading', { level: 1, name }).waitFor();
const isBlocked = (page: Page, name: string): Promise<boolean> =>
  button(page, name)
    .getAttribute('aria-disabled')
    .then((value) => value === 'true');

/** Presses Tab until this has the focus, then another key. */
async function keyOn(page: Page, target: Locator, key: string): Promise<void> {
  await target.waitFor();
  for (let presses = 0; presses < 120; presses += 1) {
    if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) {
      await page.keyboard.press(key);
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`no Tab leads to ${String(target)}`);
}

describe.skipIf(!canShowDesktop)('the first run', () => {
  it('goes from an empty home to the first green job by mouse', async (test) => {
    const { page } = await start();
    await needEngine(test);
    try {
      await button(page, 'Set up AutoGit').click();
      await page.getByText('Nothing is installed, and it can be deleted').click();
      await button(page, 'Next').click();
      await button(page, 'Start the sandbox').click();
      await expect.poll(() => page.getByText('The first green job.').count(), patience).toBe(1);
      await button(page, 'Next').click();
      await heading(page, 'What you have now');
      await page.getByText('The first green job.').waitFor();
      expect(await button(page, 'Print, or save as PDF').count()).toBe(1);
      await button(page, 'Open the overview').click();
      await page.getByRole('heading', { name: 'Sandbox' }).waitFor();
    } finally {
      await cleanUp();
    }
  });

  it('goes there by keyboard, though it is killed in the middle and started again', async (test) => {
    const killed = await start();
    await needEngine(test);
    await keyOn(killed.page, button(killed.page, 'Set up AutoGit'), 'Enter');
    await keyOn(killed.page, killed.page.getByRole('radio').first(), 'Space');
    await killed.page.keyboard.press('Enter');
    await heading(killed.page, 'A small GitLab, a pipeline');
    const child = killed.app.process();
    await expect
      .poll(async () => JSON.stringify(await autogit(place().home, 'setup', 'show')))
      .toContain('"step":"try"');
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;

    const { page } = await start();
    try {
      // The window opens where it was; that there is such a step, only the kept answers know.
      await heading(page, 'A small GitLab, a pipeline');
      await keyOn(page, button(page, 'Start the sandbox'), 'Enter');
      await expect.poll(() => isBlocked(page, 'Next').catch(() => true), patience).toBe(false);
      await keyOn(page, button(page, 'Next'), 'Enter');
      await heading(page, 'What you have now');
      await page.getByText('The first green job.').waitFor();
    } finally {
      await cleanUp();
    }
  });
});
