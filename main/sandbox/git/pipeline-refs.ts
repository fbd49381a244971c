// `refs/pipelines/<id>`: keeps a pipeline's commit fetchable while it is active, even when its branch moves or goes.
//
// Made when somebody is about to fetch rather than when a pipeline is made: so a crash in between needs no repair.
import type { CiStatus } from '../state-ci.ts';
import type { SandboxStore } from '../store.ts';
import { listRefs } from './repository.ts';
import { runGit } from './run-git.ts';

const PREFIX = 'refs/pipelines/';
const FINISHED: readonly CiStatus[] = ['success', 'failed', 'canceled', 'skipped'];

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
      .filter((pipeline) => !FINISHED.includes(pipeline.status))
      .map((pipeline) => [`${PREFIX}${pipeline.id}`, pipeline.sha]),
  );
  const lines = [
    ...[...wanted].filter(([name]) => !present.has(name)).map(([name, sha]) => `update ${name} ${sha}\n`),
    ...[...present].filter((name) => !wanted.has(name)).map((name) => `delete ${name}\n`),
  ];
  if (lines.length > 0) await runGit(directory, ['update-ref', '--stdin'], { input: lines.join('') });
}
