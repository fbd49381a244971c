// Where the home is, for every kind of environment, and how it is prepared.
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { homePaths } from '../../../../main/adapters/host/home.ts';
import { prepareHome } from '../../../../main/adapters/host/prepare-home.ts';
import { asOrdinaryUser, temporaryFolder } from './temporary.ts';

const isRoot = process.getuid?.() === 0;

const linux = { demo: false, platform: 'linux', workingFolder: '/here', temporaryFolder: '/tmp' } as const;
const rootOf = (env: Record<string, string>, options: object = {}): string =>
  homePaths(env, { ...linux, ...options }).root;

describe('homePaths', () => {
  it.each([
    ['the default', { HOME: '/home/ann' }, {}, '/home/ann/.local/share/autogit'],
    ['the demo beside it', { HOME: '/home/ann' }, { demo: true }, '/home/ann/.local/share/autogit-demo'],
    ['XDG_DATA_HOME', { HOME: '/home/ann', XDG_DATA_HOME: '/data' }, {}, '/data/autogit'],
    [
      'a relative XDG_DATA_HOME, which does not count',
      { HOME: '/h', XDG_DATA_HOME: 'data' },
      {},
      '/h/.local/share/autogit',
    ],
    [
      'AUTOGIT_HOME, whatever else is set',
      { HOME: '/h', XDG_DATA_HOME: '/d', AUTOGIT_HOME: '/a b/ü' },
      {},
      '/a b/ü',
    ],
    ['AUTOGIT_HOME for the demo too', { AUTOGIT_HOME: '/mine' }, { demo: true }, '/mine'],
    ['a relative AUTOGIT_HOME', { AUTOGIT_HOME: './x/../mine' }, {}, '/here/mine'],
    [
      'an empty AUTOGIT_HOME, which does not count',
      { HOME: '/h', AUTOGIT_HOME: '' },
      {},
      '/h/.local/share/autogit',
    ],
    [
      'a blank AUTOGIT_HOME, which does not count either',
      { HOME: '/h', AUTOGIT_HOME: ' ' },
      {},
      '/h/.local/share/autogit',
    ],
    [
      'macOS',
      { HOME: '/Users/ann' },
      { platform: 'darwin' },
      '/Users/ann/Library/Application Support/autogit',
    ],
    ['Windows', { LOCALAPPDATA: 'C:\\L' }, { platform: 'win32', workingFolder: 'C:\\' }, 'C:\\L\\autogit'],
    [
      'Windows without it',
      { USERPROFILE: 'C:\\U' },
      { platform: 'win32', workingFolder: 'C:\\' },
      'C:\\U\\AppData\\Local\\autogit',
    ],
  ])('is %s', (_name, env, options, root) => {
    expect(rootOf(env, options)).toBe(root);
  });

  it('refuses names that would break lines, and an environment that names nothing', () => {
    expect(() => rootOf({ AUTOGIT_HOME: '/a\nb' })).toThrow(
      expect.objectContaining({ key: 'host.home-invalid' }),
    );
    expect(() => rootOf({ AUTOGIT_HOME: '/a\0b' })).toThrow(
      expect.objectContaining({ key: 'host.home-invalid' }),
    );
    expect(() => rootOf({})).toThrow(expect.objectContaining({ key: 'host.no-home' }));
  });

  it('puts the socket into the home when its name is short enough, and elsewhere otherwise', () => {
    expect(homePaths({ AUTOGIT_HOME: '/mine' }, linux).socket).toBe('/mine/run/core.sock');
    const long = `/mine/${'x'.repeat(100)}`;
    const inRuntime = homePaths({ AUTOGIT_HOME: long, XDG_RUNTIME_DIR: '/run/user/1000' }, linux).socket;
    expect(inRuntime).toMatch(/^\/run\/user\/1000\/autogit-[0-9a-f]{16}\/core\.sock$/);
    expect(homePaths({ AUTOGIT_HOME: long }, linux).socket).toMatch(/^\/tmp\/autogit-/);
    expect(homePaths({ AUTOGIT_HOME: `${long}y` }, linux).socket).not.toBe(
      homePaths({ AUTOGIT_HOME: long }, linux).socket,
    );
    expect(homePaths({ LOCALAPPDATA: 'C:\\L' }, { ...linux, platform: 'win32' }).socket).toMatch(
      /^\\\\\.\\pipe\\autogit-/,
    );
  });

  it('always has absolute paths inside the home and a socket name within the limit', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), fc.string(), (home, runtime) => {
        // A blank one counts as none.
        fc.pre(!/[\0\r\n]/.test(home) && home.trim() !== '');
        const { root, socket, ...inside } = homePaths(
          { AUTOGIT_HOME: home, XDG_RUNTIME_DIR: `/run/${runtime.replaceAll('\0', '')}` },
          { ...linux, temporaryFolder: `/tmp/${'y'.repeat(90)}` },
        );
        expect(Buffer.byteLength(socket)).toBeLessThan(107);
        expect(path.isAbsolute(root) && path.isAbsolute(socket)).toBe(true);
        for (const file of Object.values(inside)) expect(file.startsWith(root)).toBe(true);
      }),
    );
  });
});

