// How long a plan of the stack takes as a request, and an `up` that finds nothing changed.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createCore } from '../../../main/index.ts';
import { AutoGitError } from '../../../main/errors.ts';
import { openStackLab } from '../../peers/stack-lab.ts';
import type { StackLab } from '../../peers/stack-lab.ts';
import { patience, waitFor } from '../../chaos/wait-for.ts';
import { median } from '../frame.ts';
import type { BenchGround, Measure } from '../frame.ts';

const run = promisify(execFile);
const plansPerRound = 4;
/** A resolver asks at port 53 only; nobody resolves anything here, and somebody may have that one. */
const dnsPort = 15_353;
/** Limits of the design. Milliseconds. */
const limits = { plan: 300, up: 3_000 } as const;

interface PlanTimes {
  readonly asked: readonly number[];
  /** Of the whole command, which finds the core running. */
  readonly commands: readonly number[];
}

/** A real core with a home of its own on this machine's engine; nothing of a stack is there. */
async function takePlans({ rounds, program, afterwards }: BenchGround): Promise<PlanTimes> {
  const home = await mkdtemp(path.join(tmpdir(), 'autogit-bench-'));
  afterwards(() => rm(home, { recursive: true, force: true }));
  const env = { ...process.env, AUTOGIT_HOME: home };
  const core = await createCore({ env, home: 'default', act: true, terminalLogLevel: 'error' });
  const asked: number[] = [];
  const commands: number[] = [];
  try {
    await core.start();
    const door = core.through('cli');
    const answers = { lab: 'bench', data: `${home}/data`, tls: { mode: 'local-ca' } };
    const file = path.join(home, 'answers.json');
    await writeFile(file, JSON.stringify(answers));
    for (let count = 0; count < rounds * plansPerRound; count += 1) {
      const begun = performance.now();
      const { problems } = await door.call('stack.plan', { answers });
      asked.push(performance.now() - begun);
      if (problems[0] !== undefined) throw new AutoGitError(problems[0]);
      const typed = performance.now();
      await run(process.execPath, [program, 'stack', 'plan', '--answers', file], { env });
      commands.push(performance.now() - typed);
    }
  } finally {
    await core.stop();
  }
  return { asked, commands };
}

async function up(lab: StackLab, file: string): Promise<number> {
  const begun = performance.now();
  const { code, stdout, stderr } = await lab.cli(['stack', 'up', '--answers', file, '--yes', '--json']);
  if (code !== 0) throw new Error(`the stack did not come up: ${stdout}${stderr}`);
  return performance.now() - begun;
}

/** Runs the core of the lab beside, as on a machine that is used. */
async function serve(lab: StackLab): Promise<() => Promise<void>> {
  const core = lab.start(['serve']);
  const ended = new Promise<void>((resolve) => core.once('close', () => resolve()));
  await waitFor(async () => {
    const { code } = await lab.cli(['status', '--json']);
    if (code !== 0) throw new Error('the core does not answer yet');
  }, patience);
  return async () => {
    core.kill('SIGTERM');
    await ended;
  };
}

type Programs = Parameters<typeof openStackLab>[1];

/** Programs that stand in for the images, as `npm run test:peers` is told of them; `null`: not all are here. */
function findPrograms(env: Readonly<Record<string, string | undefined>>): Programs | null {
  const { AUTOGIT_COMPOSE: compose, AUTOGIT_TRAEFIK: traefik, AUTOGIT_COREDNS: coredns } = env;
  const registry = (env.PATH ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, 'docker-registry'))
    .find((program) => existsSync(program));
  if (!compose || !traefik || !coredns || registry === undefined || process.getuid?.() !== 0) return null;
  const { AUTOGIT_SOCKET_PROXY: socketProxy = null, AUTOGIT_AUTHELIA: authelia = null } = env;
  return { compose, traefik, coredns, registry, socketProxy, authelia, sshd: null };
}

/** Real Compose, Traefik and CoreDNS, with the sandbox in GitLab's place. Throws when a container was made anew. */
async function takeUps(programs: Programs, { rounds, say }: BenchGround): Promise<readonly number[]> {
  const lab = await openStackLab('bench', { ...programs, isUnhurried: true });
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'autogit-bench-')), 'answers.json');
  await writeFile(file, JSON.stringify({ ...lab.answers, ports: { ...lab.ports, dns: dnsPort } }));
  try {
    const stop = await serve(lab);
    try {
      say(`first up: ${Math.round(await up(lab, file))} ms`);
      const before = JSON.stringify(await lab.containers());
      const times: number[] = [];
      for (let round = 0; round < rounds; round += 1) times.push(await up(lab, file));
      if (JSON.stringify(await lab.containers()) !== before)
        throw new Error('an up with nothing changed has touched a container');
      return times;
    } finally {
      await stop();
    }
  } finally {
    await lab.close();
    await rm(path.dirname(file), { recursive: true, force: true });
  }
}

export const stack: Measure = {
  name: 'stack',
  about: 'a plan of the stack as a request, and an up that finds nothing changed',
  needsEngine: true,
  run: async (ground) => {
    const plans = await takePlans(ground);
    const programs = findPrograms(process.env);
    const ups = programs === null ? null : await takeUps(programs, ground);
    return {
      samples: [
        { what: 'stack.plan as a request', unit: 'ms', values: plans.asked },
        { what: 'autogit stack plan, the whole command', unit: 'ms', values: plans.commands },
        ...(ups === null
          ? []
          : [{ what: 'stack up with nothing changed', unit: 'ms' as const, values: ups }]),
      ],
      budgets: [
        {
          what: 'stack.plan, p50',
          ...{ unit: 'ms', better: 'lower', measured: median(plans.asked), limit: limits.plan },
        },
        ...(ups === null
          ? []
          : [
              {
                what: 'second stack up, p50',
                ...{ unit: 'ms' as const, better: 'lower' as const },
                ...{ measured: median(ups), limit: limits.up },
              },
            ]),
      ],
      notes: [
        'the plan looks at machine, engine and folder each time, Compose included; the core has run before.',
        'the command is the bundled one, from its start to its end, against a core that runs.',
        ups === null
          ? 'a second up was not taken: programs that stand in for the images are not on this machine.'
          : 'the second up is the whole command, from its start to its end, against a core that runs; no container was made or started anew by it.',
      ],
    };
  },
};
