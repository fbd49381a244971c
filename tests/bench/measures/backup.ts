// Backups beside plain restic and beside tar and gzip on the same staged data, and what running jobs feel of them.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createRestic } from '../../../main/adapters/backup/restic.ts';
import type { Restic, ResticPlace } from '../../../main/backup-ports.ts';
import { connectCore } from '../../../main/serve/client.ts';
import { waitFor } from '../../chaos/wait-for.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { changeHundredth, makeStaged } from '../backup-data.ts';
import { startBenchCore, timedJobs } from '../core.ts';
import type { BenchCore } from '../core.ts';
import { median } from '../frame.ts';
import type { BenchGround, Budget, Measure, Samples } from '../frame.ts';

const run = promisify(execFile);
const never = new AbortController().signal;
const quiet = (): void => undefined;

const ways = ['AutoGit', 'plain restic', 'tar and gzip'] as const;
type Way = (typeof ways)[number];
const kinds = ['first', 'unchanged', '1 % changed', 'restore'] as const;
/** When a target is added, long before its first backup; tar has nothing of the kind. */
const making = 'making the repository';
type Kind = (typeof kinds)[number] | typeof making;
const rows: readonly Kind[] = [making, ...kinds];

type Times = Map<`${Way}, ${Kind}`, number[]>;

/** Milliseconds that it took. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** One way to keep the data, with a place of its own. */
interface Keeper {
  readonly way: Way;
  /** Makes the place ready; `null`: it needs nothing. */
  readonly make: (() => Promise<void>) | null;
  keep(): Promise<void>;
  restore(into: string): Promise<void>;
}

function byAutoGit(restic: Restic, staged: string, folder: string): Keeper {
  const place: ResticPlace = {
    target: { name: 'bench', kind: 'folder', path: folder },
    password: 'bench',
    secrets: {},
    limits: { uploadKiB: 0, downloadKiB: 0, nice: 0 },
  };
  let snapshot = '';
  let bytes = 0;
  return {
    way: 'AutoGit',
    make: () => restic.init(place, never),
    keep: async () => {
      const what = { folder: staged, host: 'bench', tags: ['autogit'], at: Date.now() };
      ({ snapshot, bytes } = await restic.backup(place, what, quiet, never));
    },
    restore: async (into) => {
      const what = { snapshot, into, paths: null, bytes };
      const { failed } = await restic.restore(place, what, quiet, never);
      if (failed.length > 0) throw new Error(`not restored: ${failed.join(', ')}`);
    },
  };
}

function byRestic(staged: string, folder: string, cache: string): Keeper {
  const env = {
    ...process.env,
    RESTIC_PASSWORD: 'bench',
    RESTIC_REPOSITORY: folder,
    RESTIC_CACHE_DIR: cache,
  };
  const restic = async (words: readonly string[]): Promise<void> => {
    await run('restic', [...words, '--quiet'], { env, cwd: staged, maxBuffer: 64_000_000 });
  };
  return {
    way: 'plain restic',
    make: () => restic(['init']),
    keep: () => restic(['backup', '.', '--host', 'bench']),
    restore: (into) => restic(['restore', 'latest', '--target', into]),
  };
}

/** As GitLab does it by itself: everything anew, `gzip -c -1`. */
function byTar(staged: string, archive: string): Keeper {
  return {
    way: 'tar and gzip',
    make: null,
    keep: async () => {
      const tar = spawn('tar', ['-c', '.'], { cwd: staged, stdio: ['ignore', 'pipe', 'ignore'] });
      const gzip = spawn('gzip', ['-c', '-1'], { stdio: ['pipe', 'pipe', 'ignore'] });
      await Promise.all([
        pipeline(tar.stdout, gzip.stdin),
        pipeline(gzip.stdout, createWriteStream(archive)),
      ]);
    },
    restore: async (into) => {
      await mkdir(into, { recursive: true });
      const tar = spawn('tar', ['-x', '-z'], { cwd: into, stdio: ['pipe', 'ignore', 'ignore'] });
      const ended = once(tar, 'close');
      await Promise.all([pipeline(createReadStream(archive), tar.stdin), ended]);
    },
  };
}

/**
 * Both begin with the same empty repository. restic chooses how slow a key is to derive by how fast the machine is while a repository is
 * made, and each call derives it: of two that were made one after the other, one may take half a second more for each.
 */
