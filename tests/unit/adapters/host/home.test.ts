// Where the home is, for every kind of environment, and how it is prepared.
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { homePaths, prepareHome } from '../../../../main/adapters/host/home.ts';
import { asOrdinaryUser, temporaryFolder } from './temporary.ts';

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
        fc.pre(!/[\0\r\n]/.test(home));
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

  it('tells when something else is in the way', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'file'), '');
    for (const root of ['file', 'file/home']) {
      await expect(prepareHome(inside(path.join(folder, root)))).rejects.toMatchObject({
        key: 'host.home-not-a-folder',
      });
    }
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
