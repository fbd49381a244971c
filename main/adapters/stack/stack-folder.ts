// The folders of stacks on this machine: rendered files, the secrets beside them, and data.
import { open, rename, rm, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder } from '../../durable.ts';
import { isKeyFile } from '../../model/stack/made-files.ts';
import type { StackFolder } from '../../stack-ports.ts';
import { lookAt, makeData, removeData } from './data-folder.ts';
import { folderError, isAbsent, pathInvalid, placeInvalid } from './errors.ts';
import { readTree } from './read-tree.ts';
import type { FoundFile } from './read-tree.ts';
import { kindOf, makeFolder, namesIn, refuseLinks } from './safe-path.ts';
import { readFlags, sweepHalfWritten, writeWhole } from './write-file.ts';

/** Files kept by `keepPrevious`; while they are exchanged, one of the other two is there as well. */
const kept = { now: '.previous', next: '.previous-next', before: '.previous-before' } as const;
const keptNames: readonly string[] = Object.values(kept);
const secrets = 'secrets';

/** Far above any configuration, and any folder of it. */
const limits = { largest: 4 * 1024 * 1024, mostFiles: 2000 } as const;

/** The folder that holds those of all stacks: `<home>/stack`. It is made when it is needed. */
export interface StackFolderPaths {
  readonly stacks: string;
}

/** Everything of one stack lies in `<stacks>/<lab>`; a link there, or anywhere below, is refused. */
export function createStackFolder({ stacks }: StackFolderPaths): StackFolder {
  const pathOf = (lab: string): string => {
    const [name = '', ...more] = namesIn(lab);
    if (more.length > 0) throw pathInvalid(lab);
    return path.join(stacks, name);
  };
  const swept = new Set<string>();
  /** What a core that was killed has half written: once for each stack, before the first write. */
  const sweep = async (folder: string): Promise<void> => {
    if (swept.has(folder)) return;
    swept.add(folder);
    await refuseLinks(folder, []);
    await sweepHalfWritten(folder);
  };
  const present = (folder: string): ReturnType<typeof readTree> =>
    readTree(folder, { ...limits, without: [secrets, ...keptNames], isSecret: isKeyFile });

  return {
    pathOf,
    read: (lab) =>
      doing(
        'read',
        () => pathOf(lab),
        async (folder) => contents(await present(folder)),
      ),
    write: (lab, file, content, mode) =>
      doing(
        'write',
        () => at(pathOf(lab), file),
        async () => {
          await sweep(pathOf(lab));
          await writeIn(stacks, pathOf(lab), file, content, mode);
        },
      ),
    remove: (lab, file) =>
      doing(
        'remove',
        () => at(pathOf(lab), file),
        () => removeIn(pathOf(lab), namesIn(file)),
      ),
    keepPrevious: (lab) =>
      doing(
        'keep a copy of',
        () => pathOf(lab),
        async (folder) => {
          await sweep(folder);
          await keep(folder, (await present(folder)) ?? []);
        },
      ),
    previous: (lab) => doing('read', () => pathOf(lab), readKept),
    makeData: (folder, { mode }) =>
      doing(
        'make',
        () => absolute(folder),
        (place) => makeData(place, mode),
      ),
    look: (folder) => doing('look at', () => absolute(folder), lookAt),
    removeStack: (lab) => doing('remove', () => pathOf(lab), removeWhole),
    removeData: (folder) => doing('remove', () => absolute(folder), removeData),
  };
}

type Contents = readonly Pick<FoundFile, 'path' | 'content'>[] | null;

function contents(files: readonly FoundFile[] | null): Contents {
  return files?.map(({ path: file, content }) => ({ path: file, content })) ?? null;
}

/** While they are exchanged, those of before are the whole ones. */
async function readKept(folder: string): Promise<Contents> {
  await refuseLinks(folder, []);
  const whole = { ...limits, without: [] };
  const now = await readTree(path.join(folder, kept.now), whole);
  return contents(now ?? (await readTree(path.join(folder, kept.before), whole)));
}

function at(folder: string, file: string): string {
  return path.join(folder, ...namesIn(file));
}

