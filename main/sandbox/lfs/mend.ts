// Brings the files of Git LFS in line with the projects at start.
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, namesIn } from '../backup/keep-file.ts';
import { stateFolders } from '../state-files.ts';
import type { SandboxStore } from '../store.ts';
import { contentName, isOid, projectsName } from './files.ts';

/** What was found. */
export interface MendedLfs {
  /** Objects of projects whose content is missing or not whole. */
  readonly lost: number;
  /** Names in `set-aside/` of folders with the objects of projects that are not there. */
  readonly setAside: readonly string[];
}

/** What no project has goes; what only projects have that are not there any more is put aside like their repositories. */
export async function mendLfs(store: SandboxStore): Promise<MendedLfs> {
  const root = join(store.stateDir, stateFolders.lfs);
  const projects = await namesIn(join(root, projectsName));
  const needed = new Set<string>();
  let lost = 0;
  for (const id of projects.filter((one) => store.projects.has(Number(one)))) {
    for (const oid of (await namesIn(join(root, projectsName, id))).filter(isOid)) {
      needed.add(oid);
      if (store.files.lfs.find(Number(id), oid) === null) lost += 1;
    }
  }
  const setAside: string[] = [];
  for (const id of projects.filter((one) => !store.projects.has(Number(one)))) {
    const kept = `${Date.now()}-${id}.lfs`;
    await putAside(join(root, projectsName, id), { root, needed, to: store.files.setAsidePath(kept) });
    setAside.push(kept);
  }
  for (const oid of await contentsOf(root))
    if (!needed.has(oid)) await rm(join(root, contentName(oid)), { force: true });
  return { lost, setAside };
}

async function putAside(
  project: string,
  where: { readonly root: string; readonly needed: ReadonlySet<string>; readonly to: string },
): Promise<void> {
  await mkdir(where.to, { recursive: true });
  for (const oid of (await namesIn(project)).filter((name) => isOid(name) && !where.needed.has(name)))
    await rename(join(where.root, contentName(oid)), join(where.to, oid)).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  await rm(project, { recursive: true, force: true });
}

async function contentsOf(root: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const first of (await namesIn(root)).filter((name) => /^[0-9a-f]{2}$/.test(name)))
    for (const second of await namesIn(join(root, first)))
      for (const rest of await namesIn(join(root, first, second))) found.push(first + second + rest);
  return found.filter(isOid);
}
