// The packaged desktop: its switches are burnt in, it holds what it needs and no more, and it starts.
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { statusSchema } from '../../main/contract/requests/state.ts';
import { autogit, makeHome } from './desktop-app.ts';
import type { TestHome } from './desktop-app.ts';
import { asRoot, electron, root } from './needs.ts';
import { buildPackage, canPackage, copyUnpacked, makeScratch, removeScratch } from './packaged.ts';
import { startScreen } from './screen.ts';
import type { Screen } from './screen.ts';

const run = promisify(execFile);
const program = 'autogit-desktop';

let scratch: string;
let unpacked: string;
let home: TestHome;
let screen: Screen;

beforeAll(async () => {
  if (!canPackage) return;
  await buildPackage();
  scratch = await makeScratch();
  unpacked = await copyUnpacked(scratch);
  home = await makeHome();
  screen = await startScreen();
}, 240_000);
afterAll(async () => {
  if (!canPackage) return;
  await screen.stop();
  await home.remove();
  await removeScratch(scratch);
});

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
  it('19: has the development switches of Electron off', async () => {
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
        '/dist/electron/icons/tray/on-dark.png',
        '/dist/renderer/index.html',
      ]),
    );
    const packages = files.filter((file) => /^\/node_modules\/[^/@]+$/.test(file));
    // The older Electron that stands in needs the other database library.
    const others = electron?.kind === 'registry' ? ['/node_modules/detect-libc', '/node_modules/libsql'] : [];
    expect(packages.toSorted()).toEqual(['/node_modules/better-sqlite3', ...others]);
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

const kit = (...names: readonly string[]): string => path.join(unpacked, 'resources', 'autogit', ...names);
const readJson = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'));

const reportSchema = z.array(
  z.strictObject({ name: z.string(), version: z.string(), licence: z.string(), text: z.string() }),
);
const billSchema = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.literal('1.5'),
  components: z.array(z.looseObject({ name: z.string(), version: z.string(), purl: z.string() })),
});
const asked = z.object({
  dependencies: z.record(z.string(), z.string()),
  optionalDependencies: z.record(z.string(), z.string()),
});

describe.skipIf(!canPackage)('what lies in the package beside the desktop', () => {
  it('is the command line with a Node of its own, what its core needs, and the guides', async () => {
    const { stdout } = await run(kit('bin', 'autogit'), ['--version'], { env: { PATH: '/usr/bin:/bin' } });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const files = await readdir(kit(), { recursive: true });
    expect(files).toEqual(
      expect.arrayContaining([
        'bin/node',
        'dist/renderer/index.html',
        'dist/cli/programs/backup.mjs',
        'dist/cli/programs/gateway.mjs',
        'dist/cli/programs/runner.mjs',
        'dist/cli/programs/sandbox.mjs',
        'dist/cli/compose-templates/gitlab/template.json',
        'docs/errors.md',
        'docs/install.md',
        `node_modules/better-sqlite3/prebuilds/${process.platform}-${process.arch}.node`,
      ]),
    );
    expect(files.filter((file) => /(?:^|\/)(?:adr|screenshots|tests)(?:\/|$)/.test(file))).toEqual([]);
  });

  it('are the licences of all that package.json asks for, as docs/licenses.md and the lock file have them', async () => {
    const report = reportSchema.parse(await readJson(kit('licenses.json')));
    for (const one of report) expect(one.text.trim().length, one.name).toBeGreaterThan(200);
    const { dependencies } = asked.parse(await readJson(path.join(root, 'package.json')));
    const licences = await readFile(path.join(root, 'docs', 'licenses.md'), 'utf8');
    const lock = z
      .object({ packages: z.record(z.string(), z.object({ version: z.string().optional() })) })
      .parse(await readJson(path.join(root, 'package-lock.json')));
    for (const name of Object.keys(dependencies).filter((one) => one !== 'rolldown')) {
      const version = lock.packages[`node_modules/${name}`]?.version;
      const one = report.find((shipped) => shipped.name === name && shipped.version === version);
      expect(licences).toContain(`| \`${name}\` | ${one?.licence ?? `not in the report: ${name}`} |`);
    }
    const allowed = ['MIT', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'ISC'];
    expect(report.filter(({ licence }) => !allowed.includes(licence))).toEqual([]);
    expect(report).toContainEqual(expect.objectContaining({ name: 'electron', version: electron?.version }));
    expect(report).toContainEqual(expect.objectContaining({ name: 'node', version: process.versions.node }));
    expect(await readdir(unpacked)).toContain('LICENSES.chromium.html');
  });

  it('is a bill of materials of the same software, in which nothing is missing that npm finds', async () => {
    const bill = billSchema.parse(await readJson(kit('sbom.cdx.json')));
    const report = reportSchema.parse(await readJson(kit('licenses.json')));
    const names = (all: readonly { name: string; version: string }[]): readonly string[] =>
      all.map(({ name, version }) => `${name}@${version}`).toSorted();
    expect(names(bill.components)).toEqual(names(report));
    const words = ['sbom', '--omit=dev', '--sbom-format=cyclonedx'];
    const { stdout } = await run('npm', words, { cwd: root, maxBuffer: 1 << 24 });
    const ours = new Set(bill.components.map(({ name }) => name));
    const missing = billSchema
      .parse(JSON.parse(stdout))
      .components.map(({ name }) => name)
      .filter((name) => !ours.has(name));
    expect(missing.filter((name) => !leftOut.test(name))).toEqual([]);
  });
});

/**
 * What npm installs and no bundle takes in: what dockerode would need for engines over SSH and for BuildKit, and the Node
 * that the list has by its own name.
 */
const leftOut =
  /^(?:ssh2|asn1|safer-buffer|bcrypt-pbkdf|tweetnacl|buildcheck|cpu-features|nan|@grpc\/.+|@protobufjs\/.+|protobufjs|@js-sdsl\/.+|lodash\.camelcase|long|node-(?:linux|win)-.+)$/;