async function shareRepository(made: string, shared: readonly string[]): Promise<void> {
  const kept = `${made}.kept`;
  await rename(made, kept);
  for (const to of shared) {
    await rm(to, { recursive: true, force: true });
    await cp(kept, to, { recursive: true });
  }
}

/** Times of restic differ by a tenth from one to the next, and the limit is half of that: so many are taken for one of tar's. */
const pairs = 4;

/** restic's two ways take turns at being the first, and each begins when the disk has written all of what came before. */
export async function takeSides({ rounds, say, afterwards }: BenchGround): Promise<Times> {
  const ground = await mkdtemp(path.join(tmpdir(), 'autogit-bench-'));
  afterwards(() => rm(ground, { recursive: true, force: true }));
  const at = (...names: readonly string[]): string => path.join(ground, ...names);
  const bytes = await makeStaged(at('staged'));
  say(`${Math.round(bytes / 1_000_000)} MB of staged data`);
  const times: Times = new Map();
  const take = async (kind: Kind, keeper: Keeper, work: () => Promise<void>): Promise<void> => {
    const name = `${keeper.way}, ${kind}` as const;
    await run('sync');
    times.set(name, [...(times.get(name) ?? []), await timed(work)]);
  };
  for (let round = 0; round < rounds * pairs; round += 1) {
    const of = at(`round-${round}`);
    await mkdir(of, { recursive: true });
    const folder = path.join(of, 'restic');
    const restic = createRestic({ environment: process.env, folder, log: silentLog, image: null });
    const byBoth = [
      byAutoGit(restic, at('staged'), path.join(of, 'autogit')),
      byRestic(at('staged'), path.join(of, 'plain'), path.join(of, 'cache')),
    ];
    const turn = [
      ...(round % 2 === 0 ? byBoth : byBoth.toReversed()),
      ...(round % pairs === 0 ? [byTar(at('staged'), path.join(of, 'data.tar.gz'))] : []),
    ];
    for (const keeper of turn) if (keeper.make !== null) await take(making, keeper, keeper.make);
    const shared = [path.join(of, 'autogit'), path.join(of, 'plain')];
    await shareRepository(path.join(of, 'autogit'), round % 2 === 0 ? shared : shared.toReversed());
    for (const keeper of turn) await take('first', keeper, () => keeper.keep());
    for (const keeper of turn) await take('unchanged', keeper, () => keeper.keep());
    await changeHundredth(at('staged'), round);
    for (const keeper of turn) await take('1 % changed', keeper, () => keeper.keep());
    for (const keeper of turn) {
      const into = path.join(of, 'restored');
      await take('restore', keeper, () => keeper.restore(into));
      await rm(into, { recursive: true, force: true });
    }
    await rm(of, { recursive: true, force: true });
  }
  return times;
}

/** So many that restic works beside them, too: of a batch that is over sooner only the copying before it would be seen. */
const jobCount = 60;
const jobsFile = `work:\n  parallel: ${jobCount}\n  tags: [autogit]\n  script:\n    - echo "working"\n`;

/** From the creation of the first job to the end of the last one. */
async function jobsPerMinute({ push, sandbox }: BenchCore): Promise<number> {
  const project = await push(jobsFile);
  const jobs = await waitFor(
    async () => {
      const found = await timedJobs(sandbox, project);
      if (found.length < jobCount || found.some(({ finishedAt }) => finishedAt === null))
        throw new Error('not all jobs have ended');
      return found;
    },
    { timeout: 150_000, interval: 50 },
  );
  const from = Math.min(...jobs.map(({ createdAt }) => createdAt));
  return (jobCount * 60_000) / (Math.max(...jobs.map(({ finishedAt }) => finishedAt ?? 0)) - from);
}

interface JobRates {
  readonly alone: readonly number[];
  readonly beside: readonly number[];
  /** Milliseconds that a whole backup takes with nothing beside it, and beside the jobs. */
  readonly backupAlone: readonly number[];
  readonly backupBeside: readonly number[];
}

