// The real desktop with its own core, beside other cores, and without one.
import { access, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { statusSchema } from '../../main/contract/requests/state.ts';
import {
  autogit,
  buildDesktop,
  electronInWords,
  launchDesktop,
  makeHome,
  startAgain,
} from './desktop-app.ts';
import type { Desktop, TestHome } from './desktop-app.ts';
import { canShowDesktop } from './needs.ts';
import { startScreen } from './screen.ts';
import type { Screen } from './screen.ts';
import { freePort, startServing } from './serve-process.ts';
import { openPanel } from './tray-panel.ts';

let screen: Screen;
let home: TestHome;
let desktop: Desktop | null = null;

beforeAll(async () => {
  if (!canShowDesktop) return;
  process.stderr.write(`The desktop's tests run on ${electronInWords()}.\n`);
  await buildDesktop();
  screen = await startScreen();
});
afterAll(() => (canShowDesktop ? screen.stop() : undefined));
beforeEach(async () => {
  home = await makeHome();
});
afterEach(async () => {
  await desktop?.quit();
  desktop = null;
  await home.remove();
});

const start = async (): Promise<Desktop> => {
  desktop = await launchDesktop({ screen, home: home.folder });
  return desktop;
};
const status = async () => statusSchema.parse(await autogit(home.folder, 'status'));
const exists = (...names: readonly string[]): Promise<boolean> =>
  access(path.join(home.folder, ...names)).then(
    () => true,
    () => false,
  );

describe.skipIf(!canShowDesktop)('the desktop with a core of its own', () => {
  it('runs the demo at a click, and the command line and the window speak to the same core', async (test) => {
    const { app, page } = await start();
    await page.getByText('Live', { exact: true }).waitFor();
    const first = await status();
    expect(first.pid).toBe(app.process().pid);
    if (first.nodes.every(({ engine }) => engine.state !== 'fresh'))
      test.skip('there is no container engine');

    await page.getByRole('button', { name: 'Try it in a sandbox' }).click();
    await page.getByRole('spinbutton').fill('4');
    await page.getByRole('button', { name: 'Start the sandbox with 4 jobs' }).click();
    try {
      await expect
        .poll(
          async () =>
            z.array(z.object({ status: z.string() })).parse(await autogit(home.folder, 'job', 'list')),
          {
            timeout: 100_000,
            interval: 1000,
          },
        )
        .toEqual(Array.from({ length: 4 }, () => ({ status: 'success' })));
      await page.keyboard.press('Escape');
      await page.getByRole('link', { name: 'Jobs' }).first().click();
      await expect
        .poll(() =>
          page
            .getByRole('row')
            .filter({ hasText: /success/i })
            .count(),
        )
        .toBe(4);

      await autogit(home.folder, 'lab', 'drain');
      await page.getByRole('link', { name: 'Overview' }).first().click();
      await page.getByRole('button', { name: 'Resume' }).click();
      await page.getByRole('button', { name: 'Serve the queue again' }).click();
      await expect.poll(async () => (await status()).mode).toBe('serve');
    } finally {
      await autogit(home.folder, 'lab', 'teardown');
      await autogit(home.folder, 'sandbox', 'reset', '--yes');
    }
  });

  it('lets go of its home when it is quit, and of nothing else', async () => {
    const { page, quit } = await start();
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await exists('run', 'core.json')).toBe(true);
    await quit();
    expect(await exists('run', 'core.json')).toBe(false);
    expect((await status()).pid).not.toBe(process.pid);
    expect(await exists('desktop')).toBe(true);
  });
});

describe.skipIf(!canShowDesktop)('a second start', () => {
  it('with the same home ends at once and opens the window of the first', async () => {
    const panel = await openPanel(screen.bus);
    const { app, page } = await start();
    await expect.poll(() => panel.hasIcon()).toBe(true);
    await page.close();
    expect(app.windows()).toHaveLength(0);
    const shown = app.waitForEvent('window');
    const again = await startAgain({ screen, home: home.folder });
    expect(again.code).toBe(0);
    expect(again.said).toContain('AutoGit runs already with this home');
    await (await shown).getByText('Overview').first().waitFor();
    panel.close();
  });

  it('with another home is another desktop', async () => {
    const { app } = await start();
    const other = await makeHome();
    const second = await launchDesktop({ screen, home: other.folder });
    try {
      await second.page.getByText('Live', { exact: true }).waitFor();
      expect(statusSchema.parse(await autogit(other.folder, 'status')).pid).toBe(second.app.process().pid);
      expect(second.app.process().pid).not.toBe(app.process().pid);
    } finally {
      await second.quit();
      await other.remove();
    }
  });

  it('beside a headless core shows that one, says when it ends, and goes on with its own', async () => {
    const headless = await startServing(home.folder, await freePort());
    const before = await status();
    const { app, page } = await start();
    await page.getByText('Live', { exact: true }).waitFor();
    expect((await status()).pid).toBe(before.pid);
    await autogit(home.folder, 'lab', 'drain');
    await page.getByRole('button', { name: 'Resume' }).first().waitFor();

    await headless.stop();
    await page.getByText(`The core that ran with this home (process ${before.pid}) has ended.`).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    expect((await status()).pid).toBe(app.process().pid);
  });

  it('of the command line while the desktop runs says so', async () => {
    const { app, page } = await start();
    await page.getByText('Live', { exact: true }).waitFor();
    const served = z
      .object({ pid: z.int(), already: z.boolean() })
      .parse(await autogit(home.folder, 'serve'));
    expect(served).toEqual({ pid: app.process().pid, already: true });
  });
});

describe.skipIf(!canShowDesktop)('without a core', () => {
  it('the window says what is wrong with the home and what to do, and works once that is done', async () => {
    await rm(home.folder, { recursive: true });
    await writeFile(home.folder, 'a file where the home should be');
    const { page } = await start();
    await page.getByText('host.home-not-a-folder').waitFor();
    await rm(home.folder);
    await page.getByRole('button', { name: /^Try now/ }).click();
    await page.getByText('Live', { exact: true }).waitFor();
  });
});

describe.skipIf(!canShowDesktop)('where no panel shows the tray', () => {
  it('closing the window asks, and quits when that is the answer', async () => {
    const { app, page } = await start();
    await page.getByText('Live', { exact: true }).waitFor();
    await app.evaluate(({ dialog }) => {
      let asked = 0;
      dialog.showMessageBox = async () => {
        asked += 1;
        Object.assign(globalThis, { asked });
        return { response: asked === 1 ? 2 : 0, checkboxChecked: false };
      };
    });
    const asked = () => app.evaluate(() => Number(Reflect.get(globalThis, 'asked')));
    const close = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
    await close();
    await expect.poll(asked, { timeout: 10_000 }).toBe(1);
    expect(app.windows()).toHaveLength(1);
    const exit = new Promise((resolve) => app.process().once('exit', resolve));
    await close();
    expect(await exit).toBe(0);
    expect(await exists('run', 'core.json')).toBe(false);
  });
});
