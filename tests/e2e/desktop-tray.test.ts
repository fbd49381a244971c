// The tray of the real desktop, read and clicked over D-Bus as a panel would do it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statusSchema } from '../../main/contract/requests/state.ts';
import { autogit, buildDesktop, launchDesktop, makeHome } from './desktop-app.ts';
import type { Desktop, TestHome } from './desktop-app.ts';
import { canShowDesktop } from './needs.ts';
import { startScreen } from './screen.ts';
import type { Screen } from './screen.ts';
import { openPanel } from './tray-panel.ts';
import type { Panel } from './tray-panel.ts';

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

  it('lists the state, which cannot be pressed, between what can', async () => {
    await expect.poll(labels).toContain('Start no more runners');
    const menu = await panel.menu();
    expect(menu[0]).toMatchObject({ label: 'Open AutoGit', isEnabled: true });
    expect(menu.at(-1)).toMatchObject({ label: 'Quit AutoGit (runners go on)', isEnabled: true });
    expect(menu.find(({ label }) => /^\d+ jobs? running/.test(label))).toMatchObject({ isEnabled: false });
  });

  it('drains and resumes the lab', async () => {
    await panel.click('Start no more runners');
    await expect.poll(mode).toBe('drain');
    await expect.poll(labels).toContain('Serve the queue again');
    await panel.click('Serve the queue again');
    await expect.poll(mode).toBe('serve');
  });

  it('keeps the core without a window and without a process for one, and opens it again', async () => {
    const { app, page } = desktop;
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
    if (!page.isClosed()) await page.waitForEvent('close');
    await expect.poll(processes).not.toContain('Tab');
    expect(await mode()).toBe('serve');
    for (const open of [() => panel.click('Open AutoGit'), () => panel.activate()]) {
      const shown = app.waitForEvent('window');
      await open();
      const again = await shown;
      await again.getByText('Live', { exact: true }).waitFor();
      await again.close();
    }
  });

  it('quits the desktop, and only it', async () => {
    const exit = new Promise((resolve) => desktop.app.process().once('exit', resolve));
    await panel.click('Quit AutoGit (runners go on)');
    // The inspector keeps the process waiting for whoever drives this test.
    await desktop.app.close();
    expect(await exit).toBe(0);
  });
});
