// Git LFS objects: each content once, and which projects have it. In files alone, without entities: so whoever copies
// repositories first and these files afterwards has all that the repositories name.
//
//   lfs/<aa>/<bb>/<rest>       the content whose SHA-256 is aabb…
//   lfs/projects/<id>/<oid>    the project has it; its size in bytes as text, written last
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** An object as git-lfs names it. */
export interface LfsObject {
  /** SHA-256 of the content, hexadecimal. */
  readonly oid: string;
  /** Bytes. */
  readonly size: number;
}

/** Where an object's content lies, and what of it there is. */
export interface LfsContent {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** All names must be those of `isOid`. */
export interface LfsFiles {
  /** `null`: the project does not have it, or it is not whole. */
  find(projectId: number, oid: string): LfsContent | null;
  /** Makes a checked upload an object of the project. */
  keep(uploadPath: string, projectId: number, object: LfsObject): void;
  /** Removes what no other project has. A killed process leaves what the next start tidies. */
  removeProject(projectId: number): void;
}

/** Whether a text names an object; no other text may become a path. */
export function isOid(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** Where a content lies in the folder of all of them. */
export function contentName(oid: string): string {
  return join(oid.slice(0, 2), oid.slice(2, 4), oid.slice(4));
}

/** The folder in which each project has one. */
export const projectsName = 'projects';

/** The files in `root`, which is made when something is kept. */
export function openLfsFiles(root: string): LfsFiles {
  const content = (oid: string): string => join(root, contentName(oid));
  const ofProject = (id: number | string): string => join(root, projectsName, String(id));
  return {
    find: (projectId, oid) => {
      const size = readSize(join(ofProject(projectId), oid));
      const path = content(oid);
      const isWhole = size !== null && statSync(path, { throwIfNoEntry: false })?.size === size;
      return isWhole ? { path, size } : null;
    },
    keep: (uploadPath, projectId, { oid, size }) => {
      mkdirSync(dirname(content(oid)), { recursive: true });
      renameSync(uploadPath, content(oid));
      mkdirSync(ofProject(projectId), { recursive: true });
      writeFileSync(uploadPath, String(size));
      renameSync(uploadPath, join(ofProject(projectId), oid));
    },
    removeProject: (projectId) => {
      const oids = namesIn(ofProject(projectId)).filter(isOid);
      rmSync(ofProject(projectId), { recursive: true, force: true });
      const others = namesIn(join(root, projectsName));
      const isNeeded = (oid: string): boolean =>
        others.some((id) => readSize(join(ofProject(id), oid)) !== null);
      for (const oid of oids) if (!isNeeded(oid)) rmSync(content(oid), { force: true });
    },
  };
}

/** The size that a project's file gives; `null` when there is none. */
function readSize(path: string): number | null {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return null;
  const text = readFileSync(path, 'utf8');
  return /^\d{1,16}$/.test(text) ? Number(text) : null;
}

function namesIn(folder: string): readonly string[] {
  return statSync(folder, { throwIfNoEntry: false }) === undefined ? [] : readdirSync(folder);
}
