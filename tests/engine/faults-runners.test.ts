// What befalls single jobs and runners, all in one home at the same time, each in a pool of its own: cancelled, timed
// out, out of memory, removed by hand, deaf to signals, without an image, refused at the start, without a token.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import type { Decoys } from '../chaos/decoys.ts';
import { packRootfs } from '../fixtures/tiny-image.ts';
import { expectNothingLeft, expectRunOnce, expectSettled, openDecoys } from './judged.ts';
import { engineHost, openLab, patience } from './lab.ts';
import type { Lab } from './lab.ts';
import { canLimit } from './port-suite.ts';
import type { SandboxClient } from './sandbox-client.ts';

const pools = [
  ...(['cancel', 'timeout', 'memory', 'removed', 'deaf'] as const),
  ...(['absent', 'stalled', 'refused', 'revoked'] as const),
] as const;
type PoolName = (typeof pools)[number];

const jobSchema = z.object({ status: z.string(), failure_reason: z.string().nullish() });
const brokenImage = `autogit-test-broken:${process.pid}`;

/** A job of that pool that goes on until the file is there. */
const endless = (tag: PoolName, more: object = {}): object => ({
  [tag]: { tags: [tag], script: ['echo begun', 'sleep 300'], ...more },
});
const short = (tag: PoolName): object => ({ [tag]: { tags: [tag], script: ['echo done'] } });

interface SilentRegistry {
  readonly port: number;
  close(): Promise<void>;
}

