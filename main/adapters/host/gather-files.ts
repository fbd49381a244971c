// Finds on this machine what the sandbox image is made of: programs, the libraries they need, a few files.
import { execFile } from 'node:child_process';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { AutoGitError } from '../../errors.ts';
import {
  gitPrograms,
  hostFiles,
  localeFolder,
  mergedFolders,
  nameLibraries,
  optionalCommands,
  requiredCommands,
} from './image-contents.ts';
import { findNode } from './node-program.ts';

const run = promisify(execFile);

/** A file of the image that is a file of this machine, or a link inside the image. */
export type GatheredFile =
  | { readonly kind: 'file'; readonly path: string; readonly source: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

/** Looked into before `PATH`, which may name folders of npm with programs of the same names. */
export const systemFolders: readonly string[] = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin'];

/** The place in the image of a path of the host, whose `/bin`, `/lib`, … may or may not be links to `/usr`. */
export function imagePath(hostPath: string): string {
  const [, top = '', rest = ''] = /^(\/[^/]+)(\/.*)$/.exec(hostPath) ?? [];
  const merged = mergedFolders[top];
  return merged === undefined ? hostPath : `/${merged}${rest}`;
}

/**
 * All host files of the image, with `node` as `/usr/local/bin/node`.
 * Rejects with `host.image-tool-missing` when the machine has no git or shell.
 */
export async function gatherFiles(
  searchPath: string,
  firstFolders = systemFolders,
): Promise<readonly GatheredFile[]> {
  const search = [...new Set([...firstFolders, ...searchPath.split(path.delimiter)])].filter((folder) =>
    path.isAbsolute(folder),
  );
  const found = new Map<string, GatheredFile>();
  const add = (file: GatheredFile): void => void found.set(file.path, found.get(file.path) ?? file);

  add({ kind: 'file', path: '/usr/local/bin/node', source: await findNode(searchPath) });
  for (const name of requiredCommands) {
    const command = await findCommand(name, search);
    if (command === null) throw toolMissing(name);
    await addProgram(command, name, add);
  }
  for (const name of optionalCommands) {
    const command = await findCommand(name, search);
    if (command !== null) await addProgram(command, name, add);
  }
  for (const program of await findGitPrograms(search)) await addProgram(program, null, add);
  const programs = [...found.values()].flatMap((file) => (file.kind === 'file' ? [file.source] : []));
  for (const library of await findLibraries(programs)) {
    add({ kind: 'file', path: imagePath(library), source: await realpath(library) });
  }
  for (const file of await findDataFiles()) add({ kind: 'file', path: file, source: await realpath(file) });
  return [...found.values()];
}

async function findCommand(name: string, search: readonly string[]): Promise<string | null> {
  for (const folder of search) {
    const candidate = path.join(folder, name);
    if (await isProgram(candidate)) return candidate;
  }
  return null;
}

async function isProgram(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile() && (found.mode & 0o111) !== 0,
    () => false,
  );
}

/** A program at its real place, reachable at the place where it was found and, by name, in `/usr/bin`. */
async function addProgram(
  found: string,
  name: string | null,
  add: (file: GatheredFile) => void,
): Promise<void> {
  const source = await realpath(found);
  const target = imagePath(source);
  add({ kind: 'file', path: target, source });
  const names = [imagePath(found), ...(name === null ? [] : [`/usr/bin/${name}`])];
  for (const alias of names) add({ kind: 'link', path: alias, target });
}

async function findGitPrograms(search: readonly string[]): Promise<readonly string[]> {
  const git = await findCommand('git', search);
  const { stdout } = await run(git ?? 'git', ['--exec-path'], { env: {} });
  const candidates = gitPrograms.map((name) => path.join(stdout.trim(), name));
  const present = await Promise.all(candidates.map(isProgramOrScript));
  return candidates.filter((_candidate, index) => present[index] === true);
}

/** Git's shell libraries are read, not executed, and carry no such bit. */
async function isProgramOrScript(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** Paths of all shared libraries, as the loader will ask for them, and of the loader itself. */
async function findLibraries(programs: readonly string[]): Promise<readonly string[]> {
  const output = await listDependencies(programs);
  const libraries = new Set(parseDependencies(output));
  const libc = [...libraries].find((library) => /\/libc\.so\.\d+$/.test(library));
  for (const name of libc === undefined ? [] : nameLibraries) {
    const library = path.join(path.dirname(libc ?? ''), name);
    if (await isProgramOrScript(library)) libraries.add(library);
  }
  return [...libraries];
}

/** `ldd` fails when one of many is a script or linked statically, and tells about the others all the same. */
async function listDependencies(programs: readonly string[]): Promise<string> {
  const options = { env: { PATH: systemFolders.join(':'), LC_ALL: 'C' }, maxBuffer: 16 * 1024 * 1024 };
  try {
    return (await run('ldd', [...programs], options)).stdout;
  } catch (error) {
    if (
      error instanceof Error &&
      'stdout' in error &&
      typeof error.stdout === 'string' &&
      error.stdout !== ''
    ) {
      return error.stdout;
    }
    throw toolMissing('ldd');
  }
}

/** The paths in what `ldd` printed: `name => /path (0x…)` and `/path (0x…)`. */
export function parseDependencies(output: string): readonly string[] {
  const lines = output.split('\n').filter((line) => /^\s/.test(line));
  return [
    ...new Set(lines.flatMap((line) => /(?:=>\s+|^\s+)(\/\S+) \(0x[0-9a-f]+\)$/.exec(line)?.[1] ?? [])),
  ];
}

async function findDataFiles(): Promise<readonly string[]> {
  const locale = await readdir(localeFolder, { recursive: true }).catch(() => []);
  const candidates = [...hostFiles, ...locale.map((name) => path.join(localeFolder, name))];
  const present = await Promise.all(candidates.map(isProgramOrScript));
  return candidates.filter((_candidate, index) => present[index] === true);
}

function toolMissing(name: string): AutoGitError {
  return new AutoGitError({
    key: 'host.image-tool-missing',
    message: `The sandbox's image is made from programs of this machine, and \`${name}\` is not among them.`,
    next: `Install \`${name}\` (on Debian and Ubuntu: \`apt-get install git bash libc-bin\`), then try again.`,
    fields: { tool: name },
  });
}
