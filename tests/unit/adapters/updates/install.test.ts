// How each kind of package is found out and installed: nothing guessed, nothing run but what was just verified.
import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installedAs } from '../../../../main/adapters/updates/install-kind.ts';
import { installFile, planInstall } from '../../../../main/adapters/updates/install.ts';
import type { InstallOptions } from '../../../../main/adapters/updates/install.ts';
import { fileOf } from '../../../fakes/update-place.ts';

describe('how this program is installed', () => {
  const files =
    (...there: readonly string[]) =>
    (file: string) =>
      there.includes(file);
  const lists =
    (all: Readonly<Record<string, string>>) =>
    (file: string): string | null =>
      all[file] ?? null;
  const desktop = '/opt/AutoGit/autogit-desktop';
  const cliNode = '/opt/AutoGit/resources/autogit/bin/node';
  const asar = '/opt/AutoGit/resources/app.asar';
  const dpkg = { '/var/lib/dpkg/info/autogit.list': `/.\n${desktop}\n${cliNode}\n` };
  const linux = { platform: 'linux', env: {}, readText: lists({}), exists: files() };

  it.each([
    ['deb', { ...linux, execPath: desktop, readText: lists(dpkg), exists: files(asar) }],
    ['deb', { ...linux, execPath: cliNode, readText: lists(dpkg), exists: files(asar) }],
    [
      'deb-headless',
      {
        ...{ ...linux, execPath: '/usr/lib/autogit/bin/node' },
        readText: lists({ '/var/lib/dpkg/info/autogit-headless.list': '/usr/lib/autogit/bin/node\n' }),
      },
    ],
    ['rpm', { ...linux, execPath: desktop, exists: files(asar, '/usr/bin/rpm') }],
    [
      'zip',
      {
        ...linux,
        execPath: '/home/me/AutoGit/autogit-desktop',
        exists: files('/home/me/AutoGit/resources/app.asar'),
      },
    ],
    ['source', { ...linux, execPath: '/usr/bin/node' }],
    [
      'source',
      {
        ...linux,
        execPath: '/usr/bin/node',
        env: { APPIMAGE: '/home/me/Other.AppImage', APPDIR: '/tmp/.mount_Other' },
      },
    ],
    [
      'nsis',
      {
        ...linux,
        platform: 'win32',
        execPath: 'C:\\AutoGit\\AutoGit.exe',
        exists: files('C:\\AutoGit\\resources\\app.asar'),
      },
    ],
    [
      'dmg',
      {
        ...{ ...linux, platform: 'darwin', execPath: '/Applications/AutoGit.app/Contents/MacOS/AutoGit' },
        exists: files('/Applications/AutoGit.app/Contents/Resources/app.asar'),
      },
    ],
  ] as const)('is found out: %s', (kind, runtime) => {
    expect(installedAs(runtime)).toEqual({ kind, appImage: null });
  });

  it('is an AppImage where the program runs out of its mount', () => {
    const env = { APPIMAGE: '/home/me/AutoGit.AppImage', APPDIR: '/tmp/.mount_AutoGi' };
    expect(installedAs({ ...linux, env, execPath: '/tmp/.mount_AutoGi/autogit-desktop' })).toEqual({
      ...{ kind: 'appimage', appImage: '/home/me/AutoGit.AppImage' },
    });
  });
});

describe('installing', () => {
  let folder: string;
  let staged: string;
  const bytes = Buffer.from('the new program');
  const file = fileOf('autogit_1.1.0_amd64.deb', bytes);
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'autogit-install-'));
    staged = path.join(folder, file.name);
    await writeFile(staged, bytes, { mode: 0o600 });
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const options = (parts: Partial<InstallOptions>): InstallOptions => ({
    ...{ installed: { kind: 'deb', appImage: null }, platform: 'linux', canAsk: true },
    findProgram: () => Promise.resolve(null),
    ...parts,
  });

  /** A program in place of pkexec that writes down its words and ends so. */
  async function pretendedPkexec(code: number): Promise<Partial<InstallOptions>> {
    const program = path.join(folder, 'pkexec');
    await writeFile(
      program,
      `#!/bin/sh\nprintf '%s\\n' "$@" > "${folder}/words"\necho no dpkg >&2\nexit ${code}\n`,
    );
    await chmod(program, 0o755);
    return { findProgram: () => Promise.resolve(program) };
  }

  it('a package for Debian says the line, and runs nothing unless it is asked to', async () => {
    const pkexec = await pretendedPkexec(0);
    expect(await planInstall(staged, options({}))).toMatchObject({
      way: 'command',
      command: `sudo apt install ${staged}`,
    });
    expect((await planInstall(staged, options({ ...pkexec, canAsk: false }))).way).toBe('command');
    expect((await planInstall(staged, options(pkexec))).way).toBe('asks-system');
    const headless = options({ ...pkexec, installed: { kind: 'deb-headless', appImage: null } });
    expect((await planInstall(staged, headless)).way).toBe('command');
    expect(await installFile(staged, file, options(pkexec), false)).toBe(false);
    expect(await readdir(folder)).not.toContain('words');
  });

  it('a package for Debian goes to apt as one word each, once the system has a password', async () => {
    expect(await installFile(staged, file, options(await pretendedPkexec(0)), true)).toBe(true);
    const words = await readFile(path.join(folder, 'words'), 'utf8');
    expect(words).toBe(`apt-get\ninstall\n--yes\n${staged}\n`);
  });

  it.each([
    [126, 'update.install-declined'],
    [127, 'update.install-declined'],
    [100, 'update.install-failed'],
  ])('that ends with %i is told as %s, with the line to run', async (code, key) => {
    const going = installFile(staged, file, options(await pretendedPkexec(code)), true);
    await expect(going).rejects.toMatchObject({
      key,
      next: expect.stringContaining('sudo apt install') as string,
    });
  });

  it('an AppImage takes the place of the running file, which stays beside it', async () => {
    const target = path.join(folder, 'AutoGit.AppImage');
    await writeFile(target, 'the old program', { mode: 0o755 });
    const own = options({ installed: { kind: 'appimage', appImage: target } });
    expect(await installFile(staged, file, own, false)).toBe(true);
    expect(await readFile(target, 'utf8')).toBe('the new program');
    expect((await stat(target)).mode & 0o777).toBe(0o755);
    expect(await readFile(`${target}.previous`, 'utf8')).toBe('the old program');
    expect(await readdir(folder)).not.toContain('AutoGit.AppImage.new');
  });

  it('an AppImage that changes while it is copied does not take the place of the old one', async () => {
    const target = path.join(folder, 'AutoGit.AppImage');
    await writeFile(target, 'the old program', { mode: 0o755 });
    const own = options({ installed: { kind: 'appimage', appImage: target } });
    await writeFile(staged, 'something else!');
    await expect(installFile(staged, file, own, false)).rejects.toMatchObject({ key: 'update.digest' });
    expect(await readFile(target, 'utf8')).toBe('the old program');
    await rm(target);
    await expect(installFile(staged, file, own, false)).rejects.toMatchObject({
      key: 'update.install-failed',
    });
  });

  it('what runs from its source or was unpacked by hand installs nothing', async () => {
    for (const kind of ['source', 'zip'] as const) {
      const own = options({ installed: { kind, appImage: null } });
      expect(await installFile(staged, file, own, true)).toBe(false);
    }
  });
});
