// Jobs a minute, side by side: AutoGit's runners, and the official runner's docker executor, at the same sandbox.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { waitFor } from '../../chaos/wait-for.ts';
import { startOfficialRunner } from '../../peers/official-runner.ts';
import { startBenchCore, timedJobs } from '../core.ts';
import type { BenchCore } from '../core.ts';
import { median } from '../frame.ts';
import type { BenchGround, Measure } from '../frame.ts';

const concurrency = 4;
const jobCount = 24;
const systemId = 'r_0fbench00001';
const patience = { timeout: 150_000, interval: 50 } as const;
const entrySchema = z.object({ token: z.string() });

const pipeline = (tag: string): string =>
  `work:\n  parallel: ${jobCount}\n  tags: [${tag}]\n  script:\n    - echo "working"\n`;

/** From the creation of the first job to the end of the last one. */
async function jobsPerMinute({ push, sandbox }: BenchCore, tag: string): Promise<number> {
  const project = await push(pipeline(tag));
  const jobs = await waitFor(async () => {
    const found = await timedJobs(sandbox, project);
    const bad = found.find(({ status }) => status === 'failed');
    if (bad !== undefined) return found;
    if (found.length < jobCount || found.some(({ status }) => status !== 'success'))
      throw new Error(`not all jobs of ${tag} have ended`);
    return found;
  }, patience);
  const failed = jobs.find(({ status }) => status === 'failed');
  if (failed !== undefined)
    throw new Error(`job ${failed.id} failed: ${(await sandbox.trace(project, failed.id)).slice(-500)}`);
  const from = Math.min(...jobs.map(({ createdAt }) => createdAt));
  const to = Math.max(...jobs.map(({ finishedAt }) => finishedAt ?? 0));
  return (jobCount * 60_000) / (to - from);
}

/** What the peer needs is named by variables, as for the tests with peers. */
interface OfficialPeer {
  readonly binary: string;
  readonly helperImage: string;
}

async function findOfficial({ lab }: BenchCore): Promise<OfficialPeer | string> {
  const binary = process.env['AUTOGIT_GITLAB_RUNNER'];
  const helperImage = process.env['AUTOGIT_PEER_HELPER_IMAGE'];
  if (!binary) return 'AUTOGIT_GITLAB_RUNNER names no binary';
  if (!helperImage || !(await lab.engine.hasImage(helperImage)))
    return 'AUTOGIT_PEER_HELPER_IMAGE names no image on this engine';
  return { binary, helperImage };
}

/** As a process of this machine; its jobs on the sandbox's own network, in the image that AutoGit's runners have. */
async function startOfficial(
  { lab, sandbox }: BenchCore,
  { binary, helperImage }: OfficialPeer,
  image: string,
  { afterwards }: BenchGround,
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'autogit-bench-'));
  afterwards(() => rm(folder, { recursive: true, force: true }));
  const [network] = await lab.engine.listNetworks({ 'autogit.instance': lab.instance() });
  const { token } = entrySchema.parse(
    await sandbox.api('POST', '/user/runners', {
      ...{ runner_type: 'instance_type', tag_list: 'official', run_untagged: false },
    }),
  );
  const runner = await startOfficialRunner({
    ...{ binary, folder, token, systemId, url: sandbox.url, idleTime: null },
    settings: { concurrent: concurrency, check_interval: 1 },
    runner: {
      ...{ executor: 'docker', shell: 'sh', builds_dir: '/builds', cache_dir: '/cache' },
      ...{ clone_url: 'http://gitlab', request_concurrency: concurrency },
      docker: {
        ...{ host: lab.engine.host, image, helper_image: helperImage, pull_policy: 'never' },
        ...{ network_mode: network?.name ?? 'bridge', disable_cache: true },
      },
    },
  });
  afterwards(async () => {
    await runner.stop();
    const made = { 'com.gitlab.gitlab-runner.runner.system_id': systemId };
    for (const { id } of await lab.engine.listContainers(made))
      await lab.engine.removeContainer(id, { force: true });
    for (const { name } of await lab.engine.listVolumes(made)) await lab.engine.removeVolume(name);
  });
}

export const throughput: Measure = {
  name: 'throughput',
  about: `jobs a minute, ${jobCount} at once, ${concurrency} at a time, against the official runner`,
  needsEngine: true,
  run: async (ground) => {
    const core = await startBenchCore(ground, { max: concurrency, idleTime: 2, runUntagged: false });
    await jobsPerMinute(core, 'autogit');
    const [real] = await core.lab.runners();
    const peer = await findOfficial(core);
    const hasPeer = typeof peer !== 'string';
    if (hasPeer && real !== undefined) await startOfficial(core, peer, real.image, ground);
    const cold: number[] = [];
    const warm: number[] = [];
    const official: number[] = [];
    for (let round = 0; round < ground.rounds; round += 1) {
      await core.untilNoRunner();
      cold.push(await jobsPerMinute(core, 'autogit'));
      warm.push(await jobsPerMinute(core, 'autogit'));
      if (hasPeer) official.push(await jobsPerMinute(core, 'official'));
    }
    const ratio = (values: readonly number[]): number => median(values) / median(official);
    const common = { unit: 'x', better: 'higher' } as const;
    return {
      samples: [
        { what: 'executor container, no runner at first', unit: 'per minute', values: cold },
        { what: 'executor container, runners idle at first', unit: 'per minute', values: warm },
        ...(hasPeer
          ? [{ what: 'official runner, docker executor', unit: 'per minute' as const, values: official }]
          : []),
      ],
      budgets: hasPeer
        ? [
            {
              ...common,
              what: 'executor container, cold, against the official runner',
              measured: ratio(cold),
              limit: 1,
            },
            {
              ...common,
              what: 'executor container, warm, against the official runner',
              measured: ratio(warm),
              limit: 1.5,
            },
          ]
        : [],
      notes: [
        hasPeer
          ? "the official runner is a process of the host that makes its containers on the same engine and network, from the same image; each of its jobs has containers of its own, while AutoGit's container takes job after job."
          : `the official runner was left out: ${peer}.`,
        "AutoGit's containers run the sandbox's own small runner.",
      ],
    };
  },
};
