// The program as a process: signals, parents, broken pipes, two starts.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const program = path.resolve('tests/fakes/fake-main.ts');
let home: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'autogit-process-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

interface Started {
  readonly child: ChildProcess;
  readonly texts: { out: string; err: string };
  readonly code: Promise<number | null>;
}

function start(words: string, ipc = false, env: Record<string, string> = {}): Started {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program, ...words.split(' ')],
    {
      env: { ...process.env, AUTOGIT_HOME: home, AUTOGIT_FAKE_STEP_MS: '40', ...env },
      stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
    },
  );
  children.push(child);
  const texts = { out: '', err: '' };
  child.stdout?.on('data', (chunk) => (texts.out += String(chunk)));
  child.stderr?.on('data', (chunk) => (texts.err += String(chunk)));
  // Not `close`: it does not come after a channel was closed from here.
  const code = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, texts, code };
}

const long = { timeout: 20_000 };
const inTime = { timeout: 15_000 };

describe('autogit serve', () => {
  it('serves until SIGTERM, tells a second start where it is, and leaves no trace', long, async () => {
    const first = start('serve');
    await expect.poll(() => first.texts.err, inTime).toContain('socket');
    expect(first.texts.err).toMatch(/http:\/\/127\.0\.0\.1:\d+/);
    const second = start('serve');
    expect(await second.code).toBe(0);
    expect(second.texts.err).toContain(`process ${first.child.pid}`);
    const query = start('status --json');
    expect(await query.code).toBe(0);
    expect(JSON.parse(query.texts.out)).toMatchObject({ pid: first.child.pid });
    first.child.kill('SIGTERM');
    expect(await first.code).toBe(0);
    await expect(stat(path.join(home, 'run', 'core.json'))).rejects.toThrow();
    await expect(stat(path.join(home, 'run', 'core.sock'))).rejects.toThrow();
  });

  it('ends with 130 on Ctrl-C', long, async () => {
    const { child, texts, code } = start('serve --json');
    await expect.poll(() => texts.out, inTime).toContain('}');
    expect(JSON.parse(texts.out)).toMatchObject({ pid: child.pid, already: false });
    child.kill('SIGINT');
    expect(await code).toBe(130);
    expect(texts.err).toContain('AutoGit has ended; runners go on.');
  });

  it('ends for `autogit stop`, which waits for that', long, async () => {
    const none = start('stop --json');
    expect(await none.code).toBe(0);
    expect(JSON.parse(none.texts.out)).toEqual({ stopped: false, pid: null });
    const server = start('serve');
    await expect.poll(() => server.texts.err, inTime).toContain('socket');
    const stop = start('stop');
    expect(await stop.code).toBe(0);
    expect(stop.texts.out).toBe(`The core, process ${server.child.pid}, has ended; runners go on.\n`);
    expect(await server.code).toBe(0);
  });

  it('goes on when nobody reads what it says', long, async () => {
    const server = start('serve');
    await expect.poll(() => server.texts.err, inTime).toContain('socket');
    server.child.stderr?.destroy();
    for (const words of ['status --json', 'queue refresh --json', 'status --json']) {
      const query = start(words);
      expect(await query.code).toBe(0);
    }
    expect(server.child.exitCode).toBeNull();
  });

  it('takes over from a core that was killed', long, async () => {
    const first = start('serve');
    await expect.poll(() => first.texts.err, inTime).toContain('socket');
    first.child.kill('SIGKILL');
    await first.code;
    const second = start('serve');
    await expect.poll(() => second.texts.err, inTime).toContain(`process ${second.child.pid}`);
  });

  it('ends when the parent that keeps it is gone', long, async () => {
    const { child, texts, code } = start('serve', true);
    await expect.poll(() => texts.err, inTime).toContain('socket');
    child.disconnect();
    expect(await code).toBe(0);
  });
});

describe('a command', () => {
  it('ends quietly when nobody reads any more', long, async () => {
    const server = start('serve');
    await expect.poll(() => server.texts.err, inTime).toContain('socket');
    const { child, code, texts } = start('events --follow --json');
    await expect.poll(() => texts.out, inTime).toContain('job.waiting');
    child.stdout?.destroy();
    expect(await code).toBe(0);
    expect(texts.err).toBe('');
  });

  it('ends with 130 on Ctrl-C', long, async () => {
    const { child, code, texts } = start('events --follow');
    await expect.poll(() => texts.out, inTime).toContain('waits');
    child.kill('SIGINT');
    expect(await code).toBe(130);
  });
});

describe('autogit demo', () => {
  it('survives kill -9 of its core when somebody serves the home again', long, async () => {
    const demo = start('demo --jobs 20 --json');
    await expect.poll(() => demo.texts.err, inTime).toContain('succeeded');
    const record: unknown = JSON.parse(await readFile(path.join(home, 'run', 'core.json'), 'utf8'));
    if (typeof record !== 'object' || record === null || !('pid' in record)) throw new Error('no pid');
    process.kill(Number(record.pid), 'SIGKILL');
    const server = start('serve');
    expect(await demo.code).toBe(0);
    expect(demo.texts.err).toContain('the core is gone');
    expect(JSON.parse(demo.texts.out)).toMatchObject({
      jobs: { total: 20, succeeded: 20 },
      runners: { leftBehind: 0 },
      leftBehind: { containers: 0, networks: 0, volumes: 0 },
    });
    expect(server.child.exitCode).toBeNull();
  });
});
