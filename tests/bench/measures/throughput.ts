// Jobs a minute, side by side: AutoGit's runners, and the official runner's docker executor, at the same sandbox.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { waitFor } from '../../chaos/wait-for.ts';
import { startOfficialRunner } from '../../peers/official-runner.ts';
import { provideRunnerImages } from '../../peers/runner-images.ts';
import { changePools, startBenchCore, timedJobs } from '../core.ts';
import type { BenchCore } from '../core.ts';
import { median } from '../frame.ts';
import type { BenchGround, Budget, Measure } from '../frame.ts';

const concurrency = 4;
const jobCount = 12;
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

/** The image of AutoGit's runner containers, which is made of the same binary. */
const runnerImage = 'autogit-bench-runner:1';

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
        ...{ network_mode: network?.name ?? 'bridge', volumes: ['/cache'] },
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

/** Executor `container` and executor `image` of the same core, both with the image that the official runner gets. */
async function addImagePool(
  core: BenchCore,
  peer: OfficialPeer,
  image: string,
  ground: BenchGround,
): Promise<void> {
  const images = await provideRunnerImages(core.lab.engine, runnerImage, peer);
  ground.afterwards(() => images.remove());
  await changePools(core, [
    { ...containerPool, name: 'lab', tags: ['autogit'] },
    {
      ...containerPool,
      name: 'image',
      tags: ['image'],
      executor: 'image',
      image,
      runnerImage,
      pullPolicy: 'never',
    },
  ]);
}

const containerPool = { max: concurrency, idleTime: 2, runUntagged: false } as const;
const kinds = ['container, cold', 'container, warm', 'image, cold', 'image, warm', 'official'] as const;
type Kind = (typeof kinds)[number];
/** What each executor is to reach of the official runner's rate. */
const limits: Readonly<Partial<Record<Kind, number>>> = {
  'container, cold': 1,
  'container, warm': 1.5,
  'image, cold': 0.8,
  'image, warm': 1.2,
};
const called = (kind: Kind): string =>
  kind === 'official' ? 'official runner, docker executor' : `executor ${kind}`;

/** What a kind of runner reached with one round of jobs. */
interface Taken {
  readonly perMinute: number;
  /** Containers that were made for each job. */
  readonly containers: number;
}

async function take(core: BenchCore, tag: string): Promise<Taken> {
  const watching = new AbortController();
  let made = 0;
  const watched = core.lab.engine.watch(({ type, action }) => {
    if (type === 'container' && action === 'create') made += 1;
  }, watching.signal);
  const perMinute = await jobsPerMinute(core, tag);
  watching.abort();
  await watched.catch(() => undefined);
  return { perMinute, containers: made / jobCount };
}

/** One after the other in each round; warm: right after the same jobs have run, while their runners still wait. */
async function takeRound(core: BenchCore, hasPeer: boolean): Promise<ReadonlyMap<Kind, Taken>> {
  const rates = new Map<Kind, Taken>();
  for (const executor of hasPeer ? (['container', 'image'] as const) : (['container'] as const)) {
    const tag = executor === 'container' ? 'autogit' : 'image';
    await core.untilNoRunner();
    rates.set(`${executor}, cold`, await take(core, tag));
    rates.set(`${executor}, warm`, await take(core, tag));
  }
  if (hasPeer) rates.set('official', await take(core, 'official'));
  return rates;
}

/** Milliseconds for each network of a job, as many beside one another as there are jobs: made and removed, and no more. */
async function networkMs({ lab }: BenchCore): Promise<number> {
  const names = Array.from({ length: jobCount }, () => `autogit-bench-${randomBytes(4).toString('hex')}`);
  const startedAt = performance.now();
  const next = async (): Promise<void> => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      await lab.engine.createNetwork(name, {});
      await lab.engine.removeNetwork(name);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, next));
  return (performance.now() - startedAt) / jobCount;
}

type Rounds = readonly ReadonlyMap<Kind, Taken>[];

function middle(rounds: Rounds, kind: Kind, of: (taken: Taken) => number): number {
  return median(
    rounds.flatMap((round) => {
      const taken = round.get(kind);
      return taken === undefined ? [] : [of(taken)];
    }),
  );
}

const perMinuteOf = ({ perMinute }: Taken): number => perMinute;
const containersOf = ({ containers }: Taken): number => containers;

function budgetOf(rounds: Rounds, kind: Kind, limit: number, network: number): Budget {
  const [own, official] = [middle(rounds, kind, perMinuteOf), middle(rounds, 'official', perMinuteOf)];
  const [ownMs, officialMs] = [60_000 / own, 60_000 / official];
  const [made, madeByIt] = [middle(rounds, kind, containersOf), middle(rounds, 'official', containersOf)];
  const what = `${called(kind)}, against the official runner`;
  const budget = { what, unit: 'x', better: 'higher', measured: own / official, limit } as const;
  if (!kind.startsWith('image')) return budget;
  return {
    ...budget,
    because: `the official runner is a process that is always there, and its executor is the same program that makes the containers here: ${madeByIt.toFixed(1)} for each job, AutoGit's ${made.toFixed(1)}, runners included. Its jobs share one network; AutoGit's have one each, on which GitLab is put. To make and remove it alone takes the engine ${Math.round(network)} ms of the ${Math.round(ownMs)} ms that a job takes; without, this would be ${(officialMs / (ownMs - network)).toFixed(2)}x.`,
  };
}

export const throughput: Measure = {
  name: 'throughput',
  about: `jobs a minute, ${jobCount} at once, ${concurrency} at a time, against the official runner`,
  needsEngine: true,
  run: async (ground) => {
    const core = await startBenchCore(ground, containerPool);
    await jobsPerMinute(core, 'autogit');
    const [real] = await core.lab.runners();
    const peer = await findOfficial(core);
    if (typeof peer !== 'string' && real !== undefined) {
      await startOfficial(core, peer, real.image, ground);
      await addImagePool(core, peer, real.image, ground);
    }
    const hasPeer = typeof peer !== 'string';
    const taken: ReadonlyMap<Kind, Taken>[] = [];
    const networks: number[] = [];
    for (let round = 0; round < ground.rounds; round += 1) {
      taken.push(await takeRound(core, hasPeer));
      networks.push(await networkMs(core));
    }
    const valuesOf = (kind: Kind): readonly number[] =>
      taken.flatMap((rates) => rates.get(kind)?.perMinute ?? []);
    const measured = kinds.filter((kind) => valuesOf(kind).length > 0);
    return {
      samples: measured.map((kind) => ({
        ...{ what: called(kind), unit: 'per minute', values: valuesOf(kind) },
      })),
      budgets: measured.flatMap((kind) => {
        const limit = limits[kind];
        return limit === undefined || !hasPeer ? [] : [budgetOf(taken, kind, limit, median(networks))];
      }),
      notes: [
        hasPeer
          ? "the official runner is a process of the host that makes its containers on the same engine, from the same image, with the cache that it has by default; with executor image its own program runs in AutoGit's containers, with executor container the sandbox's small runner. Neither asks a registry."
          : `the official runner and executor image were left out: ${peer}.`,
        'with executor container, a runner takes job after job in its container; the others make containers for each job.',
      ],
    };
  },
};
