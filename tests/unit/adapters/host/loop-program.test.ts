// Real programs that print again and again, and those that misbehave.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startLoop } from '../../../../main/adapters/host/loop-program.ts';

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
    expect(await loop.ended).toBe('ended');
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
    expect(await loop.ended).toBe('flood');
    expect(most).toBeLessThan(16 * 1_048_576);
  });

  it('and is not there says so', async () => {
    expect(await startLoop(path.join(folder, 'nowhere'), [], () => undefined).ended).toBe('missing');
  });

  it('and ends by itself says so', async () => {
    const file = await program('ends', 'echo once; exit 3');
    expect(await startLoop(file, [], () => undefined).ended).toBe('ended');
  });
});
