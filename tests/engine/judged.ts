// The judgement after a fault: the core's state becomes the engine's, every job has run and once, nothing is left over, and
// what only looks like ours is untouched. How soon it does is measured by `npm run chaos`.
import { expect } from 'vitest';
import { startDecoys } from '../chaos/decoys.ts';
import type { Decoys } from '../chaos/decoys.ts';
import type { Lab } from '../chaos/lab.ts';
import { waitFor } from '../chaos/wait-for.ts';
import { judgeJobs, seeProject } from '../chaos/witness.ts';
import type { SandboxClient } from './sandbox-client.ts';

/** Why the state is not the engine's; `null` when it is. */
async function difference(lab: Lab, decoys: Decoys | null): Promise<string | null> {
  const there = (await lab.runners()).filter(({ id }) => decoys?.containers.has(id) !== true);
  const { runners, nodes, issues } = await lab.snapshot();
  const names = (list: readonly { readonly name: string }[]): string =>
    list
      .map(({ name }) => name)
      .toSorted()
      .join(' ');
  const isSeen = nodes.some(({ engine }) => engine.state === 'fresh');
  if (isSeen && names(runners) === names(there)) return null;
  const engines = nodes.map(({ engine }) => `${engine.host ?? 'none'} ${engine.state}`).join(', ');
  const wrong = issues.map(({ key, message }) => `${key}: ${message}`).join(' ');
  return `the core shows [${names(runners)}], the engine has [${names(there)}]; ${engines}; ${wrong}`;
}

/** The core comes to show the runners that the engine has, none more and none less. */
export async function expectSettled(lab: Lab, decoys: Decoys | null): Promise<void> {
  await waitFor(
    async () => {
      const found = await difference(lab, decoys);
      if (found !== null) throw new Error(found);
    },
    { timeout: 20_000, interval: 50 },
  );
}

/** Every job of these projects has succeeded, in one run each. */
export async function expectRunOnce(sandbox: SandboxClient, projects: readonly number[]): Promise<void> {
  for (const project of projects) {
    await sandbox.untilAll(project, 'success');
    const seen = await seeProject(sandbox, project);
    expect(judgeJobs(seen), `the jobs of project ${project}`).toEqual({ lost: [], doubled: [] });
  }
}

/** Decoys beside a runner of the lab, which has to be there. */
export async function openDecoys(
  lab: Lab,
  afterwards: (clean: () => Promise<void>) => void,
): Promise<Decoys> {
  const real = await waitFor(
    async () => {
      const [first] = await lab.runners();
      if (first === undefined) throw new Error('there is no runner yet');
      return first;
    },
    { timeout: 30_000, interval: 100 },
  );
  const decoys = await startDecoys(lab.engine, real);
  afterwards(() => decoys.remove());
  return decoys;
}

/** Takes everything down; nothing of the home is left at GitLab or on the engine, and no decoy was touched. */
export async function expectNothingLeft(
  lab: Lab,
  sandbox: SandboxClient,
  decoys: Decoys | null,
): Promise<void> {
  await lab.json(['lab', 'teardown', '--yes']);
  expect(await sandbox.entries(), 'runner entries at GitLab').toEqual([]);
  await lab.json(['sandbox', 'reset', '--yes']);
  const left = (await lab.left()).filter((name) => decoys?.names.has(name) !== true);
  expect(left, 'objects on the engine').toEqual([]);
  expect(await decoys?.touched(), 'decoys that were touched').toEqual(decoys === null ? undefined : []);
}
