// A copy of a bare repository that is whole whatever is pushed meanwhile: what its refs name first, then the objects.
//
// An object never changes and is never removed (nothing here runs git's gc), and a ref moves only when its objects are there.
// So whatever the refs named at first is among the objects afterwards.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runGit } from '../git/run-git.ts';
import { isMissing, keepFile, namesIn } from './keep-file.ts';

/** How many refs a copy has. */
export interface RefCounts {
  readonly branches: number;
  readonly tags: number;
}

/** `null`: the repository is not there any more. */
export async function copyRepository(from: string, to: string): Promise<RefCounts | null> {
  try {
    await mkdir(join(to, 'refs', 'heads'), { recursive: true });
    const refs = await readRefs(from);
    for (const name of ['HEAD', 'config']) await writeFile(join(to, name), await readFile(join(from, name)));
    // One file in place of one for each ref, whose names are people's; git reads either.
    await writeFile(join(to, 'packed-refs'), refs.map((line) => `${line}\n`).join(''));
    await copyObjects(join(from, 'objects'), join(to, 'objects'));
    const count = (prefix: string): number => refs.filter((line) => line.includes(` refs/${prefix}/`)).length;
    return { branches: count('heads'), tags: count('tags') };
  } catch (error) {
    const isGone = await readdir(from).then(() => false, isMissing);
    if (isGone) return null;
    throw error;
  }
}

/** `<object> <name>`, in order of name. */
async function readRefs(repository: string): Promise<readonly string[]> {
  const out = await runGit(repository, ['for-each-ref', '--format=%(objectname) %(refname)']);
  return out.toString('utf8').split('\n').filter(Boolean);
}

const looseObject = /^(?:[0-9a-f]{38}|[0-9a-f]{62})$/;

async function copyObjects(from: string, to: string): Promise<void> {
  for (const folder of ['pack', 'info']) await mkdir(join(to, folder), { recursive: true });
  const folders = (await readdir(from)).filter((name) => /^[0-9a-f]{2}$/.test(name));
  for (const folder of folders) {
    const objects = (await namesIn(join(from, folder))).filter((name) => looseObject.test(name));
    if (objects.length > 0) await mkdir(join(to, folder), { recursive: true });
    for (const name of objects) await keepFile(join(from, folder, name), join(to, folder, name));
  }
  // Git puts the index there last: a pack without one is not finished.
  const packs = (await namesIn(join(from, 'pack'))).flatMap(
    (name) => /^(pack-.+)\.idx$/.exec(name)?.[1] ?? [],
  );
  for (const pack of packs) {
    for (const ending of ['pack', 'idx', 'rev'])
      await keepFile(join(from, 'pack', `${pack}.${ending}`), join(to, 'pack', `${pack}.${ending}`));
  }
}