/** A registry that says that it is one, and nothing more: what is pulled from it never comes. */
async function openSilentRegistry(): Promise<SilentRegistry> {
  const server = createServer((request, response) => {
    if (request.url === '/v2/') response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: async () => {
      if (!server.listening) return;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

describe.skipIf(engineHost === null)('a job and its runner', { timeout: 180_000 }, () => {
  const cleaning: (() => Promise<void>)[] = [];
  let lab: Lab;
  let sandbox: SandboxClient;
  let decoys: Decoys;
  let registry: SilentRegistry;
  /** Projects whose jobs have to run once, each. */
  const well: number[] = [];

  const push = (name: string, jobs: object): Promise<number> => sandbox.push(name, stringify(jobs));
  const pushWell = async (name: string, jobs: object): Promise<number> => {
    const project = await push(name, jobs);
    well.push(project);
    return project;
  };
  const jobOf = async (project: number): Promise<number> => {
    const [job] = await sandbox.jobs(project);
    if (job === undefined) throw new Error('there is no job');
    return job.id;
  };
  const seen = async (project: number): Promise<z.infer<typeof jobSchema>> =>
    jobSchema.parse(await sandbox.api('GET', `/projects/${project}/jobs/${await jobOf(project)}`));
  const runnerOf = (pool: PoolName) => async () => {
    const { runners } = await lab.snapshot();
    const found = runners.find((runner) => runner.pool === pool && runner.state === 'busy');
    if (found === undefined) throw new Error(`pool ${pool} has no busy runner`);
    return found.name;
  };
  const issueKeys = async (): Promise<readonly string[]> =>
    (await lab.snapshot()).issues.map(({ key, subject }) => `${key} ${subject}`);

  beforeAll(async () => {
    lab = await openLab((clean) => cleaning.push(clean));
    const folder = await mkdtemp(path.join(tmpdir(), 'autogit-broken-'));
    cleaning.push(() => rm(folder, { recursive: true }));
    const program = path.join(folder, 'gitlab-runner');
    await cp('/bin/false', program, { dereference: true });
    await lab.engine.importImage(brokenImage, await packRootfs([program, 'sh']), {
      env: { PATH: '/bin' },
      labels: {},
    });
    cleaning.push(() => lab.engine.removeImage(brokenImage));
    registry = await openSilentRegistry();
    cleaning.push(() => registry.close());
    const more: Partial<Record<PoolName, object>> = {
      memory: { memoryMiB: 128 },
      absent: { image: '127.0.0.1:1/nowhere:1' },
      stalled: { image: `127.0.0.1:${registry.port}/never:1` },
      refused: { image: brokenImage },
      revoked: { idleTime: 60 },
    };
    const settings = pools.map((name) => ({
      ...{ name, tags: [name], runUntagged: false, max: 1, idleTime: 3 },
      ...more[name],
    }));
    await writeFile(lab.paths.settings, stringify({ gitlab: { kind: 'sandbox' }, pools: settings }));
    await lab.serve();
    sandbox = await lab.sandbox();
    await pushWell('first', short('revoked'));
    decoys = await openDecoys(lab, (clean) => cleaning.push(clean));
  });
  afterAll(async () => {
    for (const clean of cleaning.toReversed()) await clean();
  });

  it('each end as they should, side by side, and the state is the engine’s after each', async () => {
    await Promise.all([
      cancelled(),
      timedOut(),
      outOfMemory(),
      removedByHand(),
      deaf(),
      absentImage(),
      stalledPull(),
      refusedAtStart(),
      revokedToken(),
    ]);
    await expectSettled(lab, decoys);
  });

  it('leave nothing, and no job was lost or run twice', async () => {
    await expectRunOnce(sandbox, well);
    await expectNothingLeft(lab, sandbox, decoys);
  });

  async function cancelled(): Promise<void> {
    const staged = await push('cancel-staged', {
      stages: ['one', 'two'],
      first: { stage: 'one', tags: ['cancel'], script: ['sleep 300'] },
      later: { stage: 'two', tags: ['cancel'], script: ['true'] },
    });
    const idOf = async (project: number, name: string): Promise<number> =>
      (await sandbox.jobs(project)).find((job) => job.name === name)?.id ?? 0;
    const statusOf = async (project: number, name: string): Promise<string | undefined> =>
      (await sandbox.jobs(project)).find((job) => job.name === name)?.status;
    const cancel = async (id: number): Promise<void> => {
      await vi.waitFor(() => lab.json(['job', 'cancel', String(id)]), patience);
    };
    await vi.waitFor(async () => expect(await statusOf(staged, 'first')).toBe('running'), patience);
    const waiting = await push('cancel-waiting', short('cancel'));
    await cancel(await jobOf(waiting));
    await sandbox.untilAll(waiting, 'canceled');
    // Before its turn AutoGit does not know it yet: somebody cancels it at GitLab.
    await sandbox.api('POST', `/projects/${staged}/jobs/${await idOf(staged, 'later')}/cancel`);
    await cancel(await idOf(staged, 'first'));
    await sandbox.untilAll(staged, 'canceled');
    // The runner goes on, or another comes: the next job runs.
    await sandbox.untilAll(await pushWell('cancel-next', short('cancel')), 'success');
  }

  async function timedOut(): Promise<void> {
    const project = await push('timeout', endless('timeout', { timeout: '3 seconds' }));
    await sandbox.untilAll(project, 'failed');
    expect(await seen(project)).toMatchObject({ failure_reason: 'job_execution_timeout' });
    await sandbox.untilAll(await pushWell('timeout-next', short('timeout')), 'success');
  }

  async function outOfMemory(): Promise<void> {
    if (!canLimit(await lab.engine.info())) return;
    const hungry = 'node -e "const a = []; for (;;) a.push(Buffer.alloc(8_000_000, 1))"';
    const project = await push('memory', { memory: { tags: ['memory'], script: [hungry] } });
    await sandbox.untilAll(project, 'failed');
    await sandbox.untilAll(await pushWell('memory-next', short('memory')), 'success');
  }

  async function removedByHand(): Promise<void> {
    const project = await push('removed', endless('removed'));
    await sandbox.untilAll(project, 'running');
    const name = await vi.waitFor(runnerOf('removed'), patience);
    await lab.engine.removeContainer(name, { force: true });
    await vi.waitFor(async () => {
      expect((await lab.snapshot()).runners.map((runner) => runner.name)).not.toContain(name);
    }, patience);
    await sandbox.api('POST', `/projects/${project}/jobs/${await jobOf(project)}/cancel`);
    await sandbox.untilAll(await pushWell('removed-next', short('removed')), 'success');
  }

  async function deaf(): Promise<void> {
    const project = await pushWell('deaf', { deaf: { tags: ['deaf'], script: ['sleep 5', 'echo done'] } });
    await sandbox.untilAll(project, 'running');
    const name = await vi.waitFor(runnerOf('deaf'), patience);
    await lab.engine.signalContainer(name, 'SIGSTOP');
    const drain = lab.run(['runner', 'drain', name, '--json']);
    await vi.waitFor(async () => {
      const runner = (await lab.snapshot()).runners.find((one) => one.name === name);
      expect(runner?.state).toBe('busy');
    }, patience);
    // It is asked again and again, and never killed: it has a job.
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    expect((await lab.engine.inspectContainer(name))?.state).toBe('running');
    await lab.engine.signalContainer(name, 'SIGCONT');
    await sandbox.untilAll(project, 'success');
    await drain;
    await vi.waitFor(async () => expect(await lab.engine.inspectContainer(name)).toBeNull(), patience);
  }

  async function absentImage(): Promise<void> {
    const project = await push('absent', short('absent'));
    await vi.waitFor(async () => expect((await issueKeys()).join()).toMatch(/127\.0\.0\.1:1/), patience);
    expect((await sandbox.jobs(project)).map(({ status }) => status)).toEqual(['pending']);
    await sandbox.api('POST', `/projects/${project}/jobs/${await jobOf(project)}/cancel`);
  }

  async function stalledPull(): Promise<void> {
    const project = await push('stalled', short('stalled'));
    const pulls = async (): Promise<readonly string[]> =>
      (await lab.snapshot()).tasks.map(({ kind, reason }) => `${kind}: ${reason}`);
    await vi.waitFor(async () => expect((await pulls()).join()).toContain('pull-image'), patience);
    await registry.close();
    await vi.waitFor(async () => expect((await issueKeys()).join()).toContain('never:1'), patience);
    expect((await sandbox.jobs(project)).map(({ status }) => status)).toEqual(['pending']);
    await sandbox.api('POST', `/projects/${project}/jobs/${await jobOf(project)}/cancel`);
  }

  async function refusedAtStart(): Promise<void> {
    const project = await push('refused', short('refused'));
    await vi.waitFor(async () => expect(await issueKeys()).toContain('pool.stopped pool refused'), patience);
    const records = z
      .object({ runners: z.array(z.unknown()) })
      .parse(await lab.json(['pool', 'show', 'refused'])).runners;
    expect(records).toEqual([]);
    expect((await sandbox.jobs(project)).map(({ status }) => status)).toEqual(['pending']);
    await sandbox.api('POST', `/projects/${project}/jobs/${await jobOf(project)}/cancel`);
    await lab.json(['pool', 'recover', 'refused']);
    expect(await issueKeys()).not.toContain('pool.stopped pool refused');
  }

  async function revokedToken(): Promise<void> {
    const entriesSchema = z.array(z.object({ id: z.int(), description: z.string() }));
    const entryOf = async () =>
      entriesSchema
        .parse(await sandbox.entries())
        .filter(({ description }) => description.endsWith('/ revoked'));
    const [before] = await entryOf();
    await sandbox.api('POST', `/runners/${before?.id ?? 0}/reset_authentication_token`);
    const project = await pushWell('revoked', short('revoked'));
    await sandbox.untilAll(project, 'success', 80_000);
    await vi.waitFor(async () => expect(await entryOf()).toHaveLength(1), patience);
    expect((await entryOf())[0]?.id).not.toBe(before?.id);
  }
});
