// A whole lab is backed up while it works, lost, and restored with nothing but the repository and the twelve words.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { openLab } from '../chaos/lab.ts';
import type { Lab } from '../chaos/lab.ts';
import { listMachineEngines } from '../chaos/machine-engine.ts';
import { patience, waitFor } from '../chaos/wait-for.ts';
import { createSandboxClient } from '../engine/sandbox-client.ts';
import type { SandboxClient } from '../engine/sandbox-client.ts';
import { connectCore } from '../../main/serve/client.ts';
import { describeWithPeer, findRestic } from './peers.ts';
import { contentOf, fetchAll, fill, projectsOf, refsOf } from './whole-content.ts';

const restic = await findRestic();
const [host] = await listMachineEngines();

/** Pushes to a project of its own until it is told to stop; every commit that was answered for. */
async function keepPushing(sandbox: SandboxClient, signal: AbortSignal): Promise<readonly string[]> {
  const id = await sandbox.push('moving', 'noop:\n  rules: [{ when: never }]\n  script: [true]\n');
  const commits: string[] = [];
  for (let number = 0; !signal.aborted; number += 1) {
    const answer = await sandbox.api('POST', `/projects/${id}/repository/commits`, {
      ...{ branch: 'main', commit_message: `Push ${number}` },
      actions: [
        { action: 'create', file_path: `pushed/${number}.txt`, content: randomBytes(4_000).toString('hex') },
      ],
    });
    commits.push(z.object({ id: z.string() }).parse(answer).id);
  }
  return commits;
}

/** What goes on by itself. */
const without = ['moving', 'held'];

interface Ground {
  readonly lab: Lab;
  readonly folder: string;
}

describeWithPeer('a whole lab', host === undefined ? { ...restic, found: null } : restic, () => {
  const cleaning: (() => Promise<void>)[] = [];
  let ground: Ground;

  beforeAll(async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'autogit-backup-'));
    cleaning.push(() => rm(folder, { recursive: true, force: true }));
    const lab = await openLab((clean) => void cleaning.push(clean), { host: host ?? '' });
    ground = { lab, folder };
  }, 120_000);

  afterAll(async () => {
    for (const clean of cleaning.toReversed()) await clean();
  }, 120_000);

  test('is the same again, and a new job runs', async () => {
    const { lab, folder } = ground;
    await lab.writeSettings();
    let core = await lab.serve();
    const door = connectCore(lab.paths.socket);
    const sandbox = await lab.sandbox();
    const large = await fill(sandbox, folder);
    expect(Object.values(large).flat()).toHaveLength(34);
    await sandbox.pushHeld('held', 2);
    await lab.until(({ jobs }) => jobs.filter(({ status }) => status === 'running').length === 2, 120_000);

    const target = { name: 'disk', kind: 'folder' as const, path: path.join(folder, 'lab') };
    await door.call('backup.add-target', { target });
    const { words } = await door.call('backup.sheet', {});
    const pushing = new AbortController();
    const pushed = keepPushing(sandbox, pushing.signal);
    await waitFor(async () => {
      if (!(await projectsOf(sandbox)).some(({ path_with_namespace: name }) => name.endsWith('/moving')))
        throw new Error('nothing is pushed yet');
    }, patience);
    const made = await door.call('backup.create', {});
    pushing.abort();
    const commits = await pushed;
    expect(made.message).toMatch(/backup|backed/i);
    const before = await contentOf(sandbox, { without, large });
    const settings = await door.call('settings.show', {});

    await core.stop();
    await lab.clean();

    const again = await openLab((clean) => void cleaning.push(clean), { host: lab.engine.host });
    await writeFile(again.paths.settings, 'version: 1\n');
    core = await again.serve({ ready: false });
    const empty = connectCore(again.paths.socket);
    const wish = { backup: 'newest', place: target, password: words?.join(' ') ?? '' };
    const plan = await empty.call('backup.plan-restore', wish);
    expect(plan.issues.filter(({ severity }) => severity === 'error')).toEqual([]);
    await empty.call('backup.restore', { ...wish, plan: plan.hash });
    await again.until(({ gitlab }) => gitlab.state === 'ready', 120_000);

    const restored = await again.sandbox();
    expect(await contentOf(restored, { without, large })).toEqual(before);
    await fetchAll(restored, folder);
    const moved = await refsOf(restored, 'root/moving');
    expect(commits).toContain(moved['refs/heads/main']);
    const { settings: then } = await connectCore(again.paths.socket).call('settings.show', {});
    expect(then).toEqual(settings.settings);
    const fresh = createSandboxClient(restored.url, restored.token);
    const job = await fresh.push('after', 'green:\n  script: [echo restored]\n');
    await fresh.untilAll(job, 'success', 120_000);
    await core.stop();
  }, 600_000);
});