describe('prepareHome', () => {
  const inside = (root: string): ReturnType<typeof homePaths> =>
    homePaths({ AUTOGIT_HOME: root }, { demo: false });

  it('makes folders that nobody else can read, also where they were open before', async () => {
    const folder = temporaryFolder();
    const paths = inside(path.join(folder, 'a', 'home'));
    mkdirSync(paths.secrets, { recursive: true, mode: 0o755 });
    await prepareHome(paths);
    await prepareHome(paths);
    for (const made of [paths.root, paths.secrets, paths.logs, paths.run, paths.sandbox]) {
      expect(statSync(made).mode & 0o777, made).toBe(0o700);
    }
  });

  it('tells when it may not write', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o555);
    await asOrdinaryUser(async () => {
      await expect(prepareHome(inside(path.join(folder, 'home')))).rejects.toMatchObject({
        key: 'host.home-unwritable',
      });
    });
  });

  it('says whether there was a home before', async () => {
    const paths = inside(path.join(temporaryFolder(), 'home'));
    expect(await prepareHome(paths)).toBe(true);
    expect(await prepareHome(paths)).toBe(false);
    expect(await prepareHome(inside(temporaryFolder())), 'an empty folder').toBe(true);
  });

  it('makes none for somebody who only looks', async () => {
    const root = path.join(temporaryFolder(), 'mistyped');
    const looking = prepareHome(inside(root), { make: false });
    await expect(looking).rejects.toMatchObject({ key: 'host.home-missing', fields: { root } });
    expect(existsSync(root)).toBe(false);
  });

  it('leaves a folder alone that holds other things', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    for (const name of ['lost+found', 'photos', 'music']) mkdirSync(path.join(folder, name));
    await expect(prepareHome(inside(folder))).rejects.toMatchObject({
      key: 'host.home-foreign',
      message: expect.stringContaining('photos') as unknown,
    });
    expect(statSync(folder).mode & 0o777).toBe(0o755);
    expect(readdirSync(folder)).toHaveLength(3);
  });

  it('takes the root of a disk of its own, which is never quite empty, and what was put there for it', async () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'lost+found'));
    mkdirSync(path.join(folder, 'templates'), { mode: 0o700 });
    expect(await prepareHome(inside(folder))).toBe(true);
  });

  it('does not lie on a network share, whether it is there already or not', async () => {
    const folder = temporaryFolder();
    for (const root of [folder, path.join(folder, 'not', 'yet')]) {
      const asked: string[] = [];
      const networkOf = (where: string): Promise<string> => {
        asked.push(where);
        return Promise.resolve('nfs');
      };
      await expect(prepareHome(inside(root), { networkOf })).rejects.toMatchObject({
        key: 'host.home-on-network',
        fields: { fileSystem: 'nfs' },
      });
      expect(asked).toEqual([folder]);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it.runIf(isRoot)('of another user is not used, and its owner is named', async () => {
    const folder = temporaryFolder();
    chownSync(folder, 65_534, 65_534);
    for (const root of [folder, path.join(folder, 'new')]) {
      await expect(prepareHome(inside(root))).rejects.toMatchObject({
        key: 'host.home-of-another',
        fields: { owner: 'nobody', user: 'root' },
        next: expect.stringContaining("sudo -H -u 'nobody'") as unknown,
      });
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it.runIf(isRoot)('of root is named as such to somebody else', async () => {
    const folder = temporaryFolder();
    await asOrdinaryUser(async () => {
      await expect(prepareHome(inside(folder))).rejects.toMatchObject({
        key: 'host.home-of-another',
        fields: { owner: 'root', user: 'nobody' },
        next: expect.stringContaining(`sudo chown -R 'nobody' '${folder}'`) as unknown,
      });
    });
  });

  it('has no secrets in a folder that others may write to', async () => {
    const paths = inside(path.join(temporaryFolder(), 'home'));
    await prepareHome(paths);
    chmodSync(paths.secrets, 0o770);
    await expect(prepareHome(paths)).rejects.toMatchObject({ key: 'secrets.folder-exposed' });
  });

  it('tells when something else is in the way', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'file'), '');
    symlinkSync('circle', path.join(folder, 'circle'));
    symlinkSync('/not/there', path.join(folder, 'nowhere'));
    for (const root of ['file', 'file/home', 'circle', 'nowhere', 'nowhere/home']) {
      await expect(prepareHome(inside(path.join(folder, root))), root).rejects.toMatchObject({
        key: 'host.home-not-a-folder',
      });
    }
  });

  it('tells when its name is too long for the disk', async () => {
    const root = path.join(temporaryFolder(), 'x'.repeat(300));
    await expect(prepareHome(inside(root))).rejects.toMatchObject({ key: 'host.home-invalid' });
  });

  it('does not use a folder for the socket that others can read', async () => {
    const folder = temporaryFolder();
    const socketFolder = path.join(folder, 'open');
    mkdirSync(socketFolder);
    chmodSync(socketFolder, 0o777);
    const paths = { ...inside(path.join(folder, 'home')), socket: path.join(socketFolder, 'core.sock') };
    await expect(prepareHome(paths)).rejects.toMatchObject({ key: 'host.socket-folder-unsafe' });
    chmodSync(socketFolder, 0o700);
    await prepareHome(paths);
  });
});
