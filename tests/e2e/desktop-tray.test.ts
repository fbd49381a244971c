// The tray of the real desktop, read and clicked over D-Bus as a panel would do it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { statusSchema } from '../../main/contract/requests/state.ts';
import { autogit, buildDesktop, launchDesktop, makeHome } from './desktop-app.ts';
import type { Desktop, TestHome } from './desktop-app.ts';
import { canShowDesktop } from './needs.ts';
import { startScreen } from './screen.ts';
import type { Screen } from './screen.ts';
import { openPanel } from './tray-panel.ts';
import type { Panel } from './tray-panel.ts';

const patience = { timeout: 10_000 };
let screen: Screen;
let home: TestHome;
let panel: Panel;
let desktop: Desktop;

beforeAll(async () => {
  if (!canShowDesktop) return;
  await buildDesktop();
  screen = await startScreen();
  home = await makeHome();
  panel = await openPanel(screen.bus);
  desktop = await launchDesktop({ screen, home: home.folder });
});
afterAll(async () => {
  if (!canShowDesktop) return;
  await desktop.quit();
  panel.close();
  await screen.stop();
  await home.remove();
});

const labels = async (): Promise<readonly string[]> => (await panel.menu()).map(({ label }) => label);
const mode = async (): Promise<string> => statusSchema.parse(await autogit(home.folder, 'status')).mode;
/** Types of Electron's processes. */
const processes = () => desktop.app.evaluate(({ app }) => app.getAppMetrics().map(({ type }) => type));

describe.skipIf(!canShowDesktop)('the tray', () => {
  it('shows an icon with the state in one sentence', async () => {
    await expect.poll(() => panel.hasIcon()).toBe(true);
    const sentence = statusSchema.parse(await autogit(home.folder, 'status')).sentence;
    await expect.poll(async () => (await panel.icon()).tooltip).toBe(sentence);
    const { pixels } = await panel.icon();
    expect(pixels.map(({ width, height, data }) => data.length === width * height * 4)).toContain(true);
    expect(new Set(pixels[0]?.data).size).toBeGreaterThan(2);
  });

  it('lists the state, which cannot be pressed, before what can', async () => {
    await expect.poll(labels).toContain('Pause everything for 1 h');
    const menu = await panel.menu();
    expect(menu.find(({ label }) => label === 'Open AutoGit')).toMatchObject({ isEnabled: true });
    expect(menu.at(-1)).toMatchObject({ label: 'Quit AutoGit', isEnabled: true });
    expect(menu.find(({ label }) => /^\d+ jobs? running/.test(label))).toMatchObject({ isEnabled: false });
  });

  it('pauses a pool, and lets it go on', async () => {
    const entry = async (word: string): Promise<string> => {
      const all = (await panel.menu()).flatMap((one) => [one, ...one.entries]);
      return all.find(({ label }) => label.startsWith(`${word} `) && label.includes('waiting'))?.label ?? '';
    };
    await expect.poll(() => entry('Pause')).not.toBe('');
    await panel.click(await entry('Pause'));
    await expect.poll(() => entry('Resume'), patience).toContain('paused');
    const pools = z
      .array(z.object({ paused: z.boolean() }))
      .parse(await autogit(home.folder, 'pool', 'list'));
    expect(pools.map(({ paused }) => paused)).toContain(true);
    await panel.click(await entry('Resume'));
    await expect.poll(() => entry('Resume'), patience).toBe('');
  });

  it('pauses everything for an hour, also over a restart, and goes on when told', async () => {
    const before = Date.now();
    await panel.click('Pause everything for 1 h');
    await expect.poll(mode).toBe('drain');
    const ends = statusSchema.parse(await autogit(home.folder, 'status')).pausedUntil ?? 0;
    expect(ends - before).toBeGreaterThanOrEqual(3600_000);
    expect(ends - Date.now()).toBeLessThanOrEqual(3600_000);
    await desktop.quit();
    panel.close();
    panel = await openPanel(screen.bus);
    desktop = await launchDesktop({ screen, home: home.folder });
    await expect.poll(() => panel.hasIcon(), patience).toBe(true);
    const paused = async (): Promise<string> =>
      (await labels()).find((label) => label.startsWith('Paused until')) ?? '';
    await expect.poll(paused, patience).toMatch(/: go on now$/);
    expect(await mode()).toBe('drain');
    await panel.click(await paused());
    await expect.poll(mode).toBe('serve');
  });

  it('keeps the core without a window and without a process for one, and opens it again', async () => {
    const { app, page } = desktop;
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
    if (!page.isClosed()) await page.waitForEvent('close');
    await expect.poll(processes).not.toContain('Tab');
    expect(await mode()).toBe('serve');
    for (const open of [() => panel.click('Settings…'), () => panel.activate()]) {
      const shown = app.waitForEvent('window');
      await open();
      const again = await shown;
      await again.getByText('Live', { exact: true }).waitFor();
      // The second time it was closed here.
      expect(again.url()).toBe('autogit://app/#/settings');
      await again.close();
    }
  });

  it('quits the desktop, and only it', async () => {
    const exit = new Promise((resolve) => desktop.app.process().once('exit', resolve));
    await panel.click('Quit AutoGit');
    // The inspector keeps the process waiting for whoever drives this test.
    await desktop.app.close();
    expect(await exit).toBe(0);
  });
});
