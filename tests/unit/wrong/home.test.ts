// A home that cannot be one, through every door.
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { asOrdinaryUser, temporaryFolder } from '../adapters/host/temporary.ts';
import { cli, freshEnv, refusedEverywhere, runningCore } from './every-door.ts';

const isRoot = process.getuid?.() === 0;
const home = (AUTOGIT_HOME: string): ReturnType<typeof freshEnv> => ({ ...freshEnv(), AUTOGIT_HOME });

/** A disk of its own for the test, in memory. Needs root and the right to mount. */
function mount(...options: readonly string[]): string {
  const folder = temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', ['mode=700', ...options].join(','), 'tmpfs', folder]);
  onTestFinished(() => void execFileSync('umount', ['--lazy', folder]));
  return folder;
}

function canMount(): boolean {
  if (!isRoot || process.platform !== 'linux') return false;
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const mounts = canMount();

describe('AUTOGIT_HOME', () => {
  it('with a line break is refused', async () => {
    expect(await refusedEverywhere(home('/tmp/a\nb'))).toMatchObject({ key: 'host.home-invalid', code: 1 });
  });

  it('longer than any disk takes is refused', async () => {
    expect(await refusedEverywhere(home(`/tmp/${'x'.repeat(300)}`))).toMatchObject({
      key: 'host.home-invalid',
    });
  });

  it('that is a file, or a link that leads nowhere, is refused', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'file'), '');
    symlinkSync('nowhere', path.join(folder, 'link'));
    for (const name of ['file', 'file/home', 'link'])
      expect((await refusedEverywhere(home(path.join(folder, name)))).key, name).toBe(
        'host.home-not-a-folder',
      );
  });

  it('with other things in it is refused, and they stay as they are', async () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'photos'), { mode: 0o755 });
    const refused = await refusedEverywhere(home(folder));
    expect(refused).toMatchObject({ key: 'host.home-foreign', code: 1 });
    expect(refused.message).toContain('photos');
    expect(readdirSync(folder)).toEqual(['photos']);
  });

  it('without which there is no HOME either is missed', async () => {
    const { DOCKER_HOST = '' } = freshEnv();
    for (const env of [
      { DOCKER_HOST },
      { DOCKER_HOST, AUTOGIT_HOME: '', HOME: '' },
      { DOCKER_HOST, AUTOGIT_HOME: ' ' },
    ])
      expect(await refusedEverywhere(env)).toMatchObject({ key: 'host.no-home', code: 1 });
  });

  it('with spaces, and too long for a socket, works', { timeout: 60_000 }, async () => {
    const folder = temporaryFolder();
    const env = { ...home(path.join(folder, 'my home', 'ü'.repeat(100))), XDG_RUNTIME_DIR: folder };
    const { socket } = await runningCore(env);
    expect(Buffer.byteLength(socket)).toBeLessThan(104);
    const { code, out } = await cli(env, 'status --json');
    expect([code, JSON.parse(out)]).toMatchObject([0, { pid: process.pid, home: env.AUTOGIT_HOME }]);
  });
});

describe('a home that is not there', () => {
  it('is not made by those who only look', async () => {
    const env = freshEnv();
    for (const words of ['status', 'job list', 'settings show', 'events', 'audit list']) {
      const { code, out } = await cli(env, `${words} --json`);
      expect([code, JSON.parse(out)]).toMatchObject([1, { error: { key: 'host.home-missing' } }]);
    }
    expect(await cli(env, 'stop')).toMatchObject({ code: 0 });
    expect(existsSync(env.AUTOGIT_HOME)).toBe(false);
  });

  it('is made by a command, which says so once', { timeout: 60_000 }, async () => {
    const env = freshEnv();
    const first = await cli(env, 'queue refresh --json');
    expect(first).toMatchObject({ code: 0, err: `Made a new home at ${env.AUTOGIT_HOME}\n` });
    expect(await cli(env, 'queue refresh --json')).toMatchObject({ code: 0, err: '' });
    expect(await cli(env, 'status --json')).toMatchObject({ code: 0, err: '' });
  });

  it('does not keep anybody from looking at engines and settings files', { timeout: 60_000 }, async () => {
    const env = freshEnv();
    const file = path.join(temporaryFolder(), 'new.yaml');
    writeFileSync(file, 'version: 1\n');
    expect(await cli(env, 'engine list --json')).toMatchObject({ code: 0, err: '' });
    expect(await cli(env, `settings validate ${file}`)).toMatchObject({ code: 0, err: '' });
    expect(existsSync(env.AUTOGIT_HOME)).toBe(false);
  });
});

describe('a home of somebody else', () => {
  it.runIf(isRoot)('is not used by root, who is told to be that user (needs root)', async () => {
    const folder = temporaryFolder();
    chownSync(folder, 65_534, 65_534);
    for (const root of [folder, path.join(folder, 'new')]) {
      const refused = await refusedEverywhere(home(root));
      expect(refused).toMatchObject({ key: 'host.home-of-another', code: 1, fields: { owner: 'nobody' } });
      expect(refused.next).toContain("sudo -H -u 'nobody' autogit");
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it.runIf(isRoot)('of root is named as such (needs root)', async () => {
    const folder = temporaryFolder();
    await asOrdinaryUser(async () => {
      const refused = await refusedEverywhere(home(folder));
      expect(refused).toMatchObject({
        key: 'host.home-of-another',
        fields: { owner: 'root', user: 'nobody' },
      });
    });
  });
});

describe('the disk of a home', () => {
  it('that you may not write to is refused', async () => {
    await asOrdinaryUser(async () => {
      const refused = await refusedEverywhere(home('/usr/share/autogit-test/home'));
      expect(refused).toMatchObject({ key: 'host.home-unwritable', code: 1 });
    });
  });

  it.runIf(mounts)('that is mounted read-only is refused (needs root and mounts)', async () => {
    const folder = mount('ro');
    for (const root of [folder, path.join(folder, 'home')]) {
      const refused = await refusedEverywhere(home(root));
      expect(refused).toMatchObject({ key: 'host.home-unwritable', code: 1 });
      expect(refused.message).toContain('mounted read-only');
    }
  });

  it.runIf(mounts)(
    'that is full is refused before anything is half made (needs root and mounts)',
    async () => {
      for (const [size, key] of [
        ['4k', 'host.home-full'],
        ['64k', 'store.full'],
      ] as const) {
        const root = path.join(mount(`size=${size}`), 'home');
        expect(await refusedEverywhere(home(root)), size).toMatchObject({ key, code: 1 });
      }
    },
  );

  it('that is fine gets folders for its owner alone', { timeout: 60_000 }, async () => {
    const env = freshEnv();
    await cli(env, 'queue refresh');
    expect(statSync(env.AUTOGIT_HOME).mode & 0o777).toBe(0o700);
  });
});