/** A person's path for data. The root of everything is never a place for data. */
function absolute(folder: string): string {
  const normal = path.normalize(folder);
  if (!path.isAbsolute(folder) || folder.includes('\0') || normal === path.parse(normal).root) {
    throw placeInvalid(folder);
  }
  return normal.replace(/[/\\]+$/, '');
}

/** Whatever is wrong, also with the path itself, comes as a rejection with a key. */
async function doing<T>(deed: string, place: () => string, work: (file: string) => Promise<T>): Promise<T> {
  const file = place();
  try {
    return await work(file);
  } catch (error) {
    throw folderError(deed, file, error);
  }
}

/** The same content again is left as it is: nothing that watches the file is woken. */
async function writeIn(
  ...[stacks, folder, file, content, mode]: readonly [string, string, string, string, number]
): Promise<void> {
  const names = namesIn(file);
  const isSecret = names[0] === secrets;
  await refuseLinks(folder, names);
  await makeFolder(stacks, 0o700).catch((error: unknown) => {
    // A person may have put the folder of all stacks on another disk, with a link.
    if (!isExisting(error)) throw error;
  });
  await makeFolder(folder, 0o755);
  let inner = folder;
  for (const name of names.slice(0, -1)) {
    inner = path.join(inner, name);
    await makeFolder(inner, isSecret ? 0o700 : 0o755);
  }
  const target = at(folder, file);
  const wanted = isSecret ? 0o600 : mode & 0o777;
  if (!(await isSame(target, content, wanted))) await writeWhole(target, content, wanted);
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

async function isSame(file: string, content: string, mode: number): Promise<boolean> {
  const handle = await open(file, readFlags).catch((error: unknown) => {
    if (isAbsent(error)) return null;
    throw error;
  });
  if (handle === null) return false;
  try {
    const found = await handle.stat();
    if (!found.isFile() || (found.mode & 0o777) !== mode || found.size !== Buffer.byteLength(content))
      return false;
    return (await handle.readFile()).equals(Buffer.from(content));
  } finally {
    await handle.close();
  }
}

/** With the folders around it that are empty then. Gone already is success. */
async function removeIn(folder: string, names: readonly string[]): Promise<void> {
  await refuseLinks(folder, names);
  const target = path.join(folder, ...names);
  try {
    await unlink(target);
  } catch (error) {
    if (isAbsent(error)) return;
    throw error;
  }
  await syncFolder(path.dirname(target));
  for (let inner = path.dirname(target); inner !== folder; inner = path.dirname(inner)) {
    const isGone = await rmdir(inner).then(
      () => true,
      () => false,
    );
    if (!isGone) return;
  }
}

/** At every instant either the files that were kept before or the new ones are whole. */
async function keep(folder: string, files: readonly FoundFile[]): Promise<void> {
  const place = (name: keyof typeof kept): string => path.join(folder, kept[name]);
  await refuseLinks(folder, []);
  if ((await kindOf(folder)) === 'none') return;
  await rm(place('next'), { recursive: true, force: true });
  if ((await kindOf(place('now'))) === 'none' && (await kindOf(place('before'))) !== 'none')
    await rename(place('before'), place('now'));
  await rm(place('before'), { recursive: true, force: true });
  await makeFolder(place('next'), 0o700);
  for (const { path: file, content, mode } of files) {
    const names = namesIn(file);
    let inner = place('next');
    for (const name of names.slice(0, -1)) {
      inner = path.join(inner, name);
      await makeFolder(inner, 0o700);
    }
    await writeWhole(at(place('next'), file), content, mode);
  }
  if ((await kindOf(place('now'))) !== 'none') await rename(place('now'), place('before'));
  await rename(place('next'), place('now'));
  await syncFolder(folder);
  await rm(place('before'), { recursive: true, force: true });
}

async function removeWhole(folder: string): Promise<void> {
  await refuseLinks(folder, []);
  if ((await kindOf(folder)) === 'none') return;
  await rm(folder, { recursive: true });
  await syncFolder(path.dirname(folder));
}
