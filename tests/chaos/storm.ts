// A core with jobs is killed again and again at drawn moments, and served again each time.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Snapshot } from '../../main/contract/snapshot.ts';
import type { SandboxClient } from '../engine/sandbox-client.ts';
import type { Gate } from '../fixtures/gate.ts';
import { startDecoys } from './decoys.ts';
import type { Decoys } from './decoys.ts';
import { kill } from './lab.ts';
import type { Lab, Running } from './lab.ts';
import { drawMoments, nameMoment } from './moments.ts';
import type { Moment } from './moments.ts';
import { waitFor } from './wait-for.ts';

export interface StormOptions {
  /** Its programs reach the engine through the gate. */
  readonly lab: Lab;
  readonly gate: Gate;
  readonly seed: number;
  readonly kills: number;
  /** At a time: when they have run, the next are pushed while there are kills to come. 1 to 100. */
  readonly jobs: number;
  readonly say: (line: string) => void;
  /** Ends the storm after the kill under way. */
  readonly signal: AbortSignal;
}

/** What is there when the storm is over; nothing is judged yet. */
export interface AfterStorm {
  readonly core: Running;
  readonly sandbox: SandboxClient;
  readonly projects: readonly number[];
  readonly decoys: Decoys;
  readonly kills: Readonly<Record<string, number>>;
  /** Last words of cores that ended before they were killed. */
  readonly ended: readonly string[];
  /** Milliseconds from the start of a core's process until its state was the engine's. */
  readonly settledMs: readonly number[];
}

const runners = 4;
/** Most that a core is given from the start of its process, in milliseconds: a bundled one is there in 0.5 s. */
const lifeMs = 2_500;
/** Between two waves, so that runners are idle for long enough to leave. Milliseconds. */
const pauseMs = 2_000;
/** Of four waves one is whole; small ones make runners come and go. */
const smallWave = 6;
const settleLimit = { timeout: 20_000, interval: 20 } as const;
const wavesLimit = { timeout: 120_000, interval: 250 } as const;

/** They take from no time to a second, so that starts, jobs and ends overlap. */
const pipeline = (jobs: number): string => `
work:
  parallel: ${jobs}
  script:
    - sleep "0.$((CI_NODE_INDEX * 7 % 10))"
    - echo "ran $CI_JOB_ID"
`;

/** Kills as often as was asked, and lets the last core do what is left. Leaves everything for the judgement. */
export async function raiseStorm(options: StormOptions): Promise<AfterStorm> {
  const { lab, seed, jobs, say } = options;
  // One is kept ready, so that cores also end around the go; the last one lets it leave.
  await lab.writeSettings({ max: runners, min: 1, idleTime: 1 });
  const first = await lab.serve();
  const sandbox = await lab.sandbox();
  const waves = startWaves(sandbox, jobs);
  const [real] = await waitFor(async () => oneOf(await lab.runners()), wavesLimit);
  const decoys = await startDecoys(lab.engine, real);
  const storm: Storm = { lab, gate: options.gate, decoys, counts: new Map() };
  const ended: string[] = [];
  const settledMs: number[] = [];
  try {
    kill(first.pid);
    await first.done;
    storm.counts.set('when its first jobs ran', 1);
    for (const [index, moment] of drawMoments(seed, options.kills - 1).entries()) {
      if (options.signal.aborted) break;
      const { words, settled } = await liveAndDie(storm, moment);
      if (words !== null) ended.push(words);
      if (settled !== null) settledMs.push(settled);
      if ((index + 2) % 10 === 0) say(`${index + 2} of ${options.kills} kills`);
    }
    await lab.writeSettings({ max: runners, idleTime: 1 });
    const lastAt = performance.now();
    const core = lab.start(['serve']);
    await untilSettled(lab, decoys);
    settledMs.push(performance.now() - lastAt);
    const projects = await waves.end();
    return { core, sandbox, projects, decoys, kills: Object.fromEntries(storm.counts), ended, settledMs };
  } catch (error) {
    await waves.end(0).catch(() => undefined);
    await decoys.remove();
    throw error;
  }
}

