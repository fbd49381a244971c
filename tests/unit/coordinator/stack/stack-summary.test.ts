// The stack in the snapshot: how often its containers are looked at.
import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { createStackSummary } from '../../../../main/coordinator/stack/stack-summary.ts';
import type { StackSummaryWatch } from '../../../../main/coordinator/stack/stack-summary.ts';
import { createProgressBoard } from '../../../../main/coordinator/stack/progress-board.ts';
import type { StackRuns } from '../../../../main/coordinator/stack/stack-runs.ts';
import type { LabelledContainer } from '../../../../main/ports.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { silentLog } from '../../../fakes/silent-log.ts';
import { benchAnswers, StackWorld } from '../../../fakes/stack-bench.ts';

let world: StackWorld;
let runs: StackRuns;
let clock: FakeClock;
let summary: StackSummaryWatch;
/** Looks at the engine's containers. */
let looks: number;

/** What the engine lists. */
let listed: readonly LabelledContainer[];
/** What a look at one container tells beyond. */
let told: Partial<LabelledContainer>;
let runsHealthChecks: boolean;

function container(service: string, change: Partial<LabelledContainer> = {}): LabelledContainer {
  return {
    ...{
      id: service,
      name: `autogit-lab-${service}-1`,
      state: 'running',
      image: 'x',
      ports: {},
      exitCode: null,
    },
    labels: { 'com.docker.compose.service': service },
    ...change,
  };
}

function watch(hasEngine = true): StackSummaryWatch {
  const engine = {
    listContainers: async (): Promise<readonly LabelledContainer[]> => {
      looks += 1;
      return listed;
    },
    inspectContainer: async (id: string) => {
      const found = listed.find((one) => one.id === id);
      return found === undefined ? null : { ...found, ...told };
    },
  };
  return createStackSummary({
    desk: { journal: world.journal, runs, runsHealthChecks: () => runsHealthChecks },
    ...{ clock, log: silentLog },
    coordinator: { node: () => (hasEngine ? { engine } : null), wake: () => undefined },
  });
}

beforeEach(async () => {
  world = new StackWorld();
  await world.up();
  runs = world.core();
  clock = new FakeClock();
  looks = 0;
  listed = [];
  told = {};
  runsHealthChecks = true;
  summary = watch();
});

describe('the containers of a stack', () => {
  it('are looked at every twenty seconds after a run has ended, and not at every second', async () => {
    summary.start();
    await clock.advance(59_500);
    expect(looks).toBe(3);
    await summary.stop();
  });

  it('are looked at once more when another run has ended', async () => {
    summary.start();
    await clock.advance(1_500);
    expect(looks).toBe(1);
    await runs.begin('up', benchAnswers(), { files: {}, services: [], deleteData: false });
    await runs.ended();
    await clock.advance(5_000);
    expect(looks).toBe(2);
    await summary.stop();
  });
});

describe('how the stack stands', () => {
  const states = async (...containers: readonly LabelledContainer[]): Promise<readonly unknown[]> => {
    listed = containers;
    summary = watch();
    summary.start();
    await clock.advance(100);
    await summary.stop();
    const { state, sentence } = summary.summary() ?? {};
    return [state, sentence];
  };
  const traefik = container('traefik', { health: 'healthy' });

  it('is up where everything runs and is well', async () => {
    expect(await states(container('gitlab'), traefik)).toEqual(['up', 'The lab "lab" is up.']);
  });

  it('is starting while a health check has not passed yet', async () => {
    expect(await states(container('gitlab', { health: 'starting' }), traefik)).toEqual([
      'starting',
      'The lab "lab" is starting: gitlab has not come up yet.',
    ]);
  });

  it('names what is ill, and why', async () => {
    expect(await states(container('gitlab', { health: 'unhealthy' }), traefik)).toEqual([
      'degraded',
      'The lab "lab" does not run whole: gitlab (its health check fails).',
    ]);
  });

  it('names what has ended or is gone, whatever is still starting', async () => {
    const ended = container('traefik', { state: 'exited', exitCode: 137 });
    expect(await states(container('gitlab', { health: 'starting' }), ended)).toEqual([
      'degraded',
      'The lab "lab" does not run whole: traefik (exited with code 137).',
    ]);
  });

  it('is unknown without an engine', () => {
    summary = watch(false);
    expect(summary.summary()?.state).toBe('unknown');
  });

  it('is asked of each container where the engine lists no health, and nobody waits for checks that do not run', async () => {
    runsHealthChecks = false;
    told = { health: 'starting' };
    expect((await states(container('gitlab'), traefik))[0]).toBe('up');
    told = { health: 'unhealthy' };
    expect((await states(container('gitlab'), traefik))[0]).toBe('degraded');
  });

  it('is the step of the run that goes on', async () => {
    world.compose.behaviour.set('gitlab', { health: 'starting' });
    world.faults.before('compose.containers', () => {
      expect(summary.summary()).toMatchObject({ state: 'busy', step: 'health' });
      expect(summary.summary()?.sentence).toBe(runs.progress()?.message);
      world.compose.change('gitlab', { health: 'healthy' });
    });
    await runs.begin('up', benchAnswers({ policy: { sessionDays: 3 } }), {
      files: {},
      services: [],
      deleteData: false,
    });
    expect(await runs.ended()).toMatchObject({ outcome: 'done' });
    expect(world.faults.count('compose.containers')).toBeGreaterThan(0);
  });
});

describe('a watch of the progress', () => {
  it('leaves nothing with its signal once it has ended', async () => {
    const board = createProgressBoard(runs.progress());
    const { signal } = new AbortController();
    for await (const progress of board.watch(signal)) expect(progress.outcome).toBe('done');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
