// Brings the files of the state in line with its entities at start: what a killed process left half-done goes, what is
// missing is said, and every project has a repository that git can work with.
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createRepository, listRefs } from './git/repository.ts';
import { mendLfs } from './lfs/mend.ts';
import { stateFolders } from './state-files.ts';
import { nameStorageError } from './storage-error.ts';
import type { SandboxStore } from './store.ts';

/** What is not there any more, by kind. */
export interface LostFiles {
  /** Artifacts whose file is missing or not whole. */
  readonly artifacts: number;
  /** Projects whose repository was missing or unusable and has no branches now. */
  readonly repositories: readonly string[];
  /** Git LFS objects of projects whose file is missing or not whole. */
  readonly lfsObjects: number;
  /** Names in `set-aside/` of repositories and Git LFS objects that belong to no project. */
  readonly setAside: readonly string[];
}

/** Mends the folder of an opened store that nobody uses yet. Raises a `SandboxError` with a key of `StateErrorKey`. */
export async function mendFiles(store: SandboxStore): Promise<LostFiles> {
  try {
    await sweep(store, stateFolders.traces, (name) => store.jobs.has(Number(name.replace(/\.log$/, ''))));
    await sweep(store, stateFolders.artifacts, (name) => store.artifacts.has(Number(name)));
    const artifacts = store.artifacts.filter((one) => store.files.findArtifact(one) === null);
    const repositories = await setRepositoriesAside(store);
    const lfs = await mendLfs(store);
    return {
      ...{ artifacts: artifacts.length, lfsObjects: lfs.lost },
      repositories: await mendRepositories(store),
      setAside: [...repositories, ...lfs.setAside],
    };
  } catch (error) {
    throw nameStorageError(error, store.stateDir);
  }
}

/** Removes files of entities that are gone. */
async function sweep(
  store: SandboxStore,
  folder: string,
  isNeeded: (name: string) => boolean,
): Promise<void> {
  const path = join(store.stateDir, folder);
  for (const name of await readdir(path)) {
    if (!isNeeded(name)) await rm(join(path, name), { recursive: true, force: true });
  }
}

/** A repository may be all that is left of somebody's work, so it is not removed. Returns the names it has now. */
async function setRepositoriesAside(store: SandboxStore): Promise<readonly string[]> {
  const folder = join(store.stateDir, stateFolders.repositories);
  const names = await readdir(folder);
  const unknown = names.filter((name) => !store.projects.has(Number(name.replace(/\.git$/, ''))));
  const moved: string[] = [];
  for (const name of unknown) {
    const kept = `${Date.now()}-${name}`;
    await rename(join(folder, name), store.files.setAsidePath(kept));
    moved.push(kept);
  }
  return moved;
}

/** Returns the paths of the projects whose branches are gone. */
async function mendRepositories(store: SandboxStore): Promise<readonly string[]> {
  const lost: string[] = [];
  for (const project of store.projects.all()) {
    const directory = store.files.repositoryPath(project.id);
    if (await isRepository(directory)) {
      await removeLocks(directory);
      continue;
    }
    // `git init` brings back what is missing and leaves the rest of a repository as it is.
    for (const name of ['HEAD', 'config']) await rm(join(directory, name), { recursive: true, force: true });
    await createRepository(directory, project.defaultBranch ?? store.settings().defaultBranchName);
    const hasBranches = (await listRefs(directory, 'refs/heads/')).length > 0;
    if (hasBranches || project.defaultBranch === null) continue;
    store.projects.update(project.id, { defaultBranch: null });
    lost.push(project.fullPath);
  }
  return lost;
}

/** As git itself tells: a `HEAD` that names something, and folders for objects and refs; and a configuration. */
async function isRepository(directory: string): Promise<boolean> {
  const head = await readFile(join(directory, 'HEAD'), 'utf8').catch(() => '');
  const config = await readFile(join(directory, 'config'), 'utf8').catch(() => '');
  const folders = await Promise.all(['objects', 'refs'].map((name) => isFolder(join(directory, name))));
  return /^(ref: refs\/|[0-9a-f]{40}\n?$)/.test(head) && /bare = true/.test(config) && folders.every(Boolean);
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true;
}

/** git never removes the locks and the half-received objects of a git that was killed. */
async function removeLocks(directory: string): Promise<void> {
  const places = [directory, join(directory, 'objects'), join(directory, 'objects/pack')];
  const near = (await Promise.all(places.map(listFolder))).flat();
  const refs = await readdir(join(directory, 'refs'), { recursive: true });
  const left = [
    ...near.filter((path) => /\/([^/]+\.lock|tmp_[^/]+|incoming-[^/]+)$/.test(path)),
    ...refs.filter((name) => name.endsWith('.lock')).map((name) => join(directory, 'refs', name)),
  ];
  for (const path of left) await rm(path, { recursive: true, force: true });
}

async function listFolder(path: string): Promise<string[]> {
  const names = await readdir(path).catch(() => []);
  return names.map((name) => join(path, name));
}
