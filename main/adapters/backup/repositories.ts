// Repositories in a backup: bare ones of the sandbox, bundles of GitLab, with the projects that they are of.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { errorCode } from '../../errors.ts';
import { walkTree } from './tree.ts';

export interface FoundRepository {
  /** Absolute. */
  readonly path: string;
  readonly kind: 'bare' | 'bundle';
  /** `group/name`; `null`: the backup does not tell. */
  readonly project: string | null;
}

/** Full paths of projects by their ids. */
export type ReadProjects = (sandboxDatabase: string) => Promise<ReadonlyMap<number, string>>;

/** Every repository of the backup in a folder, sorted by path. */
export async function findRepositories(
  folder: string,
  readProjects: ReadProjects,
): Promise<readonly FoundRepository[]> {
  const all = [
    ...(await ofSandbox(path.join(folder, 'sandbox'), readProjects)),
    ...(await ofGitlab(path.join(folder, 'gitlab', 'backup'))),
  ];
  return all.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function ofSandbox(folder: string, readProjects: ReadProjects): Promise<readonly FoundRepository[]> {
  const names = (await namesIn(path.join(folder, 'repositories'))).filter((name) => /^\d+\.git$/.test(name));
  if (names.length === 0) return [];
  const projects = await readProjects(path.join(folder, 'sandbox.db'));
  return names.map((name) => ({
    path: path.join(folder, 'repositories', name),
    kind: 'bare',
    project: projects.get(Number.parseInt(name, 10)) ?? null,
  }));
}

/** GitLab keeps them by the digest of a project's number: https://docs.gitlab.com/administration/repository_storage_paths/ */
async function ofGitlab(folder: string): Promise<readonly FoundRepository[]> {
  const bundles: string[] = [];
  const repositories = path.join(folder, 'repositories');
  if ((await namesIn(repositories)).length > 0) {
    for await (const { path: at, type } of walkTree(repositories)) {
      // Wikis and designs lie beside, with endings of their own.
      if (type === 'file' && at.endsWith('.bundle')) bundles.push(at);
    }
  }
  if (bundles.length === 0) return [];
  const byDigest = new Map([...(await routesOf(folder))].map(([id, project]) => [digestOf(id), project]));
  return bundles.map((at) => {
    const digest = /@hashed\/[0-9a-f]{2}\/[0-9a-f]{2}\/([0-9a-f]{64})(?:\.git)?(?:\/|\.bundle$)/.exec(
      at,
    )?.[1];
    return { path: path.join(repositories, at), kind: 'bundle', project: byDigest.get(digest ?? '') ?? null };
  });
}

function digestOf(id: number): string {
  return createHash('sha256').update(String(id)).digest('hex');
}

/** Where GitLab's dump of its database lies; `null`: there is none. It is not compressed, whatever its name says. */
export async function dumpFile(folder: string): Promise<string | null> {
  const names = await namesIn(path.join(folder, 'db'));
  const name = names.find((one) => /^database\.sql(?:\.gz)?$/.test(one));
  return name === undefined ? null : path.join(folder, 'db', name);
}

/** Full paths of projects, from the dump of the table `routes`: https://docs.gitlab.com/development/routing/ */
async function routesOf(folder: string): Promise<ReadonlyMap<number, string>> {
  const file = await dumpFile(folder);
  const routes = new Map<number, string>();
  if (file === null) return routes;
  let columns: readonly string[] | null = null;
  for await (const line of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })) {
    const begins = /^COPY (?:public\.)?routes \(([^)]*)\) FROM stdin;$/.exec(line)?.[1];
    if (begins !== undefined) columns = begins.split(', ');
    else if (columns !== null && line === '\\.') return routes;
    else if (columns !== null) addRoute(line.split('\t'), columns, routes);
  }
  return routes;
}

function addRoute(values: readonly string[], columns: readonly string[], routes: Map<number, string>): void {
  const of = (name: string): string => values[columns.indexOf(name)] ?? '';
  if (of('source_type') === 'Project') routes.set(Number(of('source_id')), of('path'));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
