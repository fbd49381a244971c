// The half of every package that needs no Electron: the command line and the Node that runs it, the page, the papers.
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);

const isWindows = process.platform === 'win32';

/** Of the database library: what is loaded where this package goes. */
const native = ['package.json', 'LICENSE', 'lib', `prebuilds/${process.platform}-${process.arch}.node`];

const papers = ['licenses.json', 'sbom.cdx.json'];

/** Guides a person may want beside the program; how it was built and decided stays in the repository. */
async function copyGuides(root: string, to: string): Promise<void> {
  const from = path.join(root, 'docs');
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (entry.isFile() && entry.name.endsWith('.md'))
      await cp(path.join(from, entry.name), path.join(to, entry.name));
  }
  await cp(path.join(from, 'pools'), path.join(to, 'pools'), { recursive: true });
}

/** The program `autogit` beside a Node: the one that runs this build, which is the project's. */
async function copyPrograms(root: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const node = path.join(to, isWindows ? 'node.exe' : 'node');
  await cp(process.execPath, node, { dereference: true });
  const name = isWindows ? 'autogit.cmd' : 'autogit';
  await cp(path.join(root, 'resources', 'linux', name), path.join(to, name));
  await chmod(node, 0o755);
  await chmod(path.join(to, name), 0o755);
}

/** What the shells read to complete `autogit`, as the program itself prints it. */
async function writeCompletions(kit: string): Promise<void> {
  const folder = path.join(kit, 'completions');
  await mkdir(folder, { recursive: true });
  for (const shell of ['bash', 'zsh']) {
    const program = path.join(kit, 'dist', 'cli', 'autogit.mjs');
    const { stdout } = await run(process.execPath, [program, 'completion', shell]);
    await writeFile(path.join(folder, shell), stdout);
  }
}

/** Makes `kit` anew from what is built in `dist/` of the repository at `root`. */
export async function stageKit(root: string, kit: string): Promise<void> {
  await rm(kit, { recursive: true, force: true });
  for (const folder of ['cli', 'renderer'])
    await cp(path.join(root, 'dist', folder), path.join(kit, 'dist', folder), { recursive: true });
  for (const part of native) {
    const at = path.join('node_modules', 'better-sqlite3', part);
    await cp(path.join(root, at), path.join(kit, at), { recursive: true });
  }
  await copyPrograms(root, path.join(kit, 'bin'));
  await writeCompletions(kit);
  await copyGuides(root, path.join(kit, 'docs'));
  for (const paper of papers) await cp(path.join(root, 'dist', paper), path.join(kit, paper));
}

const listed = z.array(z.looseObject({ name: z.string(), version: z.string() }));
const bill = z.looseObject({ components: z.array(z.looseObject({ name: z.string(), version: z.string() })) });

/**
 * The papers of a kit say which Electron goes along: another version than the one asked for where a stand-in packs, and
 * none in the headless package.
 */
export async function sayElectron(kit: string, electron: string | null): Promise<void> {
  const change = <T extends { name: string; version: string }>(all: readonly T[], more = {}): readonly T[] =>
    all.flatMap((one) => {
      if (one.name !== 'electron') return [one];
      return electron === null ? [] : [{ ...one, version: electron, ...more }];
    });
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(path.join(kit, name), 'utf8'));
  const write = (name: string, value: unknown): Promise<void> =>
    writeFile(path.join(kit, name), `${JSON.stringify(value, null, 1)}\n`);
  const plain = change(listed.parse(await read('licenses.json')));
  await write('licenses.json', plain);
  await write(path.join('dist', 'cli', 'licenses.json'), plain);
  const purl = { purl: `pkg:npm/electron@${electron ?? ''}` };
  const document = bill.parse(await read('sbom.cdx.json'));
  await write('sbom.cdx.json', { ...document, components: change(document.components, purl) });
}
