// The packaged desktop, whose fuses are burnt, driven over Chromium's debugging port: hostile values, foreign pages, frames.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { chromium } from 'playwright';
import type { Browser, Frame, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentSecurityPolicy } from '../../electron/page-files.ts';
import { bridgeChannels } from '../../main/contract/bridge-channels.ts';
import { requestNames } from '../../main/contract/contract.ts';
import { makeHome } from './desktop-app.ts';
import type { TestHome } from './desktop-app.ts';
import { asRoot } from './needs.ts';
import { buildPackage, canPackage, unpackedFolder } from './packaged.ts';
import { startScreen } from './screen.ts';
import type { Screen } from './screen.ts';

let screen: Screen;
let home: TestHome;
let child: ChildProcess;
let browser: Browser;
let page: Page;

/** Where Chromium says that it listens for a debugger of pages. (Node's inspector, a fuse, would listen elsewhere.) */
function debuggerOf(program: ChildProcess): Promise<string> {
  const { stderr } = program;
  if (stderr === null) throw new Error('its errors are not read');
  let said = '';
  return new Promise((resolve, reject) => {
    createInterface({ input: stderr }).on('line', (line) => {
      said += `${line}\n`;
      const [, url] = /^DevTools listening on (ws:\/\/\S+)$/.exec(line) ?? [];
      if (url !== undefined) resolve(url);
    });
    program.once('exit', () => reject(new Error(`it has ended: ${said}`)));
  });
}

