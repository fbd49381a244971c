// The packaged desktop: its switches are burnt in, it holds what it needs and no more, and it starts.
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { statusSchema } from '../../main/contract/requests/state.ts';
import { autogit, buildDesktop, electronInWords, makeHome } from './desktop-app.ts';
import type { TestHome } from './desktop-app.ts';
import { asRoot, canShowDesktop, electron, root } from './needs.ts';
import { startScreen } from './screen.ts';
import type { Screen } from './screen.ts';

const run = promisify(execFile);
const canPackage = canShowDesktop && process.platform === 'linux';
const program = 'autogit-desktop';

let folder: string;
let unpacked: string;
let home: TestHome;
let screen: Screen;

/** The older Electron that stands in where no official one can be had needs the other database library. */
const standIn = [
  ['node_modules/libsql', 'node_modules/libsql'],
  ['node_modules/libsql/node_modules/detect-libc', 'node_modules/detect-libc'],
  ['node_modules/@libsql/linux-x64-gnu', 'node_modules/@libsql/linux-x64-gnu'],
  ['node_modules/@neon-rs/load', 'node_modules/@neon-rs/load'],
].map(([from, to]) => ({ from, to }));

beforeAll(async () => {
  if (!canPackage || electron === null) return;
  process.stderr.write(`The package is made of ${electronInWords()}.\n`);
  await buildDesktop();
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-package-'));
  unpacked = path.join(folder, 'linux-unpacked');
  const settings = z
    .looseObject({ files: z.array(z.unknown()) })
    .parse(parse(await readFile(path.join(root, 'electron-builder.yml'), 'utf8')));
  const config = {
    ...settings,
    files: [...settings.files, ...standIn],
    electronDist: path.dirname(electron.path),
    electronVersion: electron.version ?? (await versionOf(electron.path)),
    directories: { output: folder, buildResources: path.join(root, 'resources') },
  };
  const file = path.join(folder, 'builder.json');
  await writeFile(file, JSON.stringify(config));
  const builder = path.join(root, 'node_modules', 'electron-builder', 'cli.js');
  const words = ['--linux', 'dir', '--config', file, '--publish', 'never'];
  await run(process.execPath, [builder, ...words], { cwd: root, maxBuffer: 1 << 24 });
  home = await makeHome();
  screen = await startScreen();
}, 240_000);
afterAll(async () => {
  if (!canPackage) return;
  await screen.stop();
  await home.remove();
  await rm(folder, { recursive: true, force: true });
});

async function versionOf(file: string): Promise<string> {
  return /Electron\/(\d+\.\d+\.\d+)/.exec(await readFile(file, 'latin1'))?.[1] ?? '';
}

/** Starts the packaged program as a person's desktop would, with the switches that its fuses must ignore. */
function start(): { readonly child: ChildProcess; readonly said: () => string } {
  const child = spawn(path.join(unpacked, program), [...asRoot, '--inspect=0'], {
    env: {
      ...screen.env,
      AUTOGIT_HOME: home.folder,
      ELECTRON_RUN_AS_NODE: '1',
      NODE_OPTIONS: '--no-such-option',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  return { child, said: () => said };
}

describe.skipIf(!canPackage)('the package', () => {
  it('has the development switches of Electron off', async () => {
    const wire = await getCurrentFuseWire(path.join(unpacked, program));
    const off = [
      FuseV1Options.RunAsNode,
      FuseV1Options.EnableNodeOptionsEnvironmentVariable,
      FuseV1Options.EnableNodeCliInspectArguments,
      FuseV1Options.GrantFileProtocolExtraPrivileges,
    ];
    const on = [
      FuseV1Options.EnableCookieEncryption,
      FuseV1Options.EnableEmbeddedAsarIntegrityValidation,
      FuseV1Options.OnlyLoadAppFromAsar,
    ];
    expect(off.map((fuse) => wire[fuse])).toEqual(off.map(() => FuseState.DISABLE));
    expect(on.map((fuse) => wire[fuse])).toEqual(on.map(() => FuseState.ENABLE));
  });

  it('holds the bundle, the page and one native library, not the packages they were made of', async () => {
    const { stdout } = await run(process.execPath, [
      path.join(root, 'node_modules', '@electron', 'asar', 'bin', 'asar.js'),
      'list',
      path.join(unpacked, 'resources', 'app.asar'),
    ]);
    const files = stdout.split('\n');
    expect(files).toEqual(
      expect.arrayContaining([
        '/dist/electron/main.js',
        '/dist/electron/preload.cjs',
        '/dist/electron/programs/sandbox.mjs',
        '/dist/electron/icons/tray/idle-on-dark.png',
        '/dist/renderer/index.html',
      ]),
    );
    const packages = files.filter((file) => /^\/node_modules\/[^/@]+$/.test(file));
    expect(packages.toSorted()).toEqual([
      '/node_modules/better-sqlite3',
      '/node_modules/detect-libc',
      '/node_modules/libsql',
    ]);
    expect(files.filter((file) => /^\/(?:main|electron|renderer|tests)\//.test(file))).toEqual([]);
  });

  it('starts from its archive alone, without a debugger, whatever the environment says', async () => {
    // A folder beside the archive is where Electron looks first when that fuse is on.
    await cp(path.join(root, 'tests', 'fixtures', 'foreign-app'), path.join(unpacked, 'resources', 'app'), {
      recursive: true,
    });
    const { child, said } = start();
    try {
      const status = async (): Promise<number | null> => {
        if (child.exitCode !== null) throw new Error(`it has ended: ${said()}`);
        const files: readonly string[] = await readdir(path.join(home.folder, 'run')).catch(() => []);
        if (!files.includes('core.json')) return null;
        return statusSchema.parse(await autogit(home.folder, 'status')).pid;
      };
      await expect.poll(status, { timeout: 60_000, interval: 500 }).toBe(child.pid);
      expect(said()).not.toContain('Debugger listening');
      expect(said()).not.toContain('foreign app');
    } finally {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    expect(await readdir(path.join(home.folder, 'run'))).not.toContain('core.json');
  });
});
