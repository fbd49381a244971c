// `refs/pipelines/<id>`: keeps a pipeline's commit fetchable while it is active, even when its branch moves or goes.
//
// Made when somebody is about to fetch rather than when a pipeline is made: so a crash in between needs no repair.
import { isCompleted } from '../pipelines/composite-status.ts';
import type { SandboxStore } from '../store.ts';
import { listRefs } from './repository.ts';
import { runGit } from './run-git.ts';

const PREFIX = 'refs/pipelines/';

/** Brings a repository's pipeline refs in line with the store; one call at a time per repository. */
export type PipelineRefs = (projectId: number) => Promise<void>;

export function createPipelineRefs(store: SandboxStore): PipelineRefs {
  const running = new Map<number, Promise<void>>();
  return async (projectId) => {
    const before = running.get(projectId) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(() => alignPipelineRefs(store, projectId));
    running.set(projectId, mine);
    try {
      await mine;
    } finally {
      if (running.get(projectId) === mine) running.delete(projectId);
    }
  };
}

async function alignPipelineRefs(store: SandboxStore, projectId: number): Promise<void> {
  const directory = store.files.repositoryPath(projectId);
  const present = new Set((await listRefs(directory, PREFIX)).map((ref) => ref.name));
  const wanted = new Map(
    store.pipelines
      .by('projectId', projectId)
      .filter((pipeline) => !isCompleted(pipeline.status))
      .map((pipeline) => [`${PREFIX}${pipeline.id}`, pipeline.sha]),
  );
  const missing = [...wanted].filter(([name]) => !present.has(name));
  const shas = missing.map(([, sha]) => sha);
  const known = await keepExisting(directory, shas);
  const lines = [
    ...missing.filter(([, sha]) => known.has(sha)).map(([name, sha]) => `update ${name} ${sha}\n`),
    ...[...present].filter((name) => !wanted.has(name)).map((name) => `delete ${name}\n`),
  ];
  if (lines.length > 0) await runGit(directory, ['update-ref', '--stdin'], { input: lines.join('') });
}

/** Those of the commits that are there: a damaged repository may have lost some, and still serves the others. */
async function keepExisting(directory: string, shas: readonly string[]): Promise<ReadonlySet<string>> {
  if (shas.length === 0) return new Set();
  const input = shas.map((sha) => `${sha}\n`).join('');
  const out = await runGit(directory, ['cat-file', '--batch-check=%(objectname) %(objecttype)'], { input });
  const found = out
    .toString('utf8')
    .split('\n')
    .map((line) => line.split(' '));
  return new Set(found.flatMap(([sha, type]) => (sha !== undefined && type === 'commit' ? [sha] : [])));
}
