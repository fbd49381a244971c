// The real probe: nothing rejects, nothing outlasts its deadline.
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProbe } from '../../../../main/adapters/host/probe.ts';

const probe = createProbe();
let folder = '';

async function program(name: string, script: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-probe-'));
  await writeFile(path.join(folder, 'text'), 'hello\n', { mode: 0o640 });
  await symlink('text', path.join(folder, 'link'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('files', () => {
  it('are read, also those of the kernel, that have no size', async () => {
    expect(await probe.readFile(path.join(folder, 'text'))).toBe('hello\n');
    expect(await probe.readFile('/proc/self/status')).toContain('Name:');
  });

  it('that cannot be read are null, and so are folders and devices that never end', async () => {
    for (const file of ['/nowhere', folder, '/dev/zero']) expect(await probe.readFile(file)).toBeNull();
    expect(await probe.list('/nowhere')).toBeNull();
    expect(await probe.readLink(path.join(folder, 'text'))).toBeNull();
    expect(await probe.stat('/nowhere')).toBeNull();
  });

  it('have links, permissions and neighbours', async () => {
    expect(await probe.readLink(path.join(folder, 'link'))).toBe('text');
    expect(await probe.stat(path.join(folder, 'text'))).toMatchObject({ mode: 0o640 });
    expect(await probe.list(folder)).toEqual(expect.arrayContaining(['link', 'text']));
  });

  it('are read as far as it makes sense', async () => {
    const file = path.join(folder, 'large');
    await writeFile(file, 'x'.repeat(5 * 1024 * 1024));
    expect((await probe.readFile(file))?.length).toBe(4 * 1024 * 1024);
  });
});

describe('programs', () => {
  it('answer with their code and words, in the C locale, whatever they are told', async () => {
    const file = await program('answers', 'echo "$LC_ALL $1"; echo oops >&2; exit 255');
    expect(await probe.run(file, ['a b; $(id)'], 5000)).toEqual({
      outcome: 'ended',
      code: 255,
      stdout: 'C a b; $(id)\n',
      stderr: 'oops\n',
    });
  });

  it('get nothing to read', async () => {
    expect(await probe.run(await program('reads', 'cat; echo done'), [], 5000)).toMatchObject({
      stdout: 'done\n',
    });
  });

  it('that hang are left at their deadline, also when others hold their output', async () => {
    const started = performance.now();
    expect(await probe.run(await program('hangs', 'sleep 3 & wait'), [], 200)).toEqual({
      outcome: 'timeout',
    });
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('that flood are stopped', async () => {
    expect(await probe.run(await program('floods', 'exec yes'), [], 10_000)).toEqual({ outcome: 'flood' });
  });

  it('that die say so, and those that are not there or no programs as well', async () => {
    expect(await probe.run(await program('dies', 'echo half; kill -9 $$'), [], 5000)).toEqual({
      outcome: 'failed',
    });
    expect(await probe.run(path.join(folder, 'nothing'), [], 5000)).toEqual({ outcome: 'missing' });
    expect(await probe.run('no-such-tool-of-autogit', [], 5000)).toEqual({ outcome: 'missing' });
    expect(await probe.run(path.join(folder, 'text'), [], 5000)).toEqual({ outcome: 'failed' });
  });
});
