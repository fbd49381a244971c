// A pretended terminal and machine for the command line, over real doors to a fake core or none.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CliWorld, Terminal } from '../../main/cli/access.ts';
import type { CoreAccess } from '../../main/serve/find-core.ts';
import { runCli } from '../../main/cli/run.ts';
import { fakeAccess } from './fake-access.ts';

export interface FakeCliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly terminal?: { readonly columns: number; readonly rows: number };
  readonly answer?: boolean | null;
  /** What is typed at each prompt, in order; then nothing. */
  readonly typed?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly access?: CoreAccess;
  readonly stepMs?: number;
  readonly now?: () => number;
}

export interface FakeCli {
  readonly world: CliWorld;
  readonly home: string;
  readonly access: CoreAccess;
  out(): string;
  err(): string;
  /** What was drawn in place, newest last. */
  readonly drawn: readonly string[];
  /** Every question, in order. */
  readonly asked: readonly string[];
  interrupt(reason?: string): void;
  orphan(): void;
  /** Runs a command line, split at spaces, and forgets earlier output. */
  run(words: string): Promise<number>;
  remove(): Promise<void>;
}

/** A command line with a home of its own. */
export async function fakeCli(options: FakeCliOptions = {}): Promise<FakeCli> {
  const home = await mkdtemp(path.join(tmpdir(), 'autogit-cli-'));
  const interrupt = new AbortController();
  const orphaned = new AbortController();
  const access = options.access ?? fakeAccess({ stepMs: options.stepMs ?? 20, max: 3 });
  const texts = { out: '', err: '' };
  const drawn: string[] = [];
  const asked: string[] = [];
  const typed = [...(options.typed ?? [])];
  const terminal = (name: 'out' | 'err'): Terminal => ({
    write: (text) => {
      texts[name] += text;
    },
    isTTY: options.terminal !== undefined,
    columns: options.terminal?.columns ?? 80,
    rows: options.terminal?.rows ?? 24,
  });
  const world: CliWorld = {
    env: { AUTOGIT_HOME: home, ...options.env },
    out: terminal('out'),
    err: terminal('err'),
    openLive: () => Promise.resolve({ draw: (text) => void drawn.push(text), end: () => undefined }),
    loadCore: () => Promise.resolve(access),
    interrupt: interrupt.signal,
    orphaned: orphaned.signal,
    now: options.now ?? Date.now,
    readText: (file) => {
      const text = options.files?.[file];
      return text === undefined ? readFile(file, 'utf8') : Promise.resolve(text);
    },
    ask: (question) => {
      asked.push(question);
      return Promise.resolve(options.answer ?? null);
    },
    prompt: (question) => {
      asked.push(question);
      return Promise.resolve(typed.shift() ?? null);
    },
  };
  return {
    world,
    home,
    access,
    drawn,
    asked,
    out: () => texts.out,
    err: () => texts.err,
    interrupt: (reason = 'SIGINT') => interrupt.abort(reason),
    orphan: () => orphaned.abort(),
    run: (words) => {
      texts.out = '';
      texts.err = '';
      return runCli(words.split(' ').filter(Boolean), world);
    },
    remove: () => rm(home, { recursive: true, force: true }),
  };
}
