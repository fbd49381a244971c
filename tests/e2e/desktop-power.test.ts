// The real desktop on a machine that sleeps, wakes and shuts down, as systemd-logind tells it over D-Bus.
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFakeCore } from '../fakes/fake-core.ts';
import { announceCore } from './announced-core.ts';
import { buildDesktop, launchDesktop, makeHome } from './desktop-app.ts';
import type { Desktop, TestHome } from './desktop-app.ts';
import { openLoginManager } from './login-manager.ts';
import type { LoginManager } from './login-manager.ts';
import { canShowDesktop } from './needs.ts';
import { startScreen } from './screen.ts';
import type { Screen } from './screen.ts';

const patience = { timeout: 10_000 };
let screen: Screen;
let login: LoginManager;
let home: TestHome;
let desktop: Desktop | null = null;

beforeAll(async () => {
  if (!canShowDesktop) return;
  await buildDesktop();
  screen = await startScreen();
});
afterAll(() => (canShowDesktop ? screen.stop() : undefined));
beforeEach(async () => {
  if (!canShowDesktop) return;
  login = await openLoginManager(screen.bus);
  home = await makeHome();
});
afterEach(async () => {
  if (!canShowDesktop) return;
  await desktop?.quit();
  desktop = null;
  login.close();
  await home.remove();
});

/** Once it has asked to be waited for, it follows what is said. */
async function start(): Promise<Desktop> {
  const env = { DBUS_SYSTEM_BUS_ADDRESS: screen.bus };
  desktop = await launchDesktop({ screen, home: home.folder, env });
  await desktop.page.getByText('Live', { exact: true }).waitFor();
  await expect.poll(() => new Set(login.delays), patience).toEqual(new Set(['sleep', 'shutdown']));
  return desktop;
}

describe.skipIf(!canShowDesktop)('a machine with logind', () => {
  it('that has slept is looked at as soon as it wakes, and not before', async () => {
    const core = createFakeCore();
    const doors = await announceCore(home.folder, core);
    try {
      const { app } = await start();
      const looks = () => core.calls.filter(({ name }) => name === 'queue.refresh').length;
      const slept = app.evaluate(
        ({ powerMonitor }) => new Promise<void>((done) => powerMonitor.once('suspend', () => done())),
      );
      // The question above has to stand before the machine sleeps.
      await app.evaluate(() => undefined);
      login.prepare('Sleep', true);
      await slept;
      expect(looks()).toBe(0);
      login.prepare('Sleep', false);
      await expect.poll(looks, patience).toBe(1);
      await desktop?.quit();
    } finally {
      await doors.close();
    }
  });

  it('that shuts down gets an end in good order', async () => {
    const { app } = await start();
    expect(await readdir(path.join(home.folder, 'run'))).toContain('core.json');
    const ended = once(app.process(), 'exit');
    login.prepare('Shutdown', true);
    expect(await ended).toEqual([0, null]);
    expect(await readdir(path.join(home.folder, 'run'))).not.toContain('core.json');
  });
});
