// The core's memory, and how long it blocks its event loop, while very many jobs wait.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { coreFlags } from '../../../main/bootstrap/child.js';
import { homePaths } from '../../../main/index.ts';
import { startSandbox } from '../../../main/sandbox/server.ts';
import { connectCore } from '../../../main/serve/client.ts';
import { waitFor } from '../../chaos/wait-for.ts';
import { createSandboxClient } from '../../engine/sandbox-client.ts';
import { median, p95 } from '../frame.ts';
import type { BenchGround, Measure } from '../frame.ts';
import { startProbed } from '../probed-process.ts';
import type { ProbeLine } from '../probed-process.ts';

const queues = [1_000, 10_000] as const;
/** GitLab's own limit of `parallel`. */
const perPipeline = 200;
/** After the queue was read, until what was needed for that alone has been let go. */
const restSeconds = 5;

interface CoreLines {
  /** Of the first start of the home, which also finds out what the sandbox's image is made of. */
  readonly first: readonly ProbeLine[];
  /** Of the next one. */
  readonly later: readonly ProbeLine[];
}

/** A core of a home of its own, without an engine, at a GitLab with a queue of this size. */
async function measureCore(ground: BenchGround, jobs: number): Promise<CoreLines> {
  const folder = await mkdtemp(path.join(tmpdir(), 'autogit-bench-'));
  ground.afterwards(() => rm(folder, { recursive: true, force: true }));
  const sandbox = await startSandbox({ stateDir: path.join(folder, 'gitlab'), host: '127.0.0.1', port: 0 });
  ground.afterwards(() => sandbox.close());
  const client = createSandboxClient(sandbox.url, sandbox.rootToken ?? '');
  for (let made = 0; made < jobs; made += perPipeline)
    await client.push(`queue-${made}`, `wait:\n  parallel: ${perPipeline}\n  script: [sleep 1]\n`);
  ground.say(`${jobs} jobs wait at the sandbox`);
  const home = path.join(folder, 'home');
  const paths = homePaths({ AUTOGIT_HOME: home }, { demo: false });
  await mkdir(home, { mode: 0o700 });
  const pool = { name: 'lab', tags: ['autogit'], max: 4 };
  await writeFile(
    paths.settings,
    stringify({ gitlab: { kind: 'server', url: sandbox.url }, proofs: 'off', pools: [pool] }),
  );
  const env = {
    ...{ AUTOGIT_HOME: home, AUTOGIT_GITLAB_TOKEN: client.token },
    DOCKER_HOST: `unix://${path.join(folder, 'no-engine.sock')}`,
  };
  const start = async (seconds: number): Promise<readonly ProbeLine[]> => {
    const core = startProbed(
      [...coreFlags, ground.program, 'serve'],
      env,
      path.join(folder, `${seconds}.jsonl`),
    );
    ground.afterwards(() => core.end());
    await untilSeen(paths.socket, jobs);
    await core.take(restSeconds);
    const lines = await core.take(seconds);
    await core.end();
    return lines;
  };
  return { first: await start(2), later: await start(Math.max(10, 2 * ground.rounds)) };
}

async function untilSeen(socket: string, jobs: number): Promise<void> {
  await waitFor(
    async () => {
      const seen = await connectCore(socket).call('snapshot.show', {});
      if (seen.jobs.length < jobs) throw new Error(`the core has seen ${seen.jobs.length} of ${jobs} jobs`);
    },
    { timeout: 60_000, interval: 500 },
  );
}

async function measureImports(ground: BenchGround): Promise<readonly ProbeLine[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'autogit-bench-'));
  ground.afterwards(() => rm(folder, { recursive: true, force: true }));
  const bare = startProbed(
    [...coreFlags, path.join(path.dirname(ground.program), 'imports.mjs')],
    {},
    path.join(folder, 'imports.jsonl'),
  );
  ground.afterwards(() => bare.end());
  await bare.take(restSeconds);
  const lines = await bare.take(5);
  await bare.end();
  return lines;
}

const memoryOf = (lines: readonly ProbeLine[]): readonly number[] => lines.map(({ rssMb }) => rssMb);
const blockedOf = (lines: readonly ProbeLine[]): readonly number[] => lines.map(({ blockedMs }) => blockedMs);

export const memory: Measure = {
  name: 'memory',
  about: 'memory and event loop of a bundled core with 1,000 and 10,000 waiting jobs',
  needsEngine: false,
  run: async (ground) => {
    const imports = memoryOf(await measureImports(ground));
    const [small, large] = queues;
    const few = await measureCore(ground, small);
    const many = await measureCore(ground, large);
    const rss = median(memoryOf(few.later));
    return {
      samples: [
        { what: 'memory of a process that only imports the bundle', unit: 'MB', values: imports },
        { what: 'memory with 1,000 jobs waiting', unit: 'MB', values: memoryOf(few.later) },
        { what: 'the same at the first start of a home', unit: 'MB', values: memoryOf(few.first) },
        { what: 'memory with 10,000 jobs waiting', unit: 'MB', values: memoryOf(many.later) },
        {
          what: 'longest block of the event loop in a second, 1,000 jobs',
          unit: 'ms',
          values: blockedOf(few.later),
        },
        {
          what: 'longest block of the event loop in a second, 10,000 jobs',
          unit: 'ms',
          values: blockedOf(many.later),
        },
      ],
      budgets: [
        {
          what: 'memory with 1,000 jobs waiting against the imports alone',
          ...{ unit: 'x', better: 'lower', measured: rss / median(imports), limit: 1.2 },
          because:
            'of some 26 MB more, 10 are the heap of V8, whose live data grows from 16 to 22 MB; 9 are buffers and what compiler threads have given back to malloc; 7 are machine code and pages of Node and SQLite that are mapped once they are used.',
        },
        {
          what: 'memory with 1,000 jobs waiting',
          ...{ unit: 'MB', better: 'lower', measured: rss, limit: 110 },
        },
        {
          what: 'event loop blocked with 10,000 jobs waiting, p95 of seconds',
          ...{ unit: 'ms', better: 'lower', measured: p95(blockedOf(many.later)), limit: 20 },
          because:
            'a profile of such blocks: 40 to 50 % is the collector of V8, which the small young generation that saves 20 MB makes work more often; the rest is comparing, planning and rendering 10,000 jobs one after the other, when GitLab has just been read.',
        },
      ],
      notes: [
        `both processes with the flags of \`npm run autogit\` (${coreFlags.join(' ')}); the probe in them is plain JavaScript.`,
        "resident memory once a second, at a sandbox in the benchmark's own process, which the core reads every 2 s; no engine.",
      ],
    };
  },
};
