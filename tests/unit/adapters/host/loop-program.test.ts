// Real programs that print again and again, and those that misbehave.
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createLeftTools } from '../../../../main/adapters/host/left-tools.ts';
import { createStartLoop } from '../../../../main/adapters/host/loop-program.ts';

const startLoop = createStartLoop();

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-loop-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function program(name: string, script: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a program that stays', () => {
  it('is read as it prints, with the C locale, and ended when it is told to', async () => {
    const file = await program('talks', 'echo "$$ $LC_ALL"; while :; do echo again; sleep 0.05; done');
    let text = '';
    const loop = startLoop(file, [], (part) => (text += part));
    await vi.waitFor(() => expect(text.split('again').length).toBeGreaterThan(3), 10_000);
    loop.stop();
    expect(await loop.ended).toMatchObject({ outcome: 'ended' });
    const [pid = '', locale] = (text.split('\n')[0] ?? '').split(' ');
    expect(locale).toBe('C');
    await vi.waitFor(() => expect(isAlive(Number(pid))).toBe(false), 5_000);
  });

  it('and does not listen is killed', async () => {
    const file = await program('stubborn', "trap '' TERM; echo $$; while :; do sleep 0.05; done");
    let text = '';
    const loop = startLoop(file, [], (part) => (text += part));
    await vi.waitFor(() => expect(text).not.toBe(''), 10_000);
    loop.stop();
    await loop.ended;
    await vi.waitFor(() => expect(isAlive(Number(text))).toBe(false), 5_000);
  });

  it('and floods is ended without filling the memory', async () => {
    const file = await program('floods', 'yes 0123456789');
    let most = 0;
    const loop = startLoop(file, [], (part) => (most += part.length));
    expect(await loop.ended).toMatchObject({ outcome: 'flood' });
    expect(most).toBeLessThan(16 * 1_048_576);
  });

  it('and is not there says so', async () => {
    const { ended } = startLoop(path.join(folder, 'nowhere'), [], () => undefined);
    expect(await ended).toEqual({ outcome: 'missing', stderr: '' });
  });

  it('and ends by itself says so, with the beginning of its reasons', async () => {
    const file = await program(
      'ends',
      "echo once; echo 'no permission' >&2; yes why | head -c 9000 >&2; exit 3",
    );
    const { outcome, stderr } = await startLoop(file, [], () => undefined).ended;
    expect(outcome).toBe('ended');
    expect(stderr).toMatch(/^no permission\nwhy/);
    expect(stderr).toHaveLength(4_096);
  });

  it('and floods its error output is ended, too', async () => {
    const file = await program('complains', 'yes 0123456789 >&2');
    expect(await startLoop(file, [], () => undefined).ended).toMatchObject({ outcome: 'flood' });
  });

  it('takes with it what it has started, whether it is told to end, does not listen, or ends by itself', async () => {
    const scripts = {
      obeys: 'sleep 60 & echo $!; wait',
      stubborn: "trap '' TERM; sleep 60 & echo $!; while :; do sleep 0.05; done",
      ends: 'sleep 60 & echo $!',
    };
    for (const [name, script] of Object.entries(scripts)) {
      let text = '';
      const loop = startLoop(await program(`starts-${name}`, script), [], (part) => (text += part));
      await vi.waitFor(() => expect(text).toContain('\n'), 10_000);
      if (name !== 'ends') loop.stop();
      expect(await loop.ended).toMatchObject({ outcome: 'ended' });
      // Whoever adopts orphans may let them lie for seconds.
      await vi.waitFor(() => expect(isAlive(Number(text)), name).toBe(false), 15_000);
    }
  });

  it('cannot be started without files left to open, which costs nothing but that', async () => {
    const url = new URL('../../../../main/adapters/host/loop-program.ts', import.meta.url).href;
    const script = `
      const { openSync } = await import('node:fs');
      const { createStartLoop } = await import('${url}');
      const startLoop = createStartLoop();
      try { for (;;) openSync('/dev/null'); } catch {}
      const loop = startLoop('sleep', ['1'], () => undefined);
      process.stdout.write((await loop.ended).outcome);`;
    const words = [
      '-c',
      'ulimit -n 64; exec "$@"',
      'sh',
      process.execPath,
      '--input-type=module',
      '-e',
      script,
    ];
    expect((await promisify(execFile)('sh', words)).stdout).toBe('failed');
  });

  it('is not started beside one of its name that nobody could end, and again when that is gone', async () => {
    const left = createLeftTools();
    const file = await program('stuck', 'echo once');
    const gone = Promise.withResolvers<undefined>();
    left.add(file, Promise.resolve(), gone.promise);
    await Promise.resolve();
    const start = createStartLoop(left);
    expect(await start(file, [], () => undefined).ended).toEqual({ outcome: 'timeout', stderr: '' });
    gone.resolve(undefined);
    await gone.promise;
    expect(await start(file, [], () => undefined).ended).toMatchObject({ outcome: 'ended' });
  });

  it('that is being ended is waited for by those who remember it, and forgotten with its process', async () => {
    const left = createLeftTools();
    const file = await program('lingers', "trap '' TERM; echo $$; while :; do sleep 0.05; done");
    let text = '';
    const loop = createStartLoop(left)(file, [], (part) => (text += part));
    await vi.waitFor(() => expect(text).toContain('\n'), 10_000);
    loop.stop();
    expect([left.has(file), isAlive(Number(text))]).toEqual([false, true]);
    await left.settled(file);
    expect([left.has(file), isAlive(Number(text))]).toEqual([false, false]);
  });
});
