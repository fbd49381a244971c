// Programs of this machine that check certificates, each in its own way, for an image of jobs.
import { execFile } from 'node:child_process';
import { glob, readFile, realpath, stat } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { ImageFile } from './official-image.ts';

const run = promisify(execFile);

/** Files by the name that they have in an image: where they are on this machine. */
type Places = ReadonlyMap<string, string>;

async function locate(program: string): Promise<string | null> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const found = await realpath(join(folder, program)).catch(() => null);
    if (found !== null) return found;
  }
  return null;
}

async function librariesOf(program: string): Promise<Places> {
  const { stdout } = await run('ldd', [program]).catch(() => ({ stdout: '' }));
  const found = stdout.match(/(?<=\s)\/\S+/g) ?? [];
  const places = found.map(async (library) => {
    // `/lib` is a link.
    const folder = await realpath(dirname(library));
    // What lies in somebody's home here is where everybody finds it there.
    const home = folder.startsWith('/usr/') ? folder : '/usr/lib';
    return [join(home, basename(library)).slice(1), library] as const;
  });
  return new Map(await Promise.all(places));
}

async function programPlaces(program: string): Promise<Places> {
  const path = await locate(program);
  return path === null ? new Map() : new Map([...(await librariesOf(path)), [`usr/bin/${program}`, path]]);
}

/** Python finds its library beside the folder that it is in. */
async function pythonPlaces(): Promise<Places> {
  const ask =
    'import os, sys, sysconfig; print(os.path.realpath(sys.executable)); print(sysconfig.get_path("stdlib"))';
  const { stdout } = await run('python3', ['-c', ask]).catch(() => ({ stdout: '' }));
  const [program, library] = stdout.trim().split('\n');
  if (!program || !library) return new Map();
  const home = 'opt/python';
  const places = new Map([...(await librariesOf(program)), [`${home}/bin/python3`, program]]);
  const exclude = (name: string): boolean =>
    /^(?:__pycache__|test|tests|site-packages|dist-packages|idlelib|lib2to3|ensurepip|config-.*)$/.test(name);
  for await (const file of glob('**/*.{py,so}', {
    cwd: library,
    exclude: (path) => exclude(basename(path)),
  })) {
    const path = join(library, file);
    if (!(await stat(path)).isFile()) continue;
    places.set(`${home}/lib/${basename(library)}/${file}`, path);
    if (/_(?:ssl|hashlib)\./.test(file))
      for (const [name, found] of await librariesOf(path)) places.set(name, found);
  }
  return places;
}

/** Those programs of a job's that may be missing on this machine: with none of a kind, its test says nothing. */
export interface TrustTools {
  readonly names: readonly string[];
  readonly files: readonly ImageFile[];
}

/** `/opt/python/bin` has Python. Curl, git and node are in the sandbox's image already. */
export async function collectTrustTools(): Promise<TrustTools> {
  const [wget, openssl, python] = await Promise.all([
    programPlaces('wget'),
    programPlaces('openssl'),
    pythonPlaces(),
  ]);
  const names = Object.entries({ wget, openssl, python }).flatMap(([name, { size }]) =>
    size > 0 ? [name] : [],
  );
  const files = [...new Map([...wget, ...openssl, ...python])].map(
    async ([name, path]): Promise<ImageFile> => ({ name, mode: 0o755, content: await readFile(path) }),
  );
  return { names, files: await Promise.all(files) };
}
