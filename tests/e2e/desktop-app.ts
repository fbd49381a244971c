// The real desktop for tests: started on a screen and a home of its own, driven by Playwright.
import { execFile, spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { _electron, errors } from 'playwright';
import type { ElectronApplication, Page } from 'playwright';
import { buildParts } from '../../main/bootstrap/build.js';
import type { Bridge } from '../../main/contract/bridge.ts';
import { asRoot, electron, root } from './needs.ts';
import type { Screen } from './screen.ts';

/** What a page of the desktop finds. */
declare global {
  interface Window {
    readonly autogit?: Bridge;
  }
}

const nothing = (): void => undefined;
/** For builds that a test makes. */
export const silence = {
  line: nothing,
  begin: () => ({ say: nothing, end: nothing }),
  note: nothing,
  problem: nothing,
};

/** Builds the desktop and its page when they are stale; two at once do it once. */
export function buildDesktop(): Promise<void> {
  return buildParts(root, ['page', 'desktop'], { node: process.execPath, env: process.env, report: silence });
}

/** A folder that goes with the test. */
export interface TestHome {
  readonly folder: string;
  remove(): Promise<void>;
}

/** An empty folder, which becomes a home. */
export async function makeHome(): Promise<TestHome> {
  const folder = await mkdtemp(path.join(tmpdir(), 'autogit-home-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

export interface Desktop {
  readonly app: ElectronApplication;
  readonly page: Page;
  /** What it has written to its terminal so far. */
  readonly said: () => string;
  /** Ends it as a person would, and waits. */
  quit(): Promise<void>;
}

/** Which Electron runs these tests, for the report. */
export function electronInWords(): string {
  if (electron === null) return 'none';
  const kind =
    electron.kind === 'registry' ? 'the registry copy, for development and tests only' : electron.kind;
  return `Electron ${electron.version ?? '(version unknown)'} (${kind})`;
}

export interface LaunchOptions {
  readonly screen: Screen;
  readonly home: string;
  /** Folder of the built application. */
  readonly built?: string;
  /** Besides the screen's. */
  readonly env?: Readonly<Record<string, string>>;
  /** Words of its command line. */
  readonly words?: readonly string[];
}

export const builtDesktop = path.join(root, 'dist', 'electron');

function environment({ screen, home, env }: LaunchOptions): Record<string, string> {
  return { ...screen.env, PATH: searchPath(), AUTOGIT_HOME: home, ...env };
}

/**
 * Starts the built desktop and waits for its window. A window that opens at the very moment at which Playwright attaches
 * to Electron can leave Playwright waiting (seen once in thirty starts on a loaded machine, three times in a row while a
 * compiler had both processors, with a desktop that answered its other doors): such a start is made again.
 */
export async function launchDesktop(options: LaunchOptions, attempts = 6): Promise<Desktop> {
  let app: ElectronApplication;
  try {
    app = await _electron.launch({
      executablePath: electronPath(),
      args: [options.built ?? builtDesktop, ...(options.words ?? [])],
      env: environment(options),
      chromiumSandbox: asRoot.length === 0,
      colorScheme: null,
      timeout: 12_000,
    });
  } catch (error) {
    if (attempts > 1 && error instanceof errors.TimeoutError) return launchDesktop(options, attempts - 1);
    throw error;
  }
  evaluateAgain(app);
  const child = app.process();
  let text = '';
  const keep = (data: Buffer): void => void (text += data.toString());
  child.stderr?.on('data', keep);
  child.stdout?.on('data', keep);
  const page = await app.firstWindow();
  const quit = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) await app.close();
  };
  return { app, page, said: () => text, quit };
}

/**
 * V8 may collect the promise in which Playwright waits for an answer of the main process, even of a function without one:
 * https://github.com/microsoft/playwright/issues/33737. What tests ask there may be asked twice.
 */
function evaluateAgain(app: ElectronApplication): void {
  const evaluate = app.evaluate.bind(app);
  const ask = async (words: Parameters<typeof evaluate>, attempts: number): Promise<unknown> => {
    try {
      return await evaluate(...words);
    } catch (error) {
      const isCollected = error instanceof Error && error.message.includes('promise was garbage collected');
      if (!isCollected || attempts === 1) throw error;
      return ask(words, attempts - 1);
    }
  };
  Object.assign(app, { evaluate: (...words: Parameters<typeof evaluate>) => ask(words, 3) });
}

/** Starts the desktop without Playwright; the caller ends it. */
export function startAlone(
  options: LaunchOptions,
  env: Readonly<Record<string, string>> = {},
): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(electronPath(), [...asRoot, options.built ?? builtDesktop, ...(options.words ?? [])], {
    env: { ...environment(options), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Starts the desktop once more, without Playwright; resolves with its end. */
export async function startAgain(options: LaunchOptions): Promise<{ code: number | null; said: string }> {
  const child = startAlone(options);
  let said = '';
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  await once(child, 'exit');
  return { code: child.exitCode, said };
}

/** `autogit` on a home, as a program of its own. Resolves with what it printed as JSON. */
export async function autogit(home: string, ...words: readonly string[]): Promise<unknown> {
  const program = path.join(root, 'main', 'cli', 'main.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...words, '--json'], {
    env: { ...process.env, AUTOGIT_HOME: home },
  });
  const printed: unknown = JSON.parse(stdout);
  return printed;
}

function electronPath(): string {
  if (electron === null) throw new Error('there is no Electron; guard the test with canShowDesktop');
  return electron.path;
}

/** With the project's Node in it, as npm's scripts have it: Electron is no Node for containers. */
function searchPath(): string {
  return [path.join(root, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(path.delimiter);
}
