// Notices on the real desktop, shown by a real notification daemon and pressed there.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Doors } from '../../main/serve/serve.ts';
import { createFakeCore } from '../fakes/fake-core.ts';
import { someNotice } from '../fakes/fake-notice-calls.ts';
import { announceCore } from './announced-core.ts';
import { buildDesktop, launchDesktop, makeHome } from './desktop-app.ts';
import type { Desktop, TestHome } from './desktop-app.ts';
import { canNotify } from './needs.ts';
import { startDaemon } from './notification-daemon.ts';
import type { Daemon } from './notification-daemon.ts';
import { startScreen } from './screen.ts';
import type { Screen } from './screen.ts';
import { openPanel } from './tray-panel.ts';
import type { Panel } from './tray-panel.ts';

const core = createFakeCore();
const patience = { timeout: 10_000 };
let screen: Screen;
let home: TestHome;
let doors: Doors;
let daemon: Daemon;
let panel: Panel;
let desktop: Desktop;

beforeAll(async () => {
  if (!canNotify) return;
  await buildDesktop();
  screen = await startScreen();
  home = await makeHome();
  doors = await announceCore(home.folder, core);
  daemon = await startDaemon(screen);
  panel = await openPanel(screen.bus);
  desktop = await launchDesktop({ screen, home: home.folder });
  await desktop.page.getByText('Live', { exact: true }).waitFor();
});
afterAll(async () => {
  if (!canNotify) return;
  await desktop.quit();
  await doors.close();
  panel.close();
  await daemon.stop();
  await screen.stop();
  await home.remove();
});

const displayed = (count: number): Promise<void> =>
  expect.poll(() => daemon.displayed(), patience).toBe(count);
const acts = () => core.calls.filter(({ name }) => name === 'notice.act').map(({ input }) => input);
const address = () => desktop.app.windows()[0]?.url() ?? '';
let id = 0;
/** Something new is told, and seen to be shown. */
const tell = async (change: Parameters<typeof someNotice>[0] = {}) => {
  id += 1;
  const notice = someNotice({ id, ...change });
  core.notices.tell({ change: 'show', notice, isSilent: false });
  await displayed(1);
  return notice;
};

describe.skipIf(!canNotify)('a spike', () => {
  beforeEach(async () => {
    await daemon.closeAll();
    await displayed(0);
  });

  it('is one banner, changed in place, and gone with its matter', async () => {
    const notice = await tell();
    for (const waiting of [30, 41, 53]) {
      const news = { ...notice, title: `${waiting} jobs wait` };
      core.notices.tell({ change: 'update', notice: news, isSilent: true });
    }
    await expect.poll(() => daemon.said(), patience).toContain("summary: '53 jobs wait'");
    expect(await daemon.displayed()).toBe(1);
    core.notices.tell({ change: 'close', notice, isSilent: true });
    await displayed(0);
  });

  it('opens its page at a click, and gives a runner or an hour of silence at a button', async () => {
    const first = await tell();
    await daemon.click();
    await expect.poll(address, patience).toContain('#/jobs?status=waiting');
    await displayed(0);
    const second = await tell();
    await daemon.press('Mute for 1 h');
    await displayed(0);
    const third = await tell();
    await daemon.press('One more runner for default');
    await expect.poll(() => daemon.said(), patience).toContain("body: 'Done.'");
    expect(acts().slice(-3)).toEqual([
      { id: first.id, action: 'open', dryRun: false },
      { id: second.id, action: 'mute', dryRun: false },
      { id: third.id, action: 'add-runner', dryRun: false },
    ]);
  });

  it('shows what strangers wrote as text, and as little of it as there is room for', async () => {
    const bad = `<b>bold</b>\u0000\n<img src="file:///etc/passwd">\u202e&amp; 👩‍🚀 `;
    await tell({ title: `Evil ${bad}`, body: bad.repeat(3000) });
    const said = daemon.said().slice(daemon.said().lastIndexOf("summary: 'Evil"));
    expect(said).toMatch(/summary: 'Evil <b>bold<\/b>/);
    expect(said).not.toMatch(/body: '[^']*<(?:b|img)/);
    expect(said.length).toBeLessThan(4000);
  });

  it('waits while the desktop is not to disturb', async () => {
    await daemon.doNotDisturb(true);
    id += 1;
    core.notices.tell({ change: 'show', notice: someNotice({ id, severity: 'error' }), isSilent: false });
    await expect.poll(() => daemon.waiting(), patience).toBe(1);
    expect(await daemon.displayed()).toBe(0);
    await daemon.doNotDisturb(false);
    await displayed(1);
  });

  it('waits behind a locked screen', async () => {
    const emit = (event: string) =>
      desktop.app.evaluate(({ powerMonitor }, name) => void powerMonitor.emit(name), event);
    await emit('lock-screen');
    id += 1;
    core.notices.tell({ change: 'show', notice: someNotice({ id, title: 'Behind it' }), isSilent: false });
    const [seen, over] = [someNotice({ id: id + 1, title: 'Over' }), someNotice({ id: id + 1 })];
    core.notices.tell({ change: 'show', notice: seen, isSilent: false });
    core.notices.tell({ change: 'close', notice: over, isSilent: true });
    id += 1;
    await emit('unlock-screen');
    await displayed(1);
    expect(daemon.said()).toContain("summary: 'Behind it'");
    expect(daemon.said()).not.toContain("summary: 'Over'");
  });
});

describe.skipIf(!canNotify)('closing the window', () => {
  it('is explained once, by a banner that brings it back', async () => {
    await daemon.closeAll();
    await displayed(0);
    const { app } = desktop;
    const close = async (): Promise<void> => {
      await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
      await expect.poll(() => app.windows().length, patience).toBe(0);
    };
    await close();
    await displayed(1);
    expect(daemon.said()).toContain('AutoGit goes on in the tray');
    const shown = app.waitForEvent('window');
    await daemon.press('Open AutoGit');
    await (await shown).getByText('Live', { exact: true }).waitFor();
    await daemon.closeAll();
    await close();
    expect(daemon.said().split('AutoGit goes on in the tray')).toHaveLength(3);
  });
});
