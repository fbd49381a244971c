// What happens around the real desktop while it runs: its terminal goes, impatient fingers, a page that crashes.
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildDesktop, launchDesktop, makeHome, startAlone } from './desktop-app.ts';
import type { Desktop, TestHome } from './desktop-app.ts';
import { canShowDesktop } from './needs.ts';
import { startScreen } from './screen.ts';
import type { Screen } from './screen.ts';

let screen: Screen;
let home: TestHome;
let desktop: Desktop | null = null;

beforeAll(async () => {
  if (!canShowDesktop) return;
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
  await desktop.page.getByText('Live', { exact: true }).waitFor();
  return desktop;
};

interface Questions {
  /** How many the desktop has asked. */
  asked(): Promise<number>;
  /** Answers the one that stands; the desktop has heard it when that resolves. */
  answer(): Promise<undefined>;
}

/** Every question of the desktop from now on stands until it is answered. */
const holdQuestions = async ({ app }: Desktop, response: number): Promise<Questions> => {
  await app.evaluate(({ dialog }, chosen) => {
    let asked = 0;
    dialog.showMessageBox = () => {
      asked += 1;
      return new Promise((resolve) => {
        Object.assign(globalThis, {
          asked,
          answer: () => resolve({ response: chosen, checkboxChecked: false }),
        });
      });
    };
  }, response);
  return {
    asked: () => app.evaluate(() => Number(Reflect.get(globalThis, 'asked') ?? 0)),
    answer: () => app.evaluate<undefined>('globalThis.answer(), new Promise(setImmediate)'),
  };
};

const close = ({ app }: Desktop): Promise<void> =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());

describe.skipIf(!canShowDesktop)('a terminal that is closed', () => {
  it('costs nothing: what nobody reads is not written again and again', async () => {
    // An engine that is not there, so that there is something to say.
    const child = startAlone({ screen, home: home.folder }, { DOCKER_HOST: 'tcp://127.0.0.1:9' });
    const ended = once(child, 'exit');
    child.stdout.destroy();
    child.stderr.destroy();
    const logs = path.join(home.folder, 'logs');
    const log = async (): Promise<string> => {
      const names: readonly string[] = await readdir(logs).catch(() => []);
      return (await Promise.all(names.map((name) => readFile(path.join(logs, name), 'utf8')))).join('');
    };
    const writes = async (): Promise<number> =>
      Number(/^syscw: (\d+)$/m.exec(await readFile(`/proc/${child.pid ?? 0}/io`, 'utf8'))?.[1]);
    try {
      await expect.poll(log, { timeout: 60_000 }).toContain('looking at the engine failed');
      const before = await writes();
      await sleep(2000);
      expect((await writes()) - before).toBeLessThan(2000);
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

describe.skipIf(!canShowDesktop)('the window', () => {
  it('asks once, however often it is closed meanwhile', async () => {
    const made = await start();
    const { asked, answer } = await holdQuestions(made, 2);
    await close(made);
    await close(made);
    await expect.poll(asked, { timeout: 10_000 }).toBe(1);
    await close(made);
    expect(await asked()).toBe(1);
    await answer();
    await close(made);
    await expect.poll(asked, { timeout: 10_000 }).toBe(2);
    expect(made.app.windows()).toHaveLength(1);
  });

  it('opens again when the Dock of a Mac is pressed', async () => {
    const made = await start();
    const { asked, answer } = await holdQuestions(made, 1);
    await close(made);
    await expect.poll(asked, { timeout: 10_000 }).toBe(1);
    await answer();
    await expect.poll(() => made.app.windows().length, { timeout: 10_000 }).toBe(0);
    const shown = made.app.waitForEvent('window', { timeout: 10_000 });
    await made.app.evaluate(({ app }) => app.emit('activate', {}, false));
    await (await shown).getByText('Live', { exact: true }).waitFor();
  });

  it('shows the page again when its process ends, and says so', async () => {
    const made = await start();
    const origin = await made.app.evaluate(async ({ webContents }) => {
      const [contents] = webContents.getAllWebContents();
      const loaded = new Promise<void>((resolve) => contents?.once('did-finish-load', () => resolve()));
      contents?.forcefullyCrashRenderer();
      await loaded;
      const shown: unknown = await contents?.executeJavaScript('location.origin');
      return shown;
    });
    expect(origin).toBe('autogit://app');
    expect(made.said()).toContain('The page of the window has ended (');
  });
});