function oneOf<T>(list: readonly T[]): readonly [T] {
  const [one] = list;
  if (one === undefined) throw new Error('there is no runner');
  return [one];
}

/** Pushes jobs whenever all before them have ended. `end` waits for the last ones, for a bounded time. */
function startWaves(
  sandbox: SandboxClient,
  jobs: number,
): { readonly end: (ms?: number) => Promise<readonly number[]> } {
  const projects: number[] = [];
  const ending = new AbortController();
  const hasEnded = async (project: number): Promise<boolean> => {
    const found = await sandbox.jobs(project);
    return (
      found.length > 0 && found.every(({ status }) => ['success', 'failed', 'canceled'].includes(status))
    );
  };
  const run = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const last = projects.at(-1);
      if (last === undefined || (await hasEnded(last))) {
        if (last !== undefined) await sleep(pauseMs);
        const count = projects.length % 4 === 0 ? jobs : Math.min(jobs, smallWave);
        projects.push(await sandbox.push(`storm-${projects.length + 1}`, pipeline(count)));
      }
      await sleep(wavesLimit.interval);
    }
  };
  const running = run();
  running.catch(() => undefined);
  const untilEnded = async (): Promise<void> => {
    const last = projects.at(-1);
    if (last !== undefined && !(await hasEnded(last))) throw new Error('jobs have not ended');
  };
  return {
    end: async (ms = wavesLimit.timeout) => {
      ending.abort();
      await running;
      // Jobs that do not end are found when they are judged.
      await waitFor(untilEnded, { ...wavesLimit, timeout: ms }).catch(() => undefined);
      return projects;
    },
  };
}

interface Storm extends Pick<StormOptions, 'lab' | 'gate'> {
  readonly decoys: Decoys;
  /** Kills by their moments. */
  readonly counts: Map<string, number>;
}

/** One core from its start to its kill. */
async function liveAndDie(
  { lab, gate, decoys, counts }: Storm,
  moment: Moment,
): Promise<{ readonly words: string | null; readonly settled: number | null }> {
  const trapped =
    moment.kind === 'call' ? gate.trap(moment.when, moment.call.fits, () => kill(core.pid)) : null;
  const startedAt = performance.now();
  const core = lab.start(['serve']);
  let settled: number | null = null;
  switch (moment.kind) {
    case 'time':
      await Promise.race([sleep(moment.share * lifeMs), core.done]);
      break;
    case 'call':
      await Promise.race([trapped, sleep(lifeMs), core.done]);
      break;
    case 'calm':
      await Promise.race([untilSettled(lab, decoys), core.done]);
      settled = performance.now() - startedAt;
      break;
  }
  kill(core.pid);
  // A call that never came must not be taken for one of the next core.
  void gate.trap(
    'asked',
    () => false,
    () => undefined,
  );
  const { code, err } = await core.done;
  const name = nameMoment(moment);
  counts.set(name, (counts.get(name) ?? 0) + 1);
  return { words: code === null ? null : `ended with ${code}: ${err.trim().slice(-500)}`, settled };
}

/** Waits until the core shows the runners that the engine has, none more and none less. Rejects after a while. */
async function untilSettled(lab: Lab, decoys: Decoys): Promise<void> {
  await waitFor(async () => {
    const before = await runnersOf(lab, decoys);
    const snapshot = await lab.snapshot();
    const after = await runnersOf(lab, decoys);
    const shown = shownRunners(snapshot);
    if (shown !== before && shown !== after)
      throw new Error(`the core shows ${shown}, the engine has ${after}`);
  }, settleLimit);
}

async function runnersOf(lab: Lab, decoys: Decoys): Promise<string> {
  const found = (await lab.runners()).filter(({ id }) => !decoys.containers.has(id));
  return namesOf(found.map(({ name }) => name));
}

/** Of a core that has looked at its engine. */
function shownRunners({ nodes, runners: shown }: Snapshot): string {
  if (!nodes.some(({ engine }) => engine.state === 'fresh')) return 'nothing yet';
  return namesOf(shown.map(({ name }) => name));
}

function namesOf(names: readonly string[]): string {
  return `[${names.toSorted().join(' ')}]`;
}
