// Proofs of pools: real jobs in real containers say what their pools give them.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import type { PoolView } from '../../main/contract/snapshot.ts';
import { engineHost, openLab, patience } from './lab.ts';
import { canLimit } from './port-suite.ts';

/** A program that says that it runs on another processor. */
async function writeLiar(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'autogit-liar-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await chmod(folder, 0o755);
  const file = path.join(folder, 'uname');
  await writeFile(file, '#!/bin/sh\necho riscv64\n');
  await chmod(file, 0o755);
  return file;
}

const claimsOf = (pool: PoolView | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries((pool?.proof?.claims ?? []).map(({ name, state }) => [name, state]));

describe.skipIf(engineHost === null)('pools on a real engine', () => {
  it(
    'are proven by a job from inside it, or fail with what is wrong, and leave nothing behind',
    { timeout: 3 * patience.timeout },
    async ({ skip }) => {
      const lab = await openLab(onTestFinished);
      skip(
        !canLimit(await lab.engine.info()),
        'this engine runs without control groups, so there is nothing to prove',
      );
      const common = { max: 1, idleTime: 2 };
      const pools = [
        { ...common, name: 'good', tags: ['good'], cpus: 0.5, memoryMiB: 256 },
        { ...common, name: 'liar', tags: ['liar'], mounts: [`${await writeLiar()}:/usr/bin/uname:ro`] },
        { ...common, name: 'project', tags: ['project'], scope: { kind: 'project', path: 'root/nowhere' } },
        { ...common, name: 'resting', tags: ['resting'], paused: true },
      ];
      await writeFile(lab.paths.settings, stringify({ gitlab: { kind: 'sandbox' }, proofs: 'on', pools }));
      await lab.serve();
      const judged = await lab.until(({ pools: [good, liar] }) =>
        [good, liar].every((pool) => pool?.proof?.at != null),
      );
      const [good, liar, project, resting] = judged.pools;
      expect(claimsOf(good)).toEqual({
        ...{ job: 'held', cpus: 'held', memory: 'held', arch: 'held', gpu: 'held' },
        ...{ gitlab: 'held', clone: 'held', artifact: 'held' },
      });
      expect(good?.proof?.state).toBe('proven');
      expect(claimsOf(liar)).toMatchObject({ arch: 'failed', artifact: 'held' });
      expect(liar?.proof).toMatchObject({ state: 'failed' });
      expect(judged.issues.map(({ key, subject }) => `${key} ${subject}`)).toContain(
        'pool.proof-failed pool liar',
      );
      expect(project?.proof?.sentence).toContain('cannot be proven here');
      expect(resting?.proof?.sentence).toContain('paused');
      expect(judged.jobs).toEqual([]);
      const shown = await lab.run(['pool', 'show', 'liar']);
      expect(shown.out).toContain('riscv64');
      await lab.until(({ runners }) => runners.length === 0);
      expect(await lab.runners()).toEqual([]);
    },
  );
});
