// A copy of the Git LFS objects of some projects. Made after their repositories it has all that those name: an object is
// there before what names it is pushed, and goes with its project only.
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { contentName, isOid, projectsName } from '../lfs/files.ts';
import { keepFile, namesIn } from './keep-file.ts';

/** How many contents there are now in `to`. */
export async function copyLfs(from: string, to: string, projects: readonly number[]): Promise<number> {
  const kept = new Set<string>();
  for (const id of projects) {
    const folder = join(projectsName, String(id));
    const oids = (await namesIn(join(from, folder))).filter(isOid);
    if (oids.length > 0) await mkdir(join(to, folder), { recursive: true });
    for (const oid of oids) {
      const name = contentName(oid);
      await mkdir(dirname(join(to, name)), { recursive: true });
      // Another project of these may have it, too.
      const isThere = kept.has(oid) || (await keepFile(join(from, name), join(to, name)));
      if (!isThere) continue;
      kept.add(oid);
      await keepFile(join(from, folder, oid), join(to, folder, oid));
    }
  }
  return kept.size;
}