/** Jobs with nothing beside them, and with one backup after the other, which is more than any schedule asks for. */
async function takeJobs(ground: BenchGround): Promise<JobRates> {
  const core = await startBenchCore(ground, { max: 4, idleTime: 2, runUntagged: false });
  const door = connectCore(core.lab.paths.socket);
  const folder = await mkdtemp(path.join(tmpdir(), 'autogit-bench-'));
  ground.afterwards(() => rm(folder, { recursive: true, force: true }));
  await door.call('backup.add-target', { target: { name: 'bench', kind: 'folder', path: `${folder}/lab` } });
  await door.call('backup.create', {});
  const alone: number[] = [];
  const beside: number[] = [];
  const backupAlone: number[] = [];
  const backupBeside: number[] = [];
  const backUp = (): Promise<number> => timed(() => door.call('backup.create', {}));
  const takeAlone = async (): Promise<void> => {
    alone.push(await jobsPerMinute(core));
    await core.untilNoRunner();
  };
  const takeBeside = async (): Promise<void> => {
    const ended = new AbortController();
    const backingUp = (async () => {
      while (!ended.signal.aborted) backupBeside.push(await backUp());
    })();
    beside.push(await jobsPerMinute(core));
    ended.abort();
    await backingUp;
    await core.untilNoRunner();
  };
  for (let round = 0; round < ground.rounds; round += 1) {
    // There is more to copy with each batch: who is first changes.
    for (const take of round % 2 === 0 ? [takeAlone, takeBeside] : [takeBeside, takeAlone]) await take();
    backupAlone.push(await backUp());
  }
  return { alone, beside, backupAlone, backupBeside };
}

function ratio(times: Times, kind: Kind, way: Way, to: Way): number {
  const of = (one: Way): number => median(times.get(`${one}, ${kind}`) ?? []);
  return of(way) / of(to);
}

function budgetsOf(times: Times, { alone, beside }: JobRates): readonly Budget[] {
  return [
    ...kinds.map((kind): Budget => ({
      what: `${kind}: AutoGit's time to plain restic's`,
      ...{ unit: 'x', better: 'lower', limit: 1.05 },
      measured: ratio(times, kind, 'AutoGit', 'plain restic'),
    })),
    ...(['first', 'unchanged', '1 % changed'] as const).map((kind): Budget => ({
      what: `${kind}: tar and gzip's time to AutoGit's`,
      ...{ unit: 'x', better: 'higher', limit: 1.5 },
      measured: ratio(times, kind, 'tar and gzip', 'AutoGit'),
    })),
    {
      what: 'jobs a minute with backups going on, to those without',
      ...{ unit: 'x', better: 'higher', limit: 0.9 },
      measured: median(beside) / median(alone),
    },
  ];
}

export const backup: Measure = {
  name: 'backup',
  about: 'backups beside plain restic, beside tar and gzip, and beside running jobs',
  needsEngine: true,
  run: async (ground) => {
    const before = process.memoryUsage().rss;
    const times = await takeSides(ground);
    const grown = (process.memoryUsage().rss - before) / 1_000_000;
    const rates = await takeJobs(ground);
    const samples: readonly Samples[] = [
      ...ways.flatMap((way) =>
        rows.flatMap((kind): readonly Samples[] => {
          const values = times.get(`${way}, ${kind}`);
          return values === undefined ? [] : [{ what: `${way}, ${kind}`, unit: 'ms', values }];
        }),
      ),
      { what: 'jobs a minute, nothing beside', unit: 'per minute', values: rates.alone },
      { what: 'jobs a minute, backups beside', unit: 'per minute', values: rates.beside },
      { what: 'a whole backup, nothing beside', unit: 'ms', values: rates.backupAlone },
      { what: 'a whole backup, jobs beside', unit: 'ms', values: rates.backupBeside },
      { what: 'memory that the core took for it', unit: 'MB', values: [grown] },
    ];
    return {
      samples,
      budgets: budgetsOf(times, rates),
      notes: [
        'the same staged data (repositories that do not compress, 5,000 files that do) for all three, each with a place of its own; who is first changes with each round.',
        'AutoGit is what it asks restic for one backup or restore, not the rest of a run. A repository is made when a target is added, so that it is measured apart; then both go on with a copy of the same one, because restic chooses by chance how slow its key is to derive.',
        `tar and gzip: \`gzip -c -1\`, GitLab's own default, everything anew each time; it checks and encrypts nothing.`,
        `${rates.backupBeside.length} whole backups (dump, digests, restic) went on beside the jobs, one after the other.`,
      ],
    };
  },
};
