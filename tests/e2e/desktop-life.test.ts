// What happens around the real desktop while it runs: its terminal goes, impatient fingers, a page that crashes.
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { onBus } from '../../electron/session-bus.ts';
import { statusSchema } from '../../main/contract/requests/state.ts';
import { createFakeCore } from '../fakes/fake-core.ts';
import { announceCore } from './announced-core.ts';
import { deskWorld } from './desk-world.ts';
import { autogit, startAgain, startAlone } from './desktop-app.ts';
import type { Desktop } from './desktop-app.ts';
import { canShowDesktop } from './needs.ts';
import { joinBus } from './session-bus.ts';
import { openPanel } from './tray-panel.ts';

const { place, start } = deskWorld();

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
    const child = startAlone(place(), { DOCKER_HOST: 'tcp://127.0.0.1:9' });
    const ended = once(child, 'exit');
    child.stdout.destroy();
    child.stderr.destroy();
    const logs = path.join(place().home, 'logs');
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

const patience = { timeout: 10_000 };

describe.skipIf(!canShowDesktop)('a window that is closed', () => {
  it('leaves no process, and comes back where it was, as large as it was, at a link', async () => {
    const panel = await openPanel(place().screen.bus);
    const { app, page } = await start();
    await expect.poll(() => panel.hasIcon(), patience).toBe(true);
    await page.getByRole('link', { name: 'Runners' }).first().click();
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setSize(900, 640));
    const size = () =>
      app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getNormalBounds());
    await expect.poll(size, patience).toMatchObject({ width: 900, height: 640 });
    await page.close();
    await expect
      .poll(() => app.evaluate(({ app: own }) => own.getAppMetrics().map(({ type }) => type)), patience)
      .not.toContain('Tab');
    const [first] = await Promise.all([app.waitForEvent('window'), startAgain(place())]);
    await expect.poll(() => first.url(), patience).toBe('autogit://app/#/runners');
    expect(await size()).toMatchObject({ width: 900, height: 640 });
    await startAgain({ ...place(), words: ['autogit://open/jobs?status=failed'] });
    await expect.poll(() => first.url(), patience).toBe('autogit://app/#/jobs?status=failed');
    await startAgain({ ...place(), words: ['autogit://open/../etc', 'autogit://evil/jobs'] });
    expect(first.url()).toBe('autogit://app/#/jobs?status=failed');
    panel.close();
  });
});

describe.skipIf(!canShowDesktop)('a start by the login', () => {
  it('shows an icon and no window, and a second one changes nothing', async () => {
    const panel = await openPanel(place().screen.bus);
    const child = startAlone({ ...place(), words: ['--hidden'] });
    const ended = once(child, 'exit');
    try {
      await expect.poll(() => panel.hasIcon(), { timeout: 30_000 }).toBe(true);
      expect((await startAgain({ ...place(), words: ['--hidden'] })).code).toBe(0);
      const processes = await readdir('/proc').then((names) => Promise.all(names.map(parentOf)));
      const own = processes.filter(({ parent }) => parent === child.pid);
      expect(own.filter(({ words }) => words.includes('--type=renderer'))).toEqual([]);
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
      panel.close();
    }
  });

  it('happens only after a person has switched it on, and no more after it was switched off', async () => {
    const config = path.join(place().screen.folder, 'config');
    const file = path.join(config, 'autostart', 'autogit-desktop.desktop');
    const env = { XDG_CONFIG_HOME: config };
    const { page } = await start({ env });
    const ask = (name: string, input: unknown) =>
      page.evaluate(([asked, given]) => window.autogit?.desktop(String(asked), given), [name, input]);
    const there = (): Promise<string | null> => readFile(file, 'utf8').catch(() => null);
    expect(await ask('show', {})).toMatchObject({ ok: true, value: { startAtLogin: 'off', core: 'own' } });
    expect(await there()).toBeNull();
    expect(await ask('start-at-login', { on: true })).toMatchObject({ value: { startAtLogin: 'on' } });
    expect(await there()).toContain('"--hidden"');
    expect(await there()).toContain(`"AUTOGIT_HOME=${place().home}"`);
    expect(await ask('start-at-login', { on: 'yes' })).toMatchObject({ ok: false });
    expect(await ask('start-at-login', { on: false })).toMatchObject({ value: { startAtLogin: 'off' } });
    expect(await there()).toBeNull();
  });
});

