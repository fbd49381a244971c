// A program: makes packages out of what is built in dist/; nothing is downloaded. main/bootstrap/build.js starts it.
// Usage: pack.ts dir|deb|headless... --electron=PATH --kind=official|named|registry --version=1.2.3
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { version } from '../main/version.ts';
import { debianArchitecture, writeDesktopDeb, writeHeadlessDeb } from './deb.ts';
import { sayElectron, stageKit } from './kit.ts';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '..');
const output = path.join(root, 'dist', 'packages');
const kit = path.join(root, 'dist', 'kit');
const unpacked = path.join(output, 'linux-unpacked');

/** The older Electron that stands in where no official one can be had needs the other database library. */
const otherDatabase = [
  ['node_modules/libsql', 'node_modules/libsql'],
  ['node_modules/libsql/node_modules/detect-libc', 'node_modules/detect-libc'],
  ['node_modules/@libsql/linux-x64-gnu', 'node_modules/@libsql/linux-x64-gnu'],
  ['node_modules/@neon-rs/load', 'node_modules/@neon-rs/load'],
].map(([from, to]) => ({ from, to }));

interface Given {
  readonly path: string;
  readonly kind: string;
  readonly version: string;
}

const builderSchema = z.looseObject({ files: z.array(z.unknown()) });

/** Of an Electron that a person named, as it says in its own program. */
async function versionIn(file: string): Promise<string> {
  return /Electron\/(\d+\.\d+\.\d+)/.exec(await readFile(file, 'latin1'))?.[1] ?? '';
}

/** Runs electron-builder for this system, as a folder that can be started. */
async function packFolder(electron: Given): Promise<void> {
  const text = await readFile(path.join(root, 'electron-builder.yml'), 'utf8');
  const settings = builderSchema.parse(parse(text));
  const config = {
    ...settings,
    files: [...settings.files, ...(electron.kind === 'registry' ? otherDatabase : [])],
    electronDist: path.dirname(electron.path),
    electronVersion: electron.version,
  };
  await mkdir(output, { recursive: true });
  const file = path.join(output, 'builder.json');
  await writeFile(file, JSON.stringify(config));
  const builder = path.join(root, 'node_modules', 'electron-builder', 'cli.js');
  const systems = new Map<string, string>([
    ['darwin', '--mac'],
    ['win32', '--win'],
  ]);
  const system = systems.get(process.platform) ?? '--linux';
  const words = [system, 'dir', '--config', file, '--publish', 'never'];
  await run(process.execPath, [builder, ...words], { cwd: root, maxBuffer: 1 << 24 });
  await rm(file);
  // What makes an application of its first argument lies in a stand-in, beside the archive.
  await rm(path.join(unpacked, 'resources', 'app'), { recursive: true, force: true });
}

const debFile = (name: string): string => path.join(output, `${name}_${version}_${debianArchitecture()}.deb`);
const deb = (name: string) => ({
  ...{ root, version, file: debFile(name), compression: 'xz' as const },
  scratch: path.join(output, 'scratch'),
});

const { values, positionals: what } = parseArgs({
  allowPositionals: true,
  options: {
    electron: { type: 'string', default: '' },
    kind: { type: 'string', default: '' },
    version: { type: 'string', default: '' },
  },
});
const named = values.version === '' ? await versionIn(values.electron) : values.version;
const electron: Given = { path: values.electron, kind: values.kind, version: named };
const standIn = electron.kind === 'registry' ? electron.version : null;
if (what.includes('dir')) {
  await stageKit(root, kit);
  await sayElectron(kit, electron.version);
  await packFolder(electron);
}
if (what.includes('deb')) await writeDesktopDeb(unpacked, standIn, deb('autogit'));
if (what.includes('headless')) await writeHeadlessDeb(kit, deb('autogit-headless'));
await rm(path.join(output, 'scratch'), { recursive: true, force: true });
