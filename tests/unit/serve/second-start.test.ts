// Second starts as processes: what a start finds in a home, and what it makes of it.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { canBeOthers } from '../../fakes/other-users.ts';

const program = path.resolve('tests/fakes/fake-main.ts');
const served = z.object({
  pid: z.int(),
  address: z.string().nullable(),
  home: z.string(),
  already: z.boolean(),
});
/** Up to five programs start one after the other, on a machine that may have other things to do. */
const long = { timeout: 180_000 };

let folder: string;
let home: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-second-'));
  home = path.join(folder, 'home');
  await chmod(folder, 0o755);
});
afterEach(async () => {
  const ended = children.splice(0).map(async (child) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exit;
  });
  await Promise.all(ended);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

interface Started {
  readonly child: ChildProcess;
  readonly texts: { out: string; err: string };
  readonly code: Promise<number | null>;
}

function start(words: string, as: { readonly home?: string; readonly uid?: number } = {}): Started {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program, ...words.split(' ')],
    {
      env: { ...process.env, AUTOGIT_HOME: as.home ?? home, HOME: folder, XDG_RUNTIME_DIR: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(as.uid === undefined ? {} : { uid: as.uid, gid: as.uid }),
    },
  );
  children.push(child);
  const texts = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (texts.out += String(chunk)));
  child.stderr.on('data', (chunk) => (texts.err += String(chunk)));
  // Only then has all been read that it has said.
  return { child, texts, code: new Promise((resolve) => child.once('close', resolve)) };
}

/** A core that serves, and what it says of itself. */
async function serve(as: { readonly home?: string; readonly uid?: number } = {}) {
  const started = start('serve --json', as);
  const { child, texts, code } = started;
  const says = new Promise<void>((resolve) => {
    child.stdout?.on('data', () => texts.out.includes('}') && resolve());
  });
  const ended = code.then((number) => {
    throw new Error(`it ended with ${String(number)}: ${texts.out}${texts.err}`);
  });
  await Promise.race([says, ended]);
  return { ...started, says: served.parse(JSON.parse(started.texts.out)) };
}

async function statusOf(as: { readonly home?: string } = {}) {
  const { texts, code } = start('status --json', as);
  const ended = await code;
  expect([ended, texts.err]).toEqual([0, '']);
  return z.object({ pid: z.int(), home: z.string() }).parse(JSON.parse(texts.out));
}

const coreFile = (): string => path.join(home, 'run', 'core.json');

it('a second start talks to the core that serves, however much it finds of it', long, async () => {
  const core = await serve();
  expect(await statusOf()).toMatchObject({ pid: core.child.pid });
  const again = start('serve --json');
  expect(await again.code).toBe(0);
  expect(JSON.parse(again.texts.out)).toMatchObject({ ...core.says, already: true });
  await writeFile(coreFile(), '{"pid": 1, "so');
  expect(await statusOf()).toMatchObject({ pid: core.child.pid });
  await rm(coreFile());
  const words = start('serve');
  expect(await words.code).toBe(0);
  expect(words.texts.err).toContain(`AutoGit runs already with this home, as process ${core.child.pid}.`);
});

it('the link to the page of the core that serves logs in', long, async () => {
  const core = await serve();
  const link = start('web --json');
  expect(await link.code).toBe(0);
  const { address, url } = z.object({ address: z.string(), url: z.url() }).parse(JSON.parse(link.texts.out));
  expect([address, url]).toEqual([core.says.address, expect.stringContaining(`${address}/#token=`)]);
  const token = new URLSearchParams(new URL(url).hash.slice(1)).get('token');
  const answer = await fetch(`${address}/session`, { method: 'POST', body: JSON.stringify({ token }) });
  expect(answer.status).toBe(204);
});

it('without a core there is no link, and what to do is said', long, async () => {
  const link = start('web');
  expect([await link.code, link.texts.out]).toEqual([3, '']);
  expect(link.texts.err).toMatch(/No core of AutoGit runs[^]*autogit serve[^]*core.unreachable/);
});

it('two homes have a core each, also when one began as a copy of the other', long, async () => {
  const second = path.join(folder, 'second');
  const one = await serve();
  await cp(home, second, { recursive: true, filter: (file) => !file.endsWith('core.sock') });
  const two = await serve({ home: second });
  expect(two.says).toMatchObject({ home: second, already: false });
  expect(two.says.address).not.toBe(one.says.address);
  expect(await statusOf()).toMatchObject({ pid: one.child.pid, home });
  expect(await statusOf({ home: second })).toMatchObject({ pid: two.child.pid, home: second });
});

it(
  'what a killed core left is taken over, though its pid is that of another program by now',
  long,
  async () => {
    const core = await serve();
    core.child.kill('SIGKILL');
    await core.code;
    for (const name of ['core.lock', 'core.sock', 'core.json']) await stat(path.join(home, 'run', name));
    const left = z.looseObject({}).parse(JSON.parse(await readFile(coreFile(), 'utf8')));
    await writeFile(coreFile(), JSON.stringify({ ...left, pid: process.pid }));
    const next = await serve();
    expect(next.says).toMatchObject({ pid: next.child.pid, already: false });
    expect(await statusOf()).toMatchObject({ pid: next.child.pid });
  },
);

describe.runIf(canBeOthers)("another user's home", () => {
  const [owner, stranger] = [23_456, 23_457];

  beforeEach(async () => {
    await mkdir(home, { mode: 0o700 });
    await chown(home, owner, owner);
  });

  it('is not used by a stranger, whether its core runs or not, and its owner is named', long, async () => {
    const stopped = start('serve --json', { uid: stranger });
    expect(await stopped.code).toBe(1);
    expect(JSON.parse(stopped.texts.out)).toMatchObject({
      error: { key: 'host.home-of-another', message: expect.stringContaining(`#${owner}`) as unknown },
    });
    await serve({ uid: owner });
    const refused = start('status --json', { uid: stranger });
    expect([await refused.code, refused.texts.out]).toEqual([
      1,
      expect.stringContaining('host.home-of-another'),
    ]);
  });

  it('is not used by root, who would leave files there that its owner cannot write', long, async () => {
    const refused = start('serve --json');
    expect(await refused.code).toBe(1);
    expect(JSON.parse(refused.texts.out)).toMatchObject({
      error: {
        key: 'host.home-of-another',
        message: expect.stringContaining(`#${owner}`) as unknown,
        next: expect.stringContaining('sudo') as unknown,
      },
    });
    await expect(stat(path.join(home, 'run'))).rejects.toThrow();
  });

  it('has a core that root may ask and end', long, async () => {
    const core = await serve({ uid: owner });
    expect(await statusOf()).toMatchObject({ pid: core.child.pid });
  });
});