/** A process by its folder in /proc: its parent, and its command line. */
async function parentOf(name: string): Promise<{ parent: number; words: string }> {
  const read = (what: string): Promise<string> => readFile(`/proc/${name}/${what}`, 'utf8').catch(() => '');
  const [status, words] = await Promise.all([read('status'), read('cmdline')]);
  return { parent: Number(/^PPid:\t(\d+)$/m.exec(status)?.[1] ?? 0), words };
}

/** Stands where a desktop shows notices: the titles that it was told. */
async function listenToNotices(address: string) {
  const told: string[] = [];
  const bus = await joinBus(address);
  bus.serve((member, body) => {
    if (member === 'GetCapabilities') return { signature: 'as', body: [['body']] };
    if (member !== 'Notify') return null;
    told.push(z.string().parse(body[3]));
    return { signature: 'u', body: [told.length] };
  });
  await bus.call(onBus('RequestName', 'su', ['org.freedesktop.Notifications', 0]));
  return { told, close: () => bus.close() };
}

describe.skipIf(!canShowDesktop)('a desktop that shows no tray icons', () => {
  it('is told of once, and the window has everything', async () => {
    const notices = await listenToNotices(place().screen.bus);
    const hasTray = ({ page }: Desktop) => page.evaluate(() => window.autogit?.desktop('show', {}));
    const first = await start();
    await expect.poll(() => notices.told, patience).toEqual(['This desktop shows no tray icons']);
    expect(await hasTray(first)).toMatchObject({ ok: true, value: { hasTray: false } });
    await first.quit();
    const second = await start();
    expect(await hasTray(second)).toMatchObject({ ok: true, value: { hasTray: false } });
    await second.quit();
    expect(notices.told).toHaveLength(1);
    notices.close();
  });
});

describe.skipIf(!canShowDesktop)('the machine', () => {
  it('that wakes up is looked at once, however often it says so', async () => {
    const core = createFakeCore();
    const doors = await announceCore(place().home, core);
    const { app, quit } = await start();
    await app.evaluate(({ powerMonitor }) => {
      for (let time = 0; time < 5; time += 1) powerMonitor.emit('resume');
    });
    const looks = () => core.calls.filter(({ name }) => name === 'queue.refresh').length;
    await expect.poll(looks, patience).toBe(1);
    await quit();
    expect(looks()).toBe(1);
    await doors.close();
  });

  it('that shuts down gets an end in good order, without a question', async () => {
    const { app } = await start();
    const ended = once(app.process(), 'exit');
    await app.evaluate(({ powerMonitor }) => void setImmediate(() => powerMonitor.emit('shutdown')));
    expect(await ended).toEqual([0, null]);
    expect(await readdir(path.join(place().home, 'run'))).not.toContain('core.json');
  });
});

describe.skipIf(!canShowDesktop)('quitting while jobs run', () => {
  it('finishes them if that is wanted, starts no others, and the next start serves the queue again', async (test) => {
    const panel = await openPanel(place().screen.bus);
    const made = await start();
    const status = async () => statusSchema.parse(await autogit(place().home, 'status'));
    if ((await status()).nodes.every(({ engine }) => engine.state !== 'fresh'))
      test.skip('there is no container engine');
    try {
      await autogit(place().home, 'sandbox', 'start');
      await autogit(place().home, 'sandbox', 'seed', '--jobs', '60');
      const labels = async () => (await panel.menu()).map(({ label }) => label);
      await expect.poll(labels, { timeout: 60_000 }).toContain('Quit AutoGit…');
      const { asked, answer } = await holdQuestions(made, 0);
      const ended = once(made.app.process(), 'exit');
      await panel.click('Quit AutoGit…');
      await expect.poll(asked, patience).toBe(1);
      await answer();
      expect(await ended).toEqual([0, null]);
      const jobs = z.array(z.object({ status: z.string() }));
      const left = jobs.parse(await autogit(place().home, 'job', 'list'));
      expect(left.filter((job) => job.status === 'running')).toEqual([]);
      expect(left.filter((job) => job.status === 'pending').length).toBeGreaterThan(0);
      await start();
      await expect.poll(async () => (await status()).mode, patience).toBe('serve');
    } finally {
      await autogit(place().home, 'lab', 'teardown');
      await autogit(place().home, 'sandbox', 'reset', '--yes');
      panel.close();
    }
  });
});