beforeAll(async () => {
  if (!canPackage) return;
  await buildPackage();
  screen = await startScreen();
  home = await makeHome();
  const words = [...asRoot, '--remote-debugging-port=0'];
  child = spawn(path.join(unpackedFolder, 'autogit-desktop'), words, {
    env: { ...screen.env, AUTOGIT_HOME: home.folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  browser = await chromium.connectOverCDP(await debuggerOf(child));
  const [context] = browser.contexts();
  if (context === undefined) throw new Error('there is no window');
  page = context.pages()[0] ?? (await context.waitForEvent('page'));
  await page.getByRole('navigation').first().waitFor();
}, 240_000);
afterAll(async () => {
  if (!canPackage) return;
  await browser.close().catch(() => undefined);
  child.kill('SIGTERM');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  await screen.stop();
  await home.remove();
});

interface Ask {
  readonly channel: string;
  readonly given: readonly unknown[];
}

/** Asks the bridge that a page or frame finds, as a script there would; how each was answered. */
function askBridge(where: Page | Frame, asks: readonly Ask[]): Promise<string[]> {
  return where.evaluate(
    (all) => {
      if (window.autogit === undefined) return all.map(() => 'no bridge');
      const bridge: Readonly<Record<string, unknown>> = { ...window.autogit };
      const of = (value: unknown, name: string): unknown =>
        typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
      return Promise.all(
        all.map(async ({ channel, given }) => {
          try {
            const ask = bridge[channel];
            const answer: unknown =
              typeof ask === 'function' ? await Reflect.apply(ask, undefined, given) : null;
            if (of(answer, 'ok') === true) return 'answered';
            const key = of(of(answer, 'error'), 'key');
            return typeof key === 'string' ? key : 'nothing';
          } catch (error) {
            return `thrown: ${String(error)}`;
          }
        }),
      );
    },
    [...asks],
  );
}

const channels = Object.keys(bridgeChannels);
const odd: readonly unknown[] = [
  null,
  0,
  '',
  [],
  {},
  '__proto__',
  'constructor',
  'x'.repeat(100_000),
  '\0',
  true,
];

/** Every channel with every name of the contract and what nobody would send. */
const everything: readonly Ask[] = channels.flatMap((channel) =>
  [...requestNames, ...odd].flatMap((name) =>
    [null, {}, '__proto__'].map((value) => ({ channel, given: [name, value] })),
  ),
);

const hostile = fc.tuple(
  // Closing what was never opened is fine.
  fc.constantFrom(...channels.filter((name) => name !== 'close')),
  fc.oneof(fc.constantFrom(...requestNames), fc.string(), fc.jsonValue()),
  fc.oneof(
    fc.jsonValue(),
    fc.dictionary(fc.constantFrom('id', 'name', '__proto__', 'dryRun', 'pool', 'url', 'x'), fc.jsonValue()),
  ),
);

/** Answers that say no for a reason, in words that the page can show. */
const refusals = /^(?:desktop\.(?:request|stream)-unknown|request\.invalid|input\.\S+|[a-z]+\.[a-z-]+)$/;

describe.skipIf(!canPackage)('the hardened desktop', () => {
  it('7: sends exactly this policy with its page', async () => {
    const response = await page.reload();
    expect(response?.headers()['content-security-policy']).toBe(contentSecurityPolicy);
    expect(contentSecurityPolicy).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
        "connect-src 'none'; frame-src 'none'; worker-src 'none'; object-src 'none'; base-uri 'none'; " +
        "form-action 'none'; frame-ancestors 'none'",
    );
    await page.getByRole('navigation').first().waitFor();
  });

  it('2, 20: gives a script in the page the functions of the contract and nothing of Electron or Node', async () => {
    const found = await page.evaluate(() => ({
      globals: ['require', 'process', 'module', 'Buffer', 'global', 'electron', 'ipcRenderer'].filter(
        (name) => name in window,
      ),
      bridge: Object.keys(window.autogit ?? {}).map(
        (name) => `${name}: ${typeof Reflect.get(window.autogit ?? {}, name)}`,
      ),
    }));
    expect(found).toEqual({
      globals: [],
      bridge: channels.map((name) => `${name}: function`),
    });
  });

  it('17: answers hostile values from its own page with refusals, and lives on', async () => {
    // Queries only and values that fit nothing: a request that fits may be answered, that is what it is for.
    const asks = fc
      .sample(hostile, { numRuns: 400, seed: 17 })
      .filter(([, name]) => typeof name !== 'string' || !requestNames.some((known) => known === name))
      .map(([channel, name, value]) => ({ channel, given: [name, value] }));
    const answers = await askBridge(page, asks);
    expect(answers.filter((answer) => answer !== 'nothing' && !refusals.test(answer))).toEqual([]);
    const wrong = requestNames.map((name) => ({ channel: 'call', given: [name, { '\0': [name] }] }));
    const refused = await askBridge(page, wrong);
    expect(refused.filter((answer) => answer === 'answered')).toEqual([]);
    expect(await askBridge(page, [{ channel: 'call', given: ['status.show', {}] }])).toEqual(['answered']);
  });

  it('17: a frame inside the page has no bridge', async () => {
    await page.evaluate(() => {
      const frame = document.createElement('iframe');
      frame.name = 'inner';
      document.body.append(frame);
    });
    const inner = page.frame({ name: 'inner' });
    if (inner === null) throw new Error('there is no frame');
    const answers = await askBridge(inner, everything);
    expect(new Set(answers)).toEqual(new Set(['no bridge']));
    await page.evaluate(() => document.querySelector('iframe[name=inner]')?.remove());
  });

  it('18: reads no file of this machine by any address', async () => {
    const answers = await page.evaluate(
      (addresses) =>
        Promise.all(
          addresses.map((url) =>
            fetch(url).then(
              () => 'answered',
              () => 'refused',
            ),
          ),
        ),
      ['file:///etc/passwd', 'autogit://app/../../etc/passwd', 'autogit://other/index.html'],
    );
    expect(answers).toEqual(['refused', 'refused', 'refused']);
    const session = await page.context().newCDPSession(page);
    const { errorText } = await session.send('Page.navigate', { url: 'file:///etc/passwd' });
    expect(errorText ?? '').toMatch(/^net::ERR_/);
    await session.detach();
  });

  it('13, 17: a foreign page in its place, by whatever way it came there, is answered by no channel', async () => {
    // As a hole in Chromium would do it: a debugger's navigation asks no guard.
    const session = await page.context().newCDPSession(page);
    await session.send('Page.navigate', { url: 'about:blank' });
    await page.waitForURL('about:blank');
    const answers = await askBridge(page, everything);
    expect(answers.filter((answer) => answer !== 'no bridge' && answer !== 'desktop.sender-foreign')).toEqual(
      [],
    );
    await session.send('Page.navigate', { url: 'data:text/html,<p>foreign' });
    await page.waitForURL((url) => url.protocol !== 'about:');
    expect(new Set(await askBridge(page, everything))).not.toContain('answered');
    await session.send('Page.navigate', { url: 'autogit://app/' });
    await page.getByRole('navigation').first().waitFor();
    expect(await askBridge(page, [{ channel: 'call', given: ['status.show', {}] }])).toEqual(['answered']);
  });
});
